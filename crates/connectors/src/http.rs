//! Vendors with an HTTP server of their own, by the contract that we publish: `POST {base}/availability`,
//! `POST {base}/purchase-orders`, `POST {base}/purchase-orders/{po}/cancellation`.
//!
//! Knows the contract's addresses and the shape of an availability answer. Does not know what a paper says: the name of
//! a paper is its path below the base. Purchase orders and questions have a circuit each, so a vendor that answers
//! questions slowly still gets its purchase orders.

use crate::breaker::{Breaker, Permit, Rules};
use crate::client::{Body, HttpClient, Reply, Trouble, quote};
use countersign_engine::ids::VendorSku;
use countersign_runtime::ports::{Connector, Delivery, Found, LiveAvailability, Rendered};
use reqwest::Url;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// SKUs of one question; a cart has far fewer, and an answer of this size fits [`crate::client::ANSWER_BYTES_MAX`].
pub const SKUS_MAX: usize = 1_000;

/// The header by which a server recognises a repeated request.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A server that has no answer to questions about availability (404, 405, 501) is not asked again for so long: every
/// checkout would pay the way there. Short, because one that is being replaced answers so, too.
const UNSERVED_FOR: Duration = Duration::from_secs(30);

/// Why a deliberately awkward path is refused.
const BAD_PATH: &str = "is no path below the base address; this is a fault of the dialect, report it";

/// What the connector is told.
#[derive(Clone)]
pub struct HttpSettings {
    /// Address that the contract's paths are below.
    pub base: Url,
    /// Value of the `Authorization` header.
    pub authorization: Option<String>,
    /// True if the vendor honours `Idempotency-Key`, as the contract demands.
    pub idempotent: bool,
    /// Calls per second that the vendor allows.
    pub rate_per_s: Option<u32>,
}

impl std::fmt::Debug for HttpSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HttpSettings({})", crate::guard::shown(&self.base))
    }
}

/// How a try went, with what the port's word has no room for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// How it ended.
    pub delivery: Delivery,
    /// No sooner than after this it makes sense to try again.
    pub retry_after: Option<Duration>,
    /// False if nothing was tried (circuit open, pace, guard): such a try need not be counted.
    pub tried: bool,
}

/// One question about several items at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AvailabilityQuestion {
    /// The items.
    pub lines: Vec<AskedLine>,
}

/// One item asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedLine {
    /// The vendor's number of it.
    pub vendor_sku: VendorSku,
}

/// The vendor's answer; fields that we do not know are ignored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AvailabilityAnswer {
    /// When the figures were true; "now" if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<jiff::Timestamp>,
    /// The figures.
    pub lines: Vec<AvailableLine>,
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AvailableLine {
    /// The vendor's number of the item; any text, since a line that was not asked for must not spoil the others.
    pub vendor_sku: SmolStr,
    /// Packs available now.
    pub quantity: i64,
}

/// The connector.
#[derive(Debug, Clone)]
pub struct HttpConnector {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    client: Arc<HttpClient>,
    settings: HttpSettings,
    headers: HeaderMap,
    availability: Url,
    questions: Mutex<Breaker>,
    papers: Mutex<Breaker>,
    started: Instant,
    /// Milliseconds after `started` until which the server is taken to serve no questions.
    unserved_until: AtomicU64,
}

impl HttpConnector {
    /// Checks the settings and makes the connector; nothing is called yet.
    ///
    /// # Errors
    /// The name of the faulty setting, and a sentence that says what to mend.
    pub fn new(client: Arc<HttpClient>, settings: HttpSettings) -> Result<Self, (&'static str, String)> {
        client.guard().check_url(&settings.base).map_err(|denied| ("base", denied.0))?;
        if settings.base.query().is_some() || settings.base.fragment().is_some() {
            return Err(("base", "base must have no ? and no #; the contract's paths are added to it".to_owned()));
        }
        let availability = below(&settings.base, "availability").map_err(|why| ("base", why))?;
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json, application/problem+json"));
        if let Some(text) = &settings.authorization {
            let mut value = HeaderValue::from_str(text).map_err(|_| {
                (
                    "token",
                    "the secret holds characters that no header can carry; store it again without line ends".to_owned(),
                )
            })?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let rules = |rules: Rules| Mutex::new(Breaker::new(Rules { rate_per_s: settings.rate_per_s, ..rules }));
        let (questions, papers) = (rules(Rules::questions()), rules(Rules::papers()));
        let started = Instant::now();
        let unserved_until = AtomicU64::new(0);
        let inner = Inner { client, settings, headers, availability, questions, papers, started, unserved_until };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Hands over one paper under its stable id, without blocking the thread.
    pub async fn deliver_async(&self, id: &str, paper: &Rendered, deadline: Duration) -> Attempt {
        let inner = &*self.inner;
        let begun = Instant::now();
        let (url, headers) = match (below(&inner.settings.base, &paper.name), inner.paper_headers(id, paper)) {
            (Ok(url), Ok(headers)) => (url, headers),
            (Err(why), _) | (_, Err(why)) => {
                return Attempt { delivery: Delivery::Refused { why }, retry_after: None, tried: false };
            }
        };
        if let Err(turned_away) = inner.wait_for_turn(deadline).await {
            return turned_away;
        }
        let pending = Pending::new(inner, &inner.papers);
        let left = deadline.saturating_sub(begun.elapsed());
        let outcome = inner.client.post(&url, headers, paper.bytes.clone(), left).await;
        pending.report(&outcome);
        classify(outcome, inner.settings.idempotent)
    }

    /// Asks for packs available by vendor SKU, within the budget, without blocking the thread. While the circuit is open
    /// the error comes at once; the question that finds out whether the vendor is back runs beside the callers.
    ///
    /// # Errors
    /// A sentence that says why there is no answer.
    pub async fn availability_async(
        &self,
        vendor_skus: &[VendorSku],
        budget: Duration,
    ) -> Result<Vec<(VendorSku, u32)>, String> {
        let inner = &self.inner;
        if vendor_skus.is_empty() {
            return Ok(Vec::new());
        }
        if vendor_skus.len() > SKUS_MAX {
            return Err(format!("{} items in one question; ask for at most {SKUS_MAX}", vendor_skus.len()));
        }
        let now = inner.now();
        let unserved = Duration::from_millis(inner.unserved_until.load(Ordering::Relaxed)).saturating_sub(now);
        if !unserved.is_zero() {
            let again = seconds(unserved);
            return Err(format!("it serves no questions about availability; it is asked again in {again}"));
        }
        let permit = lock(&inner.questions).permit(now);
        match permit {
            Permit::Go => inner.ask(vendor_skus, budget).await,
            Permit::Probe => {
                let (probe, vendor_skus) = (Arc::clone(inner), vendor_skus.to_vec());
                inner.client.background().spawn(async move {
                    let answer = probe.ask(&vendor_skus, budget).await;
                    tracing::debug!(base = %probe.settings.base, back = answer.is_ok(), "availability probed");
                });
                Err("it did not answer lately; it is being asked beside this checkout".to_owned())
            }
            Permit::Open(wait) => Err(format!("it did not answer lately and is not asked again for {}", seconds(wait))),
            Permit::Pace(_) => Err("it is asked as often as it allows already".to_owned()),
        }
    }

    /// The circuits' words for screens and metrics: (questions, papers). `unserved` of a server that has no answer to
    /// questions.
    pub fn circuits(&self) -> (&'static str, &'static str) {
        let now = self.inner.now();
        if u128::from(self.inner.unserved_until.load(Ordering::Relaxed)) > now.as_millis() {
            return ("unserved", lock(&self.inner.papers).word(now));
        }
        (lock(&self.inner.questions).word(now), lock(&self.inner.papers).word(now))
    }
}

impl Inner {
    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// Waits for room within the vendor's pace; the error says that nothing was tried.
    async fn wait_for_turn(&self, deadline: Duration) -> Result<(), Attempt> {
        let begun = Instant::now();
        let not_tried = |why: String, wait: Duration| {
            Err(Attempt { delivery: Delivery::Failed { why }, retry_after: Some(wait), tried: false })
        };
        loop {
            let permit = lock(&self.papers).permit(self.now());
            match permit {
                Permit::Go | Permit::Probe => return Ok(()),
                Permit::Open(wait) => {
                    let why = format!("it failed repeatedly or asked for silence; next try in {}", seconds(wait));
                    return not_tried(why, wait);
                }
                Permit::Pace(wait) if begun.elapsed() + wait >= deadline => {
                    return not_tried("it gets as many papers a second as it can take already".to_owned(), wait);
                }
                Permit::Pace(wait) => tokio::time::sleep(wait).await,
            }
        }
    }

    fn paper_headers(&self, id: &str, paper: &Rendered) -> Result<HeaderMap, String> {
        let mut headers = self.headers.clone();
        let media_type = HeaderValue::from_str(&paper.media_type).map_err(|_| {
            format!("the media type {:?} fits no header; this is a fault of the dialect, report it", paper.media_type)
        })?;
        headers.insert(CONTENT_TYPE, media_type);
        let key = HeaderValue::from_str(id)
            .map_err(|_| format!("the id {id:?} fits no header; this is our fault, report it"))?;
        headers.insert(IDEMPOTENCY_KEY, key);
        Ok(headers)
    }

    /// Asks now, whatever the circuit says, and reports to it.
    async fn ask(&self, vendor_skus: &[VendorSku], budget: Duration) -> Result<Vec<(VendorSku, u32)>, String> {
        let lines = vendor_skus.iter().map(|vendor_sku| AskedLine { vendor_sku: vendor_sku.clone() }).collect();
        let body = serde_json::to_vec(&AvailabilityQuestion { lines }).map_err(|error| error.to_string())?;
        let mut headers = self.headers.clone();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let pending = Pending::new(self, &self.questions);
        let outcome = match self.client.post(&self.availability, headers, body, budget).await {
            // Half an answer within the budget is as good as none.
            Ok(Reply { body: Body::Lost(why), .. }) => Err(Trouble::NoAnswer(why)),
            outcome => outcome,
        };
        pending.report(&outcome);
        if let Ok(Reply { status: 404 | 405 | 501, .. }) = outcome {
            let until = u64::try_from((self.now() + UNSERVED_FOR).as_millis()).unwrap_or(0);
            self.unserved_until.store(until, Ordering::Relaxed);
        }
        match &outcome {
            Ok(reply) => figures(reply, vendor_skus),
            Err(trouble) => Err(trouble.to_string()),
        }
    }

    /// Tells the circuit how a call went.
    fn report(&self, breaker: &Mutex<Breaker>, outcome: &Result<Reply, Trouble>) {
        let now = self.now();
        let mut breaker = lock(breaker);
        match outcome {
            Ok(Reply { status: 408 | 500..=599, .. }) | Err(_) => breaker.failed(now),
            Ok(_) => breaker.succeeded(now),
        }
        if let Ok(Reply { status: 425 | 429 | 503, retry_after: Some(wait), .. }) = outcome {
            breaker.pause(now, *wait);
        }
    }
}

/// A call whose outcome the circuit waits for. A caller that runs out of patience drops the call: that is a failure like
/// any other, or a vendor would never be found slow by callers with a limit of their own.
struct Pending<'c> {
    inner: &'c Inner,
    breaker: &'c Mutex<Breaker>,
    reported: bool,
}

impl<'c> Pending<'c> {
    fn new(inner: &'c Inner, breaker: &'c Mutex<Breaker>) -> Self {
        Self { inner, breaker, reported: false }
    }

    fn report(mut self, outcome: &Result<Reply, Trouble>) {
        self.reported = true;
        self.inner.report(self.breaker, outcome);
    }
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        if !self.reported {
            lock(self.breaker).failed(self.inner.now());
        }
    }
}

/// A thread that panicked while holding the lock left a circuit that is still whole.
fn lock(breaker: &Mutex<Breaker>) -> MutexGuard<'_, Breaker> {
    breaker.lock().unwrap_or_else(PoisonError::into_inner)
}

fn seconds(wait: Duration) -> String {
    format!("{} s", wait.as_secs_f32().ceil())
}

/// A paper's path below the base; never another host, never above the base.
fn below(base: &Url, name: &str) -> Result<Url, String> {
    let plain = |segment: &str| !segment.is_empty() && segment != "." && segment != ".." && !segment.contains('\\');
    if !name.split('/').all(plain) {
        return Err(format!("{name:?} {BAD_PATH}"));
    }
    let mut url = base.clone();
    let mut segments = url.path_segments_mut().map_err(|()| format!("{base} cannot have paths below it"))?;
    segments.pop_if_empty().extend(name.split('/'));
    drop(segments);
    Ok(url)
}

/// Four words for what happened.
pub(crate) fn classify(outcome: Result<Reply, Trouble>, idempotent: bool) -> Attempt {
    let lost = |why: String| if idempotent { Delivery::Failed { why } } else { Delivery::Unknown { why } };
    let reply = match outcome {
        Ok(reply) => reply,
        Err(trouble) => {
            let tried = !matches!(trouble, Trouble::Denied(_));
            let delivery = match trouble {
                Trouble::Denied(why) | Trouble::NotSent(why) => Delivery::Failed { why },
                Trouble::NoAnswer(why) => lost(why),
            };
            return Attempt { delivery, retry_after: None, tried };
        }
    };
    let status = reply.status;
    let delivery = match (status, reply.body) {
        // It has the paper, but its answer is lost: asking again brings the same answer where that is safe.
        (200..=299, Body::Lost(why)) if idempotent => {
            Delivery::Failed { why: format!("answered {status}, then: {why}") }
        }
        (200..=299, body) => Delivery::Done { receipt: true, answer: answer(body) },
        (300..=399, _) => Delivery::Refused {
            why: format!(
                "answered {status}, a redirect to {}; redirects are not followed, put the final address into the settings",
                reply.location.as_deref().unwrap_or("nowhere")
            ),
        },
        (408 | 425 | 429 | 500..=599, body) => Delivery::Failed { why: said(status, &body) },
        (_, body) => Delivery::Refused { why: said(status, &body) },
    };
    Attempt { delivery, retry_after: reply.retry_after, tried: true }
}

/// A body that says something: JSON, and not an empty one.
fn answer(body: Body) -> Option<Vec<u8>> {
    let bytes = match body {
        Body::Whole(bytes) => bytes,
        Body::TooLarge => {
            tracing::warn!("an answer larger than {} bytes was not kept", crate::client::ANSWER_BYTES_MAX);
            return None;
        }
        Body::Lost(_) => return None,
    };
    let empty = |json: &serde_json::Value| match json {
        serde_json::Value::Null => true,
        serde_json::Value::Object(map) => map.is_empty(),
        serde_json::Value::Array(list) => list.is_empty(),
        serde_json::Value::String(text) => text.is_empty(),
        _ => false,
    };
    let json: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
    (!empty(&json)).then_some(bytes)
}

/// What the other side said, for people: the title and detail of a problem document, or the beginning of the body.
fn said(status: u16, body: &Body) -> String {
    #[derive(Deserialize)]
    struct Problem {
        title: Option<String>,
        detail: Option<String>,
    }
    let Body::Whole(bytes) = body else { return format!("answered {status}") };
    let words = match serde_json::from_slice::<Problem>(bytes) {
        Ok(Problem { title: Some(title), detail: Some(detail) }) => format!("{title}: {detail}"),
        Ok(Problem { title: Some(words), .. } | Problem { detail: Some(words), .. }) => words,
        _ => String::from_utf8_lossy(&bytes[..bytes.len().min(1_000)]).into_owned(),
    };
    let words = quote(&words);
    if words.is_empty() { format!("answered {status}") } else { format!("answered {status}: {words}") }
}

/// The figures for what was asked. What was not asked is dropped, of two figures the smaller counts, less than nothing
/// is nothing.
fn figures(reply: &Reply, asked: &[VendorSku]) -> Result<Vec<(VendorSku, u32)>, String> {
    if !(200..=299).contains(&reply.status) {
        return Err(said(reply.status, &reply.body));
    }
    let bytes = match &reply.body {
        Body::Whole(bytes) => bytes,
        Body::TooLarge => return Err("the answer is too large".to_owned()),
        Body::Lost(why) => return Err(why.clone()),
    };
    let answer: AvailabilityAnswer =
        serde_json::from_slice(bytes).map_err(|error| format!("its answer is not what the contract says: {error}"))?;
    let mut least: BTreeMap<SmolStr, u32> = BTreeMap::new();
    for line in answer.lines {
        let quantity = u32::try_from(line.quantity.max(0)).unwrap_or(u32::MAX);
        least.entry(line.vendor_sku).and_modify(|known| *known = quantity.min(*known)).or_insert(quantity);
    }
    Ok(asked.iter().filter_map(|sku| least.get(sku.as_str()).map(|quantity| (sku.clone(), *quantity))).collect())
}

impl Connector for HttpConnector {
    fn deliver(&self, id: &str, paper: &Rendered, deadline: Duration) -> Delivery {
        let (own, id, paper) = (self.clone(), id.to_owned(), paper.clone());
        let work = async move { own.deliver_async(&id, &paper, deadline).await.delivery };
        let stopped = || Delivery::Unknown { why: "the service stopped while it was being sent".to_owned() };
        self.inner.client.background().wait(work).unwrap_or_else(stopped)
    }

    fn idempotent(&self) -> bool {
        self.inner.settings.idempotent
    }

    fn fetch(&self, _limit: usize) -> Result<Vec<Found>, String> {
        // The contract has the vendor call us.
        Ok(Vec::new())
    }

    fn taken(&self, _name: &str) -> Result<(), String> {
        Ok(())
    }
}

impl LiveAvailability for HttpConnector {
    fn availability(&self, vendor_skus: &[VendorSku], budget: Duration) -> Result<Vec<(VendorSku, u32)>, String> {
        let (own, vendor_skus) = (self.clone(), vendor_skus.to_vec());
        let work = async move { own.availability_async(&vendor_skus, budget).await };
        self.inner.client.background().wait(work).unwrap_or_else(|| Err("the service is stopping".to_owned()))
    }
}
