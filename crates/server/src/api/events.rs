//! Every event in order, resumable from a position: as NDJSON pages or as server-sent events.

use super::call::Call;
use super::input::Query;
use super::orders::read_entry;
use super::output::Raw;
use super::route::{Api, Route};
use crate::auth::Found;
use crate::auth::Permission::ReadEvents;
use crate::cloud_event::{CloudEvent, Wanted, of_entry};
use crate::problem::Problem;
use axum::body::Bytes;
use axum::http::{HeaderName, header};
use countersign_engine::explain;
use countersign_runtime::ports::JournalRow;
use serde::Deserialize;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use utoipa::IntoParams;

/// Journal entries on one page, unless more are asked for.
const PAGE: u32 = 200;
/// Most entries on one page.
const PAGE_MAX: u32 = 2_000;
/// Entries read at once for a stream.
const STREAM_PAGE: u32 = 256;
/// A silent stream says that it lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// A stream is not woken more often than this: a burst is told in one piece.
const CALM: Duration = Duration::from_millis(50);
/// How often a stream looks whether its caller may still listen.
const ADMIT_AGAIN: Duration = Duration::from_secs(30);
/// Longest wait for something to happen.
const WAIT_S_MAX: u64 = 60;
/// Tells where the next page begins, also where every event of this one was filtered out.
const NEXT: HeaderName = HeaderName::from_static("x-next-after");

pub(super) fn routes(api: &mut Api) {
    api.add(
        Route::get("/v1/events", ReadEvents, "Events", "Follow events").words(
            "CloudEvents 1.0 (`countersign.<thing>.<past tense>.v1`), in order, each with the same id whenever it is told. \
             As NDJSON: a page of journal entries after `after`; the header `x-next-after` tells where the next page \
             begins; with `Prefer: wait=SECONDS` an empty page is held back until something happens. With \
             `Accept: text/event-stream`: all of them as they happen, resumed by `Last-Event-ID` or `after`; without \
             either the stream begins now. `by`, `bykind`, `byrole` and `deed` say whose deed led to it, `sentence` what happened. A reader must pass over types it does not know.",
        ),
        get,
    );
}

/// From where, and which.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct EventQuery {
    /// After this journal position or event id.
    #[serde(default)]
    after: Option<String>,
    /// Journal entries on the page, at most 2,000.
    #[serde(default)]
    limit: Option<u32>,
    /// Only these types, parted by commas.
    #[serde(default)]
    types: Option<String>,
    /// Only what this login, key or source did; `countersign` for what clocks did.
    #[serde(default)]
    by: Option<String>,
    /// Only what came of these deeds, parted by commas: `cancel_order`, `assign_case`, …
    #[serde(default)]
    deed: Option<String>,
}

/// Which events are told.
struct Filter {
    types: Vec<String>,
    by: Option<String>,
    deeds: Vec<String>,
}

impl Filter {
    fn of(query: &EventQuery) -> Self {
        let words = |text: &Option<String>| -> Vec<String> {
            let words = text.as_deref().unwrap_or_default().split(',').map(str::trim);
            words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
        };
        let by = query.by.as_deref().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned);
        Self { types: words(&query.types), by, deeds: words(&query.deed) }
    }
    fn wants(&self, who: &Wanted) -> bool {
        self.by.as_ref().is_none_or(|name| name.eq_ignore_ascii_case(&who.by))
            && (self.deeds.is_empty() || self.deeds.iter().any(|deed| deed == who.deed))
    }
}

/// A place between two events: all entries before `entry` are over, and of `entry` the first `events`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    entry: u64,
    events: usize,
}

impl Place {
    /// After the whole of an entry.
    fn after(position: u64) -> Self {
        Place { entry: position + 1, events: 0 }
    }

    fn parse(text: &str) -> Option<Self> {
        let plain = text.strip_prefix("evt_").unwrap_or(text);
        match plain.split_once(['_', '.']) {
            Some((entry, index)) => {
                Some(Place { entry: entry.parse().ok()?, events: index.parse::<usize>().ok()?.saturating_add(1) })
            }
            None => plain.parse::<u64>().ok().map(|n| Place::after(n.min(u64::MAX - 1))),
        }
    }
}

async fn get(call: Call, Query(query): Query<EventQuery>) -> Result<Raw, Problem> {
    let wants_stream = call.header(header::ACCEPT.as_str()).is_some_and(|a| a.contains("text/event-stream"));
    let last_id = call.header("last-event-id").filter(|_| wants_stream).map(str::to_owned);
    let filter = Filter::of(&query);
    let given = last_id.or(query.after).filter(|text| !text.is_empty());
    let place = match &given {
        Some(text) => Some(Place::parse(text).ok_or_else(|| {
            Problem::field("?after", text.as_str(), "invalid", "give a journal position or the id of an event")
        })?),
        None => None,
    };
    if wants_stream {
        return Ok(stream(call, place, filter));
    }
    let limit = query.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX);
    page(&call, place.unwrap_or(Place::after(0)), limit, &filter).await
}

async fn page(call: &Call, place: Place, limit: u32, filter: &Filter) -> Result<Raw, Problem> {
    let mut head = call.app().office().head();
    let until = call.wait_s().map(|s| tokio::time::Instant::now() + Duration::from_secs(s.min(WAIT_S_MAX)));
    let rows = loop {
        let after = place.entry.saturating_sub(1);
        let rows = call.read(move |store| store.journal(after, limit)).await?;
        let Some(until) = until.filter(|_| rows.is_empty()) else { break rows };
        if tokio::time::timeout_at(until, head.changed()).await.is_err() {
            break rows;
        }
    };
    let next = rows.last().map_or(place.entry.saturating_sub(1), |row| row.position);
    let mut text = String::with_capacity(rows.len() * 400);
    for event in events(&rows, place, filter) {
        text.push_str(&super::call::json(&event));
        text.push('\n');
    }
    Ok(Raw::text("application/x-ndjson", text).header(NEXT, &next.to_string()))
}

/// The events of these entries from a place on.
fn events(rows: &[JournalRow], place: Place, filter: &Filter) -> Vec<CloudEvent> {
    let entries = rows.iter().filter_map(read_entry);
    let from = |position: u64| if position == place.entry { place.events } else { 0 };
    let all = entries.flat_map(|(position, entry)| {
        let who = Wanted::of(&entry.command);
        let told = if filter.wants(&who) { of_entry(position, &entry) } else { vec![] };
        let told = told.into_iter().zip(entry.events).skip(from(position));
        told.map(move |(envelope, event)| {
            let sentence = explain::event_by(&entry.command.by, &event);
            envelope.done_by(who.clone(), sentence)
        })
    });
    all.filter(|event| filter.types.is_empty() || filter.types.contains(&event.kind)).collect()
}

/// A reader of the stream.
struct Listener {
    call: Call,
    place: Place,
    filter: Filter,
    head: watch::Receiver<u64>,
    admitted: Instant,
    first: bool,
}

fn stream(call: Call, place: Option<Place>, filter: Filter) -> Raw {
    let head = call.app().office().head();
    let place = place.unwrap_or_else(|| Place::after(*head.borrow()));
    let start = Listener { call, place, filter, head, admitted: Instant::now(), first: true };
    let pieces = futures_util::stream::unfold(start, |mut listener| async move {
        let piece = listener.next().await?;
        Some((Ok(Bytes::from(piece)), listener))
    });
    // Buffering proxies would hold events back.
    Raw::stream("text/event-stream", pieces).header(HeaderName::from_static("x-accel-buffering"), "no")
}

impl Listener {
    /// The next piece of the stream; `None` ends it.
    async fn next(&mut self) -> Option<String> {
        if std::mem::take(&mut self.first) {
            // Something at once, so that the reader knows the line stands; and how soon to come again.
            return Some("retry: 1000\n: listening\n\n".into());
        }
        let silent = tokio::time::Instant::now() + KEEP_ALIVE;
        loop {
            if self.admitted.elapsed() > ADMIT_AGAIN {
                self.admitted = Instant::now();
                let auth = self.call.app().auth();
                if !matches!(auth.find(self.call.headers(), self.call.now()), Found::Known(_)) {
                    return None;
                }
            }
            self.head.borrow_and_update();
            let after = self.place.entry.saturating_sub(1);
            let rows = self.call.read(move |store| store.journal(after, STREAM_PAGE)).await.ok()?;
            if let Some(last) = rows.last() {
                let text = told(&events(&rows, self.place, &self.filter));
                self.place = Place::after(last.position);
                if !text.is_empty() {
                    return Some(text);
                }
                continue;
            }
            if tokio::time::timeout_at(silent, self.head.changed()).await.is_err() {
                return Some(": still listening\n\n".into());
            }
            tokio::time::sleep(CALM).await;
        }
    }
}

fn told(events: &[CloudEvent]) -> String {
    let mut text = String::with_capacity(events.len() * 450);
    for event in events {
        text.push_str("id: ");
        text.push_str(&event.id);
        text.push_str("\ndata: ");
        text.push_str(&super::call::json(event));
        text.push_str("\n\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_from_positions_and_ids() {
        assert_eq!(Place::parse("17"), Some(Place { entry: 18, events: 0 }));
        assert_eq!(Place::parse("evt_17_0"), Some(Place { entry: 17, events: 1 }));
        assert_eq!(Place::parse("17.2"), Some(Place { entry: 17, events: 3 }));
        assert_eq!(Place::parse("soon"), None);
        assert!(Place::parse(&u64::MAX.to_string()).is_some());
    }
}
