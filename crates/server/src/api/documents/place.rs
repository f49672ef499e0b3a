//! Where in a source's file it speaks of one purchase order, or of one of its lines: the file is read again as it was read
//! when it came.

use countersign_engine::document::Inbound;
use countersign_engine::ids::PoNumber;
use countersign_engine::source::Source;
use countersign_partners::dialects::Partners;
use countersign_partners::seam::{Context, Dialect, Document, Place};
use countersign_runtime::ports::{InboxEntry, Store, StoreError};

/// The byte at which the file speaks of it; nothing if it does not, or nobody can tell.
pub(super) fn of(
    store: &dyn Store,
    source: &Source,
    entry: &InboxEntry,
    number: &PoNumber,
    line: Option<&str>,
) -> Result<Option<u64>, StoreError> {
    let context = Context::new(&entry.new.name, entry.new.received_at);
    let reading = Partners.read(source, &entry.new.bytes, &context);
    if let Some(place) = reading.documents.iter().find_map(|d| in_document(d, number, line)) {
        return Ok(Some(place.byte));
    }
    for receipt in &reading.receipts {
        let paper = store.errand_by_reference(&source.id, &receipt.reference)?;
        if paper.is_some_and(|errand| errand.new.po == *number) {
            return Ok(Some(receipt.place.byte));
        }
    }
    Ok(None)
}

fn in_document<'a>(document: &'a Document, number: &PoNumber, line: Option<&str>) -> Option<&'a Place> {
    // Of several answers for one line, the one that says no is what people look for.
    let (po, found) = match &document.content {
        Inbound::Acknowledgment(answer) => {
            let mine =
                |l: &&(usize, &countersign_engine::document::AcknowledgmentLine)| Some(l.1.line.as_str()) == line;
            let lines: Vec<_> = answer.lines.iter().enumerate().collect();
            let declined = lines.iter().filter(mine).find(|(_, l)| !l.rejected.is_zero());
            (&answer.po, declined.or_else(|| lines.iter().find(mine)).map(|(i, _)| *i))
        }
        Inbound::Shipment(notice) => (&notice.po, notice.lines.iter().position(|l| Some(l.line.as_str()) == line)),
        Inbound::CancellationAnswer(answer) => (&answer.po, answer.lines.iter().position(|l| Some(l.as_str()) == line)),
        Inbound::Receipt(receipt) => (&receipt.po, None),
        _ => return None,
    };
    (po == number).then(|| found.map_or(&document.place, |i| document.place_of(i)))
}
