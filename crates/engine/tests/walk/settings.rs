//! Items, sources, offers and a policy, by chance.

use super::person;
use crate::world::chance::Chance;
use countersign_engine::calendar::Zone;
use countersign_engine::calibration::{self, Cell, Count};
use countersign_engine::command::{Command, Deed};
use countersign_engine::ids::{Sku, SourceId, VendorSku};
use countersign_engine::item::{Category, Item, ItemStatus, Unit};
use countersign_engine::measure::{Money, Quantity};
use countersign_engine::offer::{Offer, OfferStatus, Pack};
use countersign_engine::policy::{
    Answers, Approvals, Breach, Choose, ClockRule, ClockTime, CommitOn, Expedite, FreshnessRule, LaterDate, Limit,
    Mode, ModeRule, NettingRule, Otherwise, Policy, Reserve, Rest, SafetyCosts, SafetyRule, Scope, Stale, Step,
    TransitRule, Unanswered,
};
use countersign_engine::source::{Channel, Dialect, Region, Source, SourceKind};
use countersign_engine::stock::Netting;
use jiff::civil::Date;
use std::collections::BTreeMap;

pub fn furnish(chance: &mut Chance, sources: &[SourceId], skus: &[Sku]) -> Vec<Command> {
    let mut deeds = vec![Deed::ActivatePolicy { policy: policy(chance) }];
    deeds.extend(skus.iter().map(|sku| Deed::RecordItem { item: item(sku) }));
    deeds.extend(sources.iter().map(|id| Deed::RecordSource { source: source(chance, id), only_new: false }));
    if chance.happens(50) {
        deeds.push(learnt(chance, sources));
    }
    for id in sources {
        for sku in skus {
            if chance.happens(90) {
                deeds.push(Deed::RecordOffer { offer: offer(chance, id, sku) });
            }
        }
    }
    deeds.into_iter().map(|deed| Command { by: person(), deed }).collect()
}

fn item(sku: &Sku) -> Item {
    Item {
        sku: sku.clone(),
        title: sku.to_string(),
        category: Category::new(if sku.as_str() == "cup" { "kitchen/fragile" } else { "kitchen" }).unwrap(),
        gtin: None,
        unit: Unit::new("EA").unwrap(),
        attributes: BTreeMap::new(),
        status: ItemStatus::Active,
        discontinued_from: None,
        substitutes: if sku.as_str() == "jug" { vec![] } else { vec![Sku::new("jug").unwrap()] },
    }
}

fn source(chance: &mut Chance, id: &SourceId) -> Source {
    Source {
        id: id.clone(),
        kind: if id.as_str() == "D" { SourceKind::Dc } else { SourceKind::Vendor },
        name: id.to_string(),
        time_zone: Zone::new(chance.one(&["America/Chicago", "Europe/Berlin", "UTC"])).unwrap(),
        ships_from: Region { country: "US".into(), region: None, postal_code: None },
        calendar: Default::default(),
        cutoff: chance.happens(50).then(|| "14:00".parse().unwrap()),
        handling_days: chance.below(3),
        daily_capacity: chance.happens(30).then(|| Quantity::new(6)),
        taking_orders: chance.happens(95),
        channel: Channel { dialect: Dialect::Api, connector: serde_json::Value::Null, settings: BTreeMap::new() },
    }
}

fn offer(chance: &mut Chance, source: &SourceId, sku: &Sku) -> Offer {
    Offer {
        source: source.clone(),
        sku: sku.clone(),
        vendor_sku: VendorSku::new(format!("{source}-{sku}")).unwrap(),
        pack: Pack { unit: Unit::new("EA").unwrap(), base_units: chance.one(&[1, 1, 1, 1, 2, 3]) },
        unit_cost: Money::parse(chance.one(&["1.00", "1.10", "2.00"]), "USD").unwrap(),
        shipping_cost: Money::parse(chance.one(&["0.00", "5.00"]), "USD").unwrap(),
        lead_days: 0,
        minimum: Quantity::new(chance.one(&[1, 1, 1, 2])),
        status: chance.one(&[OfferStatus::Active, OfferStatus::Active, OfferStatus::Active, OfferStatus::Paused]),
    }
}

fn policy(chance: &mut Chance) -> Policy {
    let mut limit = |minutes: u32| {
        chance.happens(85).then(|| Limit {
            within_s: minutes * 60,
            warn_percent: chance.one(&[0, 75]),
            time: chance.one(&[ClockTime::Continuous, ClockTime::Business]),
            then: chance.one(&[Breach::Reroute, Breach::Reroute, Breach::Ask, Breach::Remind]),
        })
    };
    let clocks = ClockRule {
        scope: Scope::default(),
        receipt: limit(60),
        acknowledgment: limit(240),
        ship_notice: limit(1440),
        cancel_answer: limit(240),
    };
    let scope = Scope::default;
    let mode =
        chance.one(&[Mode::Enforce, Mode::Enforce, Mode::Enforce, Mode::Enforce, Mode::Recommend, Mode::Observe]);
    let commit_on = chance.one(&[CommitOn::Acknowledgment, CommitOn::Acknowledgment, CommitOn::Availability]);
    let stale = chance.one(&[Stale::Gate, Stale::Halve, Stale::Exclude]);
    let reserve = |chance: &mut Chance| if chance.happens(25) { Reserve::Always } else { Reserve::Never };
    let later = |chance: &mut Chance| chance.one(&[LaterDate::Reroute, LaterDate::Revise, LaterDate::Ask]);
    let mut policy = Policy {
        modes: vec![ModeRule { scope: scope(), percent: None, mode, commit_on }],
        sensitive: vec![Category::new("kitchen/fragile").unwrap()],
        clocks: if chance.happens(90) { vec![clocks] } else { vec![] },
        freshness: vec![FreshnessRule { scope: scope(), stale_after_minutes: 600, stale }],
        safety_stock: vec![SafetyRule {
            scope: scope(),
            units: Quantity::new(chance.below(2)),
            percent: 0,
            costs: chance.happens(30).then(|| SafetyCosts {
                cancellation: Money::parse("30", "USD").unwrap(),
                lost_sale: Money::parse("10", "USD").unwrap(),
            }),
        }],
        netting: vec![NettingRule {
            source: None,
            advice_nets: chance.one(&[Netting::Acknowledged, Netting::Received, Netting::None]),
        }],
        approvals: Approvals {
            split: reserve(chance),
            substitution: if chance.happens(80) { Reserve::Always } else { Reserve::Never },
            cost_increase_percent: chance.one(&[None, Some(20)]),
            late_promise: reserve(chance),
            within_minutes: chance.one(&[60, 120]),
            unanswered: chance.one(&[Unanswered::Ask, Unanswered::Approve, Unanswered::Reject]),
        },
        transit: vec![TransitRule { service_level: Some("express".into()), days: 1, ..TransitRule::default() }],
        expedite: chance.happens(30).then(|| Expedite {
            service_level: "express".into(),
            cost: Money::parse("7.50", "USD").unwrap(),
            ask: reserve(chance),
        }),
        answers: Answers {
            rest: chance.one(&[Rest::Resource, Rest::Resource, Rest::Cancel, Rest::Ask]),
            later_date: later(chance),
            backordered: later(chance),
        },
        hold_minutes: chance.one(&[30, 120]),
        ..Policy::default()
    };
    policy.version = 2;
    let last = policy.sourcing.steps.last_mut().unwrap();
    last.otherwise = chance.one(&[Otherwise::Ask, Otherwise::Ask, Otherwise::Wait, Otherwise::Refuse]);
    if chance.happens(20) {
        let choose = Choose::One { kind: None };
        policy.sourcing.steps = vec![Step { name: "anyone".into(), choose, otherwise: last.otherwise }];
    }
    policy
}

/// Sources answered before the walk began: some well, some badly.
fn learnt(chance: &mut Chance, sources: &[SourceId]) -> Deed {
    let kitchen = Category::new("kitchen").unwrap();
    let mut answers = vec![];
    for source in sources {
        for share in [10, 50, 100] {
            let cell =
                Cell::of(Some(600), Quantity::new(share), Quantity::new(100), Date::constant(2026, 11, 20), &kitchen);
            let count = Count { asked: 40, accepted: chance.below(41) };
            answers.push(calibration::Answers { source: source.clone(), cell, count });
        }
    }
    Deed::LearnAnswers { after: 0, through: 1_000, as_of: "2026-11-20T12:00:00Z".parse().unwrap(), answers }
}
