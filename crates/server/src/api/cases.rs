//! Cases: what waits for a person, and what the person does about it.

use super::call::{Call, ok};
use super::input::{Json, MaybeJson, Nothing, Query};
use super::orders::mail_in;
use super::output::{NoContent, Page, Reply};
use super::reports::{day, filter};
use super::route::{Api, Route};
use super::snoozes::{SNOOZE_MAX, Snoozes};
use crate::auth::Permission::{ReadCases, WorkCases};
use crate::auth::{DEMO_PEOPLE, allows, list_people, may_answer, of_remedy, read_person};
use crate::problem::{Kind, Problem};
use crate::view::case::{AssignBody, CaseView, CommentBody, ResolveBody, SnoozeBody};
use countersign_engine::case::{Case, Severity};
use countersign_engine::command::{Actor, Deed, Role};
use countersign_engine::explain;
use countersign_engine::ids::{CaseId, CaseSubject, OrderId};
use countersign_engine::order::Order;
use countersign_engine::slice::{Key, Record, Slice};
use countersign_runtime::facts::{CasePlace, day_of};
use countersign_runtime::ports::{DeskQuery, IndexRow, OrderQuery, Store, StoreError};
use countersign_runtime::request::Done;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

const GROUP: &str = "Cases";
pub(super) const PAGE: u32 = 50;
pub(super) const PAGE_MAX: u32 = 500;

pub(super) fn routes(api: &mut Api) {
    api.add(
        Route::get("/v1/cases", ReadCases, GROUP, "List cases, worst and oldest first")
            .words("What the caller has put aside is left out, unless `snoozed=true`."),
        list,
    );
    api.add(Route::get("/v1/cases/{case}", ReadCases, GROUP, "Read a case"), get);
    api.add(
        Route::post("/v1/cases/{case}/resolve", WorkCases, GROUP, "Resolve a case by one of its remedies").words(
            "Send the `revision` that was seen; `stale` says that somebody else has changed the case meanwhile.",
        ),
        resolve,
    );
    api.add(
        Route::get("/v1/assignees", WorkCases, GROUP, "To whom cases may be given")
            .words("Everybody with a login whose role works on cases."),
        assignees,
    );
    api.add(
        Route::get("/v1/desk/counts", ReadCases, GROUP, "What waits for people, counted")
            .words("Open cases and approvals, by role and by assignee, and what of it is the caller's own."),
        counts,
    );
    api.add(
        Route::post("/v1/cases/{case}/assign", WorkCases, GROUP, "Take a case on, or give it to somebody").words(
            "Send the `revision` that was seen, so that nobody takes a case out of another's hands unseen. A name that \
                 `/v1/assignees` does not list is refused.",
        ),
        assign,
    );
    api.add(Route::post("/v1/cases/{case}/comment", WorkCases, GROUP, "Write on a case"), comment);
    api.add(
        Route::put("/v1/cases/{case}/snooze", WorkCases, GROUP, "Put a case aside for oneself").words(
            "It leaves the caller's lists until then, or until it changes. Clocks and escalation go on; others see it.",
        ),
        snooze,
    );
    api.add(Route::delete("/v1/cases/{case}/snooze", WorkCases, GROUP, "Take a case up again"), wake);
}

/// Which cases.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct CaseListQuery {
    /// Only open ones (`true`), or only closed ones (`false`).
    #[serde(default)]
    open: Option<bool>,
    /// Only owned by this role.
    #[serde(default)]
    role: Option<String>,
    /// Only of this kind.
    #[serde(default)]
    kind: Option<String>,
    /// Only about this order, or source as `@acme`.
    #[serde(default)]
    subject: Option<String>,
    /// Only of this severity or worse: `low`, `medium`, `high`, `critical`.
    #[serde(default)]
    severity: Option<String>,
    /// Only taken on by this login; `me` is the caller, `nobody` means not taken on.
    #[serde(default)]
    assigned: Option<String>,
    /// Only about this source; `(none)` for cases about none. The same word serves `category` and `sales_channel`.
    #[serde(default)]
    source: Option<String>,
    /// Only about items of this category.
    #[serde(default)]
    category: Option<String>,
    /// Only about orders of this channel.
    #[serde(default)]
    sales_channel: Option<String>,
    /// Only opened on this day of UTC.
    #[serde(default)]
    opened_on: Option<String>,
    /// Only about orders with this id, SKU, purchase order, tracking number or customer's mail, whatever the case of the
    /// letters.
    #[serde(default)]
    q: Option<String>,
    /// Also what the caller has put aside (`true`).
    #[serde(default)]
    snoozed: Option<bool>,
    /// `next` of the page before.
    #[serde(default)]
    cursor: Option<u32>,
    /// Cases on the page, at most 500.
    #[serde(default)]
    limit: Option<u32>,
}

/// Which approvals.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct DeskListQuery {
    /// Only open ones (`true`), or only closed ones (`false`).
    #[serde(default)]
    open: Option<bool>,
    /// Only owned by this role.
    #[serde(default)]
    role: Option<String>,
    /// Only of this kind.
    #[serde(default)]
    kind: Option<String>,
    /// Only about this order, or source as `@acme`.
    #[serde(default)]
    subject: Option<String>,
    /// Only what the caller's role may answer (`true`).
    #[serde(default)]
    pub(super) answerable: Option<bool>,
    /// `next` of the page before.
    #[serde(default)]
    cursor: Option<u32>,
    /// Things on the page, at most 500.
    #[serde(default)]
    limit: Option<u32>,
}

impl DeskListQuery {
    pub(super) fn query(self) -> DeskQuery {
        let word = |text: Option<String>| text.filter(|t| !t.is_empty()).map(SmolStr::from);
        DeskQuery {
            open: self.open,
            role: word(self.role),
            kind: word(self.kind),
            subject: word(self.subject),
            offset: self.cursor.unwrap_or(0),
            limit: self.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX),
        }
    }
}

/// The cursor behind a full page.
pub(super) fn next_of(found: usize, offset: u32, limit: u32) -> Option<String> {
    (found == limit as usize).then(|| (offset + limit).to_string())
}

impl CaseListQuery {
    fn query(&self) -> DeskQuery {
        let word = |text: &Option<String>| text.as_deref().filter(|t| !t.is_empty()).map(SmolStr::from);
        DeskQuery {
            open: self.open,
            role: word(&self.role),
            kind: word(&self.kind),
            subject: word(&self.subject),
            offset: self.cursor.unwrap_or(0),
            limit: SCAN,
        }
    }
}

/// What a case must be like beyond what the store's index tells apart.
struct Wanted {
    least: Severity,
    assigned: Option<Option<String>>,
    /// Put aside by the caller; `None` where such cases are wanted, too.
    aside: Option<Snoozes>,
    source: Option<SmolStr>,
    category: Option<SmolStr>,
    channel: Option<SmolStr>,
    opened_on: Option<i64>,
}

impl Wanted {
    fn of(query: &CaseListQuery, caller: &Actor, aside: Snoozes) -> Result<Self, Problem> {
        let least = match query.severity.as_deref().filter(|s| !s.is_empty()) {
            None => Severity::Low,
            Some(word) => serde_json::from_value(word.into())
                .map_err(|_| Problem::field("?severity", word, "invalid", "use low, medium, high or critical"))?,
        };
        let assigned = query.assigned.as_deref().filter(|a| !a.is_empty()).map(|name| match name {
            "nobody" => None,
            "me" => Some(caller.name().to_owned()),
            other => Some(other.to_owned()),
        });
        let [source, category, channel] =
            [&query.source, &query.category, &query.sales_channel].map(|text| filter(text.clone()));
        let opened_on = query.opened_on.as_deref().filter(|text| !text.is_empty());
        let opened_on = opened_on.map(|text| day("?opened_on", text)).transpose()?;
        let aside = (query.snoozed != Some(true)).then_some(aside);
        Ok(Self { least, assigned, aside, source, category, channel, opened_on })
    }
    /// True if it takes the order of a case to tell.
    fn asks_place(&self) -> bool {
        self.source.is_some() || self.category.is_some() || self.channel.is_some()
    }
    fn fits(&self, case: &Case) -> bool {
        let assigned = |name: &Option<String>| case.assigned_to.as_ref().map(Actor::name) == name.as_deref();
        case.severity >= self.least
            && self.assigned.as_ref().is_none_or(assigned)
            && self.aside.as_ref().is_none_or(|aside| aside.until(case).is_none())
            && self.opened_on.is_none_or(|day| day_of(case.opened_at) == day)
    }
    fn is_there(&self, place: &CasePlace) -> bool {
        let same = |wanted: &Option<SmolStr>, own: &SmolStr| wanted.as_ref().is_none_or(|wanted| wanted == own);
        same(&self.source, &place.source)
            && same(&self.category, &place.category)
            && same(&self.channel, &place.channel)
    }
    /// Cases that fit, in their order; those wanted at one place with their orders read.
    fn among(&self, store: &dyn Store, cases: Vec<(u32, Case)>) -> Result<Vec<(u32, Case)>, StoreError> {
        let mut cases: Vec<(u32, Case)> = cases.into_iter().filter(|(_, case)| self.fits(case)).collect();
        if self.asks_place() {
            let places = places_of(store, cases.iter().map(|(_, case)| case))?;
            let mut here = places.iter().map(|place| self.is_there(place));
            cases.retain(|_| here.next() == Some(true));
        }
        Ok(cases)
    }
}

/// Index rows read at once while cases are sought that fit.
const SCAN: u32 = 500;
/// Rows looked at for one page; the cursor goes on behind them.
const SCANNED_MAX: u32 = 10_000;

async fn list(call: Call, Query(query): Query<CaseListQuery>) -> Result<Page<CaseView>, Problem> {
    let limit = query.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX) as usize;
    let (who, now) = (call.actor(), call.now());
    let aside = call.read(move |store| Snoozes::of(store, &who, now)).await?;
    let wanted = Wanted::of(&query, &call.actor(), aside.clone())?;
    let text = query.q.as_deref().map(str::trim).filter(|q| !q.is_empty()).map(str::to_owned);
    let mail = text.as_deref().and_then(|text| mail_in(text, &call));
    let desk = query.query();
    let found = call.read(move |store| match text {
        Some(text) => searched(store, text, mail, &desk, &wanted).map(|cases| (cases, None)),
        None => scanned(store, desk, &wanted, limit),
    });
    let (cases, next) = found.await?;
    let views = call.read(move |store| beside(store, &cases, &aside)).await?;
    Ok(Page { items: views, next })
}

/// Cases in the order of the index until the page is full; and where the next page begins.
fn scanned(
    store: &dyn Store,
    mut query: DeskQuery,
    wanted: &Wanted,
    limit: usize,
) -> Result<(Vec<Case>, Option<String>), StoreError> {
    let (mut cases, first) = (vec![], query.offset);
    loop {
        let rows = store.cases(&query)?;
        let read = (0_u32..).zip(&rows).filter_map(|(n, row)| Some((n, of_row(row)?))).collect();
        for (n, case) in wanted.among(store, read)? {
            cases.push(case);
            if cases.len() == limit {
                return Ok((cases, Some((query.offset + n + 1).to_string())));
            }
        }
        query.offset += SCAN;
        if rows.len() < SCAN as usize {
            return Ok((cases, None));
        }
        if query.offset - first >= SCANNED_MAX {
            return Ok((cases, Some(query.offset.to_string())));
        }
    }
}

fn of_row(row: &IndexRow) -> Option<Case> {
    match row {
        IndexRow::Case { body, .. } => serde_json::from_str(body).ok(),
        _ => None,
    }
}

/// The cases of the orders that a text finds.
fn searched(
    store: &dyn Store,
    text: String,
    mail: Option<String>,
    query: &DeskQuery,
    wanted: &Wanted,
) -> Result<Vec<Case>, StoreError> {
    let found = store.orders(&OrderQuery { text: Some(text), mail, limit: PAGE_MAX, ..OrderQuery::default() })?;
    let fits = |case: &Case, order: &Order| {
        query.open.is_none_or(|open| open == case.is_open())
            && query.role.as_ref().is_none_or(|role| role == case.role.code())
            && query.kind.as_ref().is_none_or(|kind| kind == case.kind.code())
            && wanted.fits(case)
            && wanted.is_there(&CasePlace::of(case, Some(order)))
    };
    let cases = found.into_iter().flat_map(|record| match record {
        Record::Order(order) => order.cases.iter().filter(|case| fits(case, &order)).cloned().collect(),
        _ => vec![],
    });
    let mut cases: Vec<Case> = cases.take(PAGE_MAX as usize).collect();
    cases.sort_by_key(|c| (std::cmp::Reverse(c.severity), c.opened_at));
    Ok(cases)
}

/// Where each of some cases counts, in their order.
fn places_of<'a>(
    store: &dyn Store,
    cases: impl Iterator<Item = &'a Case> + Clone,
) -> Result<Vec<CasePlace>, StoreError> {
    let orders = orders_of(store, cases.clone().filter_map(|case| order_of(&case.id)))?;
    let place = |case: &Case| {
        let order = order_of(&case.id).and_then(|id| orders.get(&id));
        CasePlace::of(case, order.map(Arc::as_ref))
    };
    Ok(cases.map(place).collect())
}

/// Every open case, worst and oldest first: of these there are few, however many orders there are.
fn open_cases(store: &dyn Store) -> Result<Vec<Case>, StoreError> {
    let (mut all, mut query) = (vec![], DeskQuery { open: Some(true), limit: SCAN, ..DeskQuery::default() });
    loop {
        let rows = store.cases(&query)?;
        all.extend(rows.iter().filter_map(of_row));
        if rows.len() < SCAN as usize {
            return Ok(all);
        }
        query.offset += SCAN;
    }
}

/// Every open case with where it counts.
pub(super) fn open_places(store: &dyn Store) -> Result<Vec<(Case, CasePlace)>, StoreError> {
    let mut all = vec![];
    let mut cases = open_cases(store)?;
    while !cases.is_empty() {
        let rest = cases.split_off(cases.len().min(SCAN as usize));
        let places = places_of(store, cases.iter())?;
        all.extend(std::mem::replace(&mut cases, rest).into_iter().zip(places));
    }
    Ok(all)
}

/// What waits for people, counted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeskCounts)]
pub(super) struct CountsView {
    cases: CaseCounts,
    approvals: ApprovalCounts,
}

/// Open cases, counted.
#[derive(Debug, Default, Serialize, ToSchema)]
struct CaseCounts {
    /// All of them, what the caller has put aside included.
    open: u32,
    /// By the role that owns them.
    by_role: BTreeMap<&'static str, u32>,
    /// By the login that took them on.
    by_assignee: BTreeMap<String, u32>,
    /// With the caller's own login, and not put aside.
    mine: u32,
    /// Owned by the caller's role, taken on by nobody, and not put aside.
    unclaimed: u32,
}

/// Open approvals, counted.
#[derive(Debug, Default, Serialize, ToSchema)]
struct ApprovalCounts {
    /// All of them.
    open: u32,
    /// By what is asked.
    by_kind: BTreeMap<String, u32>,
    /// By the roles that may answer; one that two roles may answer counts for both.
    by_role: BTreeMap<&'static str, u32>,
    /// Those that the caller's role may answer: the list with `answerable=true`.
    answerable: u32,
}

async fn counts(call: Call, _: Nothing) -> Result<Reply<CountsView>, Problem> {
    let (who, now, role) = (call.actor(), call.now(), call.caller().role);
    let made = call.read(move |store| {
        let aside = Snoozes::of(store, &who, now)?;
        let mut cases = CaseCounts::default();
        for case in open_cases(store)? {
            cases.open += 1;
            *cases.by_role.entry(case.role.code()).or_default() += 1;
            let here = aside.until(&case).is_none();
            match &case.assigned_to {
                Some(other) => {
                    *cases.by_assignee.entry(other.name().to_owned()).or_default() += 1;
                    cases.mine += u32::from(here && other.name() == who.name());
                }
                None => cases.unclaimed += u32::from(here && case.role == role),
            }
        }
        let mut approvals = ApprovalCounts::default();
        for kind in super::approvals::open_kinds(store)? {
            approvals.open += 1;
            let word = serde_json::to_value(kind).unwrap_or_default();
            *approvals.by_kind.entry(word.as_str().unwrap_or_default().to_owned()).or_default() += 1;
            for role in Role::ALL.into_iter().filter(|role| may_answer(*role, kind)) {
                *approvals.by_role.entry(role.code()).or_default() += 1;
            }
            approvals.answerable += u32::from(may_answer(role, kind));
        }
        Ok(CountsView { cases, approvals })
    });
    Ok(Reply::of(&made.await?))
}

/// Somebody to whom cases may be given.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Assignee)]
pub(super) struct AssigneeView {
    /// Their login.
    name: String,
    #[schema(value_type = String)]
    role: Role,
}

/// Who may work on cases, by login. The demo's ready logins stand in no record.
fn assignees_of(store: &dyn Store, demo: bool) -> Result<BTreeMap<SmolStr, Role>, StoreError> {
    let ready = DEMO_PEOPLE.iter().filter(|_| demo).map(|(name, role, _)| (SmolStr::new(name), *role));
    let people = list_people(store)?.into_iter().map(|person| (person.name, person.role));
    let all: BTreeMap<SmolStr, Role> = ready.chain(people).collect();
    Ok(all.into_iter().filter(|(_, role)| allows(*role, WorkCases)).collect())
}

async fn assignees(call: Call, _: Nothing) -> Result<Page<AssigneeView>, Problem> {
    let demo = call.app().settings().demo;
    let all = call.read(move |store| assignees_of(store, demo)).await?;
    Ok(Page::whole(all.into_iter().map(|(name, role)| AssigneeView { name: name.into(), role }).collect()))
}

/// Cases with what stands on the table.
fn beside(store: &dyn Store, cases: &[Case], aside: &Snoozes) -> Result<Vec<CaseView>, StoreError> {
    let orders = orders_of(store, cases.iter().filter_map(|c| order_of(&c.id)))?;
    let view = |case: &Case| {
        let order = order_of(&case.id).and_then(|id| orders.get(&id));
        CaseView::new(case).beside(case, order.map(Arc::as_ref)).snoozed(aside.until(case))
    };
    Ok(cases.iter().map(view).collect())
}

/// Orders by their ids, read at once.
pub(super) fn orders_of(
    store: &dyn Store,
    ids: impl Iterator<Item = OrderId>,
) -> Result<BTreeMap<OrderId, Arc<Order>>, StoreError> {
    let keys: Vec<Key> = ids.collect::<BTreeSet<_>>().into_iter().map(Key::Order).collect();
    let found = store.load(&keys)?.into_iter().flatten().filter_map(|v| match v.record {
        Record::Order(order) => Some((order.id.clone(), order)),
        _ => None,
    });
    Ok(found.collect())
}

pub(super) fn order_of(id: &CaseId) -> Option<OrderId> {
    match id.split()?.0 {
        CaseSubject::Order(order) => Some(order),
        CaseSubject::Source(_) => None,
    }
}

/// The record in which a case stands.
fn key_of(id: &CaseId) -> Option<Key> {
    Some(match id.split()?.0 {
        CaseSubject::Order(order) => Key::Order(order),
        CaseSubject::Source(source) => Key::Desk(source),
    })
}

fn in_record(record: &Record, id: &CaseId) -> Option<Case> {
    let cases = match record {
        Record::Order(order) => &order.cases,
        Record::Desk(desk) => &desk.cases,
        _ => return None,
    };
    cases.iter().find(|c| c.id == *id).cloned()
}

/// The case as it stands.
pub(super) async fn find(call: &Call, id: &CaseId) -> Result<Case, Problem> {
    let record = match key_of(id) {
        Some(key) => call.record(key).await?,
        None => None,
    };
    record.and_then(|r| in_record(&r, id)).ok_or_else(|| Problem::absent(Kind::UnknownCase, id.as_str()))
}

async fn get(call: Call, _: Nothing) -> Result<Reply<CaseView>, Problem> {
    let id: CaseId = call.id("case")?;
    let case = find(&call, &id).await?;
    let (who, now) = (call.actor(), call.now());
    let views = call.read(move |store| beside(store, &[case], &Snoozes::of(store, &who, now)?)).await?;
    views.first().map(Reply::of).ok_or_else(|| Problem::absent(Kind::UnknownCase, id.as_str()))
}

async fn snooze(call: Call, body: Json<SnoozeBody>) -> Result<Reply<CaseView>, Problem> {
    let id: CaseId = call.id("case")?;
    let (until, now, who) = (body.value.until, call.now(), call.actor());
    if until <= now || until > now + SNOOZE_MAX {
        let sentence = "a case is put aside until a moment in the next 30 days";
        return Err(Problem::field("/until", until.to_string(), "invalid", sentence));
    }
    let case = find(&call, &id).await?;
    let views = call.read(move |store| {
        Snoozes::put(store, &who, &case, until)?;
        beside(store, &[case], &Snoozes::of(store, &who, now)?)
    });
    views.await?.first().map(Reply::of).ok_or_else(|| Problem::absent(Kind::UnknownCase, id.as_str()))
}

async fn wake(call: Call, _: Nothing) -> Result<NoContent, Problem> {
    let (id, who): (CaseId, Actor) = (call.id("case")?, call.actor());
    call.read(move |store| Snoozes::remove(store, &who, &id)).await?;
    Ok(NoContent::default())
}

/// The case as it stands after a deed.
fn render(id: &CaseId) -> impl Fn(&Done) -> super::call::Rendered + Send + Sync + use<> {
    let id = id.clone();
    move |done| match in_slice(&done.after, &id) {
        Some(case) => ok(&CaseView::new(&case)),
        None => (200, "{}".into()),
    }
}

fn in_slice(after: &Slice, id: &CaseId) -> Option<Case> {
    let key = key_of(id)?;
    let (_, record) = after.records().find(|(k, _)| **k == key)?;
    in_record(record?, id)
}

async fn resolve(call: Call, body: Json<ResolveBody>) -> Result<Reply<CaseView>, Problem> {
    let case: CaseId = call.id("case")?;
    let ResolveBody { remedy, reason, words, revision } = body.value;
    call.caller().must(of_remedy(&remedy))?;
    let words = words.map(|words| words.trim().to_owned()).filter(|words| !words.is_empty());
    if remedy.is_statement() && words.is_none() {
        let sentence =
            format!("{:?} states what somebody told you: say in words who said it, and how", explain::remedy(&remedy));
        return Err(Problem::field("/words", Value::Null, "missing", sentence));
    }
    let render = render(&case);
    call.act(&body.bytes, Deed::ResolveCase { case, remedy, reason, words, revision }, render).await
}

async fn assign(call: Call, body: MaybeJson<AssignBody>) -> Result<Reply<CaseView>, Problem> {
    let case: CaseId = call.id("case")?;
    let revision = body.value.revision;
    let to = match body.value.name.as_deref().map(str::trim).filter(|name| !name.is_empty()) {
        None => call.actor(),
        Some(name) => assignee(&call, name).await?,
    };
    let render = render(&case);
    call.act(&body.bytes, Deed::AssignCase { case, to, revision }, render).await
}

/// The person of that login, if cases may be given to them.
async fn assignee(call: &Call, name: &str) -> Result<Actor, Problem> {
    let (demo, wanted) = (call.app().settings().demo, SmolStr::new(name));
    let (known, role) = call
        .read(move |store| {
            let known = read_person(store, &wanted)?.map(|person| person.role);
            Ok((known, assignees_of(store, demo)?.get(&wanted).copied()))
        })
        .await?;
    if let Some(role) = role {
        return Ok(Actor::Person { name: name.into(), role });
    }
    let sentence = match known {
        Some(role) => format!("{name} cannot work on cases: the role {} may not", role.name()),
        None => format!("nobody here has the login {name:?}: GET /v1/assignees lists who can work on cases"),
    };
    Err(Problem::field("/name", name, "unknown_person", sentence))
}

async fn comment(call: Call, body: Json<CommentBody>) -> Result<Reply<CaseView>, Problem> {
    let case: CaseId = call.id("case")?;
    let render = render(&case);
    call.act(&body.bytes, Deed::CommentCase { case, words: body.value.words }, render).await
}
