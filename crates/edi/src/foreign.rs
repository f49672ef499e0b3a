//! What an input is when it is neither X12 nor EDIFACT, guessed from its first bytes, so that a person knows what to do.
//!
//! It reads nothing of these formats.

/// How many bytes are looked at; the reader has that many at hand, or the whole input.
const LOOKED_AT_BYTES: usize = 1024;

/// What the bytes look like, in words; `None` when nothing is recognised.
pub(crate) fn looks_like(bytes: &[u8]) -> Option<&'static str> {
    let head = &bytes[..bytes.len().min(LOOKED_AT_BYTES)];
    let known: &[(&[u8], &str)] = &[
        (b"\xFF\xFE", UTF_16),
        (b"\xFE\xFF", UTF_16),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"\x1F\x8B", "a file compressed by gzip"),
        (b"%PDF", "a PDF"),
        (b"-----BEGIN", "something signed or encrypted, in PEM or PGP armour"),
        (b"\x30\x82", "a signed or encrypted message (CMS)"),
        (b"\x30\x80", "a signed or encrypted message (CMS)"),
        (b"<", "XML or HTML"),
        (b"{", "JSON"),
        (b"[", "JSON"),
        (b"STX=", "TRADACOMS"),
        (b"EDI_DC", "an IDoc of SAP"),
        (b"SVNB", "an X12 file in Base64"),
        (b"VU5", "an EDIFACT file in Base64"),
        (b"isa", SMALL_LETTERS),
        (b"una", SMALL_LETTERS),
        (b"unb", SMALL_LETTERS),
        (b"{\\rtf", "a file of a word processor"),
    ];
    if let Some((_, words)) = known.iter().find(|(start, _)| head.starts_with(start)) {
        return Some(words);
    }
    let zeros = head.iter().filter(|&&byte| byte == 0).count();
    if zeros * 3 > head.len() {
        return Some(UTF_16);
    }
    let lower = head.to_ascii_lowercase();
    let holds = |words: &[u8]| lower.windows(words.len()).any(|window| window == words);
    if holds(b"content-type:") || holds(b"mime-version:") {
        return Some("a mail or MIME message; take its attachment out");
    }
    // Two lines with the same number of the same separator are a table; one comma is a sentence.
    let mut lines = head.split(|&byte| byte == b'\n');
    let (first, second) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let count = |line: &[u8], separator: u8| line.iter().filter(|&&byte| byte == separator).count();
    let is_table = [b',', b';', b'\t']
        .iter()
        .any(|&separator| count(first, separator) > 0 && count(first, separator) == count(second, separator));
    is_table.then_some("a table in a text file (CSV)")
}

const UTF_16: &str = "text in UTF-16; save it with one byte a letter";
const SMALL_LETTERS: &str = "an interchange whose tags are in small letters";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_are_named() {
        let wide: Vec<u8> = "ISA*00*".bytes().flat_map(|byte| [0, byte]).collect();
        for (input, word) in [
            (b"<?xml version='1.0'?>".as_slice(), "XML"),
            (b"{\"order\": 1}", "JSON"),
            (b"PK\x03\x04....", "ZIP"),
            (&wide, "UTF-16"),
            (b"isa*00*", "small letters"),
            (b"sku,quantity\n1,2\n", "CSV"),
            (b"Subject: order\nContent-Type: application/edi-x12\n", "MIME"),
        ] {
            assert!(looks_like(input).is_some_and(|words| words.contains(word)), "{word}");
        }
        assert_eq!(looks_like(b"Dear partner,\n"), None);
    }
}
