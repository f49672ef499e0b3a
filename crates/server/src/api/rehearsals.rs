//! A policy looked at before it rules: a document checked and read out, the columns that its tables may have, and the mode
//! that each source has in each category. Nothing here writes.

use super::call::Call;
use super::input::Nothing;
use super::output::{Page, Reply};
use super::policies::{Document, saved};
use super::route::{Api, Route};
use crate::auth::Permission::{ReadPolicies, WritePolicies};
use crate::problem::{FieldError, Problem};
use crate::recorded;
use crate::view::policy::{SentenceView, WarningView, sentences};
use countersign_engine::command::Command;
use countersign_engine::item::Category;
use countersign_engine::policy::table::{Form, Input, Kind, Matter, Output, Subject};
use countersign_engine::policy::{CommitOn, Mode, ModeRuling, Policy};
use countersign_engine::slice::Record;
use countersign_engine::source::Source;
use countersign_runtime::ports::{List, Store, StoreError, Versioned};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;
use utoipa::ToSchema;

const GROUP: &str = "Policies";
/// Sources and categories shown: a page that a person can read.
const SOURCES_MAX: usize = 200;
const CATEGORIES_MAX: usize = 40;
/// Places in the cohorts that are asked about, evenly spread, where the policy tells orders apart by them.
const COHORTS_ASKED: u32 = 100;
/// Places in the cohorts, all in all.
const COHORTS: u32 = 10_000;

pub(super) fn routes(api: &mut Api) {
    api.add(
        Route::post("/v1/policies/{version}/check", WritePolicies, GROUP, "Check a document without writing it")
            .words(
                "JSON, or TOML with `content-type: application/toml`. Rehearses the writing of that draft: every place that \
                 is wrong, and each rule as a sentence.",
            ),
        check,
    );
    api.add(
        Route::get("/v1/policy-columns", ReadPolicies, GROUP, "The columns that tables of a policy may have")
            .words("By what a table decides: what its rows may look at, and what they may conclude."),
        columns,
    );
    api.add(
        Route::get("/v1/policy-modes", ReadPolicies, GROUP, "The mode of each source in each category").words(
            "As the policy in force says now, the switch to the legacy path included. Shares of orders in percent.",
        ),
        modes,
    );
}

/// What a check found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyCheck)]
struct CheckView {
    /// Why it would be refused; null if it would be written.
    refusal: Option<String>,
    /// Every place that is wrong.
    errors: Vec<FieldError>,
    /// Rules that decide nothing as things stand: nobody has that category, the table is over. They refuse nothing.
    warnings: Vec<WarningView>,
    /// Each rule as a sentence, as far as it can be read.
    sentences: Vec<SentenceView>,
}

async fn check(call: Call, body: Document) -> Result<Reply<CheckView>, Problem> {
    let policy = body.policy;
    let sentences = sentences(&policy);
    let (desk, now, by) = (call.app().office().desk().clone(), call.now(), call.actor());
    let (deed, warnings) = saved(&call, policy).await?;
    let command = Command { by, deed };
    let refusal = call.read(move |_| desk.rehearse(now, &command)).await?.err();
    let problem = refusal.as_ref().map(Problem::from);
    let (refusal, errors) = problem.map_or((None, vec![]), |p| (Some(p.detail), p.errors));
    Ok(Reply::of(&CheckView { refusal, errors, warnings, sentences }))
}

/// What a table may decide, and by what.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyColumns)]
struct ColumnsView {
    /// The word for `decides`.
    decides: &'static str,
    when: Vec<ColumnView>,
    then: Vec<ColumnView>,
}

/// A column.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyColumn)]
struct ColumnView {
    /// The word for `when` or `then`.
    code: &'static str,
    /// What it is.
    words: &'static str,
    /// `number`, `word`, `path`, `prefix` or `one_of`.
    kind: &'static str,
    /// The words it may hold, where they are given.
    choices: &'static [&'static str],
}

fn input(input: Input) -> ColumnView {
    let (kind, choices): (_, &[&str]) = match input.kind() {
        Kind::Number => ("number", &[]),
        Kind::Word => ("word", &[]),
        Kind::Path => ("path", &[]),
        Kind::Prefix => ("prefix", &[]),
        Kind::OneOf(words) => ("one_of", words),
    };
    ColumnView { code: input.code(), words: input.words(), kind, choices }
}

fn output(output: Output) -> ColumnView {
    let (kind, choices): (_, &[&str]) = match output.form() {
        Form::Whole(..) | Form::Decimal(_) => ("number", &[]),
        Form::OneOf(words) => ("one_of", words),
    };
    ColumnView { code: output.code(), words: output.words(), kind, choices }
}

async fn columns(_: Call, _: Nothing) -> Result<Page<ColumnsView>, Problem> {
    let of = |subject: Subject| ColumnsView {
        decides: subject.code(),
        when: subject.inputs().iter().copied().map(input).collect(),
        then: subject.outputs().iter().copied().map(output).collect(),
    };
    Ok(Page::whole(Subject::ALL.into_iter().map(of).collect()))
}

/// The mode of each source in each category.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyModes)]
struct ModesView {
    /// The policy in force.
    version: u32,
    /// The columns: the main categories of the catalogue and those that the policy names.
    categories: Vec<String>,
    sources: Vec<SourceModes>,
    /// False if there are more sources or categories than are shown.
    complete: bool,
}

/// The modes of one source, by category.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicySourceModes)]
struct SourceModes {
    source: String,
    name: String,
    /// In the order of `categories`.
    modes: Vec<CellView>,
}

/// The mode of one source in one category.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyModesCell)]
struct CellView {
    /// The switch to the legacy path is thrown there.
    switched: bool,
    /// Shares of orders, the largest first.
    shares: Vec<ShareView>,
    /// The row of a table that said so: its table, its number (0 is the *otherwise*) and its reason.
    row: Option<String>,
}

/// A share of the orders in one mode.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyModesShare)]
struct ShareView {
    #[schema(value_type = String)]
    mode: Mode,
    #[schema(value_type = String)]
    commit_on: CommitOn,
    percent: u32,
}

async fn modes(call: Call, _: Nothing) -> Result<Reply<ModesView>, Problem> {
    let (office, now) = (call.app().office().clone(), call.now());
    let view = call.read(move |store| {
        let policy = office.policy()?;
        let (sources, more) = sources(store)?;
        let mut categories = main_categories(&recorded::categories(store)?.0);
        categories.extend(named_categories(&policy));
        let complete = !more && categories.len() <= CATEGORIES_MAX;
        let categories: Vec<Category> = categories.into_iter().take(CATEGORIES_MAX).collect();
        let of = |source: &Arc<Source>| SourceModes {
            source: source.id.to_string(),
            name: source.name.to_string(),
            modes: categories.iter().map(|category| cell(&policy, now, source, category)).collect(),
        };
        Ok(ModesView {
            version: policy.version,
            sources: sources.iter().map(of).collect(),
            categories: categories.iter().map(|c| c.as_str().to_owned()).collect(),
            complete,
        })
    });
    Ok(Reply::of(&view.await?))
}

fn cell(policy: &Policy, now: Timestamp, source: &Source, category: &Category) -> CellView {
    let matter = Matter {
        now: Some(now),
        vendor: Some(&source.id),
        kind: Some(source.kind),
        category: Some(category),
        ..Matter::default()
    };
    let asked = if tells_cohorts_apart(policy) { COHORTS_ASKED } else { 1 };
    let mut shares: Vec<ShareView> = vec![];
    let mut row = None;
    for n in 0..asked {
        let ModeRuling { mode, commit_on, fired } =
            policy.mode(&Matter { cohort: Some(n * (COHORTS / asked)), ..matter });
        match shares.iter_mut().find(|s| s.mode == mode && s.commit_on == commit_on) {
            Some(share) => share.percent += 100 / asked,
            None => shares.push(ShareView { mode, commit_on, percent: 100 / asked }),
        }
        row = row.or(fired);
    }
    shares.sort_by_key(|share| std::cmp::Reverse(share.percent));
    let row = row.map(|fired| match fired.why.as_str() {
        "" => format!("table {}, row {}", fired.table, fired.row),
        why => format!("table {}, row {}: {why}", fired.table, fired.row),
    });
    CellView { switched: policy.fallbacks.iter().any(|f| f.scope.covers(&matter)), shares, row }
}

fn tells_cohorts_apart(policy: &Policy) -> bool {
    let by_column = |t: &countersign_engine::policy::table::Table| t.when.contains(&Input::CohortPercent);
    policy.modes.iter().any(|rule| rule.percent.is_some()) || policy.tables.iter().any(by_column)
}

/// All sources, and whether there are more.
fn sources(store: &dyn Store) -> Result<(Vec<Arc<Source>>, bool), StoreError> {
    let page = store.list(&List::Sources, None, SOURCES_MAX as u32 + 1)?;
    let more = page.len() > SOURCES_MAX;
    let source = |found: Versioned| match found.record {
        Record::Source(source) => Some(source),
        _ => None,
    };
    Ok((page.into_iter().filter_map(source).take(SOURCES_MAX).collect(), more))
}

/// The first parts of the categories that items have.
fn main_categories(all: &BTreeSet<Category>) -> BTreeSet<Category> {
    let main = |category: &Category| Category::new(category.as_str().split('/').next()?).ok();
    all.iter().filter_map(main).collect()
}

/// Those that the policy's own rules and the switch name.
fn named_categories(policy: &Policy) -> impl Iterator<Item = Category> + '_ {
    let rules = policy.modes.iter().map(|rule| &rule.scope);
    let scopes = rules.chain(policy.fallbacks.iter().map(|f| &f.scope));
    scopes.filter_map(|scope| scope.category.clone()).chain(policy.sensitive.iter().cloned())
}
