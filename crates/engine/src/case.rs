//! Exceptions that somebody must look at.
//!
//! A case is opened and closed by events, never silently. Its kind says when it arises, who owns it and what may be
//! done about it.

use crate::command::{Actor, Role};
use crate::ids::{CaseId, LineId, SourceId};
use crate::order::ClockKind;
use crate::reason::Reason;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Comments kept on one case.
pub const COMMENTS_MAX: usize = 200;

/// An exception.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// What kind.
    pub kind: CaseKind,
    /// How bad.
    pub severity: Severity,
    /// Who owns it.
    pub role: Role,
    /// Why it was opened.
    pub reason: Reason,
    /// What happened, in a sentence.
    pub sentence: String,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it goes up the ladder, unless somebody has answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalate_at: Option<Timestamp>,
    /// Which line it concerns; the whole order if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<LineId>,
    /// Which purchase order (ordinal) it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchase_order: Option<u32>,
    /// True if the line cannot go on before it is resolved.
    pub blocks: bool,
    /// What may be done, the recommended act first.
    pub options: Vec<Remedy>,
    /// Who took it on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_to: Option<Actor>,
    /// What people wrote.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comments: Vec<Comment>,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
    /// Counts changes, so that two people never overwrite each other silently.
    #[serde(default)]
    pub revision: u32,
}

impl Case {
    /// True while nobody has resolved it.
    pub fn is_open(&self) -> bool {
        self.resolution.is_none()
    }
}

/// What somebody wrote on a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// The words.
    pub words: String,
}

/// How a case ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// Who, or the engine itself when the matter settled.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// What was done; `None` if the matter settled by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Remedy>,
    /// Why, by one of the codes that people give.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// In what words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
}

/// How bad a case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "a plain scale")]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

/// What may be done about a case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Remedy {
    /// Look for supply again, sources asked before included.
    PlanAgain,
    /// Ask this source.
    RerouteTo {
        /// Which.
        source: SourceId,
    },
    /// Cancel what is not supplied.
    CancelRest,
    /// Give the source the same time again.
    WaitLonger,
    /// Send the purchase order again under the same number.
    SendAgain,
    /// The source said it has the paper (by phone): do not send again.
    SourceHasIt,
    /// The source said it will not ship (by phone).
    SourceWillNotShip,
    /// The source ships all the same: keep it.
    KeepSource,
    /// Take the later date and tell the customer.
    AcceptDate,
    /// The source is right: the breach no longer counts against it.
    ExcuseBreach {
        /// What it was late with.
        clock: ClockKind,
        /// When that was due.
        due: Timestamp,
    },
    /// The breach counts, whatever the source said.
    UpholdBreach {
        /// What it was late with.
        clock: ClockKind,
        /// When that was due.
        due: Timestamp,
    },
    /// Leave it as it is.
    Dismiss,
}

impl Remedy {
    /// True if choosing it states a fact about the world outside (what a source said on the telephone): nobody can
    /// recommend that, and whoever states it says in words how they know.
    pub fn is_statement(&self) -> bool {
        match self {
            Remedy::SourceHasIt | Remedy::SourceWillNotShip | Remedy::KeepSource => true,
            Remedy::PlanAgain
            | Remedy::RerouteTo { .. }
            | Remedy::CancelRest
            | Remedy::WaitLonger
            | Remedy::SendAgain
            | Remedy::AcceptDate
            | Remedy::ExcuseBreach { .. }
            | Remedy::UpholdBreach { .. }
            | Remedy::Dismiss => false,
        }
    }
}

// One macro, because kind, wire word, severity, owner, blocking and help text must stand together.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $variant:ident = $code:literal, $severity:ident, $role:ident, blocks $blocks:literal;)*) => {
        /// What kind of exception a case is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum CaseKind { $($(#[doc = $doc])+ #[serde(rename = $code)] $variant,)* }

        impl CaseKind {
            /// Every kind.
            pub const ALL: &[CaseKind] = &[$(CaseKind::$variant,)*];
            /// The stable wire word.
            pub fn code(self) -> &'static str { match self { $(CaseKind::$variant => $code,)* } }
            /// How bad it is when it opens.
            pub fn severity(self) -> Severity { match self { $(CaseKind::$variant => Severity::$severity,)* } }
            /// Who owns it first.
            pub fn role(self) -> Role { match self { $(CaseKind::$variant => Role::$role,)* } }
            /// True if the line cannot go on before it is resolved.
            pub fn blocks(self) -> bool { match self { $(CaseKind::$variant => $blocks,)* } }
            /// The operator's help page.
            pub fn help(self) -> &'static str { match self { $(CaseKind::$variant => concat!($($doc, "\n",)+),)* } }
        }
    };
}

kinds! {
    /// No source is left for a quantity. Choose a source yourself, look again, or cancel the rest and tell the customer.
    Unsourced = "unsourced", High, CustomerService, blocks true;
    /// Item, unit or pack do not match between order, catalogue and offer. Mend the offer or the item, then plan again.
    CatalogMismatch = "catalog_mismatch", High, Buyer, blocks true;
    /// No receipt came for a purchase order: the vendor's machine may not have it. Send it again or ask the vendor.
    ReceiptOverdue = "receipt_overdue", Medium, It, blocks false;
    /// The vendor did not answer a purchase order in time. Give more time, or plan again with another source.
    AnswerOverdue = "answer_overdue", High, VendorManager, blocks true;
    /// The vendor accepted and has not shipped in time. Ask the vendor; reroute or cancel if it cannot ship.
    ShipmentOverdue = "shipment_overdue", High, VendorManager, blocks false;
    /// The vendor did not answer a cancellation. Ask it whether it ships, and record what it said.
    CancelOverdue = "cancel_overdue", High, VendorManager, blocks false;
    /// The vendor refused a cancellation: it ships what is no longer wanted. Decide what happens to the goods.
    CannotWithdraw = "cannot_withdraw", High, CustomerService, blocks false;
    /// Two sources supply the same quantity. Stop one of them now; the sentence names both.
    DoubleSupply = "double_supply", Critical, CustomerService, blocks false;
    /// The vendor's ship day breaks the promise. Take it and tell the customer, or look elsewhere.
    DateBroken = "date_broken", High, CustomerService, blocks true;
    /// The vendor offers another item. It was not accepted; approve the offer or look elsewhere.
    SubstituteOffered = "substitute_offered", Medium, Buyer, blocks true;
    /// The vendor's machine rejected our document. See the segment, mend the mapping, send again.
    DocumentRejected = "document_rejected", High, It, blocks true;
    /// A message could not be delivered after all retries. Mend the connection, then send again.
    DeliveryFailed = "delivery_failed", High, It, blocks true;
    /// A mail to the customer did not arrive. Ask the shop for another address or call the customer, then send it again.
    CustomerUnreached = "customer_unreached", Medium, CustomerService, blocks false;
    /// The customer wrote back. Read it on the order and write back or call: your message closes the case.
    CustomerWrote = "customer_wrote", Medium, CustomerService, blocks false;
    /// The vendor wrote. Read it on the order and write back or call: your message closes the case.
    VendorWrote = "vendor_wrote", Medium, VendorManager, blocks false;
    /// It is unknown whether the vendor has the message. Ask the vendor before it is sent again.
    InDoubt = "in_doubt", High, VendorManager, blocks true;
    /// An answer came for an attempt that is over. It was recorded and did not touch the running one.
    LateAnswer = "late_answer", Medium, VendorManager, blocks false;
    /// The vendor acknowledged or shipped what does not fit the purchase order. Ask the vendor.
    AnswerMismatch = "answer_mismatch", Medium, VendorManager, blocks false;
    /// A certificate of the connection to a vendor ends soon. Agree on a new one and enter it beside the old one.
    CertificateEnding = "certificate_ending", Medium, It, blocks false;
    /// The vendor cancelled after it had accepted. The quantity is planned again; see who else can supply.
    VendorCancelled = "vendor_cancelled", Medium, VendorManager, blocks false;
    /// Goods left after a cancellation had been asked for. Intercept the parcel or accept it.
    ShippedAfterCancel = "shipped_after_cancel", High, CustomerService, blocks false;
    /// A vendor disputes a breach on its scorecard. Read what it says, and excuse the breach or uphold it; it sees which.
    BreachContested = "breach_contested", Low, VendorManager, blocks false;
    /// Nobody answered an approval in time. Decide now.
    ApprovalLapsed = "approval_lapsed", High, CustomerService, blocks true;
}
