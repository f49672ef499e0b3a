//! What is agreed with one EANCOM partner: `channel.eancom` of the source, with a default for everything but the ids.

use super::codes;
use crate::desk::ItemName;
use countersign_edi::{CharacterSet, Delimiters, LineEnd, OnDelimiter, OnForeign, Standard, WriteOptions};
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
    /// Directory of the messages: `D96A` or `D01B`.
    pub version: String,
    /// Us in the interchange header; also the buyer's number.
    pub sender: Party,
    /// The partner in the interchange header; also the supplier's number.
    pub receiver: Party,
    /// Code list agency of the party numbers in NAD: `9` for GS1.
    pub agency: SmolStr,
    /// Further ids the partner sends from.
    pub also_from: Vec<String>,
    /// Read files whatever ids they name.
    pub any_ids: bool,
    /// Association codes over the usual ones, by message.
    pub associations: BTreeMap<SmolStr, SmolStr>,
    /// Syntax id of what we write: `UNOA`, `UNOB`, `UNOC`, `UNOY`.
    pub syntax: String,
    /// Marks what we write as a test.
    pub test: bool,
    /// Asks for a CONTRL on what we write.
    pub contrl_wanted: bool,
    /// After each segment: `none`, `lf` or `crlf`.
    pub line_end: SmolStr,
    /// What to do with characters that the syntax lacks: `replace` or `refuse`.
    pub foreign: SmolStr,
    /// What an item number qualifier in the partner's papers names, over the usual table.
    pub item_ids: BTreeMap<SmolStr, ItemName>,
    /// Which further names of an item go on a purchase order beside the GTIN, as qualifier and name, in this order.
    pub order_items: Vec<(SmolStr, ItemName)>,
    /// The partner's units in ours, over the usual table.
    pub units: BTreeMap<SmolStr, SmolStr>,
    /// Our units in the partner's.
    pub units_out: BTreeMap<SmolStr, SmolStr>,
    /// Reasons by what the partner writes into free text.
    pub reasons: BTreeMap<SmolStr, Reason>,
    /// Whether a report names every offer: `by_document` (BGM 1225), `full` or `delta`.
    pub feed: SmolStr,
    /// Quantity qualifiers that say what is available, best first.
    pub available: Vec<SmolStr>,
    /// Available stock with a date in the future: `incoming` or `now`.
    pub dated_available: SmolStr,
    /// Zone of dates and times without one; the source's own if absent.
    pub time_zone: Option<Zone>,
    /// How a cancellation is asked for: `lines` (one deletion each, always right) or `whole` (the paper as such).
    pub cancel_as: SmolStr,
    /// False if the partner wants no CONTRL from us.
    pub send_contrl: bool,
    /// Rules of this partner over the standard, by document.
    pub overlay: Value,
}

/// An id of an interchange header.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Party {
    /// What kind of id it is: `14` for a GLN.
    pub qualifier: String,
    /// The id.
    pub id: String,
}

impl Default for Settings {
    fn default() -> Self {
        let text = SmolStr::new_static;
        Settings {
            version: "D96A".into(),
            sender: Party::default(),
            receiver: Party::default(),
            agency: text("9"),
            also_from: Vec::new(),
            any_ids: false,
            associations: BTreeMap::new(),
            syntax: "UNOC".into(),
            test: false,
            contrl_wanted: true,
            line_end: text("lf"),
            foreign: text("replace"),
            item_ids: BTreeMap::new(),
            order_items: vec![(text("SA"), ItemName::VendorSku), (text("IN"), ItemName::Sku)],
            units: BTreeMap::new(),
            units_out: BTreeMap::new(),
            reasons: BTreeMap::new(),
            feed: text("by_document"),
            available: codes::AVAILABLE.iter().map(|code| text(code)).collect(),
            dated_available: text("incoming"),
            time_zone: None,
            cancel_as: text("lines"),
            send_contrl: true,
            overlay: Value::Null,
        }
    }
}

/// Every setting known here.
const KNOWN: &[&str] = &[
    "version",
    "sender",
    "receiver",
    "agency",
    "also_from",
    "any_ids",
    "associations",
    "syntax",
    "test",
    "contrl_wanted",
    "line_end",
    "foreign",
    "item_ids",
    "order_items",
    "units",
    "units_out",
    "reasons",
    "feed",
    "available",
    "dated_available",
    "time_zone",
    "cancel_as",
    "send_contrl",
    "overlay",
];

impl Settings {
    /// What a person should know about the agreement: unknown settings, missing ids, an overlay that does not fit.
    pub fn remarks(source: &Source) -> Vec<String> {
        let settings = match Settings::of(source) {
            Ok(settings) => settings,
            Err(error) => return vec![error],
        };
        let mut remarks = crate::desk::unknown_settings(source, "eancom", KNOWN);
        remarks.extend(settings.ready().err());
        remarks.extend(settings.write_options().err());
        remarks.extend(crate::overlay::read_options(Standard::Edifact, &settings.overlay).err());
        remarks
    }

    /// Reads the agreement of a source.
    ///
    /// # Errors
    /// A setting has another form than it must: a sentence that names it.
    pub fn of(source: &Source) -> Result<Settings, String> {
        match source.channel.settings.get("eancom") {
            None | Some(Value::Null) => Ok(Settings::default()),
            Some(value) => Settings::deserialize(value)
                .map_err(|error| format!("channel.eancom of source {} cannot be read: {error}", source.id)),
        }
    }

    /// Says which setting is missing before something can be written.
    pub(crate) fn ready(&self) -> Result<(), String> {
        for (name, party) in [("sender", &self.sender), ("receiver", &self.receiver)] {
            if party.id.is_empty() || party.id.len() > 35 || party.qualifier.len() > 4 {
                return Err(format!(
                    "channel.eancom.{name} needs an id of at most 35 characters and a qualifier, as {{\"qualifier\": \"14\", \"id\": \"4012345000009\"}}"
                ));
            }
        }
        if !matches!(self.directory(), "96A" | "01B") {
            return Err(format!("channel.eancom.version {:?} is not known: use \"D96A\" or \"D01B\"", self.version));
        }
        Ok(())
    }

    /// Release of the messages: `96A`, `01B`.
    pub(crate) fn directory(&self) -> &str {
        self.version.trim_start_matches(['D', 'd', '.', ':'])
    }

    /// True for the newer of the two directories.
    pub(crate) fn is_01b(&self) -> bool {
        self.directory() == "01B"
    }

    /// Association code of a message.
    pub(crate) fn association(&self, message: &str) -> &str {
        let usual =
            codes::ASSOCIATIONS.iter().find(|(kind, release, _)| *kind == message && *release == self.directory());
        self.associations.get(message).map(SmolStr::as_str).or(usual.map(|(_, _, code)| *code)).unwrap_or_default()
    }

    /// How bytes are written for this partner.
    pub(crate) fn write_options(&self) -> Result<WriteOptions, String> {
        let Some(set) = CharacterSet::of_syntax(&self.syntax) else {
            return Err(format!("channel.eancom.syntax {:?} is not known: use UNOA, UNOB, UNOC or UNOY", self.syntax));
        };
        let mut options = WriteOptions::new(Delimiters::EDIFACT_3);
        options.character_set = set;
        options.line_end = match self.line_end.as_str() {
            "none" => LineEnd::None,
            "crlf" => LineEnd::CrLf,
            _ => LineEnd::Lf,
        };
        if self.foreign != "refuse" {
            (options.on_delimiter, options.on_foreign) = (OnDelimiter::Replace(b' '), OnForeign::TransliterateOr(b'.'));
        }
        Ok(options)
    }

    /// True if letters must be capital.
    pub(crate) fn capitals(&self) -> bool {
        self.syntax == "UNOA"
    }

    /// Our unit for the partner's.
    pub(crate) fn unit(&self, text: &str) -> Option<Unit> {
        let usual = codes::UNITS_IN.iter().find(|(theirs, _)| *theirs == text).map(|(_, ours)| *ours);
        let ours = self.units.get(text).map(SmolStr::as_str).or(usual).unwrap_or(text);
        Unit::new(ours).ok()
    }

    /// The partner's unit for ours.
    pub(crate) fn unit_out<'u>(&'u self, unit: &'u Unit) -> &'u str {
        let usual = codes::UNITS_OUT.iter().find(|(ours, _)| *ours == unit.as_str()).map(|(_, theirs)| *theirs);
        self.units_out.get(unit.as_str()).map(SmolStr::as_str).or(usual).unwrap_or(unit.as_str())
    }

    /// What an item number qualifier names.
    pub(crate) fn item_name(&self, qualifier: &str) -> ItemName {
        let usual = codes::ITEM_IDS.iter().find(|(code, _)| *code == qualifier).map(|(_, name)| *name);
        self.item_ids.get(qualifier).copied().or(usual).unwrap_or(ItemName::None)
    }

    /// The reason in a free text, where it is one of the agreed words.
    pub(crate) fn reason(&self, text: &str) -> Option<Reason> {
        self.reasons.get(text).copied().or_else(|| crate::json::reason(text))
    }

    /// The zone of dates and times that name none.
    pub(crate) fn zone<'z>(&'z self, source: &'z Source) -> &'z Zone {
        self.time_zone.as_ref().unwrap_or(&source.time_zone)
    }
}
