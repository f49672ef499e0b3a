//! What is agreed with one X12 partner: `channel.x12` of the source, with a default for everything but the two ids.
//!
//! Knows no document. A setting that nobody here knows is told by [`Settings::remarks`], not refused.

use crate::desk::ItemName;
use crate::x12::codes;
use countersign_edi::{Delimiters, LineEnd, OnDelimiter, OnForeign, Standard, WriteOptions};
use countersign_engine::calendar::Zone;
use countersign_engine::item::Unit;
use countersign_engine::reason::Reason;
use countersign_engine::source::Source;
use serde::Deserialize;
use serde_json::Value;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// The agreement. Field names are those of the JSON object.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Version of the sets: `004010` or `005010`, with or without a suffix such as `VICS`.
    pub version: String,
    /// Us in the interchange header.
    pub sender: Party,
    /// The partner in the interchange header.
    pub receiver: Party,
    /// Us and the partner in the group header; the interchange ids if absent.
    pub group: Group,
    /// Further ids the partner sends from.
    pub also_from: Vec<String>,
    /// Read files whatever ids they name.
    pub any_ids: bool,
    /// Marks what we write as a test.
    pub test: bool,
    /// Asks for a TA1 on what we write.
    pub ta1_wanted: bool,
    /// Delimiters of what we write.
    pub delimiters: Option<Separators>,
    /// After each segment: `none`, `lf` or `crlf`.
    pub line_end: SmolStr,
    /// What to do with delimiters and foreign characters in data: `replace` or `refuse`.
    pub foreign: SmolStr,
    /// Write capital letters only.
    pub capitals: bool,
    /// BEG02 of purchase orders, `DS` for drop-ship.
    pub order_type: SmolStr,
    /// The partner's number of us as a buyer, for N1*BY.
    pub buyer: Option<Buyer>,
    /// The reference that carries the attempt; empty to leave it out.
    pub attempt: SmolStr,
    /// Which names of an item go on a purchase order, as qualifier and name, in this order.
    pub order_items: Vec<(SmolStr, ItemName)>,
    /// What a product id qualifier in the partner's papers names, over the usual table.
    pub item_ids: BTreeMap<SmolStr, ItemName>,
    /// The partner's units in ours, over the usual table (`CS` is read as `CA`).
    pub units: BTreeMap<SmolStr, SmolStr>,
    /// Our units in the partner's.
    pub units_out: BTreeMap<SmolStr, SmolStr>,
    /// Reasons by the partner's codes (ACK01, ACK29, ISR01, …), over the usual table.
    pub reasons: BTreeMap<SmolStr, Reason>,
    /// TD5 of purchase orders by service level.
    pub services: BTreeMap<SmolStr, Service>,
    /// Whether a feed names every offer: `by_document` (BIA01), `full` or `delta`.
    pub feed: SmolStr,
    /// Quantity qualifiers that say what is available, best first.
    pub available: Vec<SmolStr>,
    /// Available stock with an availability date in the future: `incoming` or `now`.
    pub dated_available: SmolStr,
    /// Zone of dates and times without one; the source's own if absent.
    pub time_zone: Option<Zone>,
    /// Where tracking numbers stand, best first: a segment and a qualifier.
    pub tracking: Vec<SmolStr>,
    /// How a cancellation is asked for: `lines` (one deletion each, always right) or `whole` (the paper as such).
    pub cancel_as: SmolStr,
    /// A rejection of a deletion with quantity 0: `cancelled` (nothing will come) or `refused`.
    pub zero_rejection: SmolStr,
    /// Acknowledgments we send.
    pub ack: Ack,
    /// Rules of this partner over the standard, by document.
    pub overlay: Value,
}

/// An id of an interchange header.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Party {
    /// What kind of id it is.
    pub qualifier: String,
    /// The id.
    pub id: String,
}

/// Ids of a group header.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Group {
    /// Us.
    pub sender: Option<String>,
    /// The partner.
    pub receiver: Option<String>,
}

/// Delimiters of what we write, one character each.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct Separators {
    /// Between elements.
    pub element: char,
    /// Between components.
    pub component: char,
    /// Between repetitions, from envelope version 00501 on.
    pub repetition: char,
    /// After segments.
    pub terminator: char,
}

impl Default for Separators {
    fn default() -> Self {
        Separators { element: '*', component: '>', repetition: '^', terminator: '~' }
    }
}

/// We, as a partner names us.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Buyer {
    /// N102.
    pub name: String,
    /// N103.
    pub qualifier: String,
    /// N104.
    pub id: String,
}

/// How a service level reads in TD5.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Service {
    /// TD502 and TD503: kind of code and code of the carrier or routing.
    pub carrier_qualifier: String,
    /// TD503.
    pub carrier: String,
    /// TD504: way of transport.
    pub method: String,
    /// TD505: routing in words.
    pub routing: String,
    /// TD512: service level code.
    pub code: String,
}

/// Acknowledgments we send.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct Ack {
    /// False if the partner wants none.
    pub send: bool,
    /// Name every set, also where all were accepted.
    pub always_detail: bool,
    /// `997` or `999`.
    pub form: SmolStr,
}

impl Default for Ack {
    fn default() -> Self {
        Ack { send: true, always_detail: true, form: SmolStr::new_static("997") }
    }
}

impl Default for Settings {
    fn default() -> Self {
        let text = SmolStr::new_static;
        Settings {
            version: "004010".into(),
            sender: Party::default(),
            receiver: Party::default(),
            group: Group::default(),
            also_from: Vec::new(),
            any_ids: false,
            test: false,
            ta1_wanted: false,
            delimiters: None,
            line_end: text("lf"),
            foreign: text("replace"),
            capitals: false,
            order_type: text("DS"),
            buyer: None,
            attempt: text("ZZ"),
            order_items: vec![
                (text("VN"), ItemName::VendorSku),
                (text("SK"), ItemName::Sku),
                (text("UP"), ItemName::Gtin),
            ],
            item_ids: BTreeMap::new(),
            units: BTreeMap::new(),
            units_out: BTreeMap::new(),
            reasons: BTreeMap::new(),
            services: BTreeMap::new(),
            feed: text("by_document"),
            available: codes::AVAILABLE.iter().map(|code| text(code)).collect(),
            dated_available: text("incoming"),
            time_zone: None,
            tracking: codes::TRACKING.iter().map(|place| text(place)).collect(),
            cancel_as: text("lines"),
            zero_rejection: text("cancelled"),
            ack: Ack::default(),
            overlay: Value::Null,
        }
    }
}

/// Every setting known here.
const KNOWN: &[&str] = &[
    "version",
    "sender",
    "receiver",
    "group",
    "also_from",
    "any_ids",
    "test",
    "ta1_wanted",
    "delimiters",
    "line_end",
    "foreign",
    "capitals",
    "order_type",
    "buyer",
    "attempt",
    "order_items",
    "item_ids",
    "units",
    "units_out",
    "reasons",
    "services",
    "feed",
    "available",
    "dated_available",
    "time_zone",
    "tracking",
    "cancel_as",
    "zero_rejection",
    "ack",
    "overlay",
];

impl Settings {
    /// Reads the agreement of a source.
    ///
    /// # Errors
    /// A setting has another form than it must: a sentence that names it.
    pub fn of(source: &Source) -> Result<Settings, String> {
        match source.channel.settings.get("x12") {
            None | Some(Value::Null) => Ok(Settings::default()),
            Some(value) => Settings::deserialize(value)
                .map_err(|error| format!("channel.x12 of source {} cannot be read: {error}", source.id)),
        }
    }

    /// What a person should know about the agreement: unknown settings, missing ids, an overlay that does not fit.
    pub fn remarks(source: &Source) -> Vec<String> {
        let settings = match Settings::of(source) {
            Ok(settings) => settings,
            Err(error) => return vec![error],
        };
        let mut remarks = crate::desk::unknown_settings(source, "x12", KNOWN);
        remarks.extend(settings.ready().err());
        remarks.extend(settings.write_options().err());
        remarks.extend(crate::overlay::read_options(Standard::X12, &settings.overlay).err());
        remarks
    }

    /// Says which setting is missing before something can be written.
    pub(crate) fn ready(&self) -> Result<(), String> {
        for (name, party) in [("sender", &self.sender), ("receiver", &self.receiver)] {
            if party.id.is_empty() || party.qualifier.len() != 2 {
                return Err(format!(
                    "channel.x12.{name} needs an id and a qualifier of two characters, as {{\"qualifier\": \"ZZ\", \"id\": \"ACME\"}}"
                ));
            }
            if party.id.len() > 15 {
                return Err(format!("channel.x12.{name}.id {:?} has more than 15 characters", party.id));
            }
        }
        let digits = self.version.get(..6).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        if digits.is_none() || self.version.len() > 12 {
            return Err(format!("channel.x12.version {:?} is no version: use \"004010\" or \"005010\"", self.version));
        }
        Ok(())
    }

    /// ISA12.
    pub(crate) fn envelope_version(&self) -> &str {
        if self.version.as_str() < "00402" { "00401" } else { "00501" }
    }

    /// How bytes are written for this partner.
    pub(crate) fn write_options(&self) -> Result<WriteOptions, String> {
        let own = self.delimiters.clone().unwrap_or_default();
        let byte = |name: &str, letter: char| {
            let fine = letter.is_ascii() && !letter.is_ascii_alphanumeric() && letter != ' ';
            let fault =
                format!("channel.x12.delimiters.{name} {letter:?} cannot be a delimiter: use a sign such as '*'");
            if fine { Ok(letter as u8) } else { Err(fault) }
        };
        let repetition = (self.envelope_version() > "00401").then(|| byte("repetition", own.repetition)).transpose()?;
        let all =
            [byte("element", own.element)?, byte("component", own.component)?, byte("terminator", own.terminator)?];
        let mut options = WriteOptions::new(Delimiters::x12(all[0], all[1], repetition, all[2]));
        if all[0] == all[1]
            || all[0] == all[2]
            || all[1] == all[2]
            || repetition.is_some_and(|byte| all.contains(&byte))
        {
            return Err("channel.x12.delimiters: one character stands for two delimiters".into());
        }
        options.line_end = match self.line_end.as_str() {
            "none" => LineEnd::None,
            "crlf" => LineEnd::CrLf,
            _ if own.terminator == '\n' => LineEnd::None,
            _ => LineEnd::Lf,
        };
        if self.foreign != "refuse" {
            options.on_delimiter = OnDelimiter::Replace(b' ');
            options.on_foreign = OnForeign::TransliterateOr(b'?');
        }
        Ok(options)
    }

    /// Our unit for the partner's; `None` with the faulty text if it is no unit at all.
    pub(crate) fn unit(&self, text: &str) -> Result<Option<Unit>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        let usual = codes::UNITS_IN.iter().find(|(theirs, _)| *theirs == text).map(|(_, ours)| *ours);
        let ours = self.units.get(text).map(SmolStr::as_str).or(usual).unwrap_or(text);
        Unit::new(ours).map(Some)
    }

    /// The partner's unit for ours.
    pub(crate) fn unit_out<'u>(&'u self, unit: &'u Unit) -> &'u str {
        let usual = codes::UNITS_OUT.iter().find(|(ours, _)| *ours == unit.as_str()).map(|(_, theirs)| *theirs);
        self.units_out.get(unit.as_str()).map(SmolStr::as_str).or(usual).unwrap_or(unit.as_str())
    }

    /// What a product id qualifier names.
    pub(crate) fn item_name(&self, qualifier: &str) -> ItemName {
        let usual = codes::ITEM_IDS.iter().find(|(code, _)| *code == qualifier).map(|(_, name)| *name);
        self.item_ids.get(qualifier).copied().or(usual).unwrap_or(ItemName::None)
    }

    /// The reason behind one of the partner's codes.
    pub(crate) fn reason(&self, code: &str) -> Option<Reason> {
        let usual = codes::REASONS.iter().find(|(theirs, _)| *theirs == code).map(|(_, ours)| *ours);
        self.reasons.get(code).copied().or(usual)
    }

    /// The zone of dates and times that name none.
    pub(crate) fn zone<'z>(&'z self, source: &'z Source) -> &'z Zone {
        self.time_zone.as_ref().unwrap_or(&source.time_zone)
    }
}
