//! One call under way: who asks, for what, under which id; and the ways in which calls ask the office.
//!
//! Does not know any resource.

use super::App;
use super::output::Reply;
use crate::auth::Caller;
use crate::problem::{FieldError, Kind, Problem, of_handled};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use countersign_engine::command::{Actor, Command, Deed};
use countersign_engine::slice::{Key, Record};
use countersign_runtime::ports::{Answer, Store, StoreError};
use countersign_runtime::request::{Attachments, Done};
use countersign_runtime::{Handled, Once, Request};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use smol_str::{SmolStr, format_smolstr};
use std::fmt::Display;
use std::str::FromStr;

/// Longest idempotency key.
const IDEMPOTENCY_KEY_LENGTH_MAX: usize = 255;

/// A call under way.
pub struct Call {
    app: App,
    caller: Option<Caller>,
    id: SmolStr,
    path: Vec<(SmolStr, String)>,
    parts: Parts,
}

/// What a finished command is answered with: a status and a JSON text.
pub type Rendered = (u16, String);

impl Call {
    pub(super) fn new(
        app: App,
        caller: Option<Caller>,
        id: SmolStr,
        path: Vec<(SmolStr, String)>,
        parts: Parts,
    ) -> Self {
        Self { app, caller, id, path, parts }
    }

    /// The application.
    pub fn app(&self) -> &App {
        &self.app
    }
    /// The present.
    pub fn now(&self) -> Timestamp {
        self.app.office().now()
    }
    /// True if there is a server that takes our mail.
    pub fn is_mailing(&self) -> bool {
        self.app.office().is_mailing()
    }
    /// The request id.
    pub fn request_id(&self) -> &SmolStr {
        &self.id
    }
    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }
    /// The address asked for.
    pub fn uri(&self) -> &Uri {
        &self.parts.uri
    }
    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.parts.headers.get(name).and_then(|v| v.to_str().ok())
    }
    /// Who asks, if anybody in particular.
    pub fn caller_if_any(&self) -> Option<&Caller> {
        self.caller.as_ref()
    }
    /// Who asks.
    ///
    /// # Panics
    /// In a call that is open to everybody.
    pub fn caller(&self) -> &Caller {
        self.caller.as_ref().expect("because the wrapper admits nobody unknown to such a call")
    }
    /// Who asks, as the journal names them.
    pub fn actor(&self) -> Actor {
        self.caller().actor.clone()
    }
    /// A part of the path as it stands.
    pub fn part(&self, name: &str) -> &str {
        self.path.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }
    /// A part of the path as an id.
    ///
    /// # Errors
    /// It cannot be such an id.
    pub fn id<T: FromStr<Err: Display>>(&self, name: &str) -> Result<T, Problem> {
        let text = self.part(name);
        text.parse().map_err(|e: T::Err| Problem::field(format!("{{{name}}}"), text, "invalid", e.to_string()))
    }
    /// Seconds that the caller lets us wait (`Prefer: wait=N`, RFC 7240).
    pub fn wait_s(&self) -> Option<u64> {
        let all = self.parts.headers.get_all("prefer").iter().filter_map(|v| v.to_str().ok());
        let mut wishes = all.flat_map(|text| text.split([',', ';'])).map(str::trim);
        wishes.find_map(|wish| wish.strip_prefix("wait")?.trim_start().strip_prefix('=')?.trim().parse().ok())
    }
    /// True if the caller means to make a thing and not to change one (`If-None-Match: *`, RFC 9110).
    ///
    /// # Errors
    /// The header names a version: things have none here.
    pub fn creates_only(&self) -> Result<bool, Problem> {
        match self.header("if-none-match").map(str::trim) {
            None => Ok(false),
            Some("*") => Ok(true),
            Some(_) => {
                Err(Problem::new(Kind::BadRequest, "if-none-match may only be * here: make it, never change it"))
            }
        }
    }

    /// Reads the store.
    ///
    /// # Errors
    /// What the read says, or the store's failure.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Problem> {
        Ok(self.app.office().read(read).await?)
    }

    /// Reads one record.
    ///
    /// # Errors
    /// The store's failure.
    pub async fn record(&self, key: Key) -> Result<Option<Record>, Problem> {
        let found = self.read(move |store| store.load(&[key])).await?;
        Ok(found.into_iter().flatten().next().map(|v| v.record))
    }

    /// A command of the caller, ready to be sent in.
    pub fn command(&self, deed: Deed) -> Request {
        Request::caused(Command { by: self.actor(), deed }, self.id.clone())
    }

    /// Has one command done and answers with what `render` makes of it; under the caller's idempotency key, if there is
    /// one, the first answer is given again.
    ///
    /// # Errors
    /// The refusal or failure of the command.
    pub async fn act<T, const STATUS: u16>(
        &self,
        body: &[u8],
        deed: Deed,
        render: impl Fn(&Done) -> Rendered + Send + Sync + 'static,
    ) -> Result<Reply<T, STATUS>, Problem> {
        self.submit(body, self.command(deed), render).await
    }

    /// A request under the caller's idempotency key, if one came: its first answer is kept in its own commit.
    ///
    /// # Errors
    /// The key is none.
    pub fn under_key(
        &self,
        body: &[u8],
        mut request: Request,
        render: impl Fn(&Done) -> Rendered + Send + Sync + 'static,
    ) -> Result<Request, Problem> {
        if let Some(once) = self.once(body)? {
            request.finish = Some(finish(once.clone(), self.now(), render));
            request.once = Some(once);
        }
        Ok(request)
    }

    /// As [`Call::act`], for a request made elsewhere. What it answers is what became of its last command.
    ///
    /// # Errors
    /// The first refusal or failure.
    pub async fn submit<T, const STATUS: u16>(
        &self,
        body: &[u8],
        request: Request,
        render: impl Fn(&Done) -> Rendered + Send + Sync + 'static,
    ) -> Result<Reply<T, STATUS>, Problem> {
        let render = std::sync::Arc::new(render);
        let first = render.clone();
        let request = self.under_key(body, request, move |done| first(done))?;
        match outcome(self.app.office().submit(request).await)? {
            Outcome::Again(answer) => Ok(Reply::replayed(answer.status, answer.body)),
            Outcome::Done(done) => {
                let (status, text) = render(&done);
                Ok(Reply::text(status, text))
            }
        }
    }

    /// Has a request done, without an idempotency key.
    ///
    /// # Errors
    /// The first refusal or failure.
    pub async fn done(&self, request: Request) -> Result<Done, Problem> {
        match outcome(self.app.office().submit(request).await)? {
            Outcome::Done(done) => Ok(done),
            Outcome::Again(_) => Ok(Done::default()),
        }
    }

    /// The first answer under the caller's idempotency key, for work that is more than one commit. `None`: do it, and
    /// [`Call::keep`] its answer.
    ///
    /// # Errors
    /// The key came before with another request.
    pub async fn first_answer<T, const STATUS: u16>(&self, body: &[u8]) -> Result<Option<Reply<T, STATUS>>, Problem> {
        let Some(once) = self.once(body)? else { return Ok(None) };
        let key = once.key.clone();
        match self.read(move |store| store.answer(&key)).await? {
            None => Ok(None),
            Some(answer) if answer.fingerprint == once.fingerprint => {
                Ok(Some(Reply::replayed(answer.status, answer.body)))
            }
            Some(_) => Err(of_handled(&Handled::KeyReused).unwrap_or_else(|| Problem::new(Kind::Bug, ""))),
        }
    }

    /// Keeps an answer under the caller's idempotency key.
    ///
    /// # Errors
    /// The store's failure.
    pub async fn keep<T, const STATUS: u16>(
        &self,
        body: &[u8],
        reply: Reply<T, STATUS>,
    ) -> Result<Reply<T, STATUS>, Problem> {
        if let Some(once) = self.once(body)? {
            let (status, text) = (reply.status(), reply.body_text());
            let answer = Answer {
                key: once.key.clone(),
                fingerprint: once.fingerprint.clone(),
                status,
                body: text,
                at: self.now(),
            };
            let request = Request { once: Some(once), ..Request::default() }
                .finishing(move |_| Attachments { answer: Some(answer.clone()), ..Attachments::default() });
            self.app.office().submit(request).await;
        }
        Ok(reply)
    }

    /// The caller's idempotency key and what the request is, if a key came.
    fn once(&self, body: &[u8]) -> Result<Option<Once>, Problem> {
        let Some(key) = self.parts.headers.get("idempotency-key") else { return Ok(None) };
        let key = key.to_str().ok().map(|k| k.trim().trim_matches('"')).filter(|k| !k.is_empty());
        let Some(key) = key.filter(|k| k.len() <= IDEMPOTENCY_KEY_LENGTH_MAX) else {
            let sentence = format!("Idempotency-Key has 1 to {IDEMPOTENCY_KEY_LENGTH_MAX} visible characters");
            return Err(Problem::new(Kind::BadRequest, sentence));
        };
        let mut mac = self.mac();
        mac.update(self.parts.method.as_str().as_bytes());
        mac.update(self.parts.uri.path().as_bytes());
        mac.update(&[0]);
        mac.update(body);
        let fingerprint = SmolStr::new(hex::encode(&mac.finalize().into_bytes()[..16]));
        Ok(Some(Once { key: format_smolstr!("{}|{key}", self.caller().id), fingerprint }))
    }

    /// What the caller's forms bear: another site cannot know it.
    pub fn form_token(&self) -> String {
        let mut mac = self.mac();
        mac.update(b"form|");
        mac.update(self.caller.as_ref().map_or("", |c| c.id.as_str()).as_bytes());
        hex::encode(&mac.finalize().into_bytes()[..16])
    }

    /// True for the caller's own token; compared without telling by time how much was right.
    pub fn is_form_token(&self, text: &str) -> bool {
        let mut mac = self.mac();
        mac.update(b"form|");
        mac.update(self.caller.as_ref().map_or("", |c| c.id.as_str()).as_bytes());
        hex::decode(text).is_ok_and(|bytes| bytes.len() == 16 && mac.verify_truncated_left(&bytes).is_ok())
    }

    /// A message authentication code under the installation's key.
    pub fn mac(&self) -> Hmac<Sha256> {
        Hmac::new_from_slice(self.app.office().key()).expect("because HMAC takes keys of any length")
    }
}

/// What became of a request.
enum Outcome {
    Done(Done),
    Again(Answer),
}

fn outcome(mut handled: Vec<Handled>) -> Result<Outcome, Problem> {
    if let Some(problem) = handled.iter().find_map(of_handled) {
        return Err(problem);
    }
    match handled.pop() {
        Some(Handled::Done(done)) => Ok(Outcome::Done(done)),
        Some(Handled::Again(answer)) => Ok(Outcome::Again(answer)),
        _ => Ok(Outcome::Done(Done::default())),
    }
}

/// Keeps the first answer in the commit of the command itself; a refusal changes nothing and is not kept.
fn finish(
    once: Once,
    at: Timestamp,
    render: impl Fn(&Done) -> Rendered + Send + Sync + 'static,
) -> countersign_runtime::request::Finish {
    Box::new(move |handled| {
        let answer = handled.last().and_then(Handled::done).map(|done| {
            let (status, body) = render(done);
            Answer { key: once.key.clone(), fingerprint: once.fingerprint.clone(), status, body, at }
        });
        Attachments { answer, ..Attachments::default() }
    })
}

/// A JSON text.
pub fn json(thing: &impl serde::Serialize) -> String {
    serde_json::to_string(thing).expect("because views are plain data")
}

/// A 200 with this body.
pub fn ok(thing: &impl serde::Serialize) -> Rendered {
    (200, json(thing))
}

/// Reads a JSON text; says which field is wrong, and what stood there.
///
/// # Errors
/// 400 if it is no JSON, 422 if a field is not right.
pub fn parse<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| explain::<T>(bytes, &error))
}

/// Finds out why a text could not be read; slow, because it is rare.
fn explain<T: serde::de::DeserializeOwned>(bytes: &[u8], error: &serde_json::Error) -> Problem {
    let value: serde_json::Value = match serde_json::from_slice(bytes) {
        Ok(value) => value,
        Err(syntax) => {
            let at = format!("line {} column {}", syntax.line(), syntax.column());
            let what = if bytes.is_empty() { "the body is empty".to_owned() } else { format!("at {at}: {syntax}") };
            return Problem::new(Kind::MalformedJson, format!("{what}; send one JSON value in UTF-8"));
        }
    };
    let mut from = serde_json::Deserializer::from_slice(bytes);
    let found = serde_path_to_error::deserialize::<_, T>(&mut from);
    let (mut pointer, sentence) = match found {
        Err(e) => (pointer_of(e.path()), plain(&e.inner().to_string())),
        Ok(_) => (String::new(), plain(&error.to_string())),
    };
    if let Some(field) = sentence.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        pointer.push('/');
        pointer.push_str(field);
        return Problem::field(pointer.clone(), serde_json::Value::Null, "missing", format!("{pointer} is missing"));
    }
    let value = value.pointer(&pointer).cloned().unwrap_or(serde_json::Value::Null);
    let shown = if value.is_object() || value.is_array() { serde_json::Value::Null } else { value };
    let at = if pointer.is_empty() { "the body" } else { &pointer };
    let detail = format!("{at}: {sentence}");
    let field = FieldError { pointer, value: shown, reason: "invalid".into(), detail: sentence };
    Problem { errors: vec![field], ..Problem::new(Kind::InvalidField, detail) }
}

fn pointer_of(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let part = |segment: &Segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        Segment::Enum { .. } | Segment::Unknown => String::new(),
    };
    path.iter().map(part).collect()
}

/// The library's sentence without its line and column, which the pointer replaces.
fn plain(sentence: &str) -> String {
    match sentence.rfind(" at line ") {
        Some(at) => sentence[..at].to_owned(),
        None => sentence.to_owned(),
    }
}
