//! Moves a store from SQLite to PostgreSQL, for the day one machine is not enough.
//!
//! Reads the file at one instant; writes table by table; the head of the journal comes last, so that a copy that was
//! broken off is no store. What it copies it learns from the file: every table, every column.

use crate::audit::{Head, verify_store};
use crate::postgres::PostgresStore;
use crate::rows::broken;
use countersign_runtime::ports::StoreError;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;

/// Rows written at a time.
const ROWS_MAX: usize = 1_000;
/// Bytes written at a time, where rows are large.
const BYTES_MAX: usize = 4 << 20;

/// What was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Rows by table.
    pub rows: Vec<(String, u64)>,
    /// The head of the journal, verified on the other side.
    pub head: Head,
}

/// One column of some rows.
#[derive(Debug)]
pub(crate) enum Column {
    Int(Vec<Option<i64>>),
    Text(Vec<Option<String>>),
    Bytes(Vec<Option<Vec<u8>>>),
}

/// Rows of one table on their way.
#[derive(Debug)]
pub(crate) struct Rows {
    pub(crate) table: String,
    pub(crate) names: Vec<String>,
    pub(crate) columns: Vec<Column>,
    count: usize,
    bytes: usize,
}

/// Copies the SQLite file at `from` into `to`, which must be empty; verifies the chain there. The file must not be
/// written to meanwhile by a running server: what it takes in after the copy has begun is not copied.
pub fn copy_to_postgres(from: &Path, to: &PostgresStore) -> Result<Copied, StoreError> {
    to.refuse_unless_empty()?;
    let told = |why| StoreError::Determinate(format!("cannot read {}: {why}", from.display()));
    let conn = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(told)?;
    conn.execute_batch("PRAGMA query_only = 1; BEGIN").map_err(told)?;
    let mut copied = Copied { rows: Vec::new(), head: Head::EMPTY };
    for table in tables(&conn).map_err(told)? {
        let rows = copy_table(&conn, &table, to)?;
        copied.rows.push((table, rows));
    }
    let (position, hash) = crate::sqlite::head(&conn)?;
    let known = Head { position, hash };
    let orders = copied.rows.iter().find(|(table, _)| table == "orders").map_or(0, |(_, rows)| *rows);
    to.set_head(&known, orders)?;
    copied.head = verify_store(to, Some(&known))?.map_err(|fault| broken("copy", fault))?;
    Ok(copied)
}

fn tables(conn: &Connection) -> rusqlite::Result<Vec<String>> {
    // The late indexes are SQLite's own: words are copied as one table, and facts have theirs on the other side.
    let text = "SELECT name FROM sqlite_schema WHERE type = 'table'
        AND name NOT IN ('migrations', 'fresh_words', 'fact_labels') ORDER BY rowid";
    conn.prepare(text)?.query_map([], |row| row.get(0))?.collect()
}

fn copy_table(conn: &Connection, table: &str, to: &PostgresStore) -> Result<u64, StoreError> {
    let told = |why| StoreError::Determinate(format!("cannot read table {table}: {why}"));
    let empty = Rows::new(conn, table).map_err(told)?;
    // Number of capture: the place in the file, which the other side does not have.
    let order = if table == "orders" { " ORDER BY number" } else { "" };
    let columns = empty.names.join(", ");
    let fresh =
        if table == "order_words" { format!(" UNION SELECT {columns} FROM fresh_words") } else { String::new() };
    let mut statement = conn.prepare(&format!("SELECT {columns} FROM {table}{fresh}{order}")).map_err(told)?;
    let mut found = statement.query([]).map_err(told)?;
    let (mut rows, mut copied) = (empty, 0);
    while let Some(row) = found.next().map_err(told)? {
        rows.push(row).map_err(told)?;
        if rows.count >= ROWS_MAX || rows.bytes >= BYTES_MAX {
            copied += rows.count as u64;
            let next = rows.like();
            to.add_rows(std::mem::replace(&mut rows, next))?;
        }
    }
    copied += rows.count as u64;
    if rows.count > 0 {
        to.add_rows(rows)?;
    }
    Ok(copied)
}

impl Rows {
    fn new(conn: &Connection, table: &str) -> rusqlite::Result<Self> {
        let mut statement =
            conn.prepare("SELECT name, type FROM pragma_table_info(?1) WHERE name <> 'number' OR ?1 <> 'orders'")?;
        let found = statement.query_map([table], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
        let mut rows = Self { table: table.into(), names: Vec::new(), columns: Vec::new(), count: 0, bytes: 0 };
        for column in found {
            let (name, kind) = column?;
            rows.names.push(name);
            rows.columns.push(match kind.as_str() {
                "INTEGER" => Column::Int(Vec::new()),
                "BLOB" => Column::Bytes(Vec::new()),
                _ => Column::Text(Vec::new()),
            });
        }
        Ok(rows)
    }

    /// The same columns without rows.
    fn like(&self) -> Self {
        let empty = |column: &Column| match column {
            Column::Int(_) => Column::Int(Vec::new()),
            Column::Text(_) => Column::Text(Vec::new()),
            Column::Bytes(_) => Column::Bytes(Vec::new()),
        };
        let columns = self.columns.iter().map(empty).collect();
        Self { table: self.table.clone(), names: self.names.clone(), columns, count: 0, bytes: 0 }
    }

    fn push(&mut self, row: &rusqlite::Row<'_>) -> rusqlite::Result<()> {
        for (at, column) in self.columns.iter_mut().enumerate() {
            let value = row.get_ref(at)?;
            self.bytes += match value {
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.len(),
                _ => 8,
            };
            match column {
                Column::Int(values) => values.push(row.get(at)?),
                Column::Text(values) => values.push(row.get(at)?),
                Column::Bytes(values) => values.push(row.get(at)?),
            }
        }
        self.count += 1;
        Ok(())
    }
}
