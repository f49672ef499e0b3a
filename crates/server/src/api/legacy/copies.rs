//! Copies of papers that the legacy path exchanged with a source: its answers, ship notices and cancellations, read as
//! this source's papers always are, and taken in as facts of orders that are only watched.

use super::GROUP;
use crate::api::call::Call;
use crate::api::input::{Bulk, BulkForm, Forms};
use crate::api::output::Reply;
use crate::api::route::{Api, Route};
use crate::auth::Permission::CaptureOrders;
use crate::problem::{Kind, Problem, of_handled};
use countersign_engine::command::{Command, Deed};
use countersign_engine::document::Inbound;
use countersign_engine::ids::{LineId, OrderId, PoNumber, SourceId, VendorSku};
use countersign_engine::legacy::{LegacyFact, LegacyReport};
use countersign_engine::measure::Quantity;
use countersign_engine::offer::Offer;
use countersign_engine::order::Order;
use countersign_engine::reason::Reason;
use countersign_engine::slice::{Key, Record};
use countersign_engine::source::Source;
use countersign_partners::dialects::Partners;
use countersign_partners::matching::{OrderedLine, settle};
use countersign_partners::seam::{Context, Dialect, Document};
use countersign_runtime::{Handled, Request};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

pub(super) fn routes(api: &mut Api) {
    api.add(
        Route::post("/v1/legacy/documents", CaptureOrders, GROUP, "Take in a copy of a paper of the legacy path").words(
            "What the source answered, shipped or cancelled there (855, 856, 865, ORDRSP, DESADV, or a body of the vendor \
             API), as its channel's dialect reads it. The purchase order is ours, or bears the order's own id. The same \
             copy again changes nothing. No receipt is sent, and no answer counts as an answer to us.",
        ),
        post,
    );
}

/// Whose paper it is.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct CopyQuery {
    /// The source.
    source: String,
}

impl BulkForm for CopyQuery {
    fn forms() -> Forms {
        let text = serde_json::json!({"type": "string"});
        let body = serde_json::json!({"type": "object", "description": "A body of the vendor API."});
        let forms =
            vec![("application/edi-x12", text.clone()), ("application/edifact", text), ("application/json", body)];
        (forms, vec![])
    }
}

/// What was made of a copy.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LegacyCopy)]
pub(super) struct CopyView {
    facts: Vec<FactView>,
    /// What was found wrong or unusual in it, each as a sentence.
    findings: Vec<String>,
}

/// One fact of a copy.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LegacyCopyFact)]
struct FactView {
    order: String,
    line: Option<String>,
    /// `confirmed`, `rejected`, `shipped` or `cancelled`.
    fact: &'static str,
    quantity: Option<u32>,
    /// Why it was not taken in, if it was not.
    problem: Option<String>,
}

/// An order and what a source calls its items.
struct Watched {
    order: Arc<Order>,
    offers: BTreeMap<LineId, Arc<Offer>>,
}

async fn post(call: Call, body: Bulk<CopyQuery>) -> Result<Reply<CopyView>, Problem> {
    let text = body.query.source.as_str();
    let id = SourceId::new(text).map_err(|e| Problem::field("?source", text, "invalid", e.to_string()))?;
    let Some(Record::Source(source)) = call.record(Key::Source(id)).await? else {
        return Err(Problem::absent(Kind::UnknownSource, text));
    };
    let reading = Partners.read(&source, &body.bytes, &Context::new("copy", call.now()));
    let mut findings: Vec<String> = reading.findings.iter().map(|f| f.sentence.clone()).collect();
    let stamp = hex::encode(&Sha256::digest(&body.bytes)[..12]);
    let (mut reports, mut facts) = (vec![], vec![]);
    for mut document in reading.documents {
        let Some(po) = po_of(&document) else { continue };
        let Some(watched) = watched(&call, &po, &source).await? else {
            findings.push(format!("There is no order behind purchase order {po}: capture the order first."));
            continue;
        };
        findings.extend(settle(&mut document, &watched.ordered(call.now())).into_iter().map(|f| f.sentence));
        reports.extend(watched.reports(&source, &document, &stamp, call.now()));
    }
    let command = |report: &LegacyReport| {
        let command = Command { by: call.actor(), deed: Deed::RecordLegacy(report.clone()) };
        Request::caused(command, call.request_id().clone())
    };
    let answers: Vec<Vec<Handled>> = call.app().office().submit_all(reports.iter().map(command).collect()).await;
    for (report, handled) in reports.iter().zip(answers) {
        facts.push(FactView {
            order: report.order.to_string(),
            line: report.line.as_ref().map(ToString::to_string),
            fact: report.fact.word(),
            quantity: report.quantity.map(Quantity::get),
            problem: handled.iter().find_map(of_handled).map(|p| p.detail),
        });
    }
    if facts.is_empty() && findings.is_empty() {
        let sentence =
            "The copy accepts nothing, rejects nothing, ships nothing and cancels nothing: nothing was taken in.";
        findings.push(sentence.into());
    }
    Ok(Reply::of(&CopyView { facts, findings }))
}

fn po_of(document: &Document) -> Option<PoNumber> {
    match &document.content {
        Inbound::Acknowledgment(answer) => Some(answer.po.clone()),
        Inbound::Shipment(notice) => Some(notice.po.clone()),
        Inbound::CancellationAnswer(answer) => Some(answer.po.clone()),
        Inbound::Advice(_) | Inbound::Receipt(_) => None,
    }
}

/// The order behind a purchase order: by our own number of it, or by the order's id.
async fn watched(call: &Call, po: &PoNumber, source: &Source) -> Result<Option<Watched>, Problem> {
    let own = OrderId::new(po.as_str()).ok();
    let ids = own.into_iter().chain(po.split().map(|(order, _)| order));
    for id in ids {
        let Some(Record::Order(order)) = call.record(Key::Order(id)).await? else { continue };
        let mut offers = BTreeMap::new();
        for line in &order.lines {
            if let Some(Record::Offer(offer)) = call.record(Key::Offer(source.id.clone(), line.sku.clone())).await? {
                offers.insert(line.id.clone(), offer);
            }
        }
        return Ok(Some(Watched { order, offers }));
    }
    Ok(None)
}

impl Watched {
    fn pack(&self, line: &LineId) -> u32 {
        self.offers.get(line).map_or(1, |offer| offer.pack.base_units)
    }

    /// The lines as a purchase order to the source would have them.
    fn ordered(&self, now: Timestamp) -> Vec<OrderedLine> {
        let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let line = |l: &countersign_engine::order::Line| {
            let offer = self.offers.get(&l.id);
            let promised = l.legacy.as_ref().and_then(|legacy| legacy.deliver_by);
            Some(OrderedLine {
                line: l.id.as_str().into(),
                sku: l.sku.clone(),
                vendor_sku: offer
                    .map_or_else(|| VendorSku::new(l.sku.as_str()).ok(), |o| Some(o.vendor_sku.clone()))?,
                gtin: l.gtin.as_ref().map(|gtin| gtin.as_str().into()),
                quantity: l.quantity.packs(self.pack(&l.id)).0,
                unit: offer.map_or_else(|| l.unit.clone(), |o| o.pack.unit.clone()),
                ship_by: today,
                deliver_by: promised.unwrap_or(today),
            })
        };
        self.order.lines.iter().filter_map(line).collect()
    }

    /// When a paper says that something happened. Many say only the day, which begins before the order of that day.
    fn happened(&self, at: Timestamp) -> Timestamp {
        let placed = self.order.placed_at;
        if placed.duration_since(at) < SignedDuration::from_hours(24) { at.max(placed) } else { at }
    }

    /// The facts of a document, one per line.
    fn reports(&self, source: &Source, document: &Document, stamp: &str, now: Timestamp) -> Vec<LegacyReport> {
        let (mut all, mut n) = (vec![], 0);
        let written = document.written_at.unwrap_or(now);
        let mut add = |line: Option<&str>, packs: Option<Quantity>, at: Timestamp, fact: LegacyFact| {
            n += 1;
            let line = line.and_then(|text| LineId::new(text).ok());
            let quantity = packs.and_then(|p| p.times(line.as_ref().map_or(1, |l| self.pack(l))));
            let reference = Some(smol_str::format_smolstr!("{stamp}-{n}"));
            let at = self.happened(at);
            all.push(LegacyReport { order: self.order.id.clone(), line, at, reference, quantity, fact });
        };
        match &document.content {
            Inbound::Acknowledgment(answer) => {
                for line in answer.lines.iter().filter(|l| !l.accepted.is_zero()) {
                    let fact = LegacyFact::Confirmed { source: Some(source.id.clone()) };
                    add(Some(&line.line), Some(line.accepted), written, fact);
                }
                for line in answer.lines.iter().filter(|l| !l.rejected.is_zero()) {
                    let fact = LegacyFact::Rejected { source: Some(source.id.clone()), reason: line.reason };
                    add(Some(&line.line), Some(line.rejected), written, fact);
                }
            }
            Inbound::Shipment(notice) => {
                for line in &notice.lines {
                    let (carrier, tracking) = (notice.carrier.clone(), notice.tracking.clone());
                    let fact = LegacyFact::Shipped { carrier, tracking };
                    add(Some(&line.line), Some(line.quantity), notice.shipped_at, fact);
                }
            }
            Inbound::CancellationAnswer(answer) if answer.accepted => {
                let fact = LegacyFact::Cancelled { reason: Reason::CancelVendor };
                if answer.lines.is_empty() {
                    add(None, None, written, fact.clone());
                }
                answer.lines.iter().for_each(|line| add(Some(line), None, written, fact.clone()));
            }
            _ => {}
        }
        all
    }
}
