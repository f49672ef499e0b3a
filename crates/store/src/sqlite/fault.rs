//! Which kind of wrong an SQLite error is.
//!
//! Knows neither tables nor statements.

use countersign_runtime::ports::StoreError;
use rusqlite::ErrorCode;

/// Says what was being done when a statement failed.
pub(super) trait Told<T> {
    /// `what` completes "cannot …".
    fn told(self, what: &str) -> Result<T, StoreError>;
}

impl<T> Told<T> for rusqlite::Result<T> {
    fn told(self, what: &str) -> Result<T, StoreError> {
        self.map_err(|why| fault(what, why))
    }
}

/// A full disk and a failing one are told apart from the rest: they end the acknowledging.
pub(super) fn fault(what: &str, why: rusqlite::Error) -> StoreError {
    let text = format!("cannot {what}: {why}");
    match why.sqlite_error_code() {
        Some(
            ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::ReadOnly
            | ErrorCode::CannotOpen
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase,
        ) => StoreError::Unwritable(text),
        _ => StoreError::Determinate(text),
    }
}

/// The same error for another caller whose work shared the transaction.
pub(super) fn again(error: &StoreError) -> StoreError {
    match error {
        StoreError::Determinate(text) => StoreError::Determinate(text.clone()),
        StoreError::Broken(text) => StoreError::Broken(text.clone()),
        StoreError::Indeterminate(text) => StoreError::Indeterminate(text.clone()),
        StoreError::Unwritable(text) => StoreError::Unwritable(text.clone()),
    }
}
