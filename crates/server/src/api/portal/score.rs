//! The vendor's own scorecard, with what is behind each figure.

use super::{Frame, at, html, vendor};
use crate::api::call::Call;
use crate::api::input::Nothing;
use crate::api::output::Raw;
use crate::api::reports::scorecard::{Scorecard, ScorecardQuery};
use crate::api::vendor::score;
use crate::problem::Problem;
use askama::Template;
use countersign_engine::order::ClockKind;

#[derive(Template)]
#[template(path = "portal/scorecard.html")]
struct ScorePage {
    title: &'static str,
    frame: Option<Frame>,
    figures: Vec<(&'static str, String, String)>,
    breaches: Vec<(String, &'static str, String)>,
    card: Scorecard,
}

pub(super) async fn page(call: Call, _: Nothing) -> Result<Raw, Problem> {
    let source = vendor(&call)?;
    let card = score(&call, source.id.clone(), ScorecardQuery::default(), "/vendor/v1/scorecard/facts").await?;
    let what = |clock: ClockKind| match clock {
        ClockKind::Receipt => "your receipt",
        ClockKind::Acknowledgment => "your answer",
        ClockKind::ShipNotice => "the shipment",
        ClockKind::CancelAnswer => "your answer to a cancellation",
    };
    let breaches =
        card.breaches.iter().map(|b| (b.purchase_order.clone(), what(b.clock), at(&source, b.due))).collect();
    html(
        200,
        &ScorePage {
            title: "Scorecard",
            frame: Frame::of(&call, &source, super::PLACES[3].0),
            figures: figures(&card),
            breaches,
            card,
        },
    )
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
