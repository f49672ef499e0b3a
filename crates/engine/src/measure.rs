//! Money and quantity: exact, bounded, never a float.
//!
//! Does not know what is measured.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::ops::{Add, AddAssign, Sub, SubAssign};

/// Largest quantity of one line or one advice, in any unit: above it a decimal point was lost somewhere.
pub const QUANTITY_MAX: u32 = 10_000_000;

/// A count of units. Which unit (base unit or a pack) is said by the field that holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quantity(u32);

impl Quantity {
    /// None at all.
    pub const ZERO: Quantity = Quantity(0);
    /// A quantity of `n` units.
    pub const fn new(n: u32) -> Self {
        Self(n)
    }
    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }
    /// True if there is none.
    pub const fn is_zero(&self) -> bool {
        self.0 == 0
    }
    /// What is left, never below zero.
    pub const fn less(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
    /// The sum, cut at [`QUANTITY_MAX`]: for figures that others wrote.
    pub const fn plus_capped(self, other: Self) -> Self {
        let sum = self.0.saturating_add(other.0);
        Self(if sum > QUANTITY_MAX { QUANTITY_MAX } else { sum })
    }
    /// Units in `self` packs of `base_units` each; `None` past [`QUANTITY_MAX`].
    pub fn times(self, base_units: u32) -> Option<Self> {
        self.0.checked_mul(base_units).filter(|n| *n <= QUANTITY_MAX).map(Self)
    }
    /// Whole packs of `base_units` in `self` base units, and what does not fill one.
    pub fn packs(self, base_units: u32) -> (Self, Self) {
        let size = base_units.max(1);
        (Self(self.0 / size), Self(self.0 % size))
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl Add for Quantity {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.checked_add(other.0).expect("because quantities are bounded at the door"))
    }
}
impl AddAssign for Quantity {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}
impl Sub for Quantity {
    type Output = Self;
    /// Panics below zero: a tally that would go negative is a bug of ours, never data.
    fn sub(self, other: Self) -> Self {
        Self(self.0.checked_sub(other.0).expect("because a tally never goes below zero"))
    }
}
impl SubAssign for Quantity {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}
impl std::iter::Sum for Quantity {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::ZERO, |a, b| a + b)
    }
}

/// ISO 4217 code, upper case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Parses an ISO 4217 alphabetic code.
    pub fn new(code: &str) -> Option<Self> {
        let bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_uppercase).then_some(Self(bytes))
    }
    /// The code.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("because only A to Z are let in")
    }
    /// Digits after the decimal point (ISO 4217, column "minor unit").
    pub fn decimals(&self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF" | b"UGX"
            | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }
}
impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An amount in minor units of one currency. On the wire: `{"amount": "41.50", "currency": "USD"}`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money {
    /// Minor units (cents), may be negative in differences.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// No money in a currency.
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }
    /// Parses a decimal string such as `41.5`; refuses more decimals than the currency has, and more than
    /// [`Money::PRICE_DIGITS_MAX`] digits before the point.
    pub fn parse(amount: &str, currency: &str) -> Result<Self, String> {
        Self::read(amount, currency).and_then(|money| match money.is_price() {
            true => Ok(money),
            false => Err(format!("amount {amount:?} has more than {} digits before the point", Self::PRICE_DIGITS_MAX)),
        })
    }
    /// Digits before the decimal point of anything that somebody asks for or pays: above it a point was lost.
    pub const PRICE_DIGITS_MAX: u32 = 13;
    /// True if somebody may mean it; sums and products of such may be larger.
    pub fn is_price(&self) -> bool {
        self.minor.unsigned_abs() < 10_u64.pow(Self::PRICE_DIGITS_MAX + self.currency.decimals())
    }
    /// Parses whatever [`Money::amount`] wrote.
    fn read(amount: &str, currency: &str) -> Result<Self, String> {
        let code = Currency::new(currency)
            .ok_or_else(|| format!("currency {currency:?} is no ISO 4217 code: use three capital letters"))?;
        let fail =
            || format!("amount {amount:?} is no decimal number with at most {} decimals for {code}", code.decimals());
        let (sign, digits) = match amount.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, amount),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        let places = code.decimals() as usize;
        let kept = fraction.trim_end_matches('0');
        if whole.is_empty() || !plain(whole) || !plain(fraction) || kept.len() > places || digits.ends_with('.') {
            return Err(fail());
        }
        let padded = format!("{kept:0<places$}");
        let minor = format!("{whole}{padded}").parse::<i128>().map_err(|_| fail())?;
        Ok(Self { minor: i64::try_from(sign * minor).map_err(|_| fail())?, currency: code })
    }
    /// The decimal string, with all decimals of the currency.
    pub fn amount(&self) -> String {
        let places = self.currency.decimals();
        let scale = 10_u64.pow(places);
        let (sign, n) = (if self.minor < 0 { "-" } else { "" }, self.minor.unsigned_abs());
        match places {
            0 => format!("{sign}{n}"),
            _ => format!("{sign}{}.{:0width$}", n / scale, n % scale, width = places as usize),
        }
    }
    /// `self` for each of `n` units.
    pub fn times(self, n: Quantity) -> Self {
        Self { minor: self.minor.saturating_mul(i64::from(n.get())), ..self }
    }
    /// The sum; amounts of another currency count as they stand: the caller adds within one currency only.
    pub fn plus(self, other: Self) -> Self {
        Self { minor: self.minor.saturating_add(other.minor), ..self }
    }
}
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency)
    }
}
impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[derive(Deserialize)]
struct WireIn {
    amount: String,
    currency: String,
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut s = to.serialize_struct("Money", 2)?;
        s.serialize_field("amount", &self.amount())?;
        s.serialize_field("currency", self.currency.as_str())?;
        s.end()
    }
}
impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let wire = WireIn::deserialize(from)?;
        Money::read(&wire.amount, &wire.currency).map_err(serde::de::Error::custom)
    }
}

/// A global trade item number (GTIN-8, -12, -13 or -14), its check digit proven (GS1 General Specifications, 7.9).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Gtin(String);

impl Gtin {
    /// Checks length, digits and the check digit; says which digit was expected.
    pub fn new(text: &str) -> Result<Self, String> {
        let digits: Vec<u32> = text
            .chars()
            .map(|c| c.to_digit(10))
            .collect::<Option<_>>()
            .ok_or_else(|| format!("GTIN {text:?} has characters that are no digits"))?;
        if ![8, 12, 13, 14].contains(&digits.len()) {
            return Err(format!(
                "GTIN {text:?} has {} digits: a GTIN has 8, 12, 13 or 14 (a spreadsheet may have dropped leading zeros)",
                digits.len()
            ));
        }
        let (check, body) = digits.split_last().expect("because there are at least 8");
        let sum: u32 = body.iter().rev().enumerate().map(|(i, d)| d * if i % 2 == 0 { 3 } else { 1 }).sum();
        let expected = (10 - sum % 10) % 10;
        if *check != expected {
            return Err(format!("GTIN {text:?} ends in {check}, its check digit should be {expected}"));
        }
        Ok(Self(text.to_owned()))
    }
    /// The digits as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl TryFrom<String> for Gtin {
    type Error = String;
    fn try_from(s: String) -> Result<Self, String> {
        Self::new(&s)
    }
}
impl From<Gtin> for String {
    fn from(g: Gtin) -> String {
        g.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_keeps_every_cent() {
        for (text, currency, shown) in [
            ("41.5", "USD", "41.50"),
            ("0.07", "EUR", "0.07"),
            ("100", "JPY", "100"),
            ("-3.10", "USD", "-3.10"),
            ("1.234", "KWD", "1.234"),
            ("2.00", "JPY", "2"),
        ] {
            assert_eq!(Money::parse(text, currency).unwrap().amount(), shown);
        }
        for (text, currency) in [
            ("1.234", "USD"),
            ("", "USD"),
            (".5", "USD"),
            ("1.", "USD"),
            ("1e3", "USD"),
            ("1", "usd"),
            ("NaN", "USD"),
            ("99999999999999", "USD"),
        ] {
            assert!(Money::parse(text, currency).is_err(), "{text} {currency}");
        }
    }

    #[test]
    fn whatever_is_written_is_read_back() {
        for currency in ["USD", "JPY", "KWD"] {
            let one = Money::parse("9999999999999", currency).unwrap();
            let most = one.times(Quantity::new(QUANTITY_MAX));
            for money in [one, most, most.plus(most), Money { minor: i64::MIN, ..one }] {
                let text = serde_json::to_string(&money).unwrap();
                assert_eq!(serde_json::from_str::<Money>(&text).unwrap(), money, "{text}");
            }
            assert!(one.is_price() && !most.is_price());
        }
    }

    #[test]
    fn gtin_check_digit() {
        assert!(Gtin::new("04006381333931").is_ok());
        assert!(Gtin::new("4006381333931").is_ok());
        assert!(Gtin::new("4006381333932").unwrap_err().contains("should be 1"));
        assert!(Gtin::new("6381333931").unwrap_err().contains("leading zeros"));
    }
}
