//! Policies: the one in force, drafts, putting one in force.

use super::call::{Call, json};
use super::input::{Json, MaybeJson, Nothing};
use super::output::{Page, Reply};
use super::route::{Api, Route};
use crate::auth::Permission::{ReadPolicies, WritePolicies};
use crate::problem::{Kind, Problem};
use crate::view::case::AnswerBody;
use countersign_engine::command::Deed;
use countersign_engine::policy::Policy;
use countersign_engine::slice::{Key, Record};
use countersign_runtime::ports::{Store, StoreError};
use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema};
use utoipa::{PartialSchema, ToSchema};

const GROUP: &str = "Policies";
/// Where policies stand among the settings, by version.
const KIND: &str = "policy";

pub(super) fn routes(api: &mut Api) {
    api.add(Route::get("/v1/policies", ReadPolicies, GROUP, "List policies, the one in force first"), list);
    api.add(Route::get("/v1/policies/{version}", ReadPolicies, GROUP, "Read a policy"), get);
    api.add(
        Route::put("/v1/policies/{version}", WritePolicies, GROUP, "Write a draft")
            .words("A policy that was in force once is never changed: write the next version."),
        put,
    );
    api.add(Route::post("/v1/policies/{version}/activate", WritePolicies, GROUP, "Put a policy in force"), activate);
}

/// A policy document; its rules are described in the documentation of policies.
#[derive(Debug, Clone, serde::Deserialize, Serialize)]
#[serde(transparent)]
pub(super) struct PolicyBody(Policy);

impl PartialSchema for PolicyBody {
    fn schema() -> RefOr<Schema> {
        let words = "version, name, modes, sensitive, clocks, freshness, safety_stock, netting, sourcing, approvals, \
                     answers, transit, hold_minutes. Unknown fields are refused here, because a mistyped rule must not \
                     be ignored.";
        let object = ObjectBuilder::new().description(Some(words)).examples([json_of(&Policy::default())]);
        RefOr::T(Schema::Object(object.build()))
    }
}
impl ToSchema for PolicyBody {
    fn name() -> std::borrow::Cow<'static, str> {
        "Policy".into()
    }
}

fn json_of(policy: &Policy) -> Value {
    serde_json::to_value(policy).unwrap_or_default()
}

/// A policy and where it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyVersion)]
pub(super) struct PolicyView {
    version: u32,
    name: String,
    /// `draft`, `active` or `retired`.
    state: &'static str,
    #[schema(value_type = PolicyBody)]
    policy: Policy,
}

impl PolicyView {
    fn new(policy: Policy, state: &'static str) -> Self {
        Self { version: policy.version, name: policy.name.clone(), state, policy }
    }
}

/// A policy as kept: what it says, and whether it was ever in force.
#[derive(serde::Deserialize, Serialize)]
struct Kept {
    policy: Policy,
    #[serde(default)]
    activated: bool,
}

fn active(store: &dyn Store) -> Result<Policy, StoreError> {
    match store.load(&[Key::Policy])?.into_iter().flatten().next().map(|v| v.record) {
        Some(Record::Policy(policy)) => Ok(policy.as_ref().clone()),
        _ => Ok(Policy::default()),
    }
}

fn all(store: &dyn Store) -> Result<Vec<PolicyView>, StoreError> {
    let active = active(store)?;
    let kept = store.settings(KIND)?.into_iter().filter_map(|(_, body)| serde_json::from_str::<Kept>(&body).ok());
    let mut others: Vec<PolicyView> = kept
        .filter(|k| k.policy.version != active.version)
        .map(|k| PolicyView::new(k.policy, if k.activated { "retired" } else { "draft" }))
        .collect();
    others.sort_by_key(|p| std::cmp::Reverse(p.version));
    let mut views = vec![PolicyView::new(active, "active")];
    views.append(&mut others);
    Ok(views)
}

async fn list(call: Call, _: Nothing) -> Result<Page<PolicyView>, Problem> {
    Ok(Page::whole(call.read(all).await?))
}

fn version_of(call: &Call) -> Result<u32, Problem> {
    let text = call.part("version");
    text.parse().map_err(|_| Problem::field("{version}", text, "invalid", "a version is a whole number from 1 on"))
}

async fn get(call: Call, _: Nothing) -> Result<Reply<PolicyView>, Problem> {
    let version = version_of(&call)?;
    let found = call.read(all).await?.into_iter().find(|p| p.version == version);
    found.map(|p| Reply::of(&p)).ok_or_else(|| Problem::new(Kind::NotFound, format!("there is no policy {version}")))
}

async fn put(call: Call, body: Json<PolicyBody>) -> Result<Reply<PolicyView>, Problem> {
    let version = version_of(&call)?;
    let policy = body.value.0;
    if policy.version != version {
        let sentence = format!("the path says version {version}");
        return Err(Problem::field("/version", policy.version, "version_mismatch", sentence));
    }
    if let Some((pointer, sentence)) = policy.fault() {
        return Err(Problem::field(pointer, Value::Null, "invalid", sentence));
    }
    let kept = policy.clone();
    let written = call.read(move |store| {
        let (known, in_force) = (store.setting(KIND, &version.to_string())?, active(store)?);
        let was_active = known.as_ref().and_then(|(_, body)| serde_json::from_str::<Kept>(body).ok());
        let same = in_force.version == version || was_active.as_ref().is_some_and(|k| k.activated);
        if same {
            return Ok(if in_force == kept { None } else { Some(false) });
        }
        let text = json(&Kept { policy: kept, activated: false });
        store.put_setting(KIND, &version.to_string(), Some(known.map_or(0, |(v, _)| v)), Some(&text)).map(Some)
    });
    match written.await? {
        None => Ok(Reply::of(&PolicyView::new(policy, "active"))),
        Some(true) => Ok(Reply::of(&PolicyView::new(policy, "draft"))),
        Some(false) => Err(Problem::new(
            Kind::NotNow,
            format!("policy {version} was in force, or somebody else is writing it: write version {}", version + 1),
        )),
    }
}

async fn activate(call: Call, body: MaybeJson<AnswerBody>) -> Result<Reply<PolicyView>, Problem> {
    let version = version_of(&call)?;
    let found = call.read(all).await?.into_iter().find(|p| p.version == version);
    let Some(PolicyView { policy, state, .. }) = found else {
        return Err(Problem::new(Kind::NotFound, format!("there is no policy {version}: write it first")));
    };
    if state == "active" {
        return Ok(Reply::of(&PolicyView::new(policy, "active")));
    }
    let view = json(&PolicyView::new(policy.clone(), "active"));
    let deed = Deed::ActivatePolicy { policy: policy.clone() };
    let reply = call.act(&body.bytes, deed, move |_| (200, view.clone())).await?;
    let text = json(&Kept { policy, activated: true });
    call.read(move |store| store.put_setting(KIND, &version.to_string(), None, Some(&text))).await?;
    Ok(reply)
}
