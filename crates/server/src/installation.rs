//! The two secrets of an installation. The one in a file (`installation.key`) opens a single setting; that setting holds
//! the other, by which all else is sealed and fingerprinted. So the file is changed without touching what it protects.
//!
//! Nodes on one store share both.

use anyhow::{Context, Result, bail};
use countersign_connectors::secrets::{KEY_BYTES, Sealer, new_key, read_key};
use countersign_runtime::ports::Store;
use std::fs;
use std::io::Write;
use std::path::Path;

/// The kind of the setting that holds the working secret, sealed.
const KIND: &str = "installation";
/// Its name.
const ID: &str = "key";

/// A secret.
pub type Secret = [u8; KEY_BYTES];

/// The secret by which this store's contents are sealed and fingerprinted, drawn when it is first opened.
///
/// # Errors
/// The store was set up with another file, or cannot be read.
pub fn working_secret(store: &dyn Store, file: &Secret) -> Result<Secret> {
    loop {
        if let Some((_, sealed)) = store.setting(KIND, ID)? {
            return open(file, &sealed);
        }
        // If another node was faster, its secret is read.
        store.put_setting(KIND, ID, Some(0), Some(&seal(file, &new_key()?)?))?;
    }
}

/// From now on `new` opens this store, and `old` no longer does. Nodes that are running go on; they need the new file
/// when they start again.
///
/// # Errors
/// `old` does not open it, or the store cannot be written.
pub fn change(store: &dyn Store, old: &Secret, new: &Secret) -> Result<()> {
    working_secret(store, old)?;
    loop {
        let Some((version, sealed)) = store.setting(KIND, ID)? else { bail!("the store lost its secret") };
        let sealed = seal(new, &open(old, &sealed)?)?;
        if store.put_setting(KIND, ID, Some(version), Some(&sealed))? {
            return Ok(());
        }
    }
}

/// Reads an installation's secret from its file, or makes one that only its owner can read.
///
/// # Errors
/// The file holds something else, or cannot be made.
pub fn read_or_make(path: &Path) -> Result<Secret> {
    if let Ok(text) = fs::read_to_string(path) {
        let mut key = [0; 32];
        if hex::decode_to_slice(text.trim(), &mut key).is_err() {
            bail!(
                "{} must hold 64 hexadecimal digits: restore it from your backup; without it sealed secrets cannot be opened",
                path.display()
            );
        }
        return Ok(key);
    }
    let key = new_key()?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).with_context(|| format!("the key file {} cannot be made", path.display()))?;
    writeln!(file, "{}", hex::encode(key))?;
    file.sync_all()?;
    Ok(key)
}

fn seal(file: &Secret, working: &Secret) -> Result<String> {
    Ok(Sealer::new(*file).seal(KIND, ID, &hex::encode(working))?)
}

fn open(file: &Secret, sealed: &str) -> Result<Secret> {
    match Sealer::new(*file).open(KIND, ID, sealed) {
        Ok(text) => Ok(read_key(&text)?),
        Err(_) => bail!(
            "this store was set up with another secret: copy the installation.key of its first node here, or name that \
             file by --key-file"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_runtime::memory::MemoryStore;

    #[test]
    fn the_file_changes_and_the_working_secret_stays() {
        let store = MemoryStore::new();
        let (old, new) = ([1; KEY_BYTES], [2; KEY_BYTES]);
        let working = working_secret(&store, &old).unwrap();
        assert_ne!(working, old, "what is sealed does not hang on the file");
        assert_eq!(working_secret(&store, &old).unwrap(), working);
        assert!(change(&store, &new, &old).unwrap_err().to_string().contains("installation.key"));

        change(&store, &old, &new).unwrap();
        assert_eq!(working_secret(&store, &new).unwrap(), working);
        assert!(working_secret(&store, &old).is_err());
    }
}
