//! A statement with its values, and what PostgreSQL's errors mean.
//!
//! Knows no table.

use countersign_runtime::ports::StoreError;
use std::borrow::Cow;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

/// A value that may travel to another thread.
pub(super) type Parameter = Box<dyn ToSql + Sync + Send>;

/// A statement with its values.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) text: Cow<'static, str>,
    pub(super) values: Vec<Parameter>,
}

impl Call {
    pub(super) fn new(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: text.into(), values: Vec::new() }
    }
    /// Gives the next parameter its value.
    pub(super) fn with(mut self, value: impl ToSql + Sync + Send + 'static) -> Self {
        self.values.push(Box::new(value));
        self
    }
    pub(super) fn values(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.values.iter().map(|value| value.as_ref() as &(dyn ToSql + Sync)).collect()
    }
}

/// What an attempt can end in: the store's error, or one after which the same is simply done again.
#[derive(Debug)]
pub(super) enum Trouble {
    /// A deadlock or a serialisation failure: nothing was done, do it again.
    Again(StoreError),
    /// The connection was dead before anything was sent on it that could have had an effect: take another.
    Gone(StoreError),
    /// An answer for the caller.
    Final(StoreError),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Trouble::Final(error)
    }
}

impl Trouble {
    pub(super) fn error(self) -> StoreError {
        match self {
            Trouble::Again(error) | Trouble::Gone(error) | Trouble::Final(error) => error,
        }
    }
}

/// An error of a statement before COMMIT was sent: nothing was done.
pub(super) fn trouble(why: tokio_postgres::Error) -> Trouble {
    let text = sentence(&why);
    match why.code() {
        Some(code) if *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED => {
            Trouble::Again(StoreError::Determinate(text))
        }
        Some(code) if unwritable(code) => Trouble::Final(StoreError::Unwritable(text)),
        Some(code) if gone(code) => Trouble::Gone(StoreError::Determinate(text)),
        Some(_) => Trouble::Final(StoreError::Determinate(text)),
        None if lost(&why) => Trouble::Gone(StoreError::Determinate(text)),
        None => Trouble::Final(StoreError::Determinate(text)),
    }
}

/// An error of COMMIT itself, or of a statement that commits by itself: without an answer nobody knows.
pub(super) fn trouble_at_commit(why: tokio_postgres::Error) -> Trouble {
    match why.code() {
        Some(code) if !gone(code) => trouble(why),
        _ => Trouble::Final(StoreError::Indeterminate(sentence(&why))),
    }
}

/// There is no server at the other end, or no longer.
fn lost(why: &tokio_postgres::Error) -> bool {
    why.is_closed() || std::error::Error::source(why).is_some_and(|cause| cause.is::<std::io::Error>())
}

/// The disk is full or failing, or the server only reads.
fn unwritable(code: &SqlState) -> bool {
    [SqlState::DISK_FULL, SqlState::IO_ERROR, SqlState::READ_ONLY_SQL_TRANSACTION, SqlState::DATA_CORRUPTED]
        .contains(code)
}

/// The server ends the connection.
fn gone(code: &SqlState) -> bool {
    [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN, SqlState::CANNOT_CONNECT_NOW, SqlState::CONNECTION_FAILURE]
        .contains(code)
}

fn sentence(why: &tokio_postgres::Error) -> String {
    match (why.as_db_error(), std::error::Error::source(why)) {
        (Some(said), _) => format!("PostgreSQL: {} ({})", said.message(), said.code().code()),
        (None, Some(cause)) => format!("PostgreSQL: {why}: {cause}"),
        (None, None) => format!("PostgreSQL: {why}"),
    }
}
