//! `countersign admin`: keys, logins, backup, moving a store. Works on a running store and on a stopped one.

use super::Ended;
use crate::auth::{Auth, NewKey};
use crate::config::Common;
use anyhow::{Context, Result, bail};
use clap::Subcommand;
use countersign_connectors::secrets::Sealer;
use countersign_engine::command::Role;
use countersign_engine::ids::SourceId;
use jiff::Timestamp;
use std::io::Read;
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum Admin {
    /// API keys of programs
    #[command(subcommand)]
    Key(Key),
    /// Secrets of channels, sealed at rest: settings refer to them as secret:NAME
    #[command(subcommand)]
    Secret(Secret),
    /// Copy the embedded store to a file while it is in use
    Backup {
        /// Where to; it must not exist
        to: PathBuf,
    },
    /// Copy the embedded store into an empty PostgreSQL database
    Move {
        /// postgres://user:password@host/name
        to: String,
    },
    /// Bring the store's tables up to date (opening it does so, too)
    Migrate,
    /// Print the OpenAPI document of this build, with no store and no service
    Openapi,
}

#[derive(Subcommand)]
pub enum Key {
    /// Make a key and print it, alone; it is not shown again
    Create {
        /// Whose it is, as the journal names it
        #[arg(long)]
        name: String,
        /// customer_service, vendor_manager, buyer, it, auditor or vendor
        #[arg(long)]
        role: String,
        /// The only source it speaks for (a vendor's key needs one)
        #[arg(long)]
        source: Option<String>,
        /// Last moment at which it is good (2027-01-31T00:00:00Z)
        #[arg(long)]
        expires: Option<Timestamp>,
    },
    /// List keys
    List,
    /// Make a key useless
    Revoke {
        /// The part between the underscores
        id: String,
    },
}

#[derive(Subcommand)]
pub enum Secret {
    /// Read a secret from standard input and keep it sealed
    Set {
        /// Its name
        name: String,
    },
    /// List names
    List,
    /// Forget one
    Remove {
        /// Its name
        name: String,
    },
}

impl Admin {
    pub fn run(self, common: &Common) -> Result<Ended> {
        if matches!(self, Admin::Openapi) {
            println!("{}", crate::openapi::document(&crate::api::described()));
            return Ok(Ended::Done);
        }
        let config = common.resolve()?;
        match self {
            Admin::Openapi => {}
            Admin::Backup { to } => {
                if config.database.is_some() {
                    bail!("PostgreSQL is backed up with its own tools (pg_dump)");
                }
                countersign_store::SqliteStore::open(&config.data.join("countersign.sqlite"))?.backup(&to)?;
                println!(
                    "{} holds the store; keep {} with it",
                    to.display(),
                    config.data.join("installation.key").display()
                );
            }
            Admin::Move { to } => {
                let _lock = super::serve::hold_data(&config)?;
                let target = countersign_store::PostgresStore::open(&to)?;
                let copied = countersign_store::copy_to_postgres(&config.data.join("countersign.sqlite"), &target)?;
                for (table, rows) in &copied.rows {
                    println!("{table}: {rows}");
                }
                println!("copied, the journal's chain holds; serve it with --database");
            }
            Admin::Migrate => {
                countersign_store::open(&config.store_location())?;
                println!("the store is up to date");
            }
            Admin::Key(task) => {
                return task.run(&Auth::open(countersign_store::open(&config.store_location())?, false)?);
            }
            Admin::Secret(task) => {
                let store = countersign_store::open(&config.store_location())?;
                return task.run(store.as_ref(), config.key);
            }
        }
        Ok(Ended::Done)
    }
}

impl Key {
    fn run(self, auth: &Auth) -> Result<Ended> {
        match self {
            Key::Create { name, role, source, expires } => {
                let role = Role::from_code(&role)
                    .with_context(|| format!("role {role:?}: use one of {}", Role::ALL.map(Role::code).join(", ")))?;
                let source = source.map(SourceId::new).transpose()?;
                let key = auth.create_key(
                    NewKey { name: name.as_str().into(), role, source, expires_at: expires },
                    Timestamp::now(),
                )?;
                println!("{key}");
            }
            Key::List => {
                for key in auth.keys()? {
                    println!(
                        "{}\t{}\t{}\t{}",
                        key.id,
                        key.name,
                        key.role.code(),
                        key.source.as_ref().map_or("", |s| s.as_str())
                    );
                }
            }
            Key::Revoke { id } => {
                if !auth.revoke_key(&id)? {
                    println!("there is no key {id}");
                    return Ok(Ended::Faulty);
                }
            }
        }
        Ok(Ended::Done)
    }
}

impl Secret {
    fn run(self, store: &dyn countersign_runtime::ports::Store, key: [u8; 32]) -> Result<Ended> {
        use crate::registry::SECRET;
        match self {
            Secret::Set { name } => {
                let mut text = String::new();
                std::io::stdin().read_to_string(&mut text)?;
                let sealed = Sealer::new(key).seal("channel", &name, text.trim_end_matches(['\r', '\n']))?;
                store.put_setting(SECRET, &name, None, Some(&sealed))?;
                println!("kept; refer to it as secret:{name}");
            }
            Secret::List => {
                for (name, _) in store.settings(SECRET)? {
                    println!("{name}");
                }
            }
            Secret::Remove { name } => {
                store.put_setting(SECRET, &name, None, None)?;
            }
        }
        Ok(Ended::Done)
    }
}
