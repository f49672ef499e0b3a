//! Reports that a mail did not arrive after all (delivery status notifications, RFC 3464), and the letter each is about.
//!
//! Nothing is kept for it: a letter's id names the journal entry that led to it, and the same entry makes the same
//! letters again.

use super::compose;
use super::letter::{self, Letter};
use super::run::{case_of, message_id};
use super::settings::{CustomersBy, Settings, read_settings};
use crate::office::Office;
use countersign_connectors::as2::mime::Entity;
use countersign_engine::command::Deed;
use countersign_engine::slice::{Key, Record};
use countersign_runtime::ports::{Store, StoreError};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Longest words of a mail server that are kept.
const WHY_MAX: usize = 500;

/// What a report says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounce {
    /// The Message-ID of the mail.
    pub message_id: String,
    /// False while servers still try, or where it did arrive.
    pub failed: bool,
    /// What the last server said.
    pub why: String,
}

impl Bounce {
    /// Reads a notification as a mailbox receives it.
    ///
    /// # Errors
    /// It is none, or does not say which mail it is about: what is missing.
    pub fn read(mail: &[u8]) -> Result<Self, &'static str> {
        let whole = Entity::read(mail);
        if whole.media_type() != "multipart/report" {
            return Err("this is no delivery status notification: its Content-Type is not multipart/report");
        }
        let parts = whole.parts();
        let part = |types: &[&str]| parts.iter().find(|p| types.contains(&p.media_type().as_str()));
        let status = part(&["message/delivery-status", "message/global-delivery-status"]);
        let status = status.ok_or("the part message/delivery-status is missing (RFC 3464)")?.decoded(false);
        let returned = part(&["message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"]);
        let returned = returned.ok_or("the mail that came back, or its headers, is missing from the report")?;
        let returned = returned.decoded(false);
        let message_id = Entity::read(&returned).header("message-id").to_owned();
        if message_id.is_empty() {
            return Err("the mail that came back bears no Message-ID");
        }
        // The first group of fields is about the message; each further one about one of those it was for.
        let groups: Vec<Entity<'_>> = groups(&status).into_iter().map(Entity::read).collect();
        let failed = groups.iter().find(|g| g.header("action").eq_ignore_ascii_case("failed"));
        let said = failed.or_else(|| groups.iter().find(|g| !g.header("action").is_empty()));
        let why = said.map_or_else(String::new, |g| {
            let diagnostic = g.header("diagnostic-code").split_once(';').map_or("", |(_, words)| words.trim());
            let words = [g.header("status"), diagnostic].into_iter().filter(|w| !w.is_empty());
            words.collect::<Vec<_>>().join(" ")
        });
        Ok(Self::told(message_id, failed.is_some(), &why))
    }

    /// What a gateway told.
    pub fn told(message_id: String, failed: bool, why: &str) -> Self {
        Self { message_id, failed, why: why.chars().take(WHY_MAX).collect() }
    }
}

/// Texts between blank lines.
fn groups(text: &[u8]) -> Vec<&[u8]> {
    let (mut groups, mut start, mut at) = (vec![], 0, 0);
    for line in text.split_inclusive(|b| *b == b'\n') {
        at += line.len();
        if line.iter().all(u8::is_ascii_whitespace) {
            groups.push(&text[start..at]);
            start = at;
        }
    }
    groups.push(&text[start..]);
    groups.retain(|g| !g.iter().all(u8::is_ascii_whitespace));
    groups
}

/// What became of a report.
#[derive(Debug, Clone, PartialEq)]
pub enum Returned {
    /// The letter is to be laid aside, with this deed where somebody has to know.
    News(Box<Letter>, Option<Box<Deed>>),
    /// It was told before.
    Known(Box<Letter>),
    /// No letter of ours has that id, or its address is not on record any more.
    Unknown,
}

/// Finds the letter of a report and what the desk has to know. Blocks.
///
/// # Errors
/// The store cannot be read.
pub fn look_up(office: &Office, store: &dyn Store, bounce: &Bounce) -> Result<Returned, StoreError> {
    let Some(letter) = letter_of(office, store, &bounce.message_id)? else { return Ok(Returned::Unknown) };
    if letter::is_dead(store, &letter.id)? {
        return Ok(Returned::Known(letter.into()));
    }
    let deed = case_of(&letter, &bounce.why, false, was_heard(office, &letter)?);
    Ok(Returned::News(letter.into(), deed.map(Box::new)))
}

/// Lays the letter aside: a person sees what the server said, and can send it again. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn give_back(store: &dyn Store, letter: &Letter, why: &str, now: Timestamp) -> Result<(), StoreError> {
    letter::lay_aside(store, letter, why.to_owned(), false, now)
}

/// The letter that went out under a Message-ID, composed again.
fn letter_of(office: &Office, store: &dyn Store, id: &str) -> Result<Option<Letter>, StoreError> {
    let id = id.trim().trim_start_matches('<').trim_end_matches('>');
    let name = id.rsplit_once('@').map_or(id, |(name, _)| name);
    let (head, _) = store.head()?;
    let position = name.split('.').next().and_then(|p| p.parse::<u64>().ok()).filter(|p| (1..=head).contains(p));
    let Some(position) = position else { return Ok(None) };
    // Whatever was switched off since: the letter did go out.
    let settings = Settings { off: BTreeSet::new(), customers: CustomersBy::Smtp, ..read_settings(store)? };
    let rows = store.journal(position - 1, 1)?;
    let Some(row) = rows.first().filter(|row| row.position == position) else { return Ok(None) };
    Ok(compose::letters(office, &settings, row)?.into_iter().find(|l| message_id(&l.id) == name))
}

/// True if the vendor has answered the letter's purchase order: somebody else there has read it.
fn was_heard(office: &Office, letter: &Letter) -> Result<bool, StoreError> {
    let Some((order, ordinal)) = letter.po.as_ref().and_then(|po| po.split()) else { return Ok(false) };
    let found = office.desk().read(&[Key::Order(order)])?.pop().flatten();
    let Some(Record::Order(order)) = found else { return Ok(false) };
    Ok(order.purchase_order(ordinal).is_some_and(|po| po.acknowledged_at.is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "From: MAILER-DAEMON@mx.example\r\nTo: orders@shop.example\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=\"b1\"\r\n\r\n\
        --b1\r\nContent-Type: text/plain\r\n\r\nYour mail could not be delivered.\r\n\
        --b1\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
        Final-Recipient: rfc822; zoe@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n\
        Diagnostic-Code: smtp; 550 5.1.1 <zoe@example.com>:\r\n no such user\r\n\r\n\
        --b1\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: Your order 1001\r\n\
        Message-ID: <7.customer_confirmed.1001.ab@shop.example>\r\n\r\n--b1--\r\n";

    #[test]
    fn a_notification_says_which_mail_and_why() {
        let bounce = Bounce::read(REPORT.as_bytes()).unwrap();
        assert_eq!(bounce.message_id, "<7.customer_confirmed.1001.ab@shop.example>");
        assert_eq!((bounce.failed, bounce.why.as_str()), (true, "5.1.1 550 5.1.1 <zoe@example.com>: no such user"));
        let unix = REPORT.replace("\r\n", "\n");
        assert_eq!(Bounce::read(unix.as_bytes()).unwrap(), bounce, "lines that end with a line feed alone");
        let delayed = REPORT.replace("Action: failed", "Action: delayed");
        assert!(!Bounce::read(delayed.as_bytes()).unwrap().failed, "servers still try");
    }

    #[test]
    fn what_is_no_notification_is_told() {
        let why = |text: &str| Bounce::read(text.as_bytes()).unwrap_err();
        assert!(why("Subject: hello\r\n\r\nI am on holiday").contains("multipart/report"));
        assert!(why(&REPORT.replace("message/delivery-status", "text/html")).contains("delivery-status"));
        assert!(why(&REPORT.replace("Message-ID", "X-Nothing")).contains("no Message-ID"));
        assert!(why(&REPORT.replace("text/rfc822-headers", "image/png")).contains("came back"));
        assert!(why("").contains("multipart/report"));
    }
}
