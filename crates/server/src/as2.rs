//! AS2 at our door: messages of partners are opened, kept and receipted; receipts for ours are matched; what has to
//! happen later (a receipt to be sent, one that is missed, a certificate that ends) is seen to.
//!
//! Knows the protocol only through its connector. A message that came before is answered with the receipt of then.

use crate::lease;
use crate::office::Office;
use crate::registry::Registry;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_connectors::as2::mdn::{self, Outcome, Receipt};
use countersign_connectors::as2::message::Opened;
use countersign_connectors::as2::{As2Connector, SentMessage, cms, pair, quoted, unquoted};
use countersign_connectors::client::quote;
use countersign_engine::case::CaseKind;
use countersign_engine::command::{Actor, Command, Deed};
use countersign_engine::document;
use countersign_engine::reason::Reason;
use countersign_engine::source::Source;
use countersign_runtime::Request;
use countersign_runtime::ports::{DeskQuery, Exchange, IndexRow, Store};
use countersign_runtime::receive::{self, channel_of};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;

/// What is due is looked at this often; receipts that come later are rung for at once.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Certificates are looked at this often.
const CERTIFICATES_EVERY: SignedDuration = SignedDuration::from_hours(6);
/// A certificate's end is told so long before.
const CERTIFICATE_WARNING: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Exchanges seen to in one look.
const EXCHANGES_MAX: u32 = 64;
/// A receipt of ours is tried so often before a person hears of it; with the pauses below that is about a day.
const TRIES_MAX: u32 = 12;
/// One try may take this long.
const DEADLINE: Duration = Duration::from_secs(30);
/// Unknown identifiers make the list of sources be read at most this often.
const LIST_EVERY: Duration = Duration::from_secs(5);

/// What is kept of a message.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Noted {
    /// One of ours, whose receipt comes later.
    Sent(SentMessage),
    /// One of theirs, with the receipt that it got.
    Taken(Taken),
}

/// A message of a partner with its receipt.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Taken {
    /// Who we are to the partner, and who the partner is.
    pub ours: String,
    /// The partner.
    pub theirs: String,
    /// Media type of the receipt.
    pub content_type: String,
    /// The receipt, as base64; empty if none was wanted.
    pub body: String,
    /// Where it goes, if it goes later.
    pub url: Option<String>,
    /// Tries to send it so far.
    #[serde(default)]
    pub tries: u32,
}

/// The answer to a call.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Media type.
    pub content_type: String,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    fn words(status: u16, text: &str) -> Self {
        let (content_type, body) = ("text/plain; charset=utf-8".to_owned(), format!("{text}\n").into_bytes());
        Self { status, content_type, headers: vec![], body }
    }

    fn nothing() -> Self {
        Self { status: 200, content_type: "text/plain".into(), headers: vec![], body: vec![] }
    }
}

/// What a call led to.
struct Outcomes {
    answer: Answer,
    deeds: Vec<Deed>,
}

impl From<Answer> for Outcomes {
    fn from(answer: Answer) -> Self {
        Self { answer, deeds: vec![] }
    }
}

/// Takes a message or a receipt of a partner.
pub async fn take(office: &Office, registry: Arc<Registry>, headers: Vec<(String, String)>, body: Vec<u8>) -> Answer {
    let (desk, now) = (office.desk().clone(), office.now());
    let may_look = office.may_list(LIST_EVERY);
    // Decrypting takes the processor for a while, and the store may block.
    let done = tokio::task::spawn_blocking(move || {
        let call = Call { store: desk.store().as_ref(), headers, now };
        let (theirs, ours) = (unquoted(call.header("as2-from")), unquoted(call.header("as2-to")));
        if theirs.is_empty() || ours.is_empty() {
            return Answer::words(400, "AS2-From and AS2-To are missing: this address takes AS2 messages").into();
        }
        match registry.as2_partner(&desk, &theirs, &ours, may_look) {
            Some((source, connector)) => call.take(&source, &connector, &body),
            None => call.stranger(&theirs, &ours),
        }
    });
    let Ok(Outcomes { answer, deeds }) = done.await else { return Answer::words(500, "a fault of this service") };
    for deed in deeds {
        office.command(Actor::Engine, deed).await;
    }
    office.ring();
    answer
}

/// A call being answered.
struct Call<'a> {
    store: &'a dyn Store,
    headers: Vec<(String, String)>,
    now: Timestamp,
}

impl Call<'_> {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// Nobody is known under these identifiers: a receipt says so, unsigned, since there is no key to sign with.
    fn stranger(&self, theirs: &str, ours: &str) -> Outcomes {
        tracing::warn!(theirs = quote(theirs), ours = quote(ours), "an AS2 message between unknown partners");
        let outcome = Outcome::Failed("unknown-trading-relationship".into());
        let text = "No partner is known here under these identifiers (AS2-From, AS2-To).";
        let receipt = Receipt {
            recipient: &plain(ours),
            message_id: &plain(self.header("message-id")),
            outcome: &outcome,
            mic: None,
            text,
            dash: true,
        };
        match mdn::write(&receipt, None, self.now) {
            Ok((content_type, body)) if !self.header("disposition-notification-to").is_empty() => {
                Answer { status: 200, content_type, headers: vec![], body }.into()
            }
            _ => Answer::words(403, text).into(),
        }
    }

    fn take(&self, source: &Source, connector: &As2Connector, body: &[u8]) -> Outcomes {
        let settings = connector.settings();
        let message_id = match plain(self.header("message-id")) {
            none if none.is_empty() => format!("<{}>", hex::encode(Sha256::digest(body))),
            given => given,
        };
        let pair = pair(&settings.to, &settings.from);
        match self.store.exchange(&pair, &message_id) {
            Ok(Some(known)) => return self.again(known),
            Ok(None) => {}
            Err(error) => return Answer::words(503, &error.to_string()).into(),
        }
        let opened = connector.open(self.headers.clone(), body, self.now);
        let opened = opened.and_then(|opened| match opened.report {
            Some(_) => Ok(opened),
            None => connector.secure(&opened).map(|()| opened),
        });
        match opened {
            Err(fault) => {
                let sentence =
                    format!("A message of {} was not taken ({}): {}.", source.name, fault.modifier(), fault.sentence());
                let outcome = Outcome::Failed(fault.modifier().into());
                let answer = self.receipted(connector, &message_id, &outcome, None, fault.sentence());
                // It goes back at once, whatever was wanted: what could not be opened may not say where to.
                let deed = case(source, CaseKind::DeliveryFailed, Reason::MessageNotOpened, sentence);
                Outcomes { answer: sent_back(&answer), deeds: vec![deed] }
            }
            Ok(opened) if opened.report.is_some() => self.receipt(source, connector, opened),
            Ok(opened) => self.keep(source, connector, &pair, message_id, &opened),
        }
    }

    /// A message that came before: the receipt of then, in the way of then.
    fn again(&self, known: Exchange) -> Outcomes {
        let Ok(Noted::Taken(taken)) = serde_json::from_str(&known.body) else {
            return Answer::words(409, "a message of this id went the other way").into();
        };
        tracing::info!(message_id = known.message_id, "an AS2 message came again");
        if taken.url.is_some() {
            let again = Exchange { due: Some(self.now), ..known };
            return match self.store.put_exchange(&again, true) {
                Ok(_) => Answer::nothing().into(),
                Err(error) => Answer::words(503, &error.to_string()).into(),
            };
        }
        sent_back(&taken).into()
    }

    /// Keeps the files of a message, then its receipt, then answers: whoever has our receipt need not send again.
    fn keep(
        &self,
        source: &Source,
        connector: &As2Connector,
        pair: &str,
        message_id: String,
        opened: &Opened,
    ) -> Outcomes {
        let channel = channel_of(&source.id);
        for payload in &opened.payloads {
            let name = payload.name.clone().unwrap_or_else(|| message_id.clone());
            match receive::receive(self.store, self.now, &channel, &name, payload.bytes.clone(), None) {
                Ok(_) => {}
                Err(error @ receive::NotReceived::TooLarge { .. }) => {
                    return Answer::words(413, &error.to_string()).into();
                }
                Err(error) => return Answer::words(503, &error.to_string()).into(),
            }
        }
        let mic = opened.mic(self.micalg());
        let mut taken =
            self.receipted(connector, &message_id, &Outcome::Processed, Some(mic), "The message was taken.");
        let later = self.header("receipt-delivery-option").trim();
        if !later.is_empty() && !taken.body.is_empty() {
            match connector.receipt_address(later) {
                Ok(url) => taken.url = Some(url.into()),
                Err(why) => tracing::warn!(source = %source.id, why, "the receipt goes back at once"),
            }
        }
        let due = taken.url.as_ref().map(|_| self.now);
        let body = serde_json::to_string(&Noted::Taken(taken.clone())).unwrap_or_default();
        let exchange = Exchange { pair: pair.to_owned(), message_id, at: self.now, due, body };
        match self.store.put_exchange(&exchange, false) {
            Err(error) => Answer::words(503, &error.to_string()).into(),
            Ok(_) if taken.url.is_some() => Answer::nothing().into(),
            Ok(_) => sent_back(&taken).into(),
        }
    }

    /// The digest that the partner wants its receipt made with, if it names one known here.
    fn micalg(&self) -> Option<cms::Digest> {
        let options = self.header("disposition-notification-options");
        let (_, names) = options.split_once("signed-receipt-micalg")?;
        names.split(['=', ',', ';']).find_map(cms::Digest::of_name)
    }

    /// A receipt, if one is wanted, signed if that is.
    fn receipted(
        &self,
        connector: &As2Connector,
        message_id: &str,
        outcome: &Outcome,
        mic: Option<(String, cms::Digest)>,
        text: &str,
    ) -> Taken {
        let settings = connector.settings();
        let taken = Taken { ours: settings.from.clone(), theirs: settings.to.clone(), ..Taken::default() };
        if self.header("disposition-notification-to").is_empty() {
            return taken;
        }
        let signed = self.header("disposition-notification-options").contains("signed-receipt-protocol");
        let sign = settings.identity(self.now).filter(|_| signed);
        let sign = sign.map(|identity| (identity, self.micalg().unwrap_or(cms::Digest::Sha256)));
        let receipt = Receipt { recipient: &settings.from, message_id, outcome, mic, text, dash: settings.dash };
        match mdn::write(&receipt, sign, self.now) {
            Ok((content_type, body)) => Taken { content_type, body: STANDARD.encode(body), ..taken },
            Err(why) => {
                tracing::error!(why, "a receipt could not be written");
                taken
            }
        }
    }

    /// A receipt for a message of ours that came later.
    fn receipt(&self, source: &Source, connector: &As2Connector, opened: Opened) -> Outcomes {
        let report = match connector.report(opened) {
            Ok(report) => report,
            Err(why) => return Answer::words(400, &why).into(),
        };
        let settings = connector.settings();
        let known = self.store.exchange(&pair(&settings.from, &settings.to), &report.message_id);
        let Ok(Some(known)) = known else {
            tracing::warn!(source = %source.id, message_id = quote(&report.message_id), "a receipt for an unknown message");
            return Answer::nothing().into();
        };
        let Ok(Noted::Sent(sent)) = serde_json::from_str(&known.body) else { return Answer::nothing().into() };
        let settled = connector.settled(&report, &sent.mics);
        if known.due.is_none() && settled.is_ok() {
            return Answer::nothing().into();
        }
        if let Err(error) = self.store.put_exchange(&Exchange { due: None, ..known }, true) {
            return Answer::words(503, &error.to_string()).into();
        }
        let accepted = settled.is_ok();
        if accepted && !settings.mdn_is_receipt {
            return Answer::nothing().into();
        }
        let errand = self.store.errand_by_reference(&source.id, &sent.reference).ok().flatten();
        let note = settled.err();
        let deed = match (errand.filter(|_| !sent.reference.is_empty()), &note) {
            (Some(errand), _) => Some(Deed::RecordReceipt(document::Receipt { po: errand.new.po, accepted, note })),
            (None, Some(why)) => {
                let sentence = format!("{} did not take {}: {why}", source.name, sent.name);
                Some(case(source, CaseKind::DocumentRejected, Reason::EdiRejected, sentence))
            }
            (None, None) => None,
        };
        Outcomes { answer: Answer::nothing(), deeds: deed.into_iter().collect() }
    }
}

/// A header's text as it may be repeated in one of ours.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(250).collect::<String>().trim().to_owned()
}

fn case(source: &Source, kind: CaseKind, reason: Reason, sentence: String) -> Deed {
    Deed::OpenSourceCase { source: source.id.clone(), kind, reason, sentence }
}

/// The headers that a receipt travels with.
fn receipt_headers(taken: &Taken, body: &[u8]) -> Vec<(&'static str, String)> {
    let id = hex::encode(&Sha256::digest(body)[..12]);
    vec![
        ("as2-version", "1.1".to_owned()),
        ("as2-from", quoted(&taken.ours)),
        ("as2-to", quoted(&taken.theirs)),
        ("message-id", format!("<{id}@receipt.countersign>")),
        ("mime-version", "1.0".to_owned()),
    ]
}

fn sent_back(taken: &Taken) -> Answer {
    let body = STANDARD.decode(&taken.body).unwrap_or_default();
    if body.is_empty() {
        return Answer::nothing();
    }
    Answer { status: 200, content_type: taken.content_type.clone(), headers: receipt_headers(taken, &body), body }
}

/// Sees to what is due, until the service ends.
pub async fn run(office: Office, registry: Arc<Registry>) {
    // A receipt that two nodes sent would come twice.
    lease::alone(&office, "as2", || look_after(office.clone(), registry.clone())).await;
}

async fn look_after(office: Office, registry: Arc<Registry>) {
    let (mut certificates_at, mut looked_at) = (Timestamp::UNIX_EPOCH, 0);
    let mut bell = office.mail();
    loop {
        bell.mark_unchanged();
        let now = office.now();
        let due = office.read(move |store| store.due_exchanges(now, EXCHANGES_MAX)).await.unwrap_or_default();
        for exchange in due {
            see_to(&office, &registry, exchange).await;
        }
        if now >= certificates_at || registry.as2_made() != looked_at {
            certificates_at = now + CERTIFICATES_EVERY;
            warn_of_certificates(&office, &registry).await;
            looked_at = registry.as2_made();
        }
        let _ = tokio::time::timeout(LOOK_EVERY, bell.changed()).await;
    }
}

/// One exchange whose time has come.
async fn see_to(office: &Office, registry: &Arc<Registry>, exchange: Exchange) {
    let now = office.now();
    let (deeds, next) = match serde_json::from_str::<Noted>(&exchange.body) {
        Ok(Noted::Sent(sent)) => {
            let (theirs, ours) = sent
                .pair
                .split_once('>')
                .map(|(ours, theirs)| (theirs.to_owned(), ours.to_owned()))
                .unwrap_or_default();
            let source = partner(office, registry, theirs, ours).await.map(|(source, _)| source);
            let missed = source.map(|source| {
                let sentence = format!(
                    "{} sent no receipt (MDN) for {} in time; its machine may not have it.",
                    source.name, sent.name
                );
                case(&source, CaseKind::ReceiptOverdue, Reason::SlaBreachedFunctionalAck, sentence)
            });
            (missed, Exchange { due: None, ..exchange })
        }
        Ok(Noted::Taken(taken)) => send_later(office, registry, exchange, taken, now).await,
        Err(_) => (None, Exchange { due: None, ..exchange }),
    };
    let deeds = deeds.into_iter().map(|deed| Request::new(Command { by: Actor::Engine, deed })).collect();
    office.submit_all(deeds).await;
    let kept = office.read(move |store| store.put_exchange(&next, true)).await;
    if let Err(error) = kept {
        tracing::warn!(%error, "an AS2 exchange could not be written down; it comes again");
    }
}

async fn partner(
    office: &Office,
    registry: &Arc<Registry>,
    theirs: String,
    ours: String,
) -> Option<(Arc<Source>, As2Connector)> {
    let (desk, registry) = (office.desk().clone(), registry.clone());
    tokio::task::spawn_blocking(move || registry.as2_partner(&desk, &theirs, &ours, true)).await.ok().flatten()
}

/// Sends a receipt to where the partner wants it.
async fn send_later(
    office: &Office,
    registry: &Arc<Registry>,
    exchange: Exchange,
    mut taken: Taken,
    now: Timestamp,
) -> (Option<Deed>, Exchange) {
    let known = partner(office, registry, taken.theirs.clone(), taken.ours.clone()).await;
    let (Some((source, connector)), Some(url)) = (known, taken.url.clone()) else {
        return (None, Exchange { due: None, ..exchange });
    };
    let body = STANDARD.decode(&taken.body).unwrap_or_default();
    let mut headers = receipt_headers(&taken, &body);
    headers.push(("content-type", taken.content_type.clone()));
    let sent = match connector.receipt_address(&url) {
        Ok(url) => connector.send_receipt(&url, &headers, body, DEADLINE).await,
        Err(why) => Err(why),
    };
    let Err(why) = sent else { return (None, Exchange { due: None, ..exchange }) };
    taken.tries += 1;
    let minutes = 1_i64 << taken.tries.min(8);
    let due = (taken.tries < TRIES_MAX).then(|| now + SignedDuration::from_mins(minutes));
    let deed = due.is_none().then(|| {
        let sentence =
            format!("The receipt (MDN) for {} could not be delivered to {}: {why}", exchange.message_id, source.name);
        case(&source, CaseKind::DeliveryFailed, Reason::DeliveryFailed, sentence)
    });
    tracing::warn!(source = %source.id, why, tries = taken.tries, "a receipt was not delivered");
    let body = serde_json::to_string(&Noted::Taken(taken)).unwrap_or(exchange.body);
    (deed, Exchange { due, body, ..exchange })
}

/// Opens a case for each certificate that ends soon and that nothing newer stands in for; one case for each, ever.
async fn warn_of_certificates(office: &Office, registry: &Arc<Registry>) {
    let (desk, registry, now) = (office.desk().clone(), registry.clone(), office.now());
    let work = move || {
        let mut deeds = vec![];
        for (source, connector) in registry.as2_sources(&desk) {
            for (whose, certificate) in connector.settings().ending(now, CERTIFICATE_WARNING) {
                let end = certificate.not_after.strftime("%Y-%m-%d");
                let sentence = format!(
                    "{} certificate for {} ({}, SHA-256 {}…) ends on {end}: enter the next one beside it.",
                    if whose == "our" { "Our" } else { "The partner's" },
                    source.name,
                    certificate.name,
                    &certificate.fingerprint()[..16],
                );
                if !told_before(desk.store().as_ref(), &source, &sentence) {
                    deeds.push(case(&source, CaseKind::CertificateEnding, Reason::CertificateEnds, sentence));
                }
            }
        }
        deeds
    };
    for deed in tokio::task::spawn_blocking(work).await.unwrap_or_default() {
        office.command(Actor::Engine, deed).await;
    }
}

fn told_before(store: &dyn Store, source: &Source, sentence: &str) -> bool {
    let query = DeskQuery {
        kind: Some(CaseKind::CertificateEnding.code().into()),
        subject: Some(format!("@{}", source.id).into()),
        limit: 50,
        ..DeskQuery::default()
    };
    let sentence = serde_json::to_string(sentence).unwrap_or_default();
    let told = |row: &IndexRow| matches!(row, IndexRow::Case { body, .. } if body.contains(&sentence));
    store.cases(&query).unwrap_or_default().iter().any(told)
}
