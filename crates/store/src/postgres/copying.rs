//! The receiving side of a copy from another store.

use super::PostgresStore;
use super::calls::Call;
use crate::audit::Head;
use crate::copy::{Column, Rows};
use crate::statement::sql;
use countersign_runtime::ports::StoreError;

impl PostgresStore {
    /// A copy goes into a new database only.
    pub(crate) fn refuse_unless_empty(&self) -> Result<(), StoreError> {
        if self.connections.query(Call::new(sql!("postgres", "is_used")))?.is_empty() {
            return Ok(());
        }
        Err(StoreError::Determinate("the database holds a store or a broken-off copy: name an empty database".into()))
    }

    /// Adds rows to a table. The one statement that no file holds: its columns are those that the other store has.
    pub(crate) fn add_rows(&self, rows: Rows) -> Result<(), StoreError> {
        let kind = |column: &Column| match column {
            Column::Int(_) => "bigint",
            Column::Text(_) => "text",
            Column::Bytes(_) => "bytea",
        };
        let arrays: Vec<_> =
            rows.columns.iter().enumerate().map(|(at, column)| format!("${}::{}[]", at + 1, kind(column))).collect();
        let (table, names, arrays) = (&rows.table, rows.names.join(", "), arrays.join(", "));
        let text = format!("INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays})");
        let call = rows.columns.into_iter().fold(Call::new(text), |call, column| match column {
            Column::Int(values) => call.with(values),
            Column::Text(values) => call.with(values),
            Column::Bytes(values) => call.with(values),
        });
        self.connections.write(call).map(|_| ())
    }

    /// Ends a copy: from here on it is a store.
    pub(crate) fn set_head(&self, head: &Head, orders: u64) -> Result<(), StoreError> {
        let call = Call::new(sql!("postgres", "move_head")).with(head.position as i64);
        self.connections.write(call.with(head.hash.to_vec()).with(orders as i64)).map(|_| ())
    }
}
