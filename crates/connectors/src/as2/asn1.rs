//! The little ASN.1 that AS2 needs: a reader that takes BER as partners send it (indefinite lengths, strings in pieces),
//! and a writer of DER.
//!
//! Knows tags and lengths, not what stands in them. Bounded: nesting and input are limited, nothing is copied on reading.

use std::borrow::Cow;

/// Deepest nesting read; a signed message with a certificate chain has about a dozen levels.
const DEPTH_MAX: usize = 40;

/// `INTEGER`.
pub const INTEGER: u8 = 0x02;
/// `OCTET STRING`.
pub const OCTETS: u8 = 0x04;
/// `NULL`.
pub const NULL: u8 = 0x05;
/// `OBJECT IDENTIFIER`.
pub const OID: u8 = 0x06;
/// `UTCTime`.
pub const UTC_TIME: u8 = 0x17;
/// `GeneralizedTime`.
pub const GENERALIZED_TIME: u8 = 0x18;
/// `SEQUENCE`.
pub const SEQUENCE: u8 = 0x30;
/// `SET`.
pub const SET: u8 = 0x31;
/// `[n]`, constructed.
pub const fn context(n: u8) -> u8 {
    0xa0 | n
}

/// One value with what it holds.
#[derive(Debug)]
pub struct Node<'a> {
    /// Its tag byte.
    pub tag: u8,
    /// The whole of it, as it came.
    pub raw: &'a [u8],
    /// Its content, as it came.
    pub value: &'a [u8],
    /// Its parts, if it has any.
    pub parts: Vec<Node<'a>>,
}

impl<'a> Node<'a> {
    /// Reads one value; what follows it is ignored, as some partners end with a line feed.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        read(bytes, 0).map(|(node, _)| node)
    }

    /// A part by its place.
    pub fn part(&self, index: usize) -> Option<&Node<'a>> {
        self.parts.get(index)
    }

    /// The first part of a tag.
    pub fn tagged(&self, tag: u8) -> Option<&Node<'a>> {
        self.parts.iter().find(|part| part.tag == tag)
    }

    /// The bytes of a string; put together if it came in pieces.
    pub fn octets(&self) -> Cow<'a, [u8]> {
        if self.tag & 0x20 == 0 {
            return Cow::Borrowed(self.value);
        }
        let mut whole = Vec::with_capacity(self.value.len());
        self.gather(&mut whole);
        Cow::Owned(whole)
    }

    fn gather(&self, into: &mut Vec<u8>) {
        match self.tag & 0x20 {
            0 => into.extend_from_slice(self.value),
            _ => self.parts.iter().for_each(|part| part.gather(into)),
        }
    }

    /// True if it is this object identifier.
    pub fn is(&self, oid: &[u8]) -> bool {
        self.tag == OID && self.value == oid
    }
}

/// A value and the number of bytes it takes.
fn read(bytes: &[u8], depth: usize) -> Option<(Node<'_>, usize)> {
    let tag = *bytes.first()?;
    // Tags in several bytes do not occur in what is read here.
    if depth > DEPTH_MAX || tag & 0x1f == 0x1f {
        return None;
    }
    let constructed = tag & 0x20 != 0;
    let (head, length) = length(bytes.get(1..)?)?;
    let start = 1 + head;
    let Some(length) = length else {
        // Indefinite: parts until two zero bytes.
        let mut at = start;
        let mut parts = Vec::new();
        while bytes.get(at..at + 2)? != [0, 0] {
            let (part, used) = read(bytes.get(at..)?, depth + 1)?;
            parts.push(part);
            at += used;
        }
        let node = Node { tag, raw: &bytes[..at + 2], value: &bytes[start..at], parts };
        return constructed.then_some((node, at + 2));
    };
    let end = start.checked_add(length)?;
    let value = bytes.get(start..end)?;
    let mut parts = Vec::new();
    let mut at = 0;
    while constructed && at < value.len() {
        let (part, used) = read(&value[at..], depth + 1)?;
        parts.push(part);
        at += used;
    }
    Some((Node { tag, raw: &bytes[..end], value, parts }, end))
}

/// The bytes that a length takes, and the length; none if it is indefinite.
fn length(bytes: &[u8]) -> Option<(usize, Option<usize>)> {
    match *bytes.first()? {
        0x80 => Some((1, None)),
        short @ 0..0x80 => Some((1, Some(usize::from(short)))),
        long => {
            let count = usize::from(long & 0x7f);
            let digits = bytes.get(1..1 + count).filter(|_| count <= 4)?;
            Some((1 + count, Some(digits.iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit)))))
        }
    }
}

/// Writes one value around its content.
pub fn wrap(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 6);
    out.push(tag);
    let length = content.len();
    if length < 0x80 {
        out.push(length as u8);
    } else {
        let digits: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|digit| *digit == 0).collect();
        out.push(0x80 | digits.len() as u8);
        out.extend(digits);
    }
    out.extend_from_slice(content);
    out
}

/// Writes several values within one.
pub fn join(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    wrap(tag, &parts.concat())
}

/// Writes a small number.
pub fn integer(number: u8) -> Vec<u8> {
    vec![INTEGER, 1, number]
}

/// Writes an algorithm without parameters of note.
pub fn algorithm(oid: &[u8]) -> Vec<u8> {
    join(SEQUENCE, &[&wrap(OID, oid), &[NULL, 0]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_in_pieces_of_unknown_length_are_put_together() {
        let ber = [0x30, 0x80, 0x24, 0x80, 0x04, 1, b'a', 0x04, 2, b'b', b'c', 0, 0, 0x02, 1, 7, 0, 0, b'\n'];
        let node = Node::read(&ber).unwrap();
        assert_eq!(node.part(0).unwrap().octets().as_ref(), b"abc");
        assert_eq!(node.part(1).unwrap().value, [7]);
        assert_eq!(node.raw.len(), ber.len() - 1);
    }

    #[test]
    fn what_is_written_is_read_and_what_is_cut_is_not() {
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let bytes = join(SEQUENCE, &[&wrap(OCTETS, &vec![7; length]), &integer(3)]);
            let node = Node::read(&bytes).unwrap();
            assert_eq!((node.part(0).unwrap().value.len(), node.raw.len()), (length, bytes.len()));
            assert!(Node::read(&bytes[..bytes.len() - 1]).is_none());
        }
        assert!(Node::read(&[0x30; 4_000]).is_none(), "nesting is bounded");
        assert!(Node::read(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0]).is_none());
    }
}
