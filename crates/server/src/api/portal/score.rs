//! The vendor's own scorecard, with what is behind each figure, and a form to dispute each breach.

use super::{Frame, at, html, see_other, vendor};
use crate::api::call::Call;
use crate::api::input::{PageForm, Query};
use crate::api::output::Raw;
use crate::api::reports::date_of;
use crate::api::reports::scorecard::{BreachView, ContestView, Scorecard, ScorecardQuery};
use crate::api::vendor::{keep_proof, own_order, score};
use crate::problem::Problem;
use askama::Template;
use countersign_engine::command::Deed;
use countersign_engine::order::ClockKind;
use countersign_engine::source::Source;
use countersign_runtime::facts::day_of;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Template)]
#[template(path = "portal/scorecard.html")]
struct ScorePage {
    title: &'static str,
    frame: Option<Frame>,
    token: String,
    done: &'static str,
    wrong: String,
    figures: Vec<(&'static str, String, String)>,
    breaches: Vec<BreachRow>,
    card: Scorecard,
}

/// One breach, what was said against it, and the form to say something.
struct BreachRow {
    number: String,
    what: &'static str,
    due: String,
    clock: &'static str,
    due_exact: String,
    /// What became of a dispute; nothing if there is none.
    disputed: Option<Disputed>,
    /// What was typed, where it could not be taken in.
    typed: Option<(String, String)>,
}

struct Disputed {
    state: &'static str,
    words: String,
    document: String,
    answer: String,
}

impl Disputed {
    fn new(contest: &ContestView) -> Self {
        Self {
            state: match contest.state {
                "accepted" => "Accepted: it no longer counts",
                "refused" => "Refused: it counts",
                _ => "Disputed; the retailer has not answered yet",
            },
            words: contest.words.clone(),
            document: contest.document.clone().unwrap_or_default(),
            answer: contest.answer.clone().unwrap_or_default(),
        }
    }
}

impl BreachRow {
    fn new(source: &Source, breach: &BreachView, refused: Option<(&Call, &PageForm)>) -> Self {
        let (clock, what) = words(breach.clock);
        let due_exact = breach.due.to_string();
        let is_it = |(call, form): &(&Call, &PageForm)| {
            call.part("po") == breach.purchase_order && form.get("clock") == clock && form.get("due") == due_exact
        };
        Self {
            number: breach.purchase_order.clone(),
            what,
            due: at(source, breach.due),
            clock,
            disputed: breach.contest.as_ref().map(Disputed::new),
            typed: refused
                .filter(is_it)
                .map(|(_, form)| (form.get("words").to_owned(), form.get("document").to_owned())),
            due_exact,
        }
    }
}

/// The word of a clock on the wire, and what was awaited.
fn words(clock: ClockKind) -> (&'static str, &'static str) {
    match clock {
        ClockKind::Receipt => ("receipt", "your receipt"),
        ClockKind::Acknowledgment => ("acknowledgment", "your answer"),
        ClockKind::ShipNotice => ("ship_notice", "the shipment"),
        ClockKind::CancelAnswer => ("cancel_answer", "your answer to a cancellation"),
    }
}

const CLOCKS: [ClockKind; 4] =
    [ClockKind::Receipt, ClockKind::Acknowledgment, ClockKind::ShipNotice, ClockKind::CancelAnswer];

/// What was done last.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct DoneQuery {
    #[serde(default)]
    done: String,
}

pub(super) async fn page(call: Call, Query(query): Query<DoneQuery>) -> Result<Raw, Problem> {
    let done = if query.done == "disputed" { "Your words are with the retailer." } else { "" };
    show(&call, done, None).await
}

/// A breach disputed: the words, and what proves them.
pub(super) async fn contest(call: Call, form: PageForm) -> Result<Raw, Problem> {
    let (po, ..) = own_order(&call).await?;
    let clock = CLOCKS.into_iter().find(|clock| words(*clock).0 == form.get("clock"));
    let due: Option<Timestamp> = form.get("due").parse().ok();
    let (Some(clock), Some(due)) = (clock, due) else {
        return Err(Problem::field("/due", form.get("due"), "invalid", "dispute a breach from your scorecard"));
    };
    let mut proof: Vec<String> = vec![form.get("document").to_owned()];
    if let Some((name, bytes)) = form.file("file") {
        match keep_proof(&call, po.clone(), name.to_owned(), bytes.clone()).await? {
            Ok(file) => proof.push(file.words()),
            Err(problem) => return show(&call, "", Some((&form, problem.detail))).await,
        }
    }
    proof.retain(|part| !part.is_empty());
    let document = (!proof.is_empty()).then(|| proof.join(", ").into());
    let deed = Deed::ContestBreach { po, clock, due: Some(due), words: form.get("words").to_owned(), document };
    match call.done(call.command(deed)).await {
        Ok(_) => Ok(see_other("/portal/scorecard?done=disputed")),
        Err(problem) if matches!(problem.status, 400 | 409 | 422) => {
            show(&call, "", Some((&form, problem.detail))).await
        }
        Err(problem) => Err(problem),
    }
}

async fn show(call: &Call, done: &'static str, refused: Option<(&PageForm, String)>) -> Result<Raw, Problem> {
    let source = vendor(call)?;
    // Days are days of UTC; where the vendor works it may be tomorrow already.
    let tomorrow = date_of(day_of(call.now()) + 1);
    let range = ScorecardQuery { from: None, to: Some(tomorrow) };
    let card = score(call, source.id.clone(), range, "/vendor/v1/scorecard/facts").await?;
    let form = refused.as_ref().map(|(form, _)| (call, *form));
    let page = ScorePage {
        title: "Scorecard",
        frame: Frame::of(call, &source, super::PLACES[3].0),
        token: call.form_token(),
        done,
        figures: figures(&card),
        breaches: card.breaches.iter().map(|b| BreachRow::new(&source, b, form)).collect(),
        wrong: refused.map_or(String::new(), |(_, words)| words),
        card,
    };
    html(if page.wrong.is_empty() { 200 } else { 422 }, &page)
}

fn figures(card: &Scorecard) -> Vec<(&'static str, String, String)> {
    let share = |percent: &Option<String>| percent.as_ref().map_or("–".to_owned(), |percent| format!("{percent} %"));
    let late = |breached: u64, excused: u64| match excused {
        0 => format!("{breached} late or never"),
        _ => format!("{breached} late or never, {excused} of them excused"),
    };
    let minutes = card.answer_seconds_median.map_or("–".to_owned(), |s| match s {
        0..=119 => format!("{s} s"),
        120..=7199 => format!("{} min", s / 60),
        _ => format!("{} h", s / 3600),
    });
    let (answers, shipments) = (&card.answers_percent, &card.shipments_percent);
    vec![
        ("Answered in time", share(answers), late(card.answers_breached, card.answers_excused)),
        ("Shipped in time", share(shipments), late(card.shipments_breached, card.shipments_excused)),
        (
            "Units shipped",
            share(&card.fill_percent),
            format!("{} of {} asked for", card.units_shipped, card.units_asked),
        ),
        (
            "Taken back after you accepted",
            share(&card.taken_back_percent),
            format!("{} of {} units", card.units_taken_back, card.units_accepted),
        ),
        (
            "As available as you had said",
            share(&card.advice_percent),
            format!("{} lines were short", card.advice_short),
        ),
        ("Time to answer", minutes, "half of your answers took at most that".into()),
    ]
}
