//! Files by which a vendor proves what it says against a breach: kept beside the purchase order, shown to the retailer's
//! people, removed with the personal data of the order.
//!
//! Does not read what stands in them, and does not know HTTP.

use countersign_engine::ids::PoNumber;
use countersign_runtime::ports::{Store, StoreError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// Largest file: a photograph, or some scanned pages.
pub const BYTES_MAX: usize = 2 << 20;
/// Files of one purchase order: nobody reads more.
pub const FILES_MAX: usize = 20;
/// Letters of a file's name that are kept.
const NAME_CHARS_MAX: usize = 100;

const FILES: &str = "contest_file";

/// A file that was handed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ContestFile)]
pub struct File {
    /// Its id among those of the purchase order.
    pub id: String,
    /// Its name, as it was given.
    pub name: String,
    /// Bytes.
    pub size: usize,
    /// SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// When it came.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

impl File {
    /// By what a dispute names it.
    pub fn words(&self) -> String {
        format!("{} (file {})", self.name, self.id)
    }
}

/// Why a file was not kept.
#[derive(Debug, PartialEq, Eq)]
pub enum NotKept {
    /// It is empty, or larger than [`BYTES_MAX`].
    Size(usize),
    /// There are [`FILES_MAX`] already.
    TooMany,
}

impl NotKept {
    /// In a sentence.
    pub fn words(&self) -> String {
        match self {
            NotKept::Size(0) => "the file is empty".into(),
            NotKept::Size(bytes) => {
                format!(
                    "the file has {bytes} bytes; at most {BYTES_MAX} are taken: send a smaller picture or fewer pages"
                )
            }
            NotKept::TooMany => format!("{FILES_MAX} files are kept for this purchase order already"),
        }
    }
}

fn key(po: &PoNumber, id: &str) -> String {
    format!("{po}\n{id}")
}

fn piece(po: &PoNumber, id: &str) -> String {
    format!("contest-{po}-{id}")
}

/// Keeps a file; the same one again is the one that is kept. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn keep(
    store: &dyn Store,
    po: &PoNumber,
    name: &str,
    bytes: &[u8],
    now: Timestamp,
) -> Result<Result<File, NotKept>, StoreError> {
    if bytes.is_empty() || bytes.len() > BYTES_MAX {
        return Ok(Err(NotKept::Size(bytes.len())));
    }
    let sha256 = hex::encode(Sha256::digest(bytes));
    let id = sha256[..16].to_owned();
    let all = list(store, po)?;
    if let Some(known) = all.iter().find(|file| file.id == id) {
        return Ok(Ok(known.clone()));
    }
    if all.len() >= FILES_MAX {
        return Ok(Err(NotKept::TooMany));
    }
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last.chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect();
    let name = if name.trim().is_empty() { "file".to_owned() } else { name.trim().to_owned() };
    let file = File { id, name, size: bytes.len(), sha256, at: now };
    store.put_piece(&piece(po, &file.id), 0, bytes)?;
    store.put_setting(FILES, &key(po, &file.id), None, Some(&crate::auth::json(&file)?))?;
    Ok(Ok(file))
}

/// The files of a purchase order, oldest first. Blocks.
///
/// # Errors
/// The store cannot be read.
pub fn list(store: &dyn Store, po: &PoNumber) -> Result<Vec<File>, StoreError> {
    let prefix = key(po, "");
    let all = store.settings(FILES)?.into_iter().filter(|(id, _)| id.starts_with(&prefix));
    let mut files: Vec<File> = all.filter_map(|(_, body)| serde_json::from_str(&body).ok()).collect();
    files.sort_by_key(|file| file.at);
    Ok(files)
}

/// A file with its bytes. Blocks.
///
/// # Errors
/// The store cannot be read.
pub fn read(store: &dyn Store, po: &PoNumber, id: &str) -> Result<Option<(File, Vec<u8>)>, StoreError> {
    let Some((_, body)) = store.setting(FILES, &key(po, id))? else { return Ok(None) };
    let Ok(file) = serde_json::from_str::<File>(&body) else { return Ok(None) };
    Ok(store.piece(&piece(po, id), 0)?.map(|bytes| (file, bytes)))
}

/// Removes the files of a purchase order; false if there were none. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn erase(store: &dyn Store, po: &PoNumber) -> Result<bool, StoreError> {
    let files = list(store, po)?;
    for file in &files {
        store.remove_pieces(&piece(po, &file.id))?;
        store.put_setting(FILES, &key(po, &file.id), None, None)?;
    }
    Ok(!files.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_runtime::memory::MemoryStore;

    #[test]
    fn a_file_is_kept_once_and_is_gone_with_its_order() {
        let (store, now) = (MemoryStore::new(), Timestamp::now());
        let (po, other): (PoNumber, PoNumber) = ("1001-1".parse().unwrap(), "1001-11".parse().unwrap());
        let file = keep(&store, &po, "C:\\desk\\proof\u{7}.pdf", b"%PDF", now).unwrap().unwrap();
        assert_eq!((file.name.as_str(), file.size), ("proof.pdf", 4));
        assert_eq!(keep(&store, &po, "again.pdf", b"%PDF", now).unwrap().unwrap(), file);
        assert_eq!(keep(&store, &po, "x", b"", now).unwrap(), Err(NotKept::Size(0)));
        assert_eq!(keep(&store, &po, "x", &vec![0; BYTES_MAX + 1], now).unwrap(), Err(NotKept::Size(BYTES_MAX + 1)));
        keep(&store, &other, "other.pdf", b"other", now).unwrap().unwrap();
        assert_eq!(read(&store, &po, &file.id).unwrap(), Some((file.clone(), b"%PDF".to_vec())));
        assert!(erase(&store, &po).unwrap() && !erase(&store, &po).unwrap());
        assert_eq!((read(&store, &po, &file.id).unwrap(), list(&store, &other).unwrap().len()), (None, 1));
    }
}
