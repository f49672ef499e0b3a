//! SQLite and PostgreSQL behind the runtime's store port.
