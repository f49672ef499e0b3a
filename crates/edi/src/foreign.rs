//! What an input is when it is neither X12 nor EDIFACT, guessed from its first bytes, and what to do about it.
//!
//! It reads nothing of these formats. What is packed is never unpacked here: a guess must not change what was sent.

/// How many bytes are looked at; the reader has that many at hand, or the whole input.
const LOOKED_AT_BYTES: usize = 1024;
/// Bytes from which on text in Base64 or in hexadecimal digits is told from a word.
const CODED_BYTES_MIN: usize = 40;

/// What an input looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Guess {
    /// What it is, and what to do about it.
    pub words: &'static str,
    /// True for something that may hold an interchange as it is: then it is told beside what was read.
    pub wraps: bool,
}

/// What some file formats begin with.
const BEGINNINGS: &[(&[u8], &str)] = &[
    (b"\xFF\xFE", UTF_16),
    (b"\xFE\xFF", UTF_16),
    (b"PK\x03\x04", "a ZIP archive; unpack it (unzip) and read what is inside"),
    (b"\x1F\x8B", "a file compressed by gzip; unpack it (gunzip) and read what is inside"),
    (b"BZh", "a file compressed by bzip2; unpack it (bunzip2) and read what is inside"),
    (b"\xFD7zXZ", "a file compressed by xz; unpack it (unxz) and read what is inside"),
    (b"\x28\xB5\x2F\xFD", "a file compressed by zstd; unpack it (unzstd) and read what is inside"),
    (b"7z\xBC\xAF", "a 7-Zip archive; unpack it and read what is inside"),
    (b"\x1F\x9D", "a file compressed by compress; unpack it (uncompress) and read what is inside"),
    (b"x\x01", ZLIB),
    (b"x\x9C", ZLIB),
    (b"x\xDA", ZLIB),
    (b"%PDF", "a PDF; it is made for people: ask the partner for the interchange itself"),
    (b"\xD0\xCF\x11\xE0", "a document of an office program; ask the partner for the interchange itself"),
    (b"-----BEGIN PGP", "a message of OpenPGP; decrypt it (gpg --decrypt) and read what is inside"),
    (b"-----BEGIN", "something signed or encrypted, in PEM armour; open it (openssl cms) and read what is inside"),
    (b"\x30\x82", CMS),
    (b"\x30\x80", CMS),
    (b"STX=", "TRADACOMS; ask the partner for EDIFACT"),
    (b"MSH|", "HL7 version 2; it is no trade document, look for how it came here"),
    (b"EDI_DC", "an IDoc of SAP; have the partner's system map it to X12 or EDIFACT"),
    (b"\xC9\xE2\xC1", EBCDIC),
    (b"\xE4\xD5\xC1", EBCDIC),
    (b"\xE4\xD5\xC2", EBCDIC),
    (b"ISA%2A", PERCENT),
    (b"UNB%2B", PERCENT),
    (b"UNA%3A", PERCENT),
    (b"isa", SMALL_LETTERS),
    (b"una", SMALL_LETTERS),
    (b"unb", SMALL_LETTERS),
];

/// What may stand around an interchange that is there as it is.
const WRAPPINGS: &[(&[u8], &str)] = &[
    (b"<", "XML or HTML; take the interchange out, without entities such as &amp;"),
    (b"{\\rtf", "a file of a word processor; save it as plain text"),
    (b"{", "JSON; if the interchange is a text in it, take it out without its escapes such as \\n"),
    (b"[", "JSON; if the interchange is a text in it, take it out without its escapes such as \\n"),
];

const UTF_16: &str = "text in UTF-16; save it with one byte a letter (iconv -f UTF-16 -t UTF-8)";
const ZLIB: &str = "a file compressed by zlib; unpack it (zlib-flate -uncompress) and read what is inside";
const CMS: &str = "a signed or encrypted message (CMS, as in AS2); open it (openssl cms) and read what is inside";
const EBCDIC: &str = "an interchange in EBCDIC; have it converted, for example by iconv -f IBM037 -t ISO-8859-1";
const PERCENT: &str = "an interchange written as a web form, with %2A for *; decode it first";
const SMALL_LETTERS: &str = "an interchange whose tags are in small letters";
const BASE_64: &str = "an interchange in Base64; decode it (base64 -d) and read what is inside";
const HEX: &str = "an interchange written in hexadecimal digits; decode it (xxd -r -p) and read what is inside";
const MAIL: &str = "a mail; save its attachment with a mail program and read that";
const MAIL_BASE_64: &str =
    "a mail whose attachment is in Base64; save the attachment with a mail program (or munpack) and read that";
const MAIL_QUOTED: &str = "a mail in quoted-printable, with =3D for = and a = before line ends; save its text with a mail program and read that";
const TABLE: &str = "a table in a text file (CSV); channels of the dialect wms read such tables";

/// What the bytes look like; `None` when nothing is recognised.
pub(crate) fn looks_like(bytes: &[u8]) -> Option<Guess> {
    let head = &bytes[..bytes.len().min(LOOKED_AT_BYTES)];
    let told = |words| Some(Guess { words, wraps: false });
    let starts = |table: &[(&[u8], &'static str)], head: &[u8]| {
        table.iter().find(|(start, _)| head.starts_with(start)).map(|(_, words)| *words)
    };
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    if let Some(words) = starts(BEGINNINGS, head).or_else(|| starts(BEGINNINGS, text)) {
        return told(words);
    }
    if head.iter().filter(|&&byte| byte == 0).count() * 3 > head.len() {
        return told(UTF_16);
    }
    if let Some(words) = starts(WRAPPINGS, text).or_else(|| mail(bytes)) {
        return Some(Guess { words, wraps: true });
    }
    let of = |is: fn(&u8) -> bool| {
        text.len() >= CODED_BYTES_MIN && text.iter().all(|byte| is(byte) || byte.is_ascii_whitespace())
    };
    match () {
        () if (text.starts_with(b"SVNB") || text.starts_with(b"VU5")) && of(is_base_64) => told(BASE_64),
        () if text.starts_with(b"495341") && of(u8::is_ascii_hexdigit) => told(HEX),
        () if text.starts_with(b"554e") && of(u8::is_ascii_hexdigit) => told(HEX),
        () if is_table(text) => told(TABLE),
        () => None,
    }
}

fn is_base_64(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// A mail, by its header fields, and how its content is packed.
fn mail(bytes: &[u8]) -> Option<&'static str> {
    let head = bytes[..bytes.len().min(LOOKED_AT_BYTES)].to_ascii_lowercase();
    let holds = |words: &[u8]| memchr::memmem::find(&head, words).is_some();
    let is_mail =
        holds(b"content-type:") || holds(b"mime-version:") || head.starts_with(b"from ") && holds(b"\nsubject:");
    match () {
        () if !is_mail => None,
        () if holds(b"encoding: quoted-printable") => Some(MAIL_QUOTED),
        () if holds(b"encoding: base64") => Some(MAIL_BASE_64),
        () => Some(MAIL),
    }
}

/// Two lines with the same number of the same separator are a table; one comma is a sentence, and a control character
/// is neither.
fn is_table(text: &[u8]) -> bool {
    let is_text = text.iter().all(|byte| !byte.is_ascii_control() || byte.is_ascii_whitespace());
    let mut lines = text.split(|&byte| byte == b'\n');
    let (first, second) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let count = |line: &[u8], separator: u8| line.iter().filter(|&&byte| byte == separator).count();
    let same = |separator: u8| count(first, separator) > 0 && count(first, separator) == count(second, separator);
    is_text && [b',', b';', b'\t', b'|'].into_iter().any(same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_are_named() {
        let wide: Vec<u8> = "ISA*00*".bytes().flat_map(|byte| [0, byte]).collect();
        let hex: String = "ISA*00*          *00*".bytes().map(|byte| format!("{byte:02x}")).collect();
        for (input, word) in [
            (b"<?xml version='1.0'?>".as_slice(), "XML"),
            (b"{\"order\": 1}", "JSON"),
            (b"PK\x03\x04....", "ZIP"),
            (b"\x1F\x8B\x08\0,\n,", "gzip"),
            (b"BZh91AY,\n,", "bzip2"),
            (b"%PDF-1.4\n", "PDF"),
            (&wide, "UTF-16"),
            (b"\xFF\xFEI\0S\0A\0", "UTF-16"),
            (b"\xC9\xE2\xC1\x5C", "EBCDIC"),
            (b"\xE4\xD5\xC2\x4E", "EBCDIC"),
            (b"SVNBKjAwKiAgICAgICAgICAqMDAqICAgICAgICAgICpaWipC\nVVlFUg==", "base64 -d"),
            (hex.as_bytes(), "xxd"),
            (b"ISA%2A00%2A", "web form"),
            (b"MSH|^~\\&|A|B", "HL7"),
            (b"isa*00*", "small letters"),
            (b"sku,quantity\n1,2\n", "CSV"),
            (b"\xEF\xBB\xBFsku;quantity\n1;2\n", "CSV"),
            (b"Subject: order\nContent-Type: application/edi-x12\n", "a mail;"),
            (b"MIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\nSVNB", "Base64"),
            (b"MIME-Version: 1.0\nContent-Transfer-Encoding: quoted-printable\n\nISA", "quoted-printable"),
        ] {
            let guess = looks_like(input);
            assert!(guess.is_some_and(|guess| guess.words.contains(word)), "{word}: {guess:?}");
        }
        for nothing in [b"Dear partner,\n please find".as_slice(), b"", b"\x80\x81,\n\x01,", b"ISA"] {
            assert_eq!(looks_like(nothing), None, "{nothing:?}");
        }
    }
}
