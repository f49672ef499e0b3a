//! How a call is made: the one wrapper that admits, measures, numbers, catches and answers.
//!
//! Does not know what any call does.

use super::App;
use super::call::Call;
use super::input::Input;
use super::output::Output;
use super::portal;
use crate::auth::{Access, Caller, Found, Permission, admit};
use crate::metrics::{self, RouteMeter};
use crate::problem::{Kind, Problem};
use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequestParts, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, Uri, header};
use axum::routing::{MethodFilter, on};
use countersign_engine::command::Role;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use smol_str::{SmolStr, format_smolstr};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Instant;

/// Names a request through logs, journal and answer.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest request id that is taken over from the caller.
const REQUEST_ID_LENGTH_MAX: usize = 100;

/// Answers of the API are data: whoever shows one as a page gets nothing loaded and no frame.
const NOTHING_POLICY: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";

/// Calls that may be under way at once: two seconds of work at full speed; beyond it callers are asked to come again.
const UNDER_WAY_MAX: usize = 20_000;

/// A call: what it is, apart from its function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Its method.
    pub method: Method,
    /// Its path, with names in braces.
    pub path: &'static str,
    /// Who may make it.
    pub access: Access,
    /// The heading it stands under.
    pub group: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// What else one has to know.
    pub words: &'static str,
    /// A page for people: not part of the API, answers in HTML, its forms bear their own token.
    pub is_page: bool,
    /// It can be told to make and never to change (`If-None-Match: *`).
    pub creates: bool,
}

impl Route {
    fn new(method: Method, path: &'static str, access: Access, group: &'static str, summary: &'static str) -> Self {
        Self { method, path, access, group, summary, words: "", is_page: false, creates: false }
    }
    /// A reading call.
    pub fn get(path: &'static str, needs: Permission, group: &'static str, summary: &'static str) -> Self {
        Self::new(Method::GET, path, Access::Needs(needs), group, summary)
    }
    /// A call that writes what it names, whole.
    pub fn put(path: &'static str, needs: Permission, group: &'static str, summary: &'static str) -> Self {
        Self::new(Method::PUT, path, Access::Needs(needs), group, summary)
    }
    /// A call that does something.
    pub fn post(path: &'static str, needs: Permission, group: &'static str, summary: &'static str) -> Self {
        Self::new(Method::POST, path, Access::Needs(needs), group, summary)
    }
    /// A call that removes.
    pub fn delete(path: &'static str, needs: Permission, group: &'static str, summary: &'static str) -> Self {
        Self::new(Method::DELETE, path, Access::Needs(needs), group, summary)
    }
    /// A call for everybody, or for everybody who is logged in.
    pub fn open(
        method: Method,
        path: &'static str,
        access: Access,
        group: &'static str,
        summary: &'static str,
    ) -> Self {
        Self::new(method, path, access, group, summary)
    }
    /// A page for people.
    pub fn page(method: Method, path: &'static str, access: Access, summary: &'static str) -> Self {
        Self { is_page: true, ..Self::new(method, path, access, "Pages", summary) }
    }
    /// With more words.
    pub fn words(mut self, words: &'static str) -> Self {
        self.words = words;
        self
    }
    /// It minds `If-None-Match: *`.
    pub fn creates(mut self) -> Self {
        self.creates = true;
        self
    }
}

/// A call and its types, for the documentation and for tests that walk all calls.
#[derive(Debug, Clone)]
pub struct Described {
    /// The call.
    pub route: Route,
    /// What it takes.
    pub input: super::input::InputWords,
    /// What it answers.
    pub output: super::output::OutputWords,
}

/// What a call does, without its types: reads its input, does its work, writes its answer.
type Work = Box<dyn Fn(Call, Body) -> BoxFuture<'static, Result<Response<Body>, Problem>> + Send + Sync>;

/// A call as the router holds it.
struct Served {
    route: Route,
    meter: Arc<RouteMeter>,
    work: Work,
}

/// Calls being gathered.
#[derive(Default)]
pub struct Api {
    router: Router<App>,
    pub(super) described: Vec<Described>,
}

impl Api {
    /// Adds a call.
    pub fn add<I, O, F, Fut>(&mut self, route: Route, function: F)
    where
        I: Input + 'static,
        O: Output,
        F: Fn(Call, I) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<O, Problem>> + Send,
    {
        assert!(
            !route.is_page || route.method.is_safe() || I::CHECKS_FORM,
            "the form of {} must be read as a PageForm, which checks where it comes from",
            route.path
        );
        self.described.push(Described { route: route.clone(), input: I::words(), output: O::words() });
        self.serve(
            route,
            Box::new(move |call, body| {
                let function = function.clone();
                Box::pin(async move {
                    let input = I::read(&call, body).await?;
                    function(call, input).await?.respond()
                })
            }),
        );
    }

    /// Everything about a call that does not depend on its types stands in here, once for all of them.
    fn serve(&mut self, route: Route, work: Work) {
        let (path, filter) = (route.path, filter(&route.method));
        let meter = metrics::route(route.method.as_str(), route.path);
        let served = Arc::new(Served { route, meter, work });
        let handler = move |State(app): State<App>, request: Request| {
            let served = served.clone();
            async move { serve(app, &served, request).await }
        };
        self.router = std::mem::take(&mut self.router).route(path, on(filter, handler));
    }

    pub(super) fn into_router(self) -> Router<App> {
        self.router.method_not_allowed_fallback(|State(app): State<App>, request: Request| async move {
            let problem = Problem::new(
                Kind::MethodNotAllowed,
                format!("{} is not answered here; see the header allow", request.method()),
            );
            let id = request_id(request.headers());
            finish(&app, problem.respond(&id), &id)
        })
    }
}

fn filter(method: &Method) -> MethodFilter {
    match *method {
        Method::PUT => MethodFilter::PUT,
        Method::POST => MethodFilter::POST,
        Method::DELETE => MethodFilter::DELETE,
        _ => MethodFilter::GET,
    }
}

/// Calls under way, over all sockets.
static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);

/// A place among the calls under way, until it is dropped.
struct Place;

impl Place {
    fn take() -> Option<Self> {
        if UNDER_WAY.fetch_add(1, Ordering::Relaxed) < UNDER_WAY_MAX {
            return Some(Place);
        }
        UNDER_WAY.fetch_sub(1, Ordering::Relaxed);
        None
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        UNDER_WAY.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn serve(app: App, served: &Served, request: Request) -> Response<Body> {
    let Served { route, meter, work } = served;
    let began = Instant::now();
    let id = request_id(request.headers());
    let Some(_place) = Place::take() else {
        let problem = Problem::new(Kind::TooManyRequests, "too many calls are under way: send it again in a moment");
        return finish(&app, problem.retry_after(1).respond(&id), &id);
    };
    let done = AssertUnwindSafe(answer(&app, route, &id, request, work)).catch_unwind().await;
    let response = match done {
        Ok(Ok(response)) => response,
        Ok(Err(problem)) => {
            let (status, kind) = (problem.status, problem.kind.code());
            tracing::info!(request_id = %id, method = %route.method, path = route.path, status, kind, detail = problem.detail, "refused");
            if route.is_page { portal::problem_page(&problem, route.path) } else { problem.respond(&id) }
        }
        Err(_) => {
            tracing::error!(request_id = %id, method = %route.method, path = route.path, "a call panicked");
            Problem::new(Kind::Bug, "a fault of this service; it is logged under the request id").respond(&id)
        }
    };
    let (status, took) = (response.status().as_u16(), began.elapsed());
    meter.note(status, took);
    tracing::debug!(request_id = %id, method = %route.method, path = route.path, status, ?took, "answered");
    finish(&app, response, &id)
}

async fn answer(
    app: &App,
    route: &Route,
    id: &SmolStr,
    request: Request,
    work: &Work,
) -> Result<Response<Body>, Problem> {
    let (mut parts, body) = request.into_parts();
    let caller = identify(app, &parts.headers).await?;
    let caller = admit(caller, route.access, &route.method, &parts.headers, route.path, route.is_page)?;
    let path = path_of(&mut parts, route.path).await?;
    without_nul(&path, &parts.uri)?;
    within_scope(caller.as_ref(), route, &path)?;
    let call = Call::new(app.clone(), caller, id.clone(), path, parts);
    work(call, body).await
}

/// A key that is bound to a source sees that source's paths only; everything else is as if absent. (What a vendor sees
/// of its own things, the vendors' calls say themselves.)
fn within_scope(caller: Option<&Caller>, route: &Route, path: &[(SmolStr, String)]) -> Result<(), Problem> {
    if let (Some(po), Access::Needs(_)) = (caller.and_then(|c| c.po.as_ref()), route.access)
        && !path.iter().any(|(name, value)| name == "po" && value == po.as_str())
    {
        // The session came by the mail about one purchase order.
        return Err(Problem::absent(Kind::UnknownPurchaseOrder, path.first().map_or("", |(_, value)| value)));
    }
    let bound = caller.filter(|c| c.role != Role::Vendor).and_then(|c| c.source.as_ref());
    let (Some(source), Access::Needs(_)) = (bound, route.access) else { return Ok(()) };
    match path.iter().any(|(name, value)| name == "source" && value == source.as_str()) {
        true => Ok(()),
        false => Err(Problem::new(Kind::NotFound, format!("there is nothing here for a key bound to {source}"))),
    }
}

/// Who asks; a key that is not in memory is looked up once.
async fn identify(app: &App, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
    let now = app.office().now();
    let credential = match app.auth().find(headers, now) {
        Found::Nobody => return Ok(None),
        Found::Known(caller) => return Ok(Some(caller)),
        Found::Unknown(credential) => credential,
    };
    if !app.auth().may_look_up(now) {
        return Ok(None);
    }
    let auth = app.0.auth.clone();
    let found = app.office().read(move |_| auth.look_up(&credential)).await?;
    match app.auth().find(headers, now) {
        Found::Known(caller) if found => Ok(Some(caller)),
        _ => Ok(None),
    }
}

/// The parts of the path by name.
async fn path_of(parts: &mut Parts, template: &str) -> Result<Vec<(SmolStr, String)>, Problem> {
    if !template.contains('{') {
        return Ok(vec![]);
    }
    let params = RawPathParams::from_request_parts(parts, &())
        .await
        .map_err(|e| Problem::new(Kind::NotFound, format!("the path cannot be read: {e}")))?;
    Ok(params.iter().map(|(name, value)| (SmolStr::new(name), value.to_owned())).collect())
}

/// NUL stands in no text: one store cannot hold it, so none is asked for it.
fn without_nul(path: &[(SmolStr, String)], uri: &Uri) -> Result<(), Problem> {
    let refused = |pointer: String, value: &str| {
        Problem::field(pointer, value, "invalid", "a text cannot hold NUL (%00): leave it out")
    };
    if let Some((name, value)) = path.iter().find(|(_, value)| value.contains('\0')) {
        return Err(refused(format!("{{{name}}}"), value));
    }
    let query = uri.query().filter(|query| query.contains("%00")).unwrap_or_default();
    match form_urlencoded::parse(query.as_bytes()).find(|(name, value)| name.contains('\0') || value.contains('\0')) {
        Some((name, value)) => Err(refused(format!("?{name}"), &value)),
        None => Ok(()),
    }
}

/// The caller's request id if it is plain, else a fresh one.
pub(super) fn request_id(headers: &HeaderMap) -> SmolStr {
    static START: LazyLock<u64> = LazyLock::new(|| {
        let mut bytes = [0; 8];
        // Without randomness ids are merely less unique across restarts.
        let _ = getrandom::fill(&mut bytes);
        u64::from_be_bytes(bytes)
    });
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let given = headers.get(REQUEST_ID).and_then(|v| v.to_str().ok());
    let plain = |id: &&str| {
        (1..=REQUEST_ID_LENGTH_MAX).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:/+=".contains(&b))
    };
    match given.filter(plain) {
        Some(id) => SmolStr::new(id),
        None => format_smolstr!("{:08x}-{:x}", *START >> 32, COUNT.fetch_add(1, Ordering::Relaxed)),
    }
}

/// Headers that every answer of the API bears.
pub(super) fn finish(app: &App, mut response: Response<Body>, id: &str) -> Response<Body> {
    let headers = response.headers_mut();
    if app.auth().is_secure() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(NOTHING_POLICY));
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The answer where no call stands.
pub(super) fn unrouted(app: &App, request: Request) -> Response<Body> {
    let id = request_id(request.headers());
    let problem = Problem::new(
        Kind::NotFound,
        format!("there is no call {} {}; see /docs", request.method(), request.uri().path()),
    );
    finish(app, problem.respond(&id), &id)
}
