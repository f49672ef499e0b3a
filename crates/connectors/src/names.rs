//! File names: ours made from stable ids, theirs never trusted as paths.
//!
//! Does not touch any file.

use sha2::{Digest, Sha256};

/// Longest file name we write: 255 bytes is the limit of nearly every file system, and old servers have less.
const NAME_BYTES_MAX: usize = 120;

/// Longest file name we take from outside: what file systems allow.
const FOREIGN_NAME_BYTES_MAX: usize = 255;

/// Longest file extension kept.
const EXTENSION_BYTES_MAX: usize = 8;

/// Ends of names that mean "still being written", as the common clients write them.
const UNFINISHED: [&str; 5] = [".part", ".tmp", ".filepart", ".partial", ".crdownload"];

/// What is added to a name while we write it.
pub const PART: &str = ".part";

/// The name under which a paper is handed over: the same id gives the same name, other ids give other names.
pub fn outgoing(id: &str, paper_name: &str) -> String {
    let plain: String =
        id.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '_' }).collect();
    let mut name = plain;
    if name != id || name.len() > NAME_BYTES_MAX || name.starts_with('-') || name.is_empty() {
        // Two ids may look alike once cleaned or cut; the hash keeps them apart.
        let hash = Sha256::digest(id.as_bytes());
        let tail: String = hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        name.truncate(NAME_BYTES_MAX - tail.len() - 1);
        name = format!("{}-{tail}", name.trim_start_matches('-'));
    }
    match extension(paper_name) {
        Some(extension) => format!("{name}.{extension}"),
        None => name,
    }
}

/// The extension of a paper's name, if it is a plain one.
fn extension(name: &str) -> Option<&str> {
    let (_, extension) = name.rsplit_once('.')?;
    let plain = !extension.is_empty()
        && extension.len() <= EXTENSION_BYTES_MAX
        && extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (plain && !unfinished(name)).then_some(extension)
}

/// True if a listed name is a finished file that may be fetched.
pub fn fetchable(name: &str) -> bool {
    is_file_name(name) && !name.starts_with('.') && !unfinished(name)
}

/// True if the name says that somebody still writes it.
fn unfinished(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    UNFINISHED.iter().any(|end| lower.ends_with(end))
}

/// True if `name` is one component of a path and nothing else.
pub fn is_file_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= FOREIGN_NAME_BYTES_MAX
        && name != "."
        && name != ".."
        && !name.chars().any(|c| c == '/' || c == '\\' || c.is_control())
}

/// The `n`th try at a name that may be taken: `a.edi`, `a-2.edi`, `a-3.edi`, …
pub fn numbered(name: &str, n: u32) -> String {
    if n <= 1 {
        return name.to_owned();
    }
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => format!("{stem}-{n}.{extension}"),
        _ => format!("{name}-{n}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_id_one_name() {
        assert_eq!(outgoing("1001-1_1", "po.edi"), "1001-1_1.edi");
        assert_eq!(outgoing("1001-1_1", "po.edi"), outgoing("1001-1_1", "po.edi"));
        let names = [outgoing("1001/1", "a.edi"), outgoing("1001_1", "a.edi"), outgoing("1001:1", "a.edi")];
        assert!(names[0] != names[1] && names[1] != names[2] && names[0] != names[2], "{names:?}");
        assert!(names.iter().all(|name| is_file_name(name) && fetchable(name)), "{names:?}");
        let long = "x".repeat(4_000);
        assert!(outgoing(&long, "a.edi").len() < 140);
        assert_ne!(outgoing(&long, ""), outgoing(&format!("{long}y"), ""));
        assert!(fetchable(&outgoing("", "")));
        assert!(fetchable(&outgoing("../../etc/passwd", "x.part")));
        assert!(!outgoing("-rf", "a.edi").starts_with('-'));
    }

    #[test]
    fn foreign_names_are_names_only() {
        for name in ["855.edi", "a b.txt", "ümlaut.x12", "no-extension", "x.part.edi"] {
            assert!(fetchable(name), "{name}");
        }
        for name in ["", ".", "..", "../x", "a/b", "a\\b", "/etc/passwd", "a\nb", "a\0b", ".hidden", "a.PART", "a.tmp"]
        {
            assert!(!fetchable(name), "{name}");
        }
        assert!(!fetchable("x.filepart"));
        assert!(!is_file_name(&"x".repeat(256)));
    }

    #[test]
    fn numbered_names_keep_their_extension() {
        assert_eq!(numbered("a.edi", 1), "a.edi");
        assert_eq!(numbered("a.edi", 3), "a-3.edi");
        assert_eq!(numbered("noext", 2), "noext-2");
        assert_eq!(numbered(".edi", 2), ".edi-2");
    }
}
