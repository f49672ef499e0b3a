//! The vendor's own scorecard, with what is behind each figure.

use super::{Frame, at, html, vendor};
use crate::api::call::Call;
use crate::api::input::Nothing;
use crate::api::output::Raw;
use crate::api::vendor::score;
use crate::problem::Problem;
use crate::view::supply::Scorecard;
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
    let card = score(&call, source.id.clone()).await?;
    let what = |clock: ClockKind| match clock {
        ClockKind::Receipt => "your receipt",
        ClockKind::Acknowledgment => "your answer",
        ClockKind::ShipNotice => "the shipment",
        ClockKind::CancelAnswer => "your answer to a cancellation",
    };
    let breaches =
        card.breaches.iter().map(|b| (b.purchase_order.to_string(), what(b.clock), at(&source, b.due))).collect();
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
    let share = |part: u64, whole: u64| match whole {
        0 => "–".to_owned(),
        _ => format!("{} %", part.min(whole) * 100 / whole),
    };
    let all = card.purchase_orders as u64;
    let in_time = all.saturating_sub(card.answers_breached as u64);
    let minutes = card.answer_seconds_median.map_or("–".to_owned(), |s| match s {
        0..=119 => format!("{s} s"),
        120..=7199 => format!("{} min", s / 60),
        _ => format!("{} h", s / 3600),
    });
    vec![
        ("Answered in time", share(in_time, all), format!("{} late or never", card.answers_breached)),
        (
            "Units accepted",
            share(card.units_accepted, card.units_asked),
            format!("{} of {} asked", card.units_accepted, card.units_asked),
        ),
        (
            "Units shipped",
            share(card.units_shipped, card.units_accepted),
            format!("{} of {} accepted", card.units_shipped, card.units_accepted),
        ),
        ("Shipped late", card.shipments_breached.to_string(), "purchase orders".into()),
        ("Time to answer", minutes, "the middle one".into()),
    ]
}
