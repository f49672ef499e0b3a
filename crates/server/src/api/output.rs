//! What a call answers: JSON, a page of a list, nothing, a text, a stream; each describes itself.

use super::input::schema_of;
use crate::problem::Problem;
use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use futures_util::Stream;
use serde::Serialize;
use serde_json::{Value, json};
use std::marker::PhantomData;
use utoipa::ToSchema;

/// Tells that an answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// What a call answers when all is well, told to the documentation.
#[derive(Debug, Clone)]
pub struct OutputWords {
    /// The status.
    pub status: u16,
    /// The media type and the schema; none for an empty body.
    pub body: Option<(&'static str, Value)>,
    /// Named schemas that it refers to.
    pub schemas: Vec<(String, Value)>,
}

/// What a call answers.
pub trait Output: Sized + Send {
    /// Tells the documentation.
    fn words() -> OutputWords;
    /// The answer.
    ///
    /// # Errors
    /// It cannot be made.
    fn respond(self) -> Result<Response<Body>, Problem>;
}

/// A JSON answer, written already; `STATUS` is the usual one.
pub struct Reply<T, const STATUS: u16 = 200> {
    status: u16,
    text: String,
    replayed: bool,
    headers: Vec<(HeaderName, HeaderValue)>,
    of: PhantomData<fn() -> T>,
}

impl<T: Serialize, const STATUS: u16> Reply<T, STATUS> {
    /// With the usual status.
    pub fn of(thing: &T) -> Self {
        Self::text(STATUS, super::call::json(thing))
    }
}

impl<T, const STATUS: u16> Reply<T, STATUS> {
    /// A text with a status.
    pub fn text(status: u16, text: String) -> Self {
        Self { status, text, replayed: false, headers: vec![], of: PhantomData }
    }
    /// An answer that was given before.
    pub fn replayed(status: u16, text: String) -> Self {
        Self { replayed: true, ..Self::text(status, text) }
    }
    /// With a header.
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }
    /// Marked as given before, or not.
    pub fn marked(mut self, replayed: bool) -> Self {
        self.replayed |= replayed;
        self
    }
    /// Its status.
    pub fn status(&self) -> u16 {
        self.status
    }
    /// Its text.
    pub fn body_text(&self) -> String {
        self.text.clone()
    }
}

impl<T: ToSchema, const STATUS: u16> Output for Reply<T, STATUS> {
    fn words() -> OutputWords {
        let (schema, schemas) = schema_of::<T>();
        OutputWords { status: STATUS, body: Some(("application/json", schema)), schemas }
    }
    fn respond(self) -> Result<Response<Body>, Problem> {
        let mut response = respond(self.status, "application/json", Body::from(self.text));
        if self.replayed {
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        }
        response.headers_mut().extend(self.headers);
        Ok(response)
    }
}

/// A page of a list: `{"items": […], "next": cursor or null}`.
pub struct Page<T> {
    /// What stands on it.
    pub items: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// The only page.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

#[derive(Serialize)]
struct PageBody<'a, T> {
    items: &'a [T],
    next: Option<&'a str>,
}

impl<T: Serialize + ToSchema + Send> Output for Page<T> {
    fn words() -> OutputWords {
        let (item, schemas) = schema_of::<T>();
        let next = json!({"type": ["string", "null"], "description": "Give it as `cursor` to get the next page; null on the last one."});
        let schema = json!({"type": "object", "required": ["items", "next"], "properties": {"items": {"type": "array", "items": item}, "next": next}});
        OutputWords { status: 200, body: Some(("application/json", schema)), schemas }
    }
    fn respond(self) -> Result<Response<Body>, Problem> {
        let body = PageBody { items: &self.items, next: self.next.as_deref() };
        Ok(respond(200, "application/json", Body::from(super::call::json(&body))))
    }
}

/// No body.
#[derive(Default)]
pub struct NoContent {
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl NoContent {
    /// With a header.
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }
}

impl Output for NoContent {
    fn words() -> OutputWords {
        OutputWords { status: 204, body: None, schemas: vec![] }
    }
    fn respond(self) -> Result<Response<Body>, Problem> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        response.headers_mut().extend(self.headers);
        Ok(response)
    }
}

/// A text or a stream of some media type.
pub struct Raw {
    status: u16,
    media_type: HeaderValue,
    body: Body,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Raw {
    /// A text.
    pub fn text(media_type: &'static str, text: impl Into<Body>) -> Self {
        Self { status: 200, media_type: HeaderValue::from_static(media_type), body: text.into(), headers: vec![] }
    }
    /// Pieces as they come.
    pub fn stream(
        media_type: &'static str,
        pieces: impl Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static,
    ) -> Self {
        Self {
            status: 200,
            media_type: HeaderValue::from_static(media_type),
            body: Body::from_stream(pieces),
            headers: vec![],
        }
    }
    /// Bytes of a media type that is found out late; one that cannot stand in a header becomes plain bytes.
    pub fn bytes(media_type: &str, bytes: Vec<u8>) -> Self {
        let plain = HeaderValue::from_static("application/octet-stream");
        let media_type = HeaderValue::from_str(media_type).unwrap_or(plain);
        Self { status: 200, media_type, body: bytes.into(), headers: vec![] }
    }
    /// With another status.
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
    /// With a header.
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }
}

impl Output for Raw {
    fn words() -> OutputWords {
        OutputWords { status: 200, body: Some(("*/*", json!({}))), schemas: vec![] }
    }
    fn respond(self) -> Result<Response<Body>, Problem> {
        let mut response = respond(self.status, "*/*", self.body);
        response.headers_mut().insert(header::CONTENT_TYPE, self.media_type);
        response.headers_mut().extend(self.headers);
        Ok(response)
    }
}

/// One of two.
pub enum Either<A, B> {
    /// The usual one.
    One(A),
    /// The other one.
    Other(B),
}

impl<A: Output, B: Output> Output for Either<A, B> {
    fn words() -> OutputWords {
        let mut words = A::words();
        words.schemas.extend(B::words().schemas);
        words
    }
    fn respond(self) -> Result<Response<Body>, Problem> {
        match self {
            Either::One(a) => a.respond(),
            Either::Other(b) => b.respond(),
        }
    }
}

fn respond(status: u16, media_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}
