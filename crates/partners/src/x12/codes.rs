//! Code tables of X12 as drop-ship partners use them. A partner's own settings stand above each of them.
//!
//! Knows no segment. The words are ours; the codes are those that public partner guides list.

use crate::desk::ItemName;
use countersign_engine::reason::Reason;

/// What a product id qualifier (element 235) names. `SK` is the retailer's, because our own purchase orders say so.
pub(crate) const ITEM_IDS: &[(&str, ItemName)] = &[
    ("BP", ItemName::Sku),
    ("CB", ItemName::Sku),
    ("EN", ItemName::Gtin),
    ("IN", ItemName::Sku),
    ("MF", ItemName::VendorSku),
    ("MG", ItemName::VendorSku),
    ("SK", ItemName::Sku),
    ("UA", ItemName::Gtin),
    ("UI", ItemName::Gtin),
    ("UK", ItemName::Gtin),
    ("UP", ItemName::Gtin),
    ("VA", ItemName::VendorSku),
    ("VC", ItemName::VendorSku),
    ("VN", ItemName::VendorSku),
    ("VP", ItemName::VendorSku),
];

/// Quantity qualifiers (element 673) that say what may be sold, best first. `17` is on hand: less what is committed,
/// damaged or unusable it is the best that some partners have. `QO` is never among them: it is an operating quantity.
pub(crate) const AVAILABLE: &[&str] = &["33", "V2", "RJ", "34", "17"];
/// Of these, which are on hand.
pub(crate) const ON_HAND: &[&str] = &["17"];
/// Taken off an on-hand quantity where the same line states them.
pub(crate) const NOT_AVAILABLE: &[&str] = &["20", "27", "74", "QH"];
/// Quantities that are to come; without a date they are of no use.
pub(crate) const TO_COME: &[&str] = &["29", "63", "IQ"];

/// Units that partners send with another meaning than the code list gives: `CS` is a cassette there, a case in life.
pub(crate) const UNITS_IN: &[(&str, &str)] = &[("CS", "CA")];

/// Units of UN/ECE Recommendation 20 in X12.
pub(crate) const UNITS_OUT: &[(&str, &str)] =
    &[("DZN", "DZ"), ("KGM", "KG"), ("LTR", "LT"), ("MTR", "MR"), ("NPR", "PR"), ("PCE", "PC"), ("SET", "ST")];

/// Where tracking numbers stand, best first.
pub(crate) const TRACKING: &[&str] = &["REF:2I", "REF:CN", "MAN:CP", "REF:TN", "TD3"];

/// Date qualifiers (element 374) that say when it leaves.
pub(crate) const SHIP_DATES: &[&str] = &["068", "079", "010", "011", "037", "038", "118", "370"];
/// Date qualifiers that say when it arrives.
pub(crate) const DELIVERY_DATES: &[&str] = &["067", "069", "002", "017", "035", "063", "064", "074"];
/// Date qualifiers that say from when stock is there.
pub(crate) const AVAILABLE_DATES: &[&str] = &["018", "169", "017", "002", "010", "067", "068", "019", "196"];

/// What an answer to a line (ACK01, element 668) means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It comes, in the quantity that the answer states.
    Accepted,
    /// It comes, at a price that is not the one ordered.
    AcceptedAtPrice,
    /// A part comes, the balance later.
    PartBackordered,
    /// It comes later.
    Backordered,
    /// Something else comes.
    Substituted,
    /// It does not come.
    Rejected,
    /// No answer yet.
    OnHold,
}

/// Answers by code.
pub(crate) const ANSWERS: &[(&str, Answer)] = &[
    ("AA", Answer::Accepted),
    ("AC", Answer::Accepted),
    ("AR", Answer::Accepted),
    ("BP", Answer::PartBackordered),
    ("DR", Answer::Accepted),
    ("IA", Answer::Accepted),
    ("IB", Answer::Backordered),
    ("IC", Answer::Accepted),
    ("ID", Answer::Rejected),
    ("IE", Answer::AcceptedAtPrice),
    ("IF", Answer::OnHold),
    ("IH", Answer::OnHold),
    ("IP", Answer::AcceptedAtPrice),
    ("IQ", Answer::Accepted),
    ("IR", Answer::Rejected),
    ("IS", Answer::Substituted),
    ("IW", Answer::OnHold),
    ("R1", Answer::Rejected),
    ("R2", Answer::Rejected),
    ("R3", Answer::Rejected),
    ("R4", Answer::Rejected),
    ("R5", Answer::Rejected),
    ("R6", Answer::Rejected),
    ("R7", Answer::Rejected),
    ("R8", Answer::Rejected),
    ("SP", Answer::Accepted),
];

/// The answer behind a code.
pub(crate) fn answer(code: &str) -> Option<Answer> {
    ANSWERS.iter().find(|(known, _)| *known == code).map(|(_, answer)| *answer)
}

/// Reasons by code: ACK01, ISR01 and what partners write into ACK29 and REF.
pub(crate) const REASONS: &[(&str, Reason)] = &[
    ("BO", Reason::AckBackordered),
    ("BP", Reason::AckPartialQuantity),
    ("DI", Reason::AckRejectedDiscontinued),
    ("DR", Reason::AckDateChanged),
    ("DS", Reason::AckRejectedOutOfStock),
    ("IB", Reason::AckBackordered),
    ("IQ", Reason::AckPartialQuantity),
    ("IS", Reason::AckSubstitution),
    ("R1", Reason::AckRejectedOther),
    ("R2", Reason::AckRejectedUnknownItem),
    ("R3", Reason::CatalogUnitMismatch),
    ("R4", Reason::AckRejectedOutOfStock),
    ("discontinued", Reason::AckRejectedDiscontinued),
    ("invalid_sku", Reason::AckRejectedUnknownItem),
    ("out_of_stock", Reason::AckRejectedOutOfStock),
    ("price", Reason::AckRejectedPrice),
];

/// What a header answer (BAK02, BCA02, element 587) means for the lines that the document does not answer itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeaderAnswer {
    /// Accepted as ordered.
    Accepted,
    /// Rejected.
    Rejected,
    /// The document names the exceptions; the rest is accepted.
    Exceptions,
    /// The lines speak for themselves.
    ByLine,
    /// No answer yet.
    OnHold,
}

/// Header answers by code.
pub(crate) fn header_answer(code: &str) -> Option<HeaderAnswer> {
    match code {
        "AD" | "AK" | "AP" | "AT" => Some(HeaderAnswer::Accepted),
        "RD" | "RF" | "RJ" => Some(HeaderAnswer::Rejected),
        "AE" => Some(HeaderAnswer::Exceptions),
        "" | "AC" | "NA" | "RO" | "RV" | "ZZ" => Some(HeaderAnswer::ByLine),
        "AH" => Some(HeaderAnswer::OnHold),
        _ => None,
    }
}

/// TD512 by service level, where a partner has agreed on nothing else (element 284).
pub(crate) const SERVICE_CODES: &[(&str, &str)] = &[
    ("standard", "CG"),
    ("ground", "CG"),
    ("expedited", "SE"),
    ("two_day", "SE"),
    ("next_day", "ND"),
    ("overnight", "ON"),
];
