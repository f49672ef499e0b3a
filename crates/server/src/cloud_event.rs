//! Events as the outside sees them: CloudEvents 1.0, `countersign.<thing>.<past tense>.v1`.

use crate::metrics::deed_word;
use countersign_engine::command::{Actor, Command};
use countersign_engine::event::Event;
use countersign_engine::journal::Entry;
use serde::Serialize;
use serde_json::Value;

/// One event in its envelope (CloudEvents 1.0, JSON format).
#[derive(Debug, Clone, Serialize)]
pub struct CloudEvent {
    specversion: &'static str,
    /// `evt_<position>_<index>`: the same whenever and however often it is told.
    pub id: String,
    source: &'static str,
    /// `countersign.order.captured.v1`.
    #[serde(rename = "type")]
    pub kind: String,
    time: jiff::Timestamp,
    /// The order or source it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    datacontenttype: &'static str,
    /// Who wanted what led to it; inside only, never told to others.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub by: Option<Wanted>,
    /// What happened, in a sentence; inside only, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentence: Option<String>,
    /// The event's own fields.
    pub data: Value,
}

/// Who did what: attributes of our own in the envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wanted {
    /// The login, key or source; `countersign` where a clock did it.
    pub by: String,
    /// `person`, `program`, `source`, `engine`.
    pub bykind: &'static str,
    /// In which role, of people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub byrole: Option<&'static str>,
    /// What they did: `cancel_order`, `assign_case`, …
    pub deed: &'static str,
}

impl Wanted {
    /// Out of the command of an entry.
    pub fn of(command: &Command) -> Self {
        let (bykind, byrole) = match &command.by {
            Actor::Engine => ("engine", None),
            Actor::Program { .. } => ("program", None),
            Actor::Person { role, .. } => ("person", Some(role.code())),
            Actor::Source { .. } => ("source", None),
        };
        Self { by: command.by.name().to_owned(), bykind, byrole, deed: deed_word(&command.deed) }
    }
}

impl CloudEvent {
    /// With who did what, and what happened in a sentence.
    pub fn done_by(self, who: Wanted, sentence: String) -> Self {
        Self { by: Some(who), sentence: Some(sentence), ..self }
    }
}

/// All events of a journal entry.
pub fn of_entry(position: u64, entry: &Entry) -> Vec<CloudEvent> {
    entry.events.iter().zip(0..).map(|(event, index)| of_event(position, index, entry, event)).collect()
}

/// Where an event stands, by its id: the journal's position, and its number in that entry.
pub fn place(id: &str) -> Option<(u64, usize)> {
    let (position, index) = id.strip_prefix("evt_")?.split_once('_')?;
    Some((position.parse().ok()?, index.parse().ok()?))
}

fn of_event(position: u64, index: usize, entry: &Entry, event: &Event) -> CloudEvent {
    let mut data = serde_json::to_value(event).unwrap_or_default();
    let kind = match data.as_object_mut().and_then(|fields| fields.remove("type")) {
        Some(Value::String(kind)) => kind,
        _ => String::from("unknown"),
    };
    let subject = ["order", "source"].iter().find_map(|name| match data.get(name)? {
        Value::String(id) => Some(id.clone()),
        Value::Object(record) => Some(record.get("id")?.as_str()?.to_owned()),
        _ => None,
    });
    let subject = subject.or_else(|| {
        data.get("case")?.get("id")?.as_str().map(|id| id.rsplit_once('-').map_or(id, |(parent, _)| parent).to_owned())
    });
    CloudEvent {
        specversion: "1.0",
        id: format!("evt_{position}_{index}"),
        source: "/countersign",
        kind: format!("countersign.{kind}.v1"),
        time: entry.at,
        subject,
        datacontenttype: "application/json",
        by: None,
        sentence: None,
        data,
    }
}
