//! `countersign admin`: keys, logins, backup, moving a store. Works on a running store and on a stopped one.

use super::Ended;
use crate::auth::{
    Auth, LINK_VALID, NewKey, NewPerson, Purpose, create_link, end_sessions, list_people, put_person, read_person,
    remove_person, remove_totp, revoke_links,
};
use crate::config::{Common, Config, STORE_FILE};
use crate::installation::{self, working_secret};
use anyhow::{Context, Result, bail};
use clap::Subcommand;
use countersign_connectors::secrets::Sealer;
use countersign_engine::command::Role;
use countersign_engine::ids::SourceId;
use countersign_runtime::ports::Store;
use jiff::Timestamp;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub enum Admin {
    /// API keys of programs
    #[command(subcommand)]
    Key(Key),
    /// Logins of people
    #[command(subcommand)]
    User(User),
    /// Secrets of channels, sealed at rest: settings refer to them as secret:NAME
    #[command(subcommand)]
    Secret(Secret),
    /// Histories kept by `countersign import history`
    #[command(subcommand)]
    History(super::histories::History),
    /// Copy the embedded store to a file while it is in use
    Backup {
        /// Where to; it must not exist
        to: PathBuf,
    },
    /// Put a backup into a data folder that has no store yet, once its journal is verified
    Restore {
        /// What `admin backup` wrote
        from: PathBuf,
    },
    /// Copy the embedded store into an empty PostgreSQL database
    Move {
        /// postgres://user:password@host/name
        to: String,
    },
    /// Let another key file open this store: sealed secrets stay, and running nodes go on
    Rekey {
        /// The new file, 64 hexadecimal digits; made if it is not there
        to: PathBuf,
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
pub enum User {
    /// Make a login, or change its role; the password, if there is one, is read from standard input
    Add {
        /// The login
        name: String,
        /// customer_service, vendor_manager, buyer, it, auditor or vendor
        #[arg(long)]
        role: String,
        /// The only source they speak for (a vendor's login needs one)
        #[arg(long)]
        source: Option<String>,
        /// Where mail reaches them
        #[arg(long)]
        mail: Option<String>,
        /// Read a password from standard input; without it a one-time link is printed
        #[arg(long)]
        password: bool,
    },
    /// List logins
    List,
    /// Print a one-time link that logs a person in
    Link {
        /// The login
        name: String,
    },
    /// Take a second factor away, for a person who lost both phone and recovery codes
    ResetFactor {
        /// The login
        name: String,
    },
    /// End a login, its sessions and its links
    Remove {
        /// The login
        name: String,
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
        let config = match self {
            // A restored store begins in a new folder.
            Admin::Restore { .. } => common.resolve()?,
            _ => common.resolve_existing()?,
        };
        match self {
            Admin::Openapi => {}
            Admin::Backup { to } => {
                if config.database.is_some() {
                    bail!("PostgreSQL is backed up with its own tools (pg_dump)");
                }
                countersign_store::SqliteStore::open(&config.data.join(STORE_FILE))?.backup(&to)?;
                println!("{} holds the store; keep {} with it", to.display(), config.key_file.display());
            }
            Admin::Restore { from } => {
                let _lock = super::serve::hold_data(&config)?;
                restore(&config, &from)?;
            }
            Admin::Move { to } => {
                let _lock = super::serve::hold_data(&config)?;
                let target = countersign_store::PostgresStore::open(&to)?;
                let copied = countersign_store::copy_to_postgres(&config.data.join(STORE_FILE), &target)?;
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
            Admin::User(task) => {
                return task.run(countersign_store::open(&config.store_location())?.as_ref());
            }
            Admin::Secret(task) => {
                let store = countersign_store::open(&config.store_location())?;
                return task.run(store.as_ref(), working_secret(store.as_ref(), &config.key)?);
            }
            Admin::History(task) => return task.run(&config),
            Admin::Rekey { to } => {
                let store = countersign_store::open(&config.store_location())?;
                installation::change(store.as_ref(), &config.key, &installation::read_or_make(&to)?)?;
                println!(
                    "{} opens this store now: start each node with --key-file, or put it in the place of {}. Backups \
                     taken before still need the old file.",
                    to.display(),
                    config.key_file.display()
                );
            }
        }
        Ok(Ended::Done)
    }
}

/// Nothing is there under the store's name before all of it is there and holds.
fn restore(config: &Config, from: &Path) -> Result<()> {
    if config.database.is_some() {
        bail!("PostgreSQL is restored with its own tools (pg_restore)");
    }
    let place = config.data.join(STORE_FILE);
    if place.exists() {
        bail!("{} has a store already: name an empty folder by --data", config.data.display());
    }
    let draft = config.data.join("countersign.sqlite.restoring");
    std::fs::copy(from, &draft).with_context(|| format!("{} cannot be copied", from.display()))?;
    let held = verified(config, &draft).with_context(|| format!("{} is not restored", from.display()));
    let entries = held.inspect_err(|_| drop(std::fs::remove_file(&draft)))?;
    std::fs::rename(&draft, &place)?;
    File::open(&config.data)?.sync_all()?;
    println!("restored, {entries} journal entries hold; serve it with --data {}", config.data.display());
    Ok(())
}

fn verified(config: &Config, draft: &Path) -> Result<u64> {
    let store = countersign_store::SqliteStore::open(draft)?;
    working_secret(&store, &config.key)?;
    let head = countersign_store::audit::verify_store(&store, None)?.map_err(|fault| anyhow::anyhow!("{fault}"))?;
    drop(store);
    File::open(draft)?.sync_all()?;
    Ok(head.position)
}

impl Key {
    fn run(self, auth: &Auth) -> Result<Ended> {
        match self {
            Key::Create { name, role, source, expires } => {
                let role = role_of(&role)?;
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

impl User {
    fn run(self, store: &dyn Store) -> Result<Ended> {
        let now = Timestamp::now();
        let missing = |name: &str| {
            println!("there is no login {name}");
            Ok(Ended::Faulty)
        };
        match self {
            User::Add { name, role, source, mail, password } => {
                let role = role_of(&role)?;
                let source = source.map(SourceId::new).transpose()?;
                let password = if password { Some(line_of_input()?) } else { None };
                let bare = password.is_none();
                let before = read_person(store, &name)?;
                put_person(store, &name, NewPerson { role, source, mail, password }, now)?;
                if before.is_some_and(|p| p.role != role) {
                    end_sessions(store, |holder| holder.name == name)?;
                }
                if bare {
                    print_link(store, &name, role, now)?;
                }
            }
            User::List => {
                for person in list_people(store)? {
                    let source = person.source.as_ref().map_or("", |s| s.as_str());
                    println!(
                        "{}\t{}\t{source}\t{}",
                        person.name,
                        person.role.code(),
                        person.mail.as_deref().unwrap_or("")
                    );
                }
            }
            User::Link { name } => match read_person(store, &name)? {
                Some(person) => print_link(store, &name, person.role, now)?,
                None => return missing(&name),
            },
            User::ResetFactor { name } => {
                if !remove_totp(store, &name)? {
                    println!("{name} has no second factor");
                    return Ok(Ended::Faulty);
                }
                end_sessions(store, |holder| holder.name == name)?;
            }
            User::Remove { name } => {
                if !remove_person(store, &name)? {
                    return missing(&name);
                }
                revoke_links(
                    store,
                    |p| matches!(p, Purpose::Login { name: n, .. } | Purpose::Approval { name: n, .. } if *n == name),
                )?;
                end_sessions(store, |holder| holder.name == name)?;
            }
        }
        Ok(Ended::Done)
    }
}

fn role_of(code: &str) -> Result<Role> {
    Role::from_code(code).with_context(|| format!("role {code:?}: use one of {}", Role::ALL.map(Role::code).join(", ")))
}

fn line_of_input() -> Result<String> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn print_link(store: &dyn Store, name: &str, role: Role, now: Timestamp) -> Result<()> {
    let token = create_link(store, Purpose::Login { name: name.into(), role }, LINK_VALID, now)?;
    println!("/login?token={token}");
    Ok(())
}

impl Secret {
    fn run(self, store: &dyn countersign_runtime::ports::Store, key: [u8; 32]) -> Result<Ended> {
        use crate::registry::SECRET;
        match self {
            Secret::Set { name } => {
                let sealed = Sealer::new(key).seal("channel", &name, &line_of_input()?)?;
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
