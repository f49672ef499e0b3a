//! MIME, byte for byte: what is signed must be found again exactly as it was sent.
//!
//! Knows headers, parts and transfer encodings, not what they are for. Reads what partners write: lines that end with a
//! line feed alone, encodings that are stated and not applied, or applied and not stated, boundaries that nobody names.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::borrow::Cow;

/// Bytes of one part's headers; the longest seen have two kilobytes.
const HEADERS_BYTES_MAX: usize = 64 * 1024;
/// Parts of one message that are looked at.
const PARTS_MAX: usize = 32;
/// Characters of a line of base64.
const BASE64_LINE: usize = 76;

/// Headers and what follows them.
#[derive(Debug, Clone)]
pub struct Entity<'a> {
    /// Name in lower case and value on one line.
    pub headers: Vec<(String, String)>,
    /// The body as it came.
    pub body: &'a [u8],
    /// Headers, blank line and body, as they came: what a signature covers.
    pub whole: &'a [u8],
}

impl<'a> Entity<'a> {
    /// Reads headers, a blank line, a body. Bytes without headers are all body.
    pub fn read(whole: &'a [u8]) -> Self {
        let mut headers: Vec<(String, String)> = Vec::new();
        let mut at = 0;
        loop {
            let rest = &whole[at..];
            let end = rest.iter().take(HEADERS_BYTES_MAX).position(|byte| *byte == b'\n');
            let line = end.map_or(rest, |end| &rest[..end]);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() {
                let body = end.map_or(&rest[rest.len()..], |end| &rest[end + 1..]);
                return Self { headers, body, whole };
            }
            let text = String::from_utf8_lossy(line);
            match (text.split_once(':'), headers.last_mut()) {
                (_, Some((_, value))) if line.starts_with(b" ") || line.starts_with(b"\t") => {
                    value.push(' ');
                    value.push_str(text.trim());
                }
                (Some((name, value)), _) if is_name(name) => {
                    headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
                }
                _ => return Self { headers: Vec::new(), body: whole, whole },
            }
            let Some(end) = end else { return Self { headers, body: &[], whole } };
            at += end + 1;
        }
    }

    /// Headers and a body that came apart, as HTTP brings them.
    pub fn of(headers: Vec<(String, String)>, body: &'a [u8]) -> Self {
        Self { headers, body, whole: body }
    }

    /// The value of a header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// The media type in lower case, without parameters.
    pub fn media_type(&self) -> String {
        self.header("content-type").split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// A parameter of the media type.
    pub fn parameter(&self, name: &str) -> Option<String> {
        parameter(self.header("content-type"), name)
    }

    /// The name under which the payload was sent, if it has one.
    pub fn file_name(&self) -> Option<String> {
        parameter(self.header("content-disposition"), "filename").or_else(|| self.parameter("name"))
    }

    /// The parts of a multipart body, as they came. A boundary that is not named is taken from the first line.
    pub fn parts(&self) -> Vec<Entity<'a>> {
        let named = self.parameter("boundary").map(|boundary| format!("--{boundary}").into_bytes());
        let Some(mark) = named.or_else(|| first_boundary(self.body)) else { return Vec::new() };
        let mut parts = Vec::new();
        let Some(mut start) = after_mark(self.body, &mark, 0) else { return parts };
        while let Some((end, next)) = end_of_part(self.body, &mark, start) {
            parts.push(Entity::read(&self.body[start..end]));
            match next {
                Some(next) if parts.len() < PARTS_MAX => start = next,
                _ => break,
            }
        }
        parts
    }

    /// The body without its transfer encoding; `binary` says that it must be DER, which tells an encoding that is
    /// stated but was not applied, or applied but not stated.
    pub fn decoded(&self, binary: bool) -> Cow<'a, [u8]> {
        let is_der = self.body.first() == Some(&0x30);
        let encoding = self.header("content-transfer-encoding").to_ascii_lowercase();
        match encoding.as_str() {
            "base64" if !(binary && is_der) => base64(self.body).map_or(Cow::Borrowed(self.body), Cow::Owned),
            "quoted-printable" => Cow::Owned(quoted_printable(self.body)),
            _ if binary && !is_der => base64(self.body).map_or(Cow::Borrowed(self.body), Cow::Owned),
            _ => Cow::Borrowed(self.body),
        }
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// A parameter of a header, without its quotes.
pub fn parameter(header: &str, name: &str) -> Option<String> {
    let mut rest = header.split_once(';')?.1;
    loop {
        let (key, after) = rest.split_once('=')?;
        let key = key.trim().trim_start_matches(';').trim();
        let after = after.trim_start();
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => {
                let end = quoted.find('"').unwrap_or(quoted.len());
                (&quoted[..end], quoted.get(end + 1..).unwrap_or_default())
            }
            None => after.split_at(after.find(';').unwrap_or(after.len())),
        };
        if key.eq_ignore_ascii_case(name) {
            return Some(value.trim().to_owned());
        }
        rest = next.trim_start().strip_prefix(';').unwrap_or(next);
    }
}

fn first_boundary(body: &[u8]) -> Option<Vec<u8>> {
    let line = body.split(|byte| *byte == b'\n').find(|line| line.starts_with(b"--"))?;
    Some(line.trim_ascii_end().to_vec())
}

/// Where the part after the first boundary begins.
fn after_mark(body: &[u8], mark: &[u8], from: usize) -> Option<usize> {
    let at = find_mark(body, mark, from)?;
    line_end(body, at + mark.len())
}

/// The next boundary that stands at the beginning of a line.
fn find_mark(body: &[u8], mark: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let found = at + body.get(at..)?.windows(mark.len()).position(|window| window == mark)?;
        let after = body.get(found + mark.len());
        let ends = after.is_none_or(|byte| matches!(byte, b'\r' | b'\n' | b'-' | b' ' | b'\t'));
        if (found == 0 || body[found - 1] == b'\n') && ends {
            return Some(found);
        }
        at = found + 1;
    }
}

fn line_end(body: &[u8], from: usize) -> Option<usize> {
    Some(from + body.get(from..)?.iter().position(|byte| *byte == b'\n')? + 1)
}

/// Where a part ends (the line end before the boundary belongs to the boundary), and where the next one begins.
fn end_of_part(body: &[u8], mark: &[u8], start: usize) -> Option<(usize, Option<usize>)> {
    let at = find_mark(body, mark, start)?;
    let mut end = at;
    if end > start && body[end - 1] == b'\n' {
        end -= 1;
        if end > start && body[end - 1] == b'\r' {
            end -= 1;
        }
    }
    let last = body[at + mark.len()..].starts_with(b"--");
    Some((end, if last { None } else { line_end(body, at + mark.len()) }))
}

fn base64(body: &[u8]) -> Option<Vec<u8>> {
    let digits: Vec<u8> = body.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD.decode(digits).ok()
}

fn quoted_printable(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let digits = after.get(..2).and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        match (*first, digits) {
            (b'=', Some(byte)) => {
                out.push(byte);
                rest = &after[2..];
            }
            (b'=', None) if after.starts_with(b"\r\n") => rest = &after[2..],
            (b'=', None) if after.starts_with(b"\n") => rest = &after[1..],
            (byte, _) => out.push(byte),
        }
    }
    out
}

/// Bytes with every line ended by carriage return and line feed, as some peers digest them.
pub fn canonical(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 40);
    let mut before = 0;
    for byte in bytes {
        if *byte == b'\n' && before != b'\r' {
            out.push(b'\r');
        }
        out.push(*byte);
        before = *byte;
    }
    out
}

/// Writes headers and a body; the body in base64 where that is wanted.
pub fn entity(headers: &[(&str, &str)], body: &[u8], base64: bool) -> Vec<u8> {
    let mut out = String::new();
    for (name, value) in headers {
        out.push_str(&format!("{name}: {value}\r\n"));
    }
    out.push_str(if base64 {
        "Content-Transfer-Encoding: base64\r\n\r\n"
    } else {
        "Content-Transfer-Encoding: binary\r\n\r\n"
    });
    let mut out = out.into_bytes();
    if !base64 {
        out.extend_from_slice(body);
        return out;
    }
    for line in STANDARD.encode(body).as_bytes().chunks(BASE64_LINE) {
        out.extend_from_slice(line);
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// Writes parts between boundaries.
pub fn multipart(boundary: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    for part in parts {
        out.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        out.extend_from_slice(part);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_what_stood_between_the_boundaries_byte_for_byte() {
        let parts: [&[u8]; 2] = [b"A: 1\r\n\r\nISA*00~\r\n\r\n--other\r\n", b"\r\nbody"];
        let whole = multipart("xy", &parts);
        let entity = Entity::of(vec![("content-type".into(), "multipart/signed; a=b; boundary=\"xy\"".into())], &whole);
        let read: Vec<&[u8]> = entity.parts().iter().map(|part| part.whole).collect();
        assert_eq!(read, parts);
        let nameless = Entity::of(vec![("content-type".into(), "multipart/report".into())], &whole);
        assert_eq!(nameless.parts().len(), 2, "a boundary that nobody names is found");
        assert_eq!(entity.parts()[0].header("a"), "1");
    }

    #[test]
    fn headers_may_be_folded_and_bodies_may_have_none() {
        let entity =
            Entity::read(b"Content-Type: multipart/report;\r\n\tboundary=\"a b\";\n report-type=x\r\n\r\nbody");
        assert_eq!(entity.parameter("boundary").as_deref(), Some("a b"));
        assert_eq!(entity.parameter("Report-Type").as_deref(), Some("x"));
        assert_eq!(entity.body, b"body");
        assert_eq!(Entity::read(b"UNA:+.? '\nUNB+x").body, b"UNA:+.? '\nUNB+x");
        assert_eq!(Entity::read(b"").body, b"");
    }

    #[test]
    fn an_encoding_that_was_not_applied_is_seen() {
        let encoded = |encoding: &str, body: &'static [u8], binary| {
            Entity::of(vec![("content-transfer-encoding".into(), encoding.into())], body).decoded(binary).into_owned()
        };
        assert_eq!(encoded("base64", b"MAA=\r\n", true), [0x30, 0]);
        assert_eq!(encoded("base64", &[0x30, 0x80], true), [0x30, 0x80]);
        assert_eq!(encoded("", b"MAA=", true), [0x30, 0]);
        assert_eq!(encoded("base64", b"ISA*00*~", false), b"ISA*00*~");
        assert_eq!(encoded("quoted-printable", b"a=3Db=\r\nc=", false), b"a=bc=");
        assert_eq!(canonical(b"a\nb\r\nc\n"), b"a\r\nb\r\nc\r\n");
    }
}
