//! Findings of this step: what reading could not know, because it takes the catalogue or the order to see it.

use countersign_engine::reason::Reason;
use countersign_engine::refusal::{Refusal, RefusalKind};
use countersign_partners::seam::{Finding, Place, Severity};
use smol_str::{SmolStr, format_smolstr};

pub(super) fn finding(reason: Reason, severity: Severity, place: Place, sentence: String) -> Finding {
    let (id, advice) = (SmolStr::new_static(reason.code()), advice_for(reason));
    Finding { id, severity, place, sentence, advice: advice.to_owned(), value: None }
}

pub(super) fn bug(place: Place, sentence: String) -> Finding {
    let advice = "Tell those who make Countersign; replay the file once it is mended.".to_owned();
    Finding { id: SmolStr::new_static("bug"), severity: Severity::Fatal, place, sentence, advice, value: None }
}

pub(super) fn of_refusal(refusal: &Refusal, place: Place) -> Finding {
    let fault = refusal.faults.first();
    let code = fault.and_then(|f| Reason::from_code(&f.reason));
    let id = match (code, refusal.kind) {
        (Some(reason), _) => SmolStr::new_static(reason.code()),
        (None, RefusalKind::UnknownPurchaseOrder | RefusalKind::UnknownOrder) => {
            SmolStr::new_static(Reason::EdiUnmatchedPo.code())
        }
        (None, kind) => format_smolstr!("{kind:?}"),
    };
    let advice = code.map_or("Ask the partner what is meant, or mend our records and replay the file.", advice_for);
    Finding {
        id,
        severity: Severity::Error,
        place,
        sentence: refusal.sentence.clone(),
        advice: advice.to_owned(),
        value: fault.map(|f| f.value.clone()),
    }
}

fn advice_for(reason: Reason) -> &'static str {
    match reason {
        Reason::CatalogUnknownSku => {
            "Record the offer (the source's number and ours), or tell the source to drop the item."
        }
        Reason::CatalogUnknownOffer => "The names given mean different items: mend the offer, or ask the source.",
        Reason::CatalogUnitMismatch => "Mend the offer's unit and pack, or ask the source to send that unit.",
        Reason::CatalogPackMismatch => "The quantity is too large to be true: ask the source.",
        Reason::CatalogGtinMismatch => "Mend the GTIN of the item, or ask the source which item it means.",
        Reason::EdiUnknownPartner => "Record the source, or mend the channel's settings, then replay the file.",
        Reason::EdiUnmatchedPo => "Check the purchase order's number with the source, then replay the file.",
        _ => "Ask the partner what is meant, or mend our records and replay the file.",
    }
}
