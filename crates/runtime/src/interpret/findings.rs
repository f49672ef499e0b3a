//! Findings of this step: what reading could not know, because it takes the catalogue or the order to see it.

use countersign_engine::reason::Reason;
use countersign_engine::refusal::{Refusal, RefusalKind};
use countersign_partners::seam::{Finding, Place, Severity};
use smol_str::SmolStr;

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
        (None, kind) => fault.map(|f| SmolStr::new(&f.reason)).filter(is_code).unwrap_or_else(|| word(kind)),
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

/// Reason codes are lower snake case; what else stands there is a sentence.
fn is_code(reason: &SmolStr) -> bool {
    !reason.is_empty() && reason.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

/// The stable word of a kind of refusal, as reason codes are written.
fn word(kind: RefusalKind) -> SmolStr {
    let word = serde_json::to_value(kind).ok().and_then(|word| word.as_str().map(|word| word.replace('-', "_")));
    word.unwrap_or_else(|| "refused".to_owned()).into()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_found_under_a_stable_code() {
        let id = |refusal: &Refusal| of_refusal(refusal, Place::default()).id;
        assert_eq!(id(&Refusal::new(RefusalKind::InvalidField, "no")), "invalid_field");
        let field = |reason: &str| Refusal::field(RefusalKind::InvalidField, "/lines/0", "9", reason, "no");
        assert_eq!(id(&field("quantity_out_of_range")), "quantity_out_of_range");
        assert_eq!(id(&field("must be a number")), "invalid_field");
    }
}
