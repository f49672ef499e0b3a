//! What of a customer stands in papers that are kept, covered for those who may not read it and erased for good.
//!
//! Papers keep their form: where the places of names and addresses are known, every letter there becomes an `x`; a paper of
//! another form is withheld, or makes room for a note. Hashes and the journal stay as they are. Does not know HTTP.

use crate::correspondence;
use crate::mail;
use crate::proofs;
use countersign_engine::ids::{OrderId, PoNumber};
use countersign_engine::order::Order;
use countersign_partners::person::{without_people, without_values};
use countersign_runtime::ports::{InboxEntry, InboxState, Store, StoreError};
use jiff::Timestamp;
use serde_json::Value;

/// Files of the quarantine that are looked through at once.
const SCAN: u32 = 50;
/// Shorter texts are no proof that a file is about somebody.
const PROOF_LENGTH_MIN: usize = 6;

/// Names, addresses and numbers out of personal data as it is kept.
pub fn values_of(person: &str) -> Vec<String> {
    fn gather(name: &str, value: &Value, into: &mut Vec<String>) {
        match value {
            Value::String(text) if !matches!(name, "country" | "region") => into.push(text.clone()),
            Value::Object(fields) => fields.iter().for_each(|(name, value)| gather(name, value, into)),
            Value::Array(all) => all.iter().for_each(|value| gather(name, value, into)),
            _ => {}
        }
    }
    let mut values = vec![];
    gather("", &serde_json::from_str(person).unwrap_or_default(), &mut values);
    values.retain(|value| value.trim().len() >= 3);
    // The longest first, so that a short one never cuts a long one in two.
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    values
}

/// A paper without people; nothing if nobody can tell where they stand in it.
pub fn covered(paper: &[u8], values: &[String]) -> Option<Vec<u8>> {
    Some(without_values(&without_people(paper)?, values))
}

/// A text without people as far as their data is known, and without mail addresses.
pub fn covered_text(text: &str, values: &[String]) -> String {
    let known = String::from_utf8(without_values(text.as_bytes(), values)).unwrap_or_default();
    let words = known.split_inclusive(char::is_whitespace);
    let plain = |word: &str| match word.contains('@') {
        true => word.chars().map(|c| if c.is_whitespace() { c } else { 'x' }).collect(),
        false => word.to_owned(),
    };
    words.map(plain).collect()
}

/// Erases the customer of an order: the personal data, what people wrote, and what of either stands in papers that went
/// out or came in, in the quarantine, and with letters that did not arrive. False if there was nothing. What is kept apart
/// goes last: an erasure that was cut short can be asked for again. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn erase(store: &dyn Store, id: &OrderId, order: Option<&Order>, now: Timestamp) -> Result<bool, StoreError> {
    let values = store.person(id)?.map(|person| values_of(&person)).unwrap_or_default();
    let mut erased = false;
    if let Some(order) = order {
        let eraser = Eraser { store, order, values: &values, now };
        erased |= eraser.papers()?;
        erased |= eraser.in_state(InboxState::Quarantined)?;
        erased |= eraser.in_state(InboxState::Duplicate)?;
    }
    erased |= mail::erase(store, id, |text| covered_text(text, &values))?;
    erased |= correspondence::erase(store, id)?;
    Ok(store.erase_person(id)? || erased)
}

struct Eraser<'a> {
    store: &'a dyn Store,
    order: &'a Order,
    values: &'a [String],
    now: Timestamp,
}

impl Eraser<'_> {
    /// Papers of the order's purchase orders, in both directions.
    fn papers(&self) -> Result<bool, StoreError> {
        let mut erased = false;
        for po in &self.order.purchase_orders {
            for errand in self.store.errands_of(&po.number)? {
                let Some(paper) = &errand.rendered else { continue };
                let fresh = self.fresh(&paper.bytes);
                erased |= fresh != paper.bytes && self.store.cover_paper(&errand.new.id, &fresh)?;
            }
            for entry in self.store.inbox_of(&po.number)? {
                erased |= self.file(&entry)?;
            }
            erased |= proofs::erase(self.store, &po.number)?;
        }
        Ok(erased)
    }

    /// Files that were not read and can be tied to the order by what stands in them.
    fn in_state(&self, state: InboxState) -> Result<bool, StoreError> {
        let (mut after, mut erased) = (0, false);
        loop {
            let entries = self.store.inbox(state, after, SCAN)?;
            let Some(last) = entries.last().map(|entry| entry.id) else { return Ok(erased) };
            for entry in entries.iter().filter(|entry| self.is_about(&entry.new.bytes)) {
                erased |= self.file(entry)?;
            }
            after = last;
        }
    }

    fn is_about(&self, bytes: &[u8]) -> bool {
        let proofs = self.values.iter().filter(|value| value.len() >= PROOF_LENGTH_MIN);
        let mut numbers = self.order.purchase_orders.iter().map(|po| &po.number);
        numbers.any(|number| names(bytes, number)) || proofs.into_iter().any(|value| holds(bytes, value.as_bytes()))
    }

    fn file(&self, entry: &InboxEntry) -> Result<bool, StoreError> {
        let fresh = self.fresh(&entry.new.bytes);
        let cover = |text: &String| String::from_utf8(without_values(text.as_bytes(), self.values)).unwrap_or_default();
        let findings = entry.findings.as_ref().map(cover);
        if fresh == entry.new.bytes && findings == entry.findings {
            return Ok(false);
        }
        self.store.cover_inbox(entry.id, &fresh, findings.as_deref())
    }

    fn fresh(&self, bytes: &[u8]) -> Vec<u8> {
        let note = || {
            let day = self.now.to_zoned(jiff::tz::TimeZone::UTC).date();
            format!("(This text was removed on {day} with the personal data of order {}.)\n", self.order.id)
        };
        let is_note = bytes.starts_with(b"(This text was removed on ");
        if is_note { bytes.to_vec() } else { covered(bytes, self.values).unwrap_or_else(|| note().into_bytes()) }
    }
}

fn holds(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text))
}

/// True if the number stands there by itself, not as a part of another.
fn names(bytes: &[u8], number: &PoNumber) -> bool {
    let number = number.as_str().as_bytes();
    let part = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || b"-_".contains(b));
    let whole = |at: &usize| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        !part(before) && !part(bytes.get(at + number.len()))
    };
    let places = bytes.windows(number.len()).enumerate().filter(|(_, window)| *window == number);
    places.map(|(at, _)| at).any(|at| whole(&at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_what_tells_a_person_apart() {
        let person = r#"{"customer":{"name":"Zoe Shopper","email":"z@example.com"},"ship_to":{"address1":"619 Main St","country":"US","region":"TX"}}"#;
        assert_eq!(values_of(person), ["z@example.com", "Zoe Shopper", "619 Main St"]);
        assert_eq!(
            covered_text("550 <z@example.com> unknown to zoe shopper", &values_of(person)),
            "550 <xxxxxxxxxxxxx> unknown to xxx xxxxxxx"
        );
    }

    #[test]
    fn a_number_is_no_part_of_another() {
        let number: PoNumber = "1001-1".parse().unwrap();
        assert!(names(b"REF*PO*1001-1~", &number) && names(b"1001-1", &number));
        assert!(!names(b"1001-12", &number) && !names(b"21001-1", &number));
    }
}
