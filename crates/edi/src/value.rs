//! What makes a date, a time, a number: tests of single values.
//!
//! It knows no element, segment or schema.

/// Two digits as a number.
fn two(bytes: &[u8]) -> u32 {
    u32::from(bytes[0] - b'0') * 10 + u32::from(bytes[1] - b'0')
}

/// True for a date that exists, of exactly 6 (YYMMDD) or 8 (CCYYMMDD) digits.
pub(crate) fn is_date(bytes: &[u8], digits: usize) -> bool {
    if bytes.len() != digits || !bytes.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let (year, rest) = match digits {
        6 => (2000 + two(bytes), &bytes[2..]),
        8 => (two(bytes) * 100 + two(&bytes[2..]), &bytes[4..]),
        _ => return false,
    };
    let (month, day) = (two(rest), two(&rest[2..]));
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// True for HHMM, HHMMSS, HHMMSSD or HHMMSSDD.
pub(crate) fn is_time(bytes: &[u8]) -> bool {
    if !matches!(bytes.len(), 4 | 6 | 7 | 8) || !bytes.iter().all(u8::is_ascii_digit) {
        return false;
    }
    two(bytes) < 24 && two(&bytes[2..]) < 60 && (bytes.len() < 6 || two(&bytes[4..]) < 60)
}

/// True for an X12 `Nn`: digits, perhaps after a minus sign.
pub(crate) fn is_integer(bytes: &[u8]) -> bool {
    let digits = bytes.strip_prefix(b"-").unwrap_or(bytes);
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

/// True for a decimal number: a minus sign perhaps, digits, at most one decimal mark, in X12 an exponent perhaps.
pub(crate) fn is_decimal(bytes: &[u8], mark: u8, exponent: bool) -> bool {
    let mut rest = bytes.strip_prefix(b"-").unwrap_or(bytes);
    if exponent && let Some(place) = rest.iter().position(|&byte| byte == b'E') {
        if !is_integer(&rest[place + 1..]) {
            return false;
        }
        rest = &rest[..place];
    }
    let mut digits = false;
    let mut marked = false;
    for &byte in rest {
        if byte.is_ascii_digit() {
            digits = true;
        } else if (byte == mark || byte == b'.' || (mark == b',' && byte == b',')) && !marked {
            marked = true;
        } else {
            return false;
        }
    }
    digits
}

/// Length of a number as the standards count it: without sign, decimal mark and exponent.
pub(crate) fn number_length(bytes: &[u8]) -> usize {
    let mantissa = bytes.split(|&byte| byte == b'E').next().unwrap_or_default();
    mantissa.iter().filter(|byte| byte.is_ascii_digit()).count()
}

/// True when an EDIFACT date-time has the length and digits that its format code (2379) demands. Unknown formats pass.
pub(crate) fn fits_format(bytes: &[u8], format: &[u8]) -> bool {
    let date_and_time = |date: usize, time: usize| {
        bytes.len() == date + time && is_date(&bytes[..date], date) && (time == 0 || is_time(&bytes[date..]))
    };
    match format {
        b"101" => is_date(bytes, 6),
        b"102" => is_date(bytes, 8),
        b"201" => date_and_time(6, 4),
        b"203" => date_and_time(8, 4),
        b"204" => date_and_time(8, 6),
        b"401" => bytes.len() == 4 && is_time(bytes),
        b"402" => bytes.len() == 6 && is_time(bytes),
        b"718" => {
            let (from, to) = match bytes.len() {
                16 => bytes.split_at(8),
                17 => (&bytes[..8], &bytes[9..]),
                _ => return false,
            };
            is_date(from, 8) && is_date(to, 8)
        }
        b"602" | b"616" | b"610" | b"609" | b"719" | b"801" | b"802" | b"803" | b"804" | b"805" | b"806" => {
            !bytes.is_empty() && bytes.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-')
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_exist_or_do_not() {
        assert!(is_date(b"20240229", 8));
        assert!(!is_date(b"20230229", 8));
        assert!(!is_date(b"BAD_DATE", 8));
        assert!(is_date(b"991231", 6));
        assert!(!is_date(b"20261301", 8));
    }

    #[test]
    fn times_are_of_the_day() {
        assert!(is_time(b"2359") && is_time(b"235959") && is_time(b"23595999"));
        assert!(!is_time(b"295335") && !is_time(b"12"));
    }

    #[test]
    fn numbers_have_one_mark_and_one_sign() {
        assert!(is_decimal(b"-12.50", b'.', true) && is_decimal(b".5", b'.', true) && is_decimal(b"1E-3", b'.', true));
        assert!(!is_decimal(b"1.2.3", b'.', true) && !is_decimal(b"$1", b'.', true) && !is_decimal(b"-", b'.', true));
        assert!(is_decimal(b"1,5", b',', false));
        assert_eq!(number_length(b"-12.50"), 4);
    }

    #[test]
    fn formats_of_date_time_periods() {
        assert!(fits_format(b"202611231030", b"203") && !fits_format(b"200001242115", b"204"));
        assert!(fits_format(b"2026112320261130", b"718"));
    }
}
