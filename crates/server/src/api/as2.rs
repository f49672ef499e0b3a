//! The address at which AS2 partners deliver messages and receipts.
//!
//! Open to everybody: who a message is from its signature says. What becomes of it stands in [`crate::as2`].

use super::call::Call;
use super::input::Anything;
use super::output::Raw;
use super::route::{Api, Route};
use crate::as2;
use crate::auth::Access;
use crate::problem::{Kind, Problem};
use axum::http::{HeaderName, Method};

const GROUP: &str = "Partners";

pub(super) fn routes(api: &mut Api) {
    let route = Route::open(Method::POST, "/as2", Access::Public, GROUP, "Take an AS2 message or receipt (RFC 4130)");
    let words = "For trading partners' AS2 systems. The partner is found by AS2-From and AS2-To; the answer is the receipt (MDN).";
    api.add(route.words(words), deliver);
}

async fn deliver(call: Call, body: Anything) -> Result<Raw, Problem> {
    let Some(registry) = call.app().office().wired() else {
        return Err(Problem::new(Kind::NotNow, "no connections are set up here"));
    };
    let text = |(name, value): (&HeaderName, &axum::http::HeaderValue)| {
        Some((name.as_str().to_owned(), String::from_utf8(value.as_bytes().to_vec()).ok()?))
    };
    let headers = call.headers().iter().filter_map(text).collect();
    let answer = as2::take(call.app().office(), registry, headers, body.0.into()).await;
    let raw = Raw::bytes(&answer.content_type, answer.body).status(answer.status);
    Ok(answer.headers.iter().fold(raw, |raw, (name, value)| raw.header(HeaderName::from_static(name), value)))
}
