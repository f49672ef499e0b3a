//! Where personal data stands in a paper, and the paper without it: every letter there becomes an `x`, so that segments,
//! places and lengths stay as they are.
//!
//! Pure. Knows in which places each kind of paper has people's names and addresses; does not know whose they are.

use countersign_edi::{Delimiters, Standard, detect};
use serde::de::IgnoredAny;
use std::ops::Range;

/// What stands in the place of a letter.
const COVER: u8 = b'x';
/// Parties of a document that are no people: who buys, sells, sends, carries.
const ORGANISATIONS: [&[u8]; 14] =
    [b"BY", b"SE", b"SF", b"VN", b"SU", b"RI", b"RE", b"WH", b"CA", b"FW", b"MS", b"MR", b"IV", b"II"];
/// Objects of JSON papers that are about a person.
const PERSONS: [&str; 10] = [
    "ship_to",
    "shipto",
    "customer",
    "recipient",
    "consignee",
    "deliver_to",
    "shipping_address",
    "billing_address",
    "delivery_address",
    "address",
];
/// Fields that are about a person wherever they stand.
const FIELDS: [&str; 13] = [
    "address1",
    "address2",
    "street",
    "zip",
    "postal_code",
    "postcode",
    "city",
    "phone",
    "email",
    "mail",
    "customer_name",
    "customer_email",
    "ship_to_name",
];
/// What may be read of a person's address: it says no more than transit times need.
const PLAIN: [&str; 2] = ["country", "region"];
/// Columns by which a table is known to hold addresses; then its column `name` is a person's.
const ADDRESS_COLUMNS: [&str; 4] = ["address1", "address", "street", "email"];
/// What our letters to vendors put before the address.
const SHIP_TO: &[u8] = b"\nShip to:\n";
/// How our letters to vendors begin.
const LETTERS: [&[u8]; 3] = [b"Purchase order ", b"Reminder: purchase order ", b"Cancellation of purchase order "];

/// The paper without the names, streets, towns, telephone numbers and mail addresses of people; nothing if it is in no form
/// in which their places are known.
pub fn without_people(paper: &[u8]) -> Option<Vec<u8>> {
    let mut out = paper.to_vec();
    let start = paper.len() - paper.trim_ascii_start().len();
    let known = match () {
        () if out.is_empty() => true,
        () if detect(&paper[start..]).is_some() => edi(&mut out, start),
        () if matches!(paper.get(start), Some(b'{' | b'[')) => json(&mut out),
        () if LETTERS.iter().any(|begin| paper.starts_with(begin)) => letter(&mut out),
        () => table(&mut out),
    };
    known.then_some(out)
}

/// Any text with these values covered wherever they stand, letter case aside.
pub fn without_values(text: &[u8], values: &[String]) -> Vec<u8> {
    let mut out = text.to_vec();
    for value in values.iter().map(|value| value.trim().as_bytes()).filter(|value| value.len() >= 3) {
        let mut at = 0;
        while let Some(found) = find(&out[at..], value) {
            cover(&mut out, at + found..at + found + value.len(), |_| true);
            at += found + value.len();
        }
    }
    out
}

fn find(text: &[u8], value: &[u8]) -> Option<usize> {
    text.windows(value.len()).position(|window| window.eq_ignore_ascii_case(value))
}

/// Covers what of a range may be covered.
fn cover(bytes: &mut [u8], range: Range<usize>, may: impl Fn(u8) -> bool) {
    for byte in bytes[range].iter_mut().filter(|byte| may(**byte) && !matches!(**byte, b' ' | b'\r' | b'\n')) {
        *byte = COVER;
    }
}

/// Segments are cut by hand: a paper in quarantine may have no set that a reader finds.
fn edi(bytes: &mut [u8], start: usize) -> bool {
    let Some(first) = detect(&bytes[start..]) else { return false };
    let (mut delimiters, mut at) = (first.delimiters, start + first.prefix_bytes);
    // Of the party that the segments stand under.
    let mut person = true;
    while at < bytes.len() {
        at += bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let begins = [b"ISA", b"UNA", b"UNB"].iter().any(|tag| bytes[at..].starts_with(*tag));
        if let Some(found) = begins.then(|| detect(&bytes[at..])).flatten() {
            delimiters = found.delimiters;
            at += found.prefix_bytes;
        }
        let end = at + end_of(&bytes[at..], &delimiters, delimiters.terminator());
        segment(bytes, at..end, &delimiters, &mut person);
        at = end + 1;
    }
    true
}

/// Where this delimiter stands first, those released aside.
fn end_of(bytes: &[u8], delimiters: &Delimiters, delimiter: u8) -> usize {
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            byte if byte == delimiter => return at,
            byte if delimiters.release() == Some(byte) => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn segment(bytes: &mut [u8], whole: Range<usize>, delimiters: &Delimiters, person: &mut bool) {
    let mut elements: Vec<Range<usize>> = vec![];
    let mut at = whole.start;
    while at <= whole.end {
        let end = at + end_of(&bytes[at..whole.end], delimiters, delimiters.element());
        elements.push(at..end);
        at = end + 1;
    }
    let text = |n: usize| elements.get(n).map(|range| &bytes[range.clone()]).unwrap_or_default();
    let tag = text(0).to_ascii_uppercase();
    let organisation = ORGANISATIONS.contains(&text(1).trim_ascii());
    let places: &[usize] = match (delimiters.standard(), tag.as_slice()) {
        (_, b"ST" | b"UNH") => {
            *person = true;
            &[]
        }
        (Standard::X12, b"N1") => {
            *person = !organisation;
            &[2, 4]
        }
        (Standard::X12, b"N2" | b"N3") => &[1, 2],
        (Standard::X12, b"N4") => &[1, 3, 6],
        (Standard::X12, b"PER") => &[2, 4, 6, 8],
        (Standard::X12, b"NM1") => &[3, 4, 5, 9],
        (Standard::Edifact, b"NAD") => {
            *person = !organisation;
            &[3, 4, 5, 6, 8]
        }
        (Standard::Edifact, b"CTA") => &[2],
        (Standard::Edifact, b"COM") => &[1],
        _ => &[],
    };
    if *person {
        let places: Vec<Range<usize>> = places.iter().filter_map(|n| elements.get(*n).cloned()).collect();
        for place in places {
            cover(bytes, place, |byte| !delimiters.is_special(byte));
        }
    }
}

/// A level of nested JSON.
struct Level {
    object: bool,
    /// About a person.
    person: bool,
}

/// Goes through the text itself, because reading and writing it anew would move what stands in it.
fn json(bytes: &mut [u8]) -> bool {
    if serde_json::from_slice::<IgnoredAny>(bytes).is_err() {
        return false;
    }
    let mut levels: Vec<Level> = vec![];
    let (mut key, mut named) = (String::new(), false);
    let mut at = 0;
    while at < bytes.len() {
        let within = levels.last().is_some_and(|level| level.person);
        let about = within || PERSONS.contains(&key.as_str());
        match bytes[at] {
            byte @ (b'{' | b'[') => {
                levels.push(Level { object: byte == b'{', person: about });
                named = false;
                at += 1;
            }
            b'}' | b']' => {
                levels.pop();
                (named, key) = (false, String::new());
                at += 1;
            }
            b',' => {
                named = false;
                // Members of a list stay under the name of the list.
                if levels.last().is_some_and(|level| level.object) {
                    key.clear();
                }
                at += 1;
            }
            b':' => {
                named = true;
                at += 1;
            }
            b'"' => {
                let end = at + 1 + string_length(&bytes[at + 1..]);
                let is_name = !named && levels.last().is_some_and(|level| level.object);
                if is_name {
                    key = String::from_utf8_lossy(&bytes[at + 1..end]).to_ascii_lowercase();
                } else if (about || FIELDS.contains(&key.as_str())) && !PLAIN.contains(&key.as_str()) {
                    cover(bytes, at + 1..end, |_| true);
                }
                at = end + 1;
            }
            byte => {
                if byte.is_ascii_digit() && (about || FIELDS.contains(&key.as_str())) {
                    bytes[at] = b'1';
                }
                at += 1;
            }
        }
    }
    true
}

/// The length of a JSON string whose first quotation mark has been read.
fn string_length(bytes: &[u8]) -> usize {
    let mut at = 0;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at.min(bytes.len())
}

fn letter(bytes: &mut [u8]) -> bool {
    let Some(begin) = find(bytes, SHIP_TO) else { return true };
    let begin = begin + SHIP_TO.len();
    cover(bytes, begin..bytes.len(), |_| true);
    true
}

/// A table whose first row names its columns.
fn table(bytes: &mut [u8]) -> bool {
    let head_end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let head = String::from_utf8_lossy(&bytes[..head_end]).trim_start_matches('\u{FEFF}').to_ascii_lowercase();
    let Some(comma) = [',', ';', '\t', '|'].into_iter().find(|comma| head.matches(*comma).count() >= 1) else {
        return false;
    };
    let names: Vec<&str> = head.trim_end().split(comma).map(|name| name.trim().trim_matches('"')).collect();
    let plain = |name: &&str| {
        let letter = |c: char| c.is_ascii_alphanumeric() || "_-.#/()".contains(c);
        !name.is_empty()
            && name.len() <= 40
            && name.chars().all(letter)
            && name.starts_with(|c: char| c.is_alphabetic())
    };
    if !names.iter().all(plain) {
        return false;
    }
    let addresses = names.iter().any(|name| ADDRESS_COLUMNS.contains(name));
    let about = |name: &&str| FIELDS.contains(name) || (addresses && matches!(*name, "name" | "address" | "recipient"));
    let hidden: Vec<bool> = names.iter().map(about).collect();
    let comma = u8::try_from(comma).unwrap_or(b',');
    let (mut column, mut quoted, mut at) = (0, false, head_end);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => column = 0,
            byte if byte == comma && !quoted => column += 1,
            b'\r' | b'\n' | b' ' => {}
            _ if hidden.get(column) == Some(&true) => bytes[at] = COVER,
            _ => {}
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(paper: &str) -> String {
        let covered = without_people(paper.as_bytes()).expect("because its form is known");
        assert_eq!(covered.len(), paper.len(), "places stay");
        String::from_utf8(covered).unwrap()
    }

    #[test]
    fn x12_keeps_its_segments_and_its_organisations() {
        let paper = "ISA*00*          *00*          *ZZ*RETAILER       *ZZ*ACME           *261123*0900*U*00401*000000001*0*P*>~\
                     GS*PO*RETAILER*ACME*20261123*0900*1*X*004010~ST*850*0001~BEG*00*DS*1001-1**20261123~\
                     N1*BY*The Shop*92*RETAILER~N3*1 Shop Street~\
                     N1*ST*Zoë Shopper~N3*619 Main St*Apt 4~N4*Austin*TX*73301*US~PER*IC*Zoë Shopper*TE*+1 512 555~\
                     PO1*1*2*EA*41.5**VN*A-1~SE*9*0001~GE*1*1~IEA*1*000000001~";
        let covered = text(paper);
        assert!(covered.contains("N1*BY*The Shop*92*RETAILER~N3*1 Shop Street~"), "{covered}");
        assert!(covered.contains("N1*ST*xxxx xxxxxxx~N3*xxx xxxx xx*xxx x~N4*xxxxxx*TX*xxxxx*US~"), "{covered}");
        assert!(covered.contains("PER*IC*xxxx xxxxxxx*TE*xx xxx xxx~PO1*1*2*EA*41.5**VN*A-1~"), "{covered}");
    }

    #[test]
    fn edifact_keeps_what_structures_it() {
        let paper = "UNB+UNOC:3+A:14+B:14+261123:0900+1'UNH+1+ORDERS:D:96A:UN:EAN008'BGM+220+1001-1+9'\
                     NAD+BY+4000001::9'NAD+DP+++O?'Brien:Zoe+619 Main St:Apt 4+Austin+TX+73301+US'CTA+DL'COM+512 555:TE'\
                     NAD+SU+4000002::9++Acme'LIN+1++400:EN'UNT+7+1'UNZ+1+1'";
        let covered = text(paper);
        assert!(covered.contains("NAD+DP+++x?'xxxxx:xxx+xxx xxxx xx:xxx x+xxxxxx+TX+xxxxx+US'"), "{covered}");
        assert!(covered.contains("COM+xxx xxx:xx'NAD+SU+4000002::9++Acme'"), "{covered}");
    }

    #[test]
    fn json_letters_and_tables() {
        let paper = r#"{"purchase_order":"1001-1","ship_to":{"name":"Zoë \"Z\" Shopper","country":"US","tags":["a"]},"lines":[{"title":"Mug","email":"z@x"}]}"#;
        assert_eq!(
            text(paper),
            r#"{"purchase_order":"1001-1","ship_to":{"name":"xxxx xxxxx xxxxxxx","country":"US","tags":["x"]},"lines":[{"title":"Mug","email":"xxx"}]}"#
        );
        let paper = "Purchase order 1001-1\n\n  1. 2 EA of A-1\n\nShip to:\n  Zoe Shopper\n  US\n";
        assert_eq!(text(paper), "Purchase order 1001-1\n\n  1. 2 EA of A-1\n\nShip to:\n  xxx xxxxxxx\n  xx\n");
        let paper =
            "document,line,title,name,address1,city\r\npick,1,\"Mug, red\",\"Shopper, Zoe\",619 Main St,Austin\r\n";
        let covered =
            "document,line,title,name,address1,city\r\npick,1,\"Mug, red\",\"xxxxxxxx xxx\",xxx xxxx xx,xxxxxx\r\n";
        assert_eq!(text(paper), covered);
        assert_eq!(text("sku,name,quantity\nA,Mug,2\n"), "sku,name,quantity\nA,Mug,2\n", "the name of an item");
        assert_eq!(without_people(b"Dear shop, please call Zoe"), None);
        assert_eq!(without_people(b"%PDF-1.7 ..."), None);
    }

    #[test]
    fn known_values_are_covered_wherever_they_stand() {
        let values = ["Zoe Shopper".to_owned(), "US".to_owned()];
        assert_eq!(without_values(b"call ZOE SHOPPER in US", &values), b"call xxx xxxxxxx in US");
    }
}
