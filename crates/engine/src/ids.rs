//! Names of things: checked once at the door, cheap to copy, ordered, printable.
//!
//! Does not know what the names stand for. Ids of children are parent + ordinal, so nothing here is random
//! and a purchase order number says by itself which order it belongs to.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::fmt;

/// Longest id accepted at the door.
pub const ID_LENGTH_MAX: usize = 64;
/// Longest id made of another: the longest parent, its mark and an ordinal fit, and so do the longest partner fields.
const CHILD_LENGTH_MAX: usize = 80;

/// An id that broke a rule: which kind of id, the offending text, the rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} {value:?} is not valid: {rule}")]
pub struct IdError {
    /// Which kind of id, in the field's words ("order id").
    pub kind: &'static str,
    /// What was given, cut to 80 characters.
    pub value: String,
    /// The broken rule, as an instruction.
    pub rule: &'static str,
}

/// Every id goes through here, so that one rule holds for JSON, EDI, files and URLs alike.
fn check(kind: &'static str, value: &str, length_max: usize) -> Result<(), IdError> {
    let fail = |rule| Err(IdError { kind, value: value.chars().take(80).collect(), rule });
    if value.is_empty() {
        return fail("it must not be empty");
    }
    if value.len() > length_max {
        return fail(if length_max == ID_LENGTH_MAX {
            "use at most 64 characters"
        } else {
            "use at most 80 characters"
        });
    }
    if !value.bytes().all(|b| MAY_STAND[usize::from(b)]) {
        return fail(
            "use letters, digits and - _ . : # @ & ( ) = , ; ! $ [ ] { } | only: no spaces, no EDI delimiters",
        );
    }
    Ok(())
}

/// By byte: whether it may stand in an id. A table, because ids are checked with every message.
const MAY_STAND: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = b'!';
    while byte <= b'~' {
        table[byte as usize] = true;
        byte += 1;
    }
    let (delimiters, mut n) = (b"*~^>'+?\\\"<%/", 0);
    while n < delimiters.len() {
        table[delimiters[n] as usize] = false;
        n += 1;
    }
    table
};

// One macro, because nine id types must stay distinct for the compiler and identical in behaviour.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $max:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "SmolStr", into = "SmolStr")]
        pub struct $name(SmolStr);

        impl $name {
            /// Checks the text and makes the id.
            pub fn new(text: impl AsRef<str>) -> Result<Self, IdError> {
                check($kind, text.as_ref(), $max)?;
                Ok(Self(SmolStr::new(text)))
            }
            /// The text of the id.
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl TryFrom<SmolStr> for $name {
            type Error = IdError;
            fn try_from(text: SmolStr) -> Result<Self, IdError> { check($kind, &text, $max)?; Ok(Self(text)) }
        }
        impl From<$name> for SmolStr { fn from(id: $name) -> SmolStr { id.0 } }
        impl fmt::Display for $name { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) } }
        impl std::str::FromStr for $name { type Err = IdError; fn from_str(s: &str) -> Result<Self, IdError> { Self::new(s) } }
    };
}

id!(/** The retailer's order id. */ OrderId, "order id", ID_LENGTH_MAX);
id!(/** The retailer's line id within one order. */ LineId, "line id", ID_LENGTH_MAX);
id!(/** What the retailer sells, by the retailer's own number. */ Sku, "sku", ID_LENGTH_MAX);
id!(/** The number by which a source knows an item. */ VendorSku, "vendor sku", ID_LENGTH_MAX);
id!(/** A place that can supply: a vendor or an in-house distribution centre. */ SourceId, "source id", ID_LENGTH_MAX);
id!(/** A purchase order number: order id, `-`, ordinal. The same on every resend. */ PoNumber, "purchase order number", CHILD_LENGTH_MAX);
id!(/** A case id: order id (or `@` and source id), `-`, ordinal. */ CaseId, "case id", CHILD_LENGTH_MAX);
id!(/** An approval id: order id, `-`, ordinal. */ ApprovalId, "approval id", CHILD_LENGTH_MAX);
id!(/** A vendor's number for one shipment. */ ShipmentId, "shipment id", ID_LENGTH_MAX);

/// Splits a child id (`1001-2`) into its parent's text and its ordinal.
fn split_child(text: &str) -> Option<(&str, u32)> {
    let (parent, ordinal) = text.rsplit_once('-')?;
    let ordinal = ordinal.parse().ok().filter(|n| *n > 0)?;
    Some((parent, ordinal))
}

fn child(parent: &str, ordinal: u32) -> SmolStr {
    smol_str::format_smolstr!("{parent}-{ordinal}")
}

impl PoNumber {
    /// The number of the `ordinal`-th purchase order of an order (counted from 1).
    pub fn of(order: &OrderId, ordinal: u32) -> Self {
        Self(child(order.as_str(), ordinal))
    }
    /// The order this purchase order belongs to, and its ordinal; `None` if we never could have made this number.
    pub fn split(&self) -> Option<(OrderId, u32)> {
        split_child(&self.0).and_then(|(order, n)| Some((OrderId::new(order).ok()?, n)))
    }
}

/// What a case is about: an order, or a source as such (its connection, its files).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CaseSubject {
    /// The case belongs to one order.
    Order(OrderId),
    /// The case belongs to one source, no order being concerned.
    Source(SourceId),
}

impl CaseId {
    /// The id of the `ordinal`-th case of an order.
    pub fn of_order(order: &OrderId, ordinal: u32) -> Self {
        Self(child(order.as_str(), ordinal))
    }
    /// The id of the `ordinal`-th case of a source.
    pub fn of_source(source: &SourceId, ordinal: u32) -> Self {
        Self(smol_str::format_smolstr!("@{source}-{ordinal}"))
    }
    /// Whose case this is, and its ordinal there.
    pub fn split(&self) -> Option<(CaseSubject, u32)> {
        let (parent, n) = split_child(&self.0)?;
        match parent.strip_prefix('@') {
            Some(source) => Some((CaseSubject::Source(SourceId::new(source).ok()?), n)),
            None => Some((CaseSubject::Order(OrderId::new(parent).ok()?), n)),
        }
    }
}

impl ApprovalId {
    /// The id of the `ordinal`-th approval of an order.
    pub fn of(order: &OrderId, ordinal: u32) -> Self {
        Self(child(order.as_str(), ordinal))
    }
    /// The order this approval belongs to, and its ordinal.
    pub fn split(&self) -> Option<(OrderId, u32)> {
        split_child(&self.0).and_then(|(order, n)| Some((OrderId::new(order).ok()?, n)))
    }
}

impl OrderId {
    /// As [`OrderId::new`], and refuses `@`, which marks cases of a source.
    pub fn for_capture(text: &str) -> Result<Self, IdError> {
        if text.starts_with('@') {
            return Err(IdError { kind: "order id", value: text.into(), rule: "it must not begin with @" });
        }
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_name_their_parents() {
        let order = OrderId::new("web-1001").unwrap();
        let po = PoNumber::of(&order, 2);
        assert_eq!(po.as_str(), "web-1001-2");
        assert_eq!(po.split(), Some((order.clone(), 2)));
        let case = CaseId::of_source(&SourceId::new("acme").unwrap(), 3);
        assert_eq!(case.as_str(), "@acme-3");
        assert_eq!(case.split(), Some((CaseSubject::Source(SourceId::new("acme").unwrap()), 3)));
        assert_eq!(PoNumber::new("1001").unwrap().split(), None);
    }

    #[test]
    fn children_of_the_longest_parents_are_read_back() {
        let order = OrderId::new("9".repeat(ID_LENGTH_MAX)).unwrap();
        let source = SourceId::new("s".repeat(ID_LENGTH_MAX)).unwrap();
        let po = PoNumber::of(&order, u32::MAX);
        assert_eq!(PoNumber::new(po.as_str()).unwrap().split(), Some((order.clone(), u32::MAX)));
        for case in [CaseId::of_order(&order, u32::MAX), CaseId::of_source(&source, u32::MAX)] {
            assert_eq!(CaseId::new(case.as_str()), Ok(case));
        }
        let approval = ApprovalId::of(&order, u32::MAX);
        assert_eq!(ApprovalId::new(approval.as_str()), Ok(approval));
        assert!(PoNumber::new("9".repeat(81)).is_err());
    }

    #[test]
    fn delimiters_and_blanks_are_refused() {
        for bad in ["", "a b", "a*b", "a~", "é", "x/y", &"9".repeat(65)] {
            assert!(OrderId::new(bad).is_err(), "{bad:?}");
        }
        assert!(OrderId::new("#1001").is_ok());
    }
}
