//! An order comes in, or many: read once, checked, split into what the log may hold and what is personal, handed in.

use super::super::call::{Call, json, parse};
use super::super::input::{Bulk, BulkForm, Forms, JSON_BYTES_MAX, media_type, schema_of};
use super::super::output::{Either, Raw, Reply};
use crate::live::BUDGET;
use crate::office::HandedIn;
use crate::problem::{Kind, Problem, of_handled};
use crate::view::order::{OrderBody, OrderView, People};
use axum::body::Bytes;
use axum::http::header;
use countersign_engine::command::{CaptureOrder, Command, Deed};
use countersign_engine::ids::OrderId;
use countersign_engine::order::{Order, Status};
use countersign_runtime::ports::{Answer as KeptAnswer, PersonRow};
use countersign_runtime::request::Done;
use countersign_runtime::{Handled, Request};
use hmac::Mac;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use smol_str::SmolStr;
use std::collections::VecDeque;
use std::io::Write;
use std::time::Duration;
use utoipa::IntoParams;

/// Orders of a bulk request that are read at once.
const BULK_AT_ONCE: usize = 512;
/// So many times that number are under way: some are read, some decided, some written.
const BULK_CHUNKS: usize = 5;
/// Longest wait that is granted; connections are not held for ever.
const WAIT_S_MAX: u64 = 60;

/// No parameters; the body may be large.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct CaptureQuery {}

impl BulkForm for CaptureQuery {
    fn forms() -> Forms {
        let (schema, schemas) = schema_of::<OrderBody>();
        (vec![("application/json", schema.clone()), ("application/x-ndjson", schema)], schemas)
    }
}

type Answer = Either<Reply<OrderView, 201>, Raw>;

pub(super) async fn post(call: Call, body: Bulk<CaptureQuery>) -> Result<Answer, Problem> {
    match media_type(&call) {
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => {
            Ok(Either::Other(bulk(call, body.bytes).await))
        }
        "" | "application/json" => Ok(Either::One(single(call, body.bytes).await?)),
        other => {
            let sentence = format!("send application/json for one order, application/x-ndjson for many, not {other:?}");
            Err(Problem::new(Kind::UnsupportedMediaType, sentence))
        }
    }
}

async fn single(call: Call, bytes: Bytes) -> Result<Reply<OrderView, 201>, Problem> {
    if bytes.len() > JSON_BYTES_MAX {
        return Err(Problem::new(Kind::TooLarge, format!("one order may have {JSON_BYTES_MAX} bytes")));
    }
    let Taken { request, order, people } = read(&call, &bytes)?;
    let id = order.id.clone();
    let request = with_live(&call, request, &order).await;
    let name = id.clone();
    // What is kept to answer the same again holds no personal data: it came with the request, and comes with its repetition.
    let render = move |done: &Done| match done.order(&name) {
        Some(order) => (201, json(&OrderView::new(order, People::default()))),
        None => (201, "{}".into()),
    };
    let done = match call.capture(&bytes, request, render).await? {
        Captured::Done(done) => done,
        Captured::Again(answer) => return Ok(Reply::replayed(answer.status, with_people(answer.body, &people))),
    };
    let again = done.position.is_none();
    let now_stands = match (call.wait_s(), done.order(&id)) {
        (Some(seconds), Some(order)) => {
            let wait = Duration::from_secs(seconds.min(WAIT_S_MAX));
            call.app().waits().until_settled(order, wait).await
        }
        _ => None,
    };
    let order: &Order = match (&now_stands, done.order(&id)) {
        (Some(later), _) => later,
        (None, Some(order)) => order,
        (None, None) => return Err(Problem::new(Kind::Bug, "the captured order was not answered")),
    };
    let reply = Reply::of(&OrderView::new(order, copy(&people))).marked(again);
    let plain = id.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    Ok(if plain { reply.header(header::LOCATION, &format!("/v1/orders/{id}")) } else { reply })
}

/// A kept answer with the personal data that the repeated request bears.
fn with_people(kept: String, people: &People) -> String {
    let Ok(mut view) = serde_json::from_str::<Value>(&kept) else { return kept };
    if let (Some(view), Ok(Value::Object(people))) = (view.as_object_mut(), serde_json::to_value(people)) {
        view.extend(people);
    }
    view.to_string()
}

fn copy(people: &People) -> People {
    People { customer: people.customer.clone(), ship_to: people.ship_to.clone() }
}

/// What vendors' own servers say goes ahead of the order, in the same commit.
async fn with_live(call: &Call, mut request: Request, order: &CaptureOrder) -> Request {
    let mut commands = call.app().office().live_advice(order, BUDGET).await;
    if !commands.is_empty() {
        commands.append(&mut request.commands);
        request.commands = commands;
    }
    request
}

/// An order that was read.
struct Taken {
    request: Request,
    order: CaptureOrder,
    people: People,
}

fn read(call: &Call, bytes: &[u8]) -> Result<Taken, Problem> {
    let body: OrderBody = parse(bytes)?;
    body.check(call.now())?;
    let fingerprint = fingerprint(call, &body);
    let (order, people) = body.apart(fingerprint);
    let command = Command { by: call.actor(), deed: Deed::CaptureOrder(order.clone()) };
    let person = PersonRow { order: order.id.clone(), body: json(&people) };
    Ok(Taken { request: Request::caused(command, call.request_id().clone()).with_person(person), order, people })
}

/// Tells the same order from another one, and betrays nothing: it is keyed with the installation's secret.
fn fingerprint(call: &Call, body: &OrderBody) -> SmolStr {
    struct Into<M>(M);
    impl<M: Mac> Write for Into<M> {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.update(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut into = Into(call.mac());
    serde_json::to_writer(&mut into, body).expect("because orders are plain data");
    SmolStr::new(hex::encode(&into.0.finalize().into_bytes()[..16]))
}

/// What became of a capture.
enum Captured {
    Done(Done),
    Again(KeptAnswer),
}

impl Call {
    /// Hands an order in; what became of live advice ahead of it does not matter to the order.
    async fn capture(
        &self,
        bytes: &[u8],
        request: Request,
        render: impl Fn(&Done) -> super::super::call::Rendered + Send + Sync + 'static,
    ) -> Result<Captured, Problem> {
        let request = self.under_key(bytes, request, render)?;
        let mut handled = self.app().office().submit(request).await;
        match handled.pop() {
            Some(Handled::Done(done)) => Ok(Captured::Done(done)),
            Some(Handled::Again(answer)) => Ok(Captured::Again(answer)),
            Some(other) => Err(of_handled(&other).unwrap_or_else(|| Problem::new(Kind::Bug, "no answer"))),
            None => Err(Problem::new(Kind::Bug, "no answer")),
        }
    }
}

/// The fate of one line of a bulk request.
#[derive(Serialize)]
struct LineResult<'a> {
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a OrderId>,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_status: Option<Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<crate::problem::ProblemBody<'a>>,
}

/// Many orders: each line is an order of its own, with an answer of its own. While some are decided, the next are read.
/// The answer comes whole, because few clients read while they still send.
async fn bulk(call: Call, bytes: Bytes) -> Raw {
    let mut lines = Lines { call, bytes, at: 0, line: 0 };
    let (mut results, mut under_way) = (Vec::new(), VecDeque::new());
    loop {
        let (read, requests) = lines.take();
        let more = !read.is_empty();
        under_way.push_back((read, lines.call.app().office().hand_in(requests).await));
        while under_way.len() >= BULK_CHUNKS || (!more && !under_way.is_empty()) {
            let (read, handed_in): (Vec<Line>, HandedIn) = under_way.pop_front().expect("because there is one");
            write_results(&mut results, read, handed_in.answers().await);
        }
        if !more {
            return Raw::text("application/x-ndjson", results);
        }
    }
}

/// A line that was read: its number, and the order on it or what is wrong with it.
type Line = (u64, Result<OrderId, Problem>);

struct Lines {
    call: Call,
    bytes: Bytes,
    at: usize,
    line: u64,
}

impl Lines {
    /// Reads the next orders; none at the end.
    fn take(&mut self) -> (Vec<Line>, Vec<Request>) {
        let (mut lines, mut requests) = (Vec::new(), Vec::new());
        while lines.len() < BULK_AT_ONCE
            && let Some(text) = self.next_line()
        {
            if text.trim_ascii().is_empty() {
                continue;
            }
            let taken = match text.len() > JSON_BYTES_MAX {
                true => Err(Problem::new(Kind::TooLarge, format!("one order may have {JSON_BYTES_MAX} bytes"))),
                false => read(&self.call, &text),
            };
            let id = taken.map(|taken| {
                requests.push(taken.request);
                taken.order.id
            });
            lines.push((self.line, id));
        }
        (lines, requests)
    }

    fn next_line(&mut self) -> Option<Bytes> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let rest = &self.bytes[self.at..];
        let end = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
        let text = self.bytes.slice(self.at..self.at + end);
        self.at += end + 1;
        self.line += 1;
        Some(text)
    }
}

fn write_results(out: &mut Vec<u8>, lines: Vec<Line>, answers: Vec<Vec<Handled>>) {
    let mut answers = answers.into_iter();
    out.reserve(lines.len() * 80);
    for (line, id) in lines {
        let fate = if id.is_ok() { answers.next().and_then(|mut all| all.pop()) } else { None };
        write_result(out, line, id, fate);
    }
}

fn write_result(out: &mut Vec<u8>, line: u64, id: Result<OrderId, Problem>, fate: Option<Handled>) {
    let (id, problem) = match id {
        Ok(id) => (Some(id), fate.as_ref().and_then(of_handled)),
        Err(problem) => (None, Some(problem)),
    };
    let order = fate.as_ref().and_then(Handled::done).zip(id.as_ref()).and_then(|(done, id)| done.order(id));
    let result = LineResult {
        line,
        id: id.as_ref(),
        status: problem.as_ref().map_or(201, |p| p.status),
        order_status: order.map(Order::status),
        problem: problem.as_ref().map(|p| p.body("")),
    };
    serde_json::to_writer(&mut *out, &result).expect("because results are plain data");
    out.push(b'\n');
}
