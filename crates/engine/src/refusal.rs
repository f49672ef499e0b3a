//! Refusals: the asker's fault, said so that the asker can mend it.

use crate::reason::Reason;
use serde::{Deserialize, Serialize};

/// A command that was refused. It is logged and changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{sentence}")]
pub struct Refusal {
    /// What kind, for programs.
    pub kind: RefusalKind,
    /// What was wrong and what to do, for people.
    pub sentence: String,
    /// The places that were wrong, if the fault lies in fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<FieldFault>,
}

/// One field that was wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldFault {
    /// JSON pointer into what was sent.
    pub pointer: String,
    /// The value that was wrong.
    pub value: String,
    /// A reason code, or a sentence.
    pub reason: String,
}

/// Kinds of refusals; each is one problem type of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalKind {
    /// A field breaks a rule.
    InvalidField,
    /// The item is not in the catalogue.
    UnknownSku,
    /// The source is not known.
    UnknownSource,
    /// The order is not known.
    UnknownOrder,
    /// The line is not known.
    UnknownLine,
    /// The purchase order is not known (to that source).
    UnknownPurchaseOrder,
    /// The case is not known.
    UnknownCase,
    /// The approval is not known.
    UnknownApproval,
    /// The policy version is not known.
    UnknownPolicy,
    /// The same order id came with other content.
    OrderConflict,
    /// Nothing is left to promise and the policy refuses then.
    SoldOut,
    /// The state of things does not allow it (any more).
    NotNow,
    /// Somebody else has changed it meanwhile.
    Stale,
    /// It was to be made and is there already.
    Exists,
    /// The actor may not do this.
    Forbidden,
}

impl Refusal {
    /// A refusal without fields.
    pub fn new(kind: RefusalKind, sentence: impl Into<String>) -> Self {
        Self { kind, sentence: sentence.into(), faults: vec![] }
    }
    /// A refusal for one field.
    pub fn field(
        kind: RefusalKind,
        pointer: impl Into<String>,
        value: impl ToString,
        reason: impl ToString,
        sentence: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            sentence: sentence.into(),
            faults: vec![FieldFault { pointer: pointer.into(), value: value.to_string(), reason: reason.to_string() }],
        }
    }
    /// A field refused for a reason of the table.
    pub fn because(kind: RefusalKind, pointer: impl Into<String>, value: impl ToString, reason: Reason) -> Self {
        Self::field(kind, pointer, value, reason.code(), reason.sentence())
    }
}
