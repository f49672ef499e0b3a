//! What went wrong, told to whoever asked (RFC 9457): a stable type, the field, its value, and what to do.
//!
//! One table of kinds; each has a page under `/problems/`. Does not know which call was made.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use countersign_engine::Refusal;
use countersign_engine::refusal::{FieldFault, RefusalKind};
use countersign_runtime::ports::StoreError;
use countersign_runtime::{Failure, FailureKind, Handled};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Seconds after which a call that met a stopped store is worth repeating.
const RETRY_UNWRITABLE_S: u32 = 30;

// One macro, because word, status, title and page must stand together.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $variant:ident = $code:literal, $status:literal, $title:literal;)*) => {
        /// Kinds of problems; the last part of the problem's `type`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($(#[doc = $doc])+ $variant,)* }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Kind] = &[$(Kind::$variant,)*];
            /// The stable word.
            pub fn code(self) -> &'static str { match self { $(Kind::$variant => $code,)* } }
            /// The status it is answered with.
            pub fn status(self) -> u16 { match self { $(Kind::$variant => $status,)* } }
            /// The title, the same for every problem of the kind.
            pub fn title(self) -> &'static str { match self { $(Kind::$variant => $title,)* } }
            /// What it means and what to do, for the page.
            pub fn help(self) -> &'static str { match self { $(Kind::$variant => concat!($($doc, "\n",)+),)* } }
        }
    };
}

kinds! {
    /// The body is no JSON, or stops in the middle. Send one JSON value, encoded in UTF-8.
    MalformedJson = "malformed-json", 400, "The body is not JSON";
    /// A header or the query does not say what it has to. Read the detail and the call's description.
    BadRequest = "bad-request", 400, "The request cannot be understood";
    /// No valid key or session came with the call. Send `Authorization: Bearer KEY`, or log in.
    Unauthenticated = "unauthenticated", 401, "Who are you?";
    /// Name and password are right; the code of the authenticator app is missing or wrong. Send it as `code`.
    SecondFactorNeeded = "second-factor-needed", 401, "The second factor is needed";
    /// The role of the key or person does not include this. Every such refusal is logged.
    Forbidden = "forbidden", 403, "Not allowed in this role";
    /// A browser session must send the header `x-countersign-csrf` with every call that changes something; a form of our
    /// own pages bears its own token. Load the page again if it stood open for long.
    CsrfMissing = "csrf-missing", 403, "The call does not come from our own pages";
    /// There is no such thing, or it belongs to somebody else.
    NotFound = "not-found", 404, "There is nothing here";
    /// The order is not known here. Check the id; it is the retailer's own.
    UnknownOrder = "unknown-order", 404, "The order is not known";
    /// The order has no such line.
    UnknownLine = "unknown-line", 404, "The line is not known";
    /// The purchase order is not known, or was sent to somebody else. Check the number on the order received.
    UnknownPurchaseOrder = "unknown-purchase-order", 404, "The purchase order is not known";
    /// The case is not known here.
    UnknownCase = "unknown-case", 404, "The case is not known";
    /// The approval is not known here.
    UnknownApproval = "unknown-approval", 404, "The approval is not known";
    /// The link was used, is too old, or was never made. Ask for a fresh one.
    LinkEnded = "link-ended", 410, "This link is not good any more";
    /// There is no such version of the policy. Write it first.
    UnknownPolicy = "unknown-policy", 404, "The policy is not known";
    /// The path exists, but not with this method. The header `allow` names the methods that do.
    MethodNotAllowed = "method-not-allowed", 405, "Not with this method";
    /// The order id was captured before with other content. Use another id, or the calls that change and cancel.
    OrderConflict = "order-conflict", 409, "The order id stands for another order";
    /// Nothing is left to promise, and the policy refuses such orders. Nothing was stored.
    SoldOut = "sold-out", 409, "Not enough can be promised";
    /// The state of things does not allow it, or no longer. Read the thing again and decide anew.
    NotNow = "not-now", 409, "Not in this state";
    /// Somebody changed it since it was read. Read it again and decide anew.
    Stale = "stale", 409, "Somebody else was faster";
    /// It was to be made (`If-None-Match: *`) and is there already; it was left as it is. Choose another name, or send the
    /// call without that header to change what is there.
    Exists = "exists", 412, "There is one already";
    /// The body is larger than this call accepts. Send less at once, or use the bulk call.
    TooLarge = "too-large", 413, "The body is too large";
    /// The body comes in a form that this call does not read. The detail names those that it does.
    UnsupportedMediaType = "unsupported-media-type", 415, "The form of the body is not known here";
    /// A field breaks a rule. `errors` names each place as a JSON pointer (`?name` for a query parameter), the value
    /// that stood there, and the rule.
    InvalidField = "invalid-field", 422, "A field is not right";
    /// The item is not in the catalogue. Record it first with `PUT /v1/items/{sku}`, or mend the number.
    UnknownSku = "unknown-sku", 422, "The item is not in the catalogue";
    /// The source is not known. Record it first with `PUT /v1/sources/{source}`.
    UnknownSource = "unknown-source", 422, "The source is not known";
    /// The idempotency key was used before for another request. Use a fresh key for a fresh request.
    IdempotencyKeyReused = "idempotency-key-reused", 422, "The idempotency key stands for another request";
    /// Too much at once. Wait as long as the header `retry-after` says.
    TooManyRequests = "too-many-requests", 429, "Too many requests";
    /// A fault of ours. It is logged under the request id; the order concerned is parked, all others go on.
    Bug = "bug", 500, "A fault of this service";
    /// The call exists, but this installation does not offer it.
    NotOffered = "not-offered", 501, "Not offered by this installation";
    /// The store could not be asked or written, and certainly nothing was done. Try again as `retry-after` says.
    Unavailable = "unavailable", 503, "The service cannot work at present";
    /// The answer of the store was lost: it may have been done. Ask again under the same id or idempotency key; it is
    /// done at most once.
    OutcomeUnknown = "outcome-unknown", 503, "It is not known whether it was done";
    /// The store takes no more writes (a full disk, a failing file system). Nothing is taken in until it does.
    Unwritable = "unwritable", 503, "The store cannot write";
}

/// A problem on its way to the asker.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// What kind.
    pub kind: Kind,
    /// The status, where it differs from the kind's own.
    pub status: u16,
    /// What was wrong this time and what to do.
    pub detail: String,
    /// The places that were wrong.
    pub errors: Vec<FieldError>,
    /// Seconds after which a repetition is worth it.
    pub retry_after_s: Option<u32>,
}

/// One place that was wrong.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FieldError {
    /// JSON pointer into the body; `?name` for a query parameter, `{name}` for a part of the path.
    pub pointer: String,
    /// What stood there.
    pub value: Value,
    /// A reason code, or a short word for the broken rule.
    pub reason: String,
    /// The broken rule, for people.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// A problem as it goes over the wire (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody<'a> {
    /// A stable reference to the kind, and the address of its page.
    #[serde(rename = "type")]
    #[schema(example = "/problems/unknown-sku")]
    pub kind: String,
    /// The kind's title.
    pub title: &'a str,
    /// The HTTP status.
    pub status: u16,
    /// What was wrong this time and what to do.
    pub detail: &'a str,
    /// The places that were wrong.
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    pub errors: &'a [FieldError],
    /// The request, as it stands in the log.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub request_id: &'a str,
}

impl Problem {
    /// A problem of a kind.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, status: kind.status(), detail: detail.into(), errors: vec![], retry_after_s: None }
    }
    /// A problem with one field.
    pub fn field(pointer: impl Into<String>, value: impl Into<Value>, reason: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let error =
            FieldError { pointer: pointer.into(), value: value.into(), reason: reason.into(), detail: String::new() };
        Self { errors: vec![error], ..Self::new(Kind::InvalidField, detail) }
    }
    /// Something of that name is there already, and was to be made.
    pub fn taken(pointer: &str, value: &str, detail: impl Into<String>) -> Self {
        Self { kind: Kind::Exists, status: Kind::Exists.status(), ..Self::field(pointer, value, "exists", detail) }
    }
    /// Problems with several fields, if there are any.
    pub fn fields(errors: Vec<FieldError>) -> Option<Self> {
        let first = errors.first()?;
        let more = errors.len() - 1;
        let detail = match more {
            0 => format!("{}: {}", first.pointer, first.detail),
            _ => format!("{}: {}; and {more} more", first.pointer, first.detail),
        };
        Some(Self { errors, ..Self::new(Kind::InvalidField, detail) })
    }
    /// Nothing stands at that name.
    pub fn absent(kind: Kind, name: &str) -> Self {
        Self::new(kind, format!("{name:?} is not known here"))
    }
    /// The thing refused stands in the path: it is not there.
    pub fn in_path(mut self) -> Self {
        if matches!(self.kind, Kind::UnknownSku | Kind::UnknownSource) {
            self.status = 404;
        }
        self
    }
    /// Worth repeating after so many seconds.
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }
    /// The body.
    pub fn body<'a>(&'a self, request_id: &'a str) -> ProblemBody<'a> {
        ProblemBody {
            kind: format!("/problems/{}", self.kind.code()),
            title: self.kind.title(),
            status: self.status,
            detail: &self.detail,
            errors: &self.errors,
            request_id,
        }
    }
    /// The answer.
    pub fn respond(&self, request_id: &str) -> Response<Body> {
        let text = serde_json::to_vec(&self.body(request_id)).unwrap_or_default();
        let mut response = Response::new(Body::from(text));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.kind == Kind::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"countersign\""));
        }
        response
    }
}

impl From<&FieldFault> for FieldError {
    fn from(fault: &FieldFault) -> Self {
        Self {
            pointer: fault.pointer.clone(),
            value: Value::String(fault.value.clone()),
            reason: fault.reason.clone(),
            detail: countersign_engine::reason::Reason::from_code(&fault.reason)
                .map(|r| r.sentence().to_owned())
                .unwrap_or_default(),
        }
    }
}

impl From<&Refusal> for Problem {
    fn from(refusal: &Refusal) -> Self {
        let kind = match refusal.kind {
            RefusalKind::InvalidField => Kind::InvalidField,
            RefusalKind::UnknownSku => Kind::UnknownSku,
            RefusalKind::UnknownSource => Kind::UnknownSource,
            RefusalKind::UnknownOrder => Kind::UnknownOrder,
            RefusalKind::UnknownLine => Kind::UnknownLine,
            RefusalKind::UnknownPurchaseOrder => Kind::UnknownPurchaseOrder,
            RefusalKind::UnknownCase => Kind::UnknownCase,
            RefusalKind::UnknownApproval => Kind::UnknownApproval,
            RefusalKind::UnknownPolicy => Kind::UnknownPolicy,
            RefusalKind::OrderConflict => Kind::OrderConflict,
            RefusalKind::SoldOut => Kind::SoldOut,
            RefusalKind::NotNow => Kind::NotNow,
            RefusalKind::Stale => Kind::Stale,
            RefusalKind::Exists => Kind::Exists,
            RefusalKind::Forbidden => Kind::Forbidden,
        };
        Problem {
            errors: refusal.faults.iter().map(FieldError::from).collect(),
            ..Problem::new(kind, refusal.sentence.clone())
        }
    }
}

impl From<&Failure> for Problem {
    fn from(failure: &Failure) -> Self {
        tracing::error!(kind = ?failure.kind, sentence = failure.sentence, "the machinery failed");
        match failure.kind {
            FailureKind::NotDone => {
                Problem::new(Kind::Unavailable, "nothing was done: try again in a moment").retry_after(1)
            }
            FailureKind::Unknown => Problem::new(
                Kind::OutcomeUnknown,
                "it may have been done: ask again under the same id, it is done at most once",
            )
            .retry_after(1),
            FailureKind::Unwritable => {
                Problem::new(Kind::Unwritable, "the store takes no writes at present; nothing was taken in")
                    .retry_after(RETRY_UNWRITABLE_S)
            }
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Problem::from(&Failure::from(error))
    }
}

/// The problem of a command that was not done; `None` if it was.
pub fn of_handled(handled: &Handled) -> Option<Problem> {
    match handled {
        Handled::Done(_) | Handled::Again(_) => None,
        Handled::Refused(refusal) => Some(refusal.into()),
        Handled::Failed(failure) => Some(failure.into()),
        Handled::Parked { .. } => Some(Problem::new(
            Kind::Bug,
            "a fault of this service stopped this command; it is logged and nothing was changed",
        )),
        Handled::KeyReused => Some(Problem::new(
            Kind::IdempotencyKeyReused,
            "this idempotency key came before with another request: use a fresh key",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_its_problem_of_the_same_word() {
        for kind in [
            RefusalKind::InvalidField,
            RefusalKind::UnknownSku,
            RefusalKind::UnknownSource,
            RefusalKind::UnknownOrder,
            RefusalKind::UnknownLine,
            RefusalKind::UnknownPurchaseOrder,
            RefusalKind::UnknownCase,
            RefusalKind::UnknownApproval,
            RefusalKind::UnknownPolicy,
            RefusalKind::OrderConflict,
            RefusalKind::SoldOut,
            RefusalKind::NotNow,
            RefusalKind::Stale,
            RefusalKind::Exists,
            RefusalKind::Forbidden,
        ] {
            let problem = Problem::from(&Refusal::new(kind, "x"));
            assert_eq!(serde_json::to_value(kind).unwrap(), problem.kind.code());
            assert!((400..500).contains(&problem.status));
        }
    }

    #[test]
    fn words_are_unique() {
        let words: std::collections::BTreeSet<_> = Kind::ALL.iter().map(|k| k.code()).collect();
        assert_eq!(words.len(), Kind::ALL.len());
    }
}
