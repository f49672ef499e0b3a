//! What stands in a cell of a decision table: a unary test of one value, exact, without a language around it.
//!
//! The forms are those of spreadsheet decision tables (DMN, zen): `-` or nothing fits everything; `> 100`, `<= 2.5`,
//! `[1..5]`, `(0..10)`, `7`; `"acme", "bright"` or the bare words; `unknown`; a list by commas; `not(…)` around one.
//! Does not know which column it stands in beyond the kind of its values.

use smol_str::SmolStr;

/// One whole unit in the integer by which numbers are compared: four decimals are exact.
pub const ONE: i64 = 10_000;
/// Digits before the decimal point that a number may have: beyond every amount and quantity here.
const WHOLE_DIGITS_MAX: usize = 12;
/// Longest cell, in bytes: a list of some thirty vendors.
pub const CELL_BYTES_MAX: usize = 1_000;

/// What values a column has, so that a cell can be checked when it is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A number with at most four decimals.
    Number,
    /// A word, compared whole.
    Word,
    /// A path parted by `/`: a test fits it and everything below.
    Path,
    /// A text of which a test gives the beginning.
    Prefix,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

/// A value of a fact that a test looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// Nobody knows it.
    Unknown,
    /// In ten-thousandths.
    Number(i64),
    /// A word, path or text.
    Text(std::borrow::Cow<'a, str>),
}

/// A parsed cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Test {
    /// Fits everything, also the unknown.
    pub any: bool,
    /// The rest is negated.
    pub not: bool,
    /// Fits the unknown (before negation).
    pub unknown: bool,
    /// Numbers that fit, in half ten-thousandths, both ends included.
    pub ranges: Vec<(i64, i64)>,
    /// Words that fit.
    pub words: Vec<SmolStr>,
}

impl Test {
    /// Reads a cell; the error says what was expected.
    pub fn parse(text: &str, kind: Kind) -> Result<Self, String> {
        if text.len() > CELL_BYTES_MAX {
            return Err(format!("a cell has at most {CELL_BYTES_MAX} bytes: use more rows"));
        }
        let text = text.trim();
        if text.is_empty() || text == "-" {
            return Ok(Self { any: true, ..Self::default() });
        }
        let inner = text.strip_prefix("not").map(str::trim_start).and_then(|t| t.strip_prefix('('));
        let mut test = Self::default();
        match inner.and_then(|t| t.strip_suffix(')')) {
            Some(inside) => {
                test.not = true;
                test.items(inside, kind)?;
            }
            None => test.items(text, kind)?,
        }
        Ok(test)
    }

    fn items(&mut self, text: &str, kind: Kind) -> Result<(), String> {
        for item in split(text)? {
            if item == "unknown" || item == "null" {
                self.unknown = true;
                continue;
            }
            match kind {
                Kind::Number => self.ranges.push(range(item)?),
                Kind::Word | Kind::Path | Kind::Prefix => self.words.push(word(item)?),
                Kind::OneOf(known) => {
                    let word = word(item)?;
                    let there = known.iter().find(|k| k.eq_ignore_ascii_case(&word));
                    let there = there.ok_or_else(|| format!("{word:?} is none of {}", known.join(", ")))?;
                    self.words.push(SmolStr::new_static(there));
                }
            }
        }
        if self.ranges.is_empty() && self.words.is_empty() && !self.unknown {
            return Err("nothing stands inside: write `-` for everything".into());
        }
        Ok(())
    }

    /// True if a number (in half ten-thousandths) fits.
    pub fn fits_number(&self, halves: i64) -> bool {
        self.any || self.not != self.ranges.iter().any(|(low, high)| (*low..=*high).contains(&halves))
    }
    /// True if a text fits whose deepest mentioned beginning is `text`.
    pub fn fits_text(&self, text: Option<&str>, kind: Kind) -> bool {
        let meets = |word: &SmolStr| text.is_some_and(|t| begins(t, word, kind));
        self.any || self.not != self.words.iter().any(meets)
    }
    /// True if what nobody knows fits: only where the cell says so, never because it is not something else.
    pub fn fits_unknown(&self) -> bool {
        self.any || (self.unknown && !self.not)
    }
}

/// True if a text is what a word says, or lies below or behind it where the kind says so.
pub(super) fn begins(text: &str, word: &str, kind: Kind) -> bool {
    match kind {
        Kind::Path => text.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        Kind::Prefix => text.starts_with(word),
        _ => text == word,
    }
}

/// Parts at commas that stand outside quotes.
fn split(text: &str) -> Result<Vec<&str>, String> {
    let (mut parts, mut from, mut quoted) = (vec![], 0, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => {
                parts.push(&text[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    if quoted {
        return Err("a quotation mark is not closed".into());
    }
    parts.push(&text[from..]);
    let parts: Vec<&str> = parts.into_iter().map(str::trim).collect();
    if parts.iter().any(|p| p.is_empty()) {
        return Err("nothing stands between two commas".into());
    }
    Ok(parts)
}

fn word(item: &str) -> Result<SmolStr, String> {
    if let Some(inside) = item.strip_prefix('"') {
        let inside = inside.strip_suffix('"').filter(|t| !t.contains('"'));
        return inside.map(SmolStr::new).ok_or_else(|| format!("{item} is no word in quotation marks"));
    }
    let plain = |c: char| c.is_alphanumeric() || "_-./:#@&$+".contains(c);
    let fits = item.chars().all(plain) && !item.starts_with(['.', '-']);
    fits.then(|| SmolStr::new(item))
        .ok_or_else(|| format!("{item} is no word: write it in quotation marks, as in \"acme\", \"bright\""))
}

/// A number in ten-thousandths.
pub(super) fn number(text: &str) -> Result<i64, String> {
    let fail = || {
        let comma = text.contains(',') && !text.contains('.');
        let point = if comma { ", written with a point" } else { "" };
        format!("{text:?} is no decimal number with at most four decimals{point}")
    };
    let (sign, digits) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (if text.starts_with('-') { -1 } else { 1 }, rest),
        None => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let fits = !whole.is_empty() && whole.len() <= WHOLE_DIGITS_MAX && fraction.len() <= 4;
    if !fits || !plain(whole) || !plain(fraction) || digits.ends_with('.') {
        return Err(fail());
    }
    let whole: i64 = whole.parse().map_err(|_| fail())?;
    let fraction: i64 = format!("{fraction:0<4}").parse().map_err(|_| fail())?;
    Ok(sign * (whole * ONE + fraction))
}

/// The numbers that one item fits, in half ten-thousandths, both ends included: so that an open end is one half away.
fn range(item: &str) -> Result<(i64, i64), String> {
    let read = if item.starts_with(['[', '(', ']']) { interval(item) } else { half_or_one(item) };
    read.map_err(|why| {
        format!("{why}; a test of a number is `-`, `> 100`, `<= 2.5`, `[1..5]` (both ends of a span), `7`, or a list of them")
    })
}

fn half_or_one(item: &str) -> Result<(i64, i64), String> {
    let after = |sign: &str| item.strip_prefix(sign).map(|rest| number(rest.trim()).map(|n| n * 2));
    if let Some(n) = after(">=") {
        return Ok((n?, i64::MAX));
    }
    if let Some(n) = after("<=") {
        return Ok((i64::MIN, n?));
    }
    if let Some(n) = after(">") {
        return Ok((n? + 1, i64::MAX));
    }
    if let Some(n) = after("<") {
        return Ok((i64::MIN, n? - 1));
    }
    number(item).map(|n| (n * 2, n * 2))
}

fn interval(item: &str) -> Result<(i64, i64), String> {
    let fail = || format!("{item:?} is no interval: write `[1..5]`, or `(1..5)` without its ends");
    let (first, last) = (item.as_bytes()[0], item.as_bytes()[item.len() - 1]);
    let inside = item.get(1..item.len() - 1).ok_or_else(fail)?;
    let (low, high) = inside.split_once("..").ok_or_else(fail)?;
    if !b"[(]".contains(&first) || !b"])[".contains(&last) {
        return Err(format!("{item:?} is no interval: it begins with [ or (, and ends with ] or )"));
    }
    let low = number(low.trim())? * 2 + i64::from(first != b'[');
    let high = number(high.trim())? * 2 - i64::from(last != b']');
    if low > high {
        return Err(format!("{item:?} fits no number: its ends are the wrong way round"));
    }
    Ok((low, high))
}

/// The words that a cell of words names; none if it cannot be read.
pub(in crate::policy) fn words_of(text: &str, kind: Kind) -> Vec<SmolStr> {
    Test::parse(text, kind).map(|test| test.words).unwrap_or_default()
}

/// True if a cell of numbers looks like one with a decimal comma: a list is `1, 5`.
pub(in crate::policy) fn is_comma_decimal(text: &str) -> bool {
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let item = text.trim().trim_start_matches(['-', '+', '>', '<', '=', ' ']);
    item.split_once(',').is_some_and(|(whole, rest)| digits(whole) && digits(rest))
}

/// The numbers beyond a column's values that a cell names, if it fits none but these: in words what fits none.
pub(in crate::policy) fn fits_none_of(text: &str, (least, most): (i64, i64)) -> bool {
    let Ok(test) = Test::parse(text, Kind::Number) else { return false };
    let within =
        |(low, high): &(i64, i64)| *low <= most.saturating_mul(2 * ONE) && *high >= least.saturating_mul(2 * ONE);
    !test.any && !test.not && !test.unknown && !test.ranges.is_empty() && !test.ranges.iter().any(within)
}

/// A test in words: `is more than 100`.
pub(super) fn words(text: &str, kind: Kind) -> Option<String> {
    let test = Test::parse(text, kind).ok().filter(|t| !t.any)?;
    let text = text.trim();
    let inside = if test.not { text[text.find('(')? + 1..text.len() - 1].trim() } else { text };
    let is = if test.not { "is not" } else { "is" };
    let items: Vec<String> = split(inside).ok()?.into_iter().map(item_in_words).collect();
    let below = if kind == Kind::Path { " (or below)" } else { "" };
    Some(format!("{is} {}{below}", items.join(" or ")))
}

fn item_in_words(item: &str) -> String {
    for (sign, words) in [(">=", "at least"), ("<=", "at most"), (">", "more than"), ("<", "less than")] {
        if let Some(rest) = item.strip_prefix(sign) {
            return format!("{words} {}", rest.trim());
        }
    }
    match (item.starts_with(['[', '(', ']']), item.split_once("..")) {
        (true, Some((low, high))) => {
            let (low, high) = (low[1..].trim(), high[..high.len() - 1].trim());
            let ends = match (item.starts_with('['), item.ends_with(']')) {
                (true, true) => "",
                (false, false) => ", both left out",
                (true, false) => ", the latter left out",
                (false, true) => ", the former left out",
            };
            format!("from {low} to {high}{ends}")
        }
        _ => item.trim_matches('"').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(cell: &str, n: &str) -> bool {
        Test::parse(cell, Kind::Number).unwrap().fits_number(number(n).unwrap() * 2)
    }

    #[test]
    fn numbers_are_exact() {
        for (cell, yes, no) in [
            ("> 100", "100.0001", "100"),
            (">=0.3", "0.3", "0.2999"),
            ("< 2.5", "2.4999", "2.5"),
            ("[1..5]", "5", "5.0001"),
            ("(1..5)", "1.0001", "1"),
            ("]1..5[", "4.9", "5"),
            ("1, 3, [7..9]", "8", "2"),
            ("not(1, 3)", "2", "3"),
            ("-5", "-5", "5"),
            ("-", "0", "0.1"),
        ] {
            assert!(fits(cell, yes), "{cell} {yes}");
            assert!(cell == "-" || !fits(cell, no), "{cell} {no}");
        }
        for bad in ["> ten", "[5..1]", "1,,2", "1.00001", "1e3", "not()", "[1..5", "\"a", "> ", "0x1", "1 2"] {
            assert!(Test::parse(bad, Kind::Number).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_expected_is_told() {
        let fault = |cell: &str| Test::parse(cell, Kind::Number).unwrap_err();
        assert!(fault("[1..5").starts_with("\"[1..5\" is no interval: it begins with [ or (, and ends with ] or )"));
        assert!(fault("(1..five)").starts_with("\"five\" is no decimal number"));
        let two = fault(">3 and <5");
        assert!(two.starts_with("\"3 and <5\" is no decimal number") && two.contains("`[1..5]` (both ends"), "{two}");
        assert!(is_comma_decimal("1,5") && is_comma_decimal("> 1,5") && !is_comma_decimal("1, 5"));
        assert!(!is_comma_decimal("1,2,3") && !is_comma_decimal("[1..5]"));
        for (cell, none) in [("< 0", true), ("> 120", true), ("[90..120]", false), ("not(< 0)", false), ("-", false)] {
            assert_eq!(fits_none_of(cell, (0, 100)), none, "{cell}");
        }
    }

    #[test]
    fn words_paths_and_beginnings() {
        let test = |cell: &str, kind| Test::parse(cell, kind).unwrap();
        assert!(test("\"acme\", bright", Kind::Word).fits_text(Some("bright"), Kind::Word));
        assert!(!test("not(acme)", Kind::Word).fits_text(Some("acme"), Kind::Word));
        assert!(test("lighting", Kind::Path).fits_text(Some("lighting/table"), Kind::Path));
        assert!(!test("light", Kind::Path).fits_text(Some("lighting"), Kind::Path));
        assert!(test("73", Kind::Prefix).fits_text(Some("733"), Kind::Prefix));
        assert!(test("unknown", Kind::Number).fits_unknown() && !test("> 3", Kind::Number).fits_unknown());
        assert!(test("-", Kind::Number).fits_unknown() && test("not(unknown)", Kind::Number).fits_number(3));
        assert!(test("YES", Kind::OneOf(&["yes", "no"])).fits_text(Some("yes"), Kind::Word));
        assert!(Test::parse("maybe", Kind::OneOf(&["yes", "no"])).unwrap_err().contains("yes, no"));
        assert!(Test::parse("a b", Kind::Word).unwrap_err().contains("quotation marks"));
    }

    #[test]
    fn cells_are_read_out() {
        assert_eq!(words("> 100", Kind::Number).unwrap(), "is more than 100");
        assert_eq!(words("not(\"a\", \"b\")", Kind::Word).unwrap(), "is not a or b");
        assert_eq!(words("[1..5), 9", Kind::Number).unwrap(), "is from 1 to 5, the latter left out or 9");
        assert_eq!(words("-", Kind::Number), None);
    }
}
