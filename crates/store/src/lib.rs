//! SQLite and PostgreSQL behind the runtime's store port.
//!
//! Knows SQL, and alone does; knows neither commands nor decisions, nor why a record is written. The two stores differ
//! nowhere that a caller could see: `tests/conformance.rs` calls every method of the port on both. SQL stands in paired
//! files, `sql/{sqlite,postgres}/NAME.sql`.

pub mod audit;
mod copy;
mod lists;
mod migrate;
mod postgres;
mod rows;
mod sqlite;
mod statement;
#[cfg(feature = "testing")]
pub mod testing;

pub use copy::{Copied, copy_to_postgres};
pub use postgres::PostgresStore;
pub use sqlite::SqliteStore;

use countersign_runtime::ports::{Store, StoreError};
use std::path::Path;
use std::sync::Arc;

/// Opens a store, makes it if it does not exist, and brings its tables up to date.
///
/// `postgres://…` and `postgresql://…` are addresses of PostgreSQL; anything else is the path of an SQLite file
/// (`sqlite:` may stand before it).
pub fn open(place: &str) -> Result<Arc<dyn Store>, StoreError> {
    if is_postgres(place) {
        return Ok(Arc::new(PostgresStore::open(place)?));
    }
    Ok(Arc::new(SqliteStore::open(path_of(place))?))
}

/// True if a store was ever made there; makes none.
pub fn is_set_up(place: &str) -> Result<bool, StoreError> {
    match is_postgres(place) {
        true => PostgresStore::is_set_up(place),
        false => SqliteStore::is_set_up(path_of(place)),
    }
}

fn path_of(place: &str) -> &Path {
    Path::new(place.strip_prefix("sqlite://").or_else(|| place.strip_prefix("sqlite:")).unwrap_or(place))
}

/// True if the address of a store names PostgreSQL.
pub fn is_postgres(place: &str) -> bool {
    place.starts_with("postgres://") || place.starts_with("postgresql://")
}
