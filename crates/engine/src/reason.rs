//! Reason codes: stable words for why, each with a sentence for people.
//!
//! One table, nothing else. A code, once released, keeps its meaning for ever.

use serde::{Deserialize, Serialize};

// One macro, because code, wire word and sentence must stand on one line or they drift apart.
macro_rules! reasons {
    ($($variant:ident = $code:literal : $sentence:literal,)*) => {
        /// Why something was decided, refused, opened or ended.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Reason { $(#[doc = $sentence] #[serde(rename = $code)] $variant,)* }

        impl Reason {
            /// Every reason, in table order.
            pub const ALL: &[Reason] = &[$(Reason::$variant,)*];
            /// The stable wire word.
            pub fn code(self) -> &'static str { match self { $(Reason::$variant => $code,)* } }
            /// The sentence for people.
            pub fn sentence(self) -> &'static str { match self { $(Reason::$variant => $sentence,)* } }
            /// The reason behind a wire word.
            pub fn from_code(code: &str) -> Option<Reason> { match code { $($code => Some(Reason::$variant),)* _ => None } }
        }
    };
}

reasons! {
    AtpInsufficient = "atp_insufficient": "The source has less than is wanted.",
    AtpStale = "atp_stale": "The source's advice is older than the policy allows.",
    AtpUnreachable = "atp_unreachable": "The source's live availability could not be asked in time.",
    AtpUnknown = "atp_unknown": "The source has never advised this item.",
    AckRejectedOutOfStock = "ack_rejected_out_of_stock": "The vendor rejected it: out of stock.",
    AckRejectedDiscontinued = "ack_rejected_discontinued": "The vendor rejected it: discontinued.",
    AckRejectedPrice = "ack_rejected_price": "The vendor rejected it: the price is not agreed.",
    AckRejectedUnknownItem = "ack_rejected_unknown_item": "The vendor rejected it: item unknown there.",
    AckRejectedOther = "ack_rejected_other": "The vendor rejected it without a reason we know.",
    AckPartialQuantity = "ack_partial_quantity": "The vendor accepted only a part.",
    AckDateChanged = "ack_date_changed": "The vendor accepted with another ship date.",
    AckSubstitution = "ack_substitution": "The vendor offers a substitute.",
    AckBackordered = "ack_backordered": "The vendor put it on back-order.",
    AckLate = "ack_late": "The vendor answered an attempt that was already over.",
    AckOverQuantity = "ack_over_quantity": "The vendor acknowledged more than was ordered.",
    AckUnknownLine = "ack_unknown_line": "The vendor acknowledged a line that is not on the purchase order.",
    SlaWarned = "sla_warned": "An expected answer is nearly due.",
    SlaBreachedFunctionalAck = "sla_breached_functional_ack": "No receipt for the purchase order came in time.",
    SlaBreachedPoAck = "sla_breached_po_ack": "The vendor did not answer the purchase order in time.",
    SlaBreachedShip = "sla_breached_ship": "No ship notice came in time.",
    SlaBreachedCancel = "sla_breached_cancel": "The vendor did not answer the cancellation in time.",
    SlaContested = "sla_contested": "The vendor disputes that it was late.",
    CatalogUnknownSku = "catalog_unknown_sku": "The item is not in the catalogue.",
    CatalogUnknownSource = "catalog_unknown_source": "The source is not known.",
    CatalogUnknownOffer = "catalog_unknown_offer": "The source does not offer this item.",
    CatalogUnitMismatch = "catalog_unit_mismatch": "The unit of measure differs from the item's.",
    CatalogPackMismatch = "catalog_pack_mismatch": "The quantity is no whole number of the source's packs.",
    CatalogDiscontinued = "catalog_discontinued": "The item is discontinued.",
    CatalogGtinMismatch = "catalog_gtin_mismatch": "The GTIN differs from the item's.",
    CatalogBelowMinimum = "catalog_below_minimum": "The quantity is below the source's minimum.",
    RouteNextBest = "route_next_best": "The next best source was asked.",
    RouteInHouse = "route_in_house": "An in-house distribution centre supplies it.",
    RouteSplit = "route_split": "The quantity is split over several sources.",
    RouteBackorder = "route_backorder": "It waits for announced supply.",
    RouteNoCandidate = "route_no_candidate": "No source can supply it.",
    RouteCostOverLimit = "route_cost_over_limit": "Supplying it costs more than the policy allows.",
    RouteAlreadyTried = "route_already_tried": "The source was asked before for this quantity.",
    RouteCostlier = "route_costlier": "It would cost more than the chosen source.",
    RouteLater = "route_later": "It would ship later than the chosen source.",
    RouteCapacity = "route_capacity": "The source's daily capacity is used up.",
    RouteSourcePaused = "route_source_paused": "The source takes no orders at present.",
    RouteNotThisKind = "route_not_this_kind": "The rule looks for another kind of source.",
    RouteExcluded = "route_excluded": "A row of the policy's tables excludes the source.",
    RouteOtherCurrency = "route_other_currency": "Its cost is in another currency, which is not compared.",
    RouteRankedLower = "route_ranked_lower": "Rows of the policy's tables rank it below the chosen source.",
    RouteChosen = "route_chosen": "It won under the rule.",
    RouteLateForPromise = "route_late_for_promise": "It would come after the date that was promised.",
    RouteAttemptsExhausted = "route_attempts_exhausted": "As many sources were asked as the policy allows.",
    ApprovalSplit = "approval_split": "The policy reserves split shipments for a person.",
    ApprovalSubstitution = "approval_substitution": "The policy reserves substitutions for a person.",
    ApprovalOtherCurrency = "approval_other_currency": "It costs another currency than the first plan: a person compares them.",
    ApprovalCostIncrease = "approval_cost_increase": "The policy reserves cost increases for a person.",
    ApprovalExpedite = "approval_expedite": "The promise is kept only by a faster way, which costs more: a person decides.",
    ApprovalLatePromise = "approval_late_promise": "The policy reserves late promises for a person.",
    ApprovalRecommend = "approval_recommend": "In this mode a person releases each act.",
    ApprovalByTable = "approval_by_table": "A row of the policy's tables reserves it for a person.",
    ApprovalLapsed = "approval_lapsed": "Nobody answered in time; the policy's fallback applies.",
    CancelCustomer = "cancel_customer": "The customer cancelled.",
    CancelVendor = "cancel_vendor": "The vendor cancelled after accepting.",
    CancelNoSource = "cancel_no_source": "No source was left.",
    CancelFraud = "cancel_fraud": "Cancelled on suspicion of fraud.",
    CancelLate = "cancel_late": "The cancellation came after shipping.",
    CancelRerouted = "cancel_rerouted": "Another source supplies it.",
    CancelNotWithdrawn = "cancel_not_withdrawn": "The source refused the cancellation.",
    CancelUnexpectedAnswer = "cancel_unexpected_answer": "A cancellation was answered that nobody asked for.",
    HoldExpired = "hold_expired": "The reservation expired before the order went on.",
    DoubleSupply = "double_supply": "Two sources supply the same quantity.",
    ShipOverQuantity = "ship_over_quantity": "More was shipped than was ordered.",
    ShipAfterCancel = "ship_after_cancel": "The source shipped what was to be cancelled.",
    CertificateEnds = "certificate_ends": "A certificate of the connection ends soon.",
    MessageNotOpened = "message_not_opened": "A message of the source could not be opened.",
    MessageToCustomerFailed = "message_to_customer_failed": "A mail to the customer did not arrive.",
    MessageFromCustomer = "message_from_customer": "The customer wrote.",
    MessageFromSource = "message_from_source": "The source wrote.",
    DeliveryFailed = "delivery_failed": "A message could not be delivered to the source.",
    DeliveryInDoubt = "delivery_in_doubt": "It is unknown whether the source has the message.",
    EdiSyntax = "edi_syntax": "A document breaks the grammar.",
    EdiRejected = "edi_rejected": "The partner's system rejected our document.",
    EdiUnknownPartner = "edi_unknown_partner": "The document names a partner that is not known here.",
    EdiDuplicate = "edi_duplicate": "The document was received before.",
    EdiUnmatchedPo = "edi_unmatched_po": "The document names a purchase order that is not known here.",
    ManualOverride = "manual_override": "A person decided otherwise.",
    ManualHold = "manual_hold": "A person put it on hold.",
    ManualRelease = "manual_release": "A person released it.",
    OrderPlaced = "order_placed": "The order came in.",
    AcknowledgmentAccepted = "acknowledgment_accepted": "The source accepted.",
    CommitOnAvailability = "commit_on_availability": "The policy commits this on verified availability.",
    LegacyPath = "legacy_path": "The legacy path committed it; this product only records.",
}

impl Reason {
    /// What people may give as their reason: the codes that say of a deed why a person did it.
    pub const GIVEN: &[Reason] = &[
        Reason::CancelCustomer,
        Reason::CancelVendor,
        Reason::CancelNoSource,
        Reason::CancelFraud,
        Reason::ManualOverride,
        Reason::ManualHold,
        Reason::ManualRelease,
    ];

    /// True for a reason to cancel that people may give.
    pub fn cancels(self) -> bool {
        Reason::GIVEN.contains(&self) && self.code().starts_with("cancel_")
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_snake_case_and_read_back() {
        let codes: std::collections::BTreeSet<_> = Reason::ALL.iter().map(|r| r.code()).collect();
        assert_eq!(codes.len(), Reason::ALL.len());
        for reason in Reason::ALL {
            assert!(reason.code().bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
            assert_eq!(Reason::from_code(reason.code()), Some(*reason));
            assert!(reason.sentence().ends_with('.'));
        }
    }
}
