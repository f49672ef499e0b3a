//! Values as partners write them: quantities, dates and times into the types of the engine.
//!
//! Knows no segment and no document. Nothing is guessed: what does not fit is an error with a sentence.

use countersign_engine::calendar::Zone;
use countersign_engine::measure::{QUANTITY_MAX, Quantity};
use jiff::Timestamp;
use jiff::civil::{Date, Time};

/// Reads a count such as `12`, `12.0` or `+12`. Fractions and numbers out of bounds are refused.
pub(crate) fn quantity(text: &str) -> Result<Quantity, String> {
    let digits = text.trim().trim_start_matches('+');
    let (whole, fraction) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
    if digits.starts_with('-') {
        return Err(format!("the quantity {text:?} is below zero"));
    }
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return Err(format!("the quantity {text:?} is no number"));
    }
    if fraction.bytes().any(|byte| byte != b'0') {
        return Err(format!("the quantity {text:?} is no whole number of packs"));
    }
    let whole = whole.trim_start_matches('0');
    let number: u32 = if whole.is_empty() { 0 } else { whole.parse().unwrap_or(u32::MAX) };
    if number > QUANTITY_MAX {
        return Err(format!("the quantity {text:?} is above {QUANTITY_MAX}"));
    }
    Ok(Quantity::new(number))
}

/// As [`quantity`], but a stock below zero is none: sources that oversold report it so.
pub(crate) fn stock(text: &str) -> Result<Quantity, String> {
    match text.trim().strip_prefix('-') {
        Some(rest) => quantity(rest).map(|_| Quantity::ZERO),
        None => quantity(text),
    }
}

/// Reads `CCYYMMDD` or `YYMMDD` (taken for 20YY).
pub(crate) fn date(text: &str) -> Option<Date> {
    let text = text.trim();
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, rest) = match text.len() {
        8 => (text.get(..4)?.parse().ok()?, text.get(4..)?),
        6 => (2000 + text.get(..2)?.parse::<i16>().ok()?, text.get(2..)?),
        _ => return None,
    };
    Date::new(year, rest.get(..2)?.parse().ok()?, rest.get(2..4)?.parse().ok()?).ok()
}

/// Reads `HHMM`, `HHMMSS` or more digits, of which the rest is a fraction that is dropped.
pub(crate) fn time(text: &str) -> Option<Time> {
    let text = text.trim();
    if text.len() < 4 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let second = text.get(4..6).and_then(|digits| digits.parse().ok()).unwrap_or(0);
    Time::new(text.get(..2)?.parse().ok()?, text.get(2..4)?.parse().ok()?, second, 0).ok()
}

/// The instant of a local day and time; in the gap of a clock change the later reading, in the overlap the earlier.
pub(crate) fn instant(day: Date, at: Time, zone: &Zone) -> Option<Timestamp> {
    day.to_datetime(at).to_zoned(zone.rules()).ok().map(|zoned| zoned.timestamp())
}

/// The local day and time of an instant, as `CCYYMMDD` and `HHMMSS`.
pub(crate) fn local(at: Timestamp, zone: &Zone) -> (String, String) {
    let zoned = at.to_zoned(zone.rules());
    (digits(zoned.date()), zoned.strftime("%H%M%S").to_string())
}

/// A day as `CCYYMMDD`.
pub(crate) fn digits(day: Date) -> String {
    day.strftime("%Y%m%d").to_string()
}

/// A text cut to at most `bytes` bytes at a character border, for findings and for fields that are cut by rule.
pub(crate) fn cut(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_whole_and_bounded() {
        for (text, number) in [("12", 12), ("12.0", 12), ("012", 12), ("+3", 3), ("0", 0), ("12,000", 12), (".0", 0)] {
            assert_eq!(quantity(text).unwrap().get(), number, "{text}");
        }
        for bad in ["", "-1", "1.5", "TEN", "99999999999", "1e3", "."] {
            assert!(quantity(bad).is_err(), "{bad}");
        }
        assert_eq!(stock("-7").unwrap(), Quantity::ZERO);
    }

    #[test]
    fn dates_and_times() {
        assert_eq!(date("20261123").unwrap().to_string(), "2026-11-23");
        assert_eq!(date("261123").unwrap().to_string(), "2026-11-23");
        for bad in ["", "20261323", "2026-11-23", "20260230", "1"] {
            assert!(date(bad).is_none(), "{bad}");
        }
        assert_eq!(time("0930").unwrap().to_string(), "09:30:00");
        assert_eq!(time("09301577").unwrap().to_string(), "09:30:15");
        assert!(time("2460").is_none());
    }

    #[test]
    fn cutting_keeps_characters_whole() {
        assert_eq!(cut("grün", 3), "gr");
        assert_eq!(cut("grün", 9), "grün");
    }
}
