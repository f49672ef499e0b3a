//! The copy: what a sandbox takes over of an installation. Items, sources, offers, advice, the policy in force, and what
//! the journal and kept histories tell of how each source behaves. No order, no person, no customer, no secret, no wire.
//!
//! Only reads the store that it copies.

use super::stage::Stage;
use crate::histories;
use crate::office::Office;
use anyhow::{Context, Result, bail};
use countersign_engine::command::{Actor, Command, Deed, ReportAdvice, ReportedLine};
use countersign_engine::ids::{Sku, SourceId};
use countersign_engine::item::Item;
use countersign_engine::journal::Entry;
use countersign_engine::offer::Offer;
use countersign_engine::policy::{Limit, Policy};
use countersign_engine::slice::{Key, Record};
use countersign_engine::source::{Channel, Dialect, Source};
use countersign_engine::stock::{Origin, Stock};
use countersign_runtime::learn::Learner;
use countersign_runtime::ports::{List, Store};
use countersign_runtime::request::{Handled, Request};
use countersign_sim::history::History;
use countersign_sim::history::journal::Journal;
use countersign_sim::replay::model::Models;
use jiff::Timestamp;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Records read at once.
const PAGE: u32 = 1_000;
/// Commands handed in at once.
const COMMANDS: usize = 1_000;
/// Advice lines of one command.
const LINES: usize = 1_000;
/// Sources of histories named where nobody is recorded.
const NAMED_MAX: usize = 5;
/// How what a sandbox plays with is recorded.
pub const RECORDING: &str = "PUT /v1/items/{sku}, /v1/sources/{source}, /v1/sources/{source}/offers/{sku}, or \
                             `countersign import`";
/// Shortest clock of a sandbox, in seconds: a person has to see it run.
const CLOCK_S_MIN: u32 = 5;

/// What was copied.
pub struct Copy {
    /// Items.
    pub items: Vec<Arc<Item>>,
    /// Sources, their channels led to the stage.
    pub sources: Vec<Source>,
    /// Offers of those sources.
    pub offers: Vec<Arc<Offer>>,
    stock: Vec<Arc<Stock>>,
    /// The policy in force.
    pub policy: Policy,
    journal: Journal,
    /// Kept histories that know one of the sources, the latest first.
    histories: Vec<History>,
    learner: Learner,
}

/// All records of a list.
fn all<T>(store: &dyn Store, list: &List, pick: impl Fn(Record) -> Option<(String, T)>) -> Result<Vec<T>> {
    let (mut all, mut after): (Vec<T>, Option<String>) = (vec![], None);
    loop {
        let page = store.list(list, after.as_deref(), PAGE)?;
        let full = page.len() == PAGE as usize;
        for (key, thing) in page.into_iter().filter_map(|v| pick(v.record)) {
            after = Some(key);
            all.push(thing);
        }
        if !full {
            return Ok(all);
        }
    }
}

/// A channel that leads to the stage, whatever it led to.
fn simulated() -> Channel {
    Channel { dialect: Dialect::Api, connector: json!({"type": "sandbox"}), settings: BTreeMap::new() }
}

impl Copy {
    /// Reads an installation.
    ///
    /// # Errors
    /// The store cannot be read, or it holds no source.
    pub fn of(store: &dyn Store) -> Result<Self> {
        let items = all(store, &List::Items, |r| match r {
            Record::Item(item) => Some((item.sku.to_string(), item)),
            _ => None,
        })?;
        let sources = all(store, &List::Sources, |r| match r {
            Record::Source(source) => Some((source.id.to_string(), source)),
            _ => None,
        })?;
        if sources.is_empty() {
            bail!("{}", nothing_to_copy(store)?);
        }
        let (mut offers, mut stock) = (vec![], vec![]);
        for source in &sources {
            offers.extend(all(store, &List::OffersOf(source.id.clone()), |r| match r {
                Record::Offer(offer) => Some((offer.sku.to_string(), offer)),
                _ => None,
            })?);
            stock.extend(all(store, &List::StockOf(source.id.clone()), |r| match r {
                Record::Stock(stock) => Some((stock.sku.to_string(), stock)),
                _ => None,
            })?);
        }
        let policy = match store.load(&[Key::Policy])?.pop().flatten().map(|v| v.record) {
            Some(Record::Policy(policy)) => policy.as_ref().clone(),
            _ => Policy::default(),
        };
        let (mut journal, mut learner, mut after) = (Journal::default(), Learner::default(), 0);
        loop {
            let rows = store.journal(after, PAGE)?;
            let Some(last) = rows.last() else { break };
            after = last.position;
            for row in &rows {
                let entry: Entry = serde_json::from_str(&row.body)
                    .with_context(|| format!("journal entry {} cannot be read", row.position))?;
                journal.read(&entry);
                learner.read(row.position, &entry);
            }
        }
        let histories = histories_of(store, &sources)?;
        let sources: Vec<Source> =
            sources.iter().map(|s| Source { channel: simulated(), ..s.as_ref().clone() }).collect();
        let policy = Policy { fallbacks: vec![], ..policy };
        Ok(Self { items, sources, offers, stock, policy, journal, histories, learner })
    }

    /// Takes the copy apart: the stage with vendors fitted to the journal, or where it knows nothing of one to the kept
    /// histories, and the commands that record everything else.
    pub fn set_up(mut self, speed: u32, seed: u64, now: Timestamp) -> (Stage, Vec<Deed>) {
        let history = std::mem::take(&mut self.journal).finish("the copied journal");
        let advised = self.stock.iter().map(|s| ((s.source.clone(), s.sku.clone()), s.advised)).collect();
        let categories = self.items.iter().map(|i| (i.sku.clone(), i.category.clone())).collect();
        let models = std::iter::once(&history).chain(&self.histories).map(Models::fit).collect();
        let stage = Stage::new(models, advised, categories, speed, seed);
        let mut deeds: Vec<Deed> =
            self.items.iter().map(|item| Deed::RecordItem { item: item.as_ref().clone() }).collect();
        deeds.extend(self.sources.iter().map(|source| Deed::RecordSource { source: source.clone(), only_new: false }));
        deeds.extend(self.offers.iter().map(|offer| Deed::RecordOffer { offer: offer.as_ref().clone() }));
        deeds.extend(self.advice(now));
        deeds.push(Deed::ActivatePolicy { policy: hurried(self.policy.clone(), speed) });
        // Positions of the copied journal mean nothing here: what was counted there counts as one step.
        if let Some(Deed::LearnAnswers { as_of, answers, .. }) = self.learner.uncounted(0) {
            deeds.push(Deed::LearnAnswers { after: 0, through: 1, as_of, answers });
        }
        (stage, deeds)
    }

    /// The advice as it stood, as if it had just been given.
    fn advice(&self, now: Timestamp) -> Vec<Deed> {
        let mut by_source: BTreeMap<&SourceId, Vec<ReportedLine>> = BTreeMap::new();
        for stock in self.stock.iter().filter(|s| s.is_advised()) {
            by_source.entry(&stock.source).or_default().push(advised(&stock.sku, stock.advised.get()));
        }
        let parts = by_source.into_iter().flat_map(|(source, lines)| {
            lines.chunks(LINES).map(|part| report(source, now, part.to_vec())).collect::<Vec<_>>()
        });
        parts.collect()
    }
}

/// The kept histories that know one of the sources, the latest first.
fn histories_of(store: &dyn Store, sources: &[Arc<Source>]) -> Result<Vec<History>> {
    let kept = histories::all(store)?;
    let mut kept: Vec<_> = kept.all.values().collect();
    kept.sort_by_key(|k| std::cmp::Reverse(k.history.to));
    let mut found = vec![];
    for kept in kept {
        let names = histories::sources(store, &kept.history)?;
        if sources.iter().any(|s| names.contains(s.id.as_str())) {
            found.push(histories::open(store, &kept.history.name).map_err(anyhow::Error::msg)?);
        }
    }
    Ok(found)
}

/// What is to be recorded where there is nobody to play.
fn nothing_to_copy(store: &dyn Store) -> Result<String> {
    let mut known = std::collections::BTreeSet::new();
    for kept in histories::all(store)?.all.values() {
        known.extend(histories::sources(store, &kept.history)?);
    }
    let known: Vec<String> = known.into_iter().take(NAMED_MAX).collect();
    let of_history = match known.is_empty() {
        true => String::new(),
        false => format!(
            " A kept history knows how {} behave; record them under those ids, and they play as they did there.",
            known.join(", ")
        ),
    };
    Ok(format!(
        "this installation has no sources to copy: record sources, items and offers first ({RECORDING}), or look at \
         `countersign demo`.{of_history}"
    ))
}

/// A line of advice.
pub fn advised(sku: &Sku, quantity: u32) -> ReportedLine {
    serde_json::from_value(json!({"sku": sku, "quantity": quantity})).expect("because a line needs no more")
}

/// Advice of a source.
pub fn report(source: &SourceId, as_of: Timestamp, lines: Vec<ReportedLine>) -> Deed {
    let (source, origin) = (source.clone(), Origin::Api);
    Deed::ReportAdvice(ReportAdvice { source, as_of, origin, full: false, completes_feed: false, unchanged: 0, lines })
}

/// The policy with its clocks running that much faster; business hours would outlast any lesson.
pub fn hurried(mut policy: Policy, speed: u32) -> Policy {
    let hurry = |limit: &mut Option<Limit>| {
        if let Some(limit) = limit {
            limit.within_s = (limit.within_s / speed.max(1)).max(CLOCK_S_MIN);
            limit.time = Default::default();
        }
    };
    for rule in &mut policy.clocks {
        [&mut rule.receipt, &mut rule.acknowledgment, &mut rule.ship_notice, &mut rule.cancel_answer]
            .into_iter()
            .for_each(hurry);
    }
    policy
}

/// Has the office do everything, and fails at the first thing that it refuses.
///
/// # Errors
/// What was refused, and why.
pub async fn carry_out(office: &Office, deeds: Vec<Deed>) -> Result<()> {
    let by = Actor::Program { name: "sandbox".into() };
    for part in deeds.chunks(COMMANDS) {
        let requests = part.iter().map(|deed| Request::new(Command { by: by.clone(), deed: deed.clone() })).collect();
        for handled in office.submit_all(requests).await.into_iter().flatten() {
            match handled {
                Handled::Done(_) | Handled::Again(_) => {}
                Handled::Refused(refusal) => bail!("the copy was refused: {refusal}"),
                other => bail!("the copy could not be recorded: {other:?}"),
            }
        }
    }
    Ok(())
}
