//! How texts of a file are read: times, amounts, quantities, ids and categories, as the mapping says they are written.
//! Knows nothing of what they are for.

use super::super::Moment;
use super::super::dirt::Rejected;
use super::super::table::Row;
use countersign_engine::calendar::Zone;
use countersign_engine::ids::Sku;
use countersign_engine::item::Category;
use countersign_engine::measure::{Currency, Money, QUANTITY_MAX};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use std::borrow::Cow;

/// Seconds by which a moment may lie after the time of import: a day written without its time, a zone left out, a clock
/// that goes wrong.
const AHEAD_MAX_S: i64 = 86_400;
/// Letters of the longest category.
const CATEGORY_MAX: usize = 120;

/// How texts are read.
pub(super) struct Texts {
    rules: TimeZone,
    currency: Currency,
    /// Nothing has happened yet that lies after it; not known if nobody says when the files are read.
    now: Option<Timestamp>,
}

impl Texts {
    pub(super) fn new(zone: &Zone, currency: Currency, now: Option<Timestamp>) -> Self {
        Self { rules: zone.rules(), currency, now }
    }

    pub(super) fn quantity(&self, row: &Row, field: usize) -> Result<Option<u32>, Rejected> {
        let text = row.get(field);
        if text.is_empty() {
            return Ok(None);
        }
        let pointed = if row.decimal() == ',' { pointed(text) } else { Some(text.into()) };
        // Spreadsheets write 3 as 3.0.
        let whole = pointed.as_deref().and_then(|text: &str| match text.split_once('.') {
            Some((whole, rest)) => rest.bytes().all(|b| b == b'0').then_some(whole),
            None => Some(text),
        });
        let number = whole.and_then(|n| n.parse::<u32>().ok()).filter(|n| *n <= QUANTITY_MAX);
        number
            .map(Some)
            .ok_or_else(|| row.reject(field, "bad_quantity", "use a whole number of units, at most ten million"))
    }

    pub(super) fn money(&self, row: &Row, field: usize) -> Result<Option<i64>, Rejected> {
        let text = row.get(field);
        if text.is_empty() {
            return Ok(None);
        }
        let parse = |text: &str| Money::parse(text, self.currency.as_str());
        let comma = row.decimal() == ',';
        let parsed = match comma {
            true => pointed(text)
                .ok_or_else(|| format!("amount {text:?} is no number with a decimal comma"))
                .and_then(|t| parse(&t)),
            false => parse(text),
        };
        let money = parsed.map_err(|why| {
            let otherwise = if comma { parse(text).is_ok() } else { pointed(text).is_some_and(|t| parse(&t).is_ok()) };
            let hint = match (otherwise, comma) {
                (true, false) => ": if a comma parts units from fractions here, say decimal = \",\" in the mapping",
                (true, true) => {
                    ": the mapping says decimal = \",\"; say decimal = \".\" for this table if a point does"
                }
                (false, _) => "",
            };
            row.reject(field, "bad_amount", format!("{why}{hint}"))
        })?;
        if money.minor < 0 {
            let why = "an amount below zero: write what one unit costs, and leave credits and returns out";
            return Err(row.reject(field, "bad_amount", why));
        }
        Ok(Some(money.minor))
    }

    /// A moment that may lie ahead: a promise, a day by which something is due.
    pub(super) fn time(&self, row: &Row, field: usize) -> Result<Moment, Rejected> {
        let text = row.get(field);
        if text.is_empty() {
            return Ok(Moment::NEVER);
        }
        let formats = row.formats(field);
        let read = formats.iter().find_map(|format| self.written(format, text)).or_else(|| self.iso(text));
        read.and_then(Moment::of).ok_or_else(|| {
            let how: Vec<&str> = formats.iter().map(String::as_str).chain(["ISO 8601"]).collect();
            let how = how.join(" or ");
            let why =
                format!("no time as the mapping says it is written (time_format: {how}), or outside 1970 to 2106");
            row.reject(field, "bad_time", why)
        })
    }

    /// A moment at which something happened.
    pub(super) fn past(&self, row: &Row, field: usize) -> Result<Moment, Rejected> {
        let moment = self.time(row, field)?;
        match self.now {
            Some(now) if moment.seconds() > now.as_second().saturating_add(AHEAD_MAX_S) => {
                let why = "lies after the time of import, so that it cannot have happened yet: is the year mistyped?";
                Err(row.reject(field, "in_the_future", why))
            }
            _ => Ok(moment),
        }
    }

    /// A day, as its first moment in UTC.
    pub(super) fn day(&self, row: &Row, field: usize) -> Result<Moment, Rejected> {
        let moment = self.time(row, field)?;
        let day = moment.known().map(|at| self.rules.to_datetime(at).date());
        let first = day.and_then(|day| day.to_zoned(TimeZone::UTC).ok());
        Ok(first.and_then(|zoned| Moment::of(zoned.timestamp())).unwrap_or(Moment::NEVER))
    }

    /// A time of day.
    pub(super) fn time_of_day(&self, row: &Row, field: usize) -> Result<Option<Time>, Rejected> {
        match row.get(field) {
            "" => Ok(None),
            text => match text.parse::<Time>() {
                Ok(time) => Ok(Some(time)),
                Err(_) => Err(row.reject(field, "bad_time", "write a time of day as 14:00")),
            },
        }
    }

    fn written(&self, format: &str, text: &str) -> Option<Timestamp> {
        let broken = jiff::fmt::strtime::parse(format, text).ok()?;
        if broken.offset().is_some() {
            return broken.to_timestamp().ok();
        }
        let midnight = || broken.to_date().map(|d| d.to_datetime(Time::midnight()));
        self.local(broken.to_datetime().or_else(|_| midnight()).ok()?)
    }

    fn iso(&self, text: &str) -> Option<Timestamp> {
        let day = || text.parse::<Date>().ok().map(|d| d.to_datetime(Time::midnight()));
        let at = text.parse::<Timestamp>().ok();
        at.or_else(|| self.local(text.parse::<DateTime>().ok().or_else(day)?))
    }

    fn local(&self, civil: DateTime) -> Option<Timestamp> {
        self.rules.to_ambiguous_zoned(civil).compatible().ok().map(|z| z.timestamp())
    }
}

/// A number with a decimal comma, and perhaps points between its thousands, as one with a decimal point.
fn pointed(text: &str) -> Option<String> {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, fraction) = digits.split_once(',').map_or((digits, None), |(w, f)| (w, Some(f)));
    let mut groups = whole.split('.');
    let first = groups.next().unwrap_or_default();
    let is_grouped = whole.contains('.');
    let fine = (!is_grouped || (1..=3).contains(&first.len())) && groups.all(|group| group.len() == 3);
    let fraction = fraction.map(|f| format!(".{f}")).unwrap_or_default();
    (fine && !fraction.contains([',', ' '])).then(|| format!("{sign}{}{fraction}", whole.replace('.', "")))
}

/// An id as the engine takes it: each byte that an id may not have becomes `=` and its two digits, and so does an `=` that
/// could be taken for one of these. No two ids become the same.
pub(super) fn id(text: &str) -> Cow<'_, str> {
    if text.is_empty() || (Sku::new(text).is_ok() && !looks_escaped(text)) {
        return text.into();
    }
    let may_stand = |byte: u8| byte != b'=' && byte.is_ascii() && Sku::new(char::from(byte).to_string()).is_ok();
    let each = |byte: u8| if may_stand(byte) { char::from(byte).to_string() } else { format!("={byte:02X}") };
    // What is only too long stays as it is, and is refused for it.
    let whole = || text.bytes().all(|b| may_stand(b) || b == b'=') && !looks_escaped(text);
    if whole() { text.into() } else { text.bytes().map(each).collect::<String>().into() }
}

/// True if something in it reads as an escaped byte.
pub(super) fn looks_escaped(text: &str) -> bool {
    let is_digit = |b: &u8| b.is_ascii_digit() || (b'A'..=b'F').contains(b);
    text.contains('=') && text.as_bytes().windows(3).any(|w| w[0] == b'=' && w[1..].iter().all(is_digit))
}

/// Letters with a mark, and the plain ones that are written instead.
const PLAIN: [(&str, &str); 28] = [
    ("ä", "ae"),
    ("ö", "oe"),
    ("ü", "ue"),
    ("ß", "ss"),
    ("æ", "ae"),
    ("œ", "oe"),
    ("þ", "th"),
    ("àáâãåāăą", "a"),
    ("çćĉċč", "c"),
    ("ðďđ", "d"),
    ("èéêëēĕėęě", "e"),
    ("ĝğġģ", "g"),
    ("ĥħ", "h"),
    ("ìíîïĩīĭįı", "i"),
    ("ĵ", "j"),
    ("ķĸ", "k"),
    ("ĺļľŀł", "l"),
    ("ñńņňŉŋ", "n"),
    ("òóôõøōŏő", "o"),
    ("ŕŗř", "r"),
    ("śŝşšș", "s"),
    ("ţťŧț", "t"),
    ("ùúûũūŭůűų", "u"),
    ("ŵ", "w"),
    ("ýÿŷ", "y"),
    ("źżž", "z"),
    ("\u{300}\u{301}\u{302}\u{303}\u{304}\u{306}\u{307}\u{30a}\u{30b}\u{30c}\u{327}\u{328}", ""),
    ("\u{a0}\u{2009}\u{202f}", " "),
];

/// A category in the letters that a category may have: those with a mark without it (`ä` as `ae`), other signs of ASCII as
/// a hyphen, other letters as `_` and their number. Empty if nothing is left.
pub(super) fn category(text: &str) -> String {
    let mut path: Vec<String> = vec![];
    for part in text.to_lowercase().split('/') {
        let mut plain = String::new();
        for c in part.chars() {
            match PLAIN.iter().find(|(letters, _)| letters.contains(c)) {
                _ if Category::new(c.encode_utf8(&mut [0; 4])).is_ok() => plain.push(c),
                Some((_, letters)) => plain += letters,
                // Two dots that stand behind their letter.
                None if c == '\u{308}' => plain += if plain.ends_with(['a', 'o', 'u']) { "e" } else { "" },
                None if c.is_ascii() => plain.push('-'),
                None => plain += &format!("_{:x}", u32::from(c)),
            }
        }
        let plain = plain.trim();
        if !plain.is_empty() {
            path.push(plain.to_owned());
        }
    }
    let mut path = path.join("/");
    path.truncate(CATEGORY_MAX);
    path.trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_a_comma() {
        let read = [("12,50", "12.50"), ("1.234,5", "1234.5"), ("-1.234.567", "-1234567"), ("7", "7"), ("0,5", "0.5")];
        read.iter().for_each(|(text, plain)| assert_eq!(pointed(text).as_deref(), Some(*plain), "{text}"));
        ["12.50", "1.23,4", "1234.567,8", "1,2,3", ".500"]
            .iter()
            .for_each(|text| assert_eq!(pointed(text), None, "{text}"));
    }

    #[test]
    fn no_two_ids_become_the_same() {
        let ids = ["BADä12", "BAD=C3=A412", "BAD=3DC3=3DA412", "PO 12/3", "PO=2012=2F3", "A=1", "A=1 ", "a*"];
        let written: Vec<_> = ids.iter().map(|text| id(text).into_owned()).collect();
        assert_eq!(
            &written[..5],
            ["BAD=C3=A412", "BAD=3DC3=3DA412", "BAD=3D3DC3=3D3DA412", "PO=2012=2F3", "PO=3D2012=3D2F3"]
        );
        assert_eq!((&written[5][..], &written[6][..]), ("A=1", "A=3D1=20"));
        let apart: std::collections::BTreeSet<_> = written.iter().collect();
        assert_eq!(apart.len(), ids.len());
        written.iter().for_each(|id| assert!(Sku::new(id).is_ok(), "{id}"));
        assert_eq!(id(&"9".repeat(65)).len(), 65);
    }

    #[test]
    fn categories_are_written_plainly() {
        let written = [
            ("Möbel/Lampen", "moebel/lampen"),
            ("mo\u{308}bel", "moebel"),
            ("Électroménager / Café ", "electromenager/cafe"),
            ("Tische (rund)//Größe+", "tische -rund-/groesse-"),
            ("灯具", "_706f_5177"),
            ("lighting/table", "lighting/table"),
            (" / ", ""),
        ];
        for (text, plain) in written {
            assert_eq!(category(text), plain);
            assert!(plain.is_empty() || Category::new(plain).is_ok(), "{plain}");
        }
        assert!(Category::new(&category(&"ä/".repeat(200))).is_ok());
    }
}
