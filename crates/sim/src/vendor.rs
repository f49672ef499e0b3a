//! A simulated vendor: its own truth about what it was asked, accepted and shipped; it drops, delays, repeats, changes
//! its mind and lies as its character has it.
//!
//! Knows papers only as bytes, like a real one.

use crate::chance::Chance;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How often, in thousandths, a vendor misbehaves in each way.
#[derive(Debug, Clone, Copy, Default)]
pub struct Character {
    /// Says nothing to a purchase order.
    pub silent: u64,
    /// Rejects all.
    pub rejects: u64,
    /// Accepts a part.
    pub partial: u64,
    /// Names another day.
    pub later: u64,
    /// Answers long after its time.
    pub late: u64,
    /// Accepts, then cancels.
    pub cancels: u64,
    /// Never ships what it accepted.
    pub forgets: u64,
    /// Refuses cancellations although it could stop.
    pub stubborn: u64,
    /// Ignores cancellations.
    pub deaf: u64,
    /// Answers twice, the second time otherwise.
    pub fickle: u64,
    /// Says more than was asked, or names lines that do not exist.
    pub confused: u64,
    /// Ships before it answers.
    pub hasty: u64,
}

impl Character {
    /// A character drawn by chance.
    pub fn draw(c: &mut Chance) -> Self {
        let level = *c.pick(&[0, 0, 20, 120, 400]).unwrap_or(&0);
        let mut roll = || if c.below(3) == 0 { level } else { level / 6 };
        Self {
            silent: roll(),
            rejects: roll(),
            partial: roll(),
            later: roll(),
            late: roll(),
            cancels: roll(),
            forgets: roll() / 4,
            stubborn: roll(),
            deaf: roll(),
            fickle: roll(),
            confused: roll() / 2,
            hasty: roll(),
        }
    }
}

/// A purchase order as the vendor knows it.
#[derive(Debug, Clone)]
pub struct Known {
    /// The paper's bytes as first received: a resend must be the same.
    pub bytes: Vec<u8>,
    /// Packs by line.
    pub lines: BTreeMap<String, u64>,
    /// Attempt on the paper.
    pub attempt: u64,
    /// Packs it means to ship.
    pub accepted: BTreeMap<String, u64>,
    /// True once it has stopped.
    pub stopped: bool,
    /// Packs it has shipped.
    pub shipped: BTreeMap<String, u64>,
}

/// Something a vendor does later.
#[derive(Debug, Clone)]
pub enum Plan {
    /// Says this.
    Say(&'static str, Value),
    /// Ships what it accepted.
    Ship(String),
    /// Cancels what it accepted.
    Cancel(String),
}

/// A vendor.
#[derive(Debug)]
pub struct Vendor {
    /// Its id.
    pub id: String,
    /// What it is like.
    pub character: Character,
    /// What it was asked.
    pub orders: BTreeMap<String, Known>,
    /// What it will do, and when.
    pub plans: Vec<(Timestamp, Plan)>,
    /// Its own faults found in what we sent: a purchase order that changed under one number.
    pub complaints: Vec<String>,
    shipments: u64,
}

impl Vendor {
    /// A vendor of that character.
    pub fn new(id: &str, character: Character) -> Self {
        Self { id: id.into(), character, orders: BTreeMap::new(), plans: vec![], complaints: vec![], shipments: 0 }
    }

    /// A paper arrives.
    pub fn take(&mut self, name: &str, bytes: &[u8], now: Timestamp, c: &mut Chance) {
        let Ok(paper) = serde_json::from_slice::<Value>(bytes) else {
            self.complaints.push(format!("{name} is no JSON"));
            return;
        };
        let po = paper["purchase_order"].as_str().unwrap_or_default().to_owned();
        if name.ends_with("/cancellation") {
            self.asked_to_stop(&po, now, c)
        } else {
            self.ordered(po, &paper, bytes, now, c)
        }
    }

    fn ordered(&mut self, po: String, paper: &Value, bytes: &[u8], now: Timestamp, c: &mut Chance) {
        let is_reminder = paper["reminder"] == json!(true);
        if let Some(known) = self.orders.get_mut(&po) {
            if known.bytes.is_empty() && !is_reminder {
                // A reminder overtook the purchase order itself.
                known.bytes = bytes.to_vec();
            } else if !is_reminder && known.bytes != bytes {
                self.complaints.push(format!("{po} came again with other content"));
            }
            return;
        }
        let lines: BTreeMap<String, u64> = paper["lines"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|l| Some((l["line"].as_str()?.to_owned(), l["quantity"].as_u64()?)))
            .collect();
        let attempt = paper["attempt"].as_u64().unwrap_or(0);
        let known = Known {
            bytes: if is_reminder { vec![] } else { bytes.to_vec() },
            lines,
            attempt,
            accepted: BTreeMap::new(),
            stopped: false,
            shipped: BTreeMap::new(),
        };
        self.orders.insert(po.clone(), known);
        self.decide(&po, now, c);
    }

    fn decide(&mut self, po: &str, now: Timestamp, c: &mut Chance) {
        let character = self.character;
        if c.permille(character.silent) {
            return;
        }
        let minutes = if c.permille(character.late) { 200 + c.below(900) } else { 1 + c.below(100) };
        let at = now + SignedDuration::from_mins(minutes as i64);
        let Some(known) = self.orders.get_mut(po) else { return };
        let rejects = c.permille(character.rejects);
        let mut answers = vec![];
        for (line, packs) in &known.lines {
            let yes = match () {
                () if rejects => 0,
                () if *packs > 1 && c.permille(character.partial) => c.below(*packs),
                () => *packs,
            };
            if yes > 0 {
                known.accepted.insert(line.clone(), yes);
                let mut answer = json!({"line": line, "accepted": yes});
                if c.permille(character.later) {
                    let day =
                        at.to_zoned(jiff::tz::TimeZone::UTC).date().saturating_add((1 + c.below(12) as i64).days());
                    answer["ship_on"] = json!(day);
                }
                answers.push(answer);
            }
            if yes < *packs {
                answers.push(json!({"line": line, "rejected": packs - yes, "reason": "out_of_stock"}));
            }
        }
        if c.permille(character.confused) {
            answers.push(json!({"line": "77", "accepted": 1}));
            if let Some(first) = answers.first_mut()
                && first["accepted"].is_u64()
            {
                first["accepted"] = json!(first["accepted"].as_u64().unwrap_or(0) + 5);
            }
        }
        let word = json!({"purchase_order": po, "attempt": known.attempt, "lines": answers});
        let will_ship = !known.accepted.is_empty() && !c.permille(character.forgets);
        let hasty = c.permille(character.hasty);
        self.plans.push((at, Plan::Say("acknowledgment", word)));
        if c.permille(character.fickle) {
            let lines: Vec<Value> = self.orders[po]
                .lines
                .iter()
                .map(|(line, packs)| json!({"line": line, "rejected": packs, "reason": "discontinued"}))
                .collect();
            let word = json!({"purchase_order": po, "attempt": self.orders[po].attempt, "lines": lines});
            self.plans.push((at + SignedDuration::from_mins(c.below(300) as i64), Plan::Say("acknowledgment", word)));
        }
        if !will_ship {
            return;
        }
        let ships = if hasty {
            now + SignedDuration::from_mins(1)
        } else {
            at + SignedDuration::from_mins(5 + c.below(1_500) as i64)
        };
        let plan = if c.permille(character.cancels) { Plan::Cancel(po.to_owned()) } else { Plan::Ship(po.to_owned()) };
        self.plans.push((ships, plan));
    }

    fn asked_to_stop(&mut self, po: &str, now: Timestamp, c: &mut Chance) {
        let character = self.character;
        if c.permille(character.deaf) {
            return;
        }
        let Some(known) = self.orders.get_mut(po) else {
            // It never had the order: it says that it will not ship it.
            self.plans.push((now, Plan::Say("cancellation-answer", json!({"purchase_order": po, "accepted": true}))));
            return;
        };
        let stops = known.shipped.is_empty() && (known.stopped || !c.permille(character.stubborn));
        known.stopped |= stops;
        let at = now + SignedDuration::from_mins(1 + c.below(90) as i64);
        self.plans.push((at, Plan::Say("cancellation-answer", json!({"purchase_order": po, "accepted": stops}))));
    }

    /// Even the fickle keep to their last word: who rejects all does not ship, and who has shipped rejects no more.
    /// (A vendor that ships what it rejected and whose notice is lost cannot be found out by anybody.)
    fn means_it(&mut self, answer: &Value) -> bool {
        let accepts = answer["lines"].as_array().into_iter().flatten().any(|line| line["accepted"].is_u64());
        let known = answer["purchase_order"].as_str().and_then(|po| self.orders.get_mut(po));
        let Some(known) = known.filter(|_| !accepts) else { return true };
        known.stopped |= known.shipped.is_empty();
        known.stopped
    }

    /// Does what is due; what it says about it, as (name, body).
    pub fn act(&mut self, now: Timestamp) -> Vec<(String, Value)> {
        let mut said = vec![];
        let (due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.plans).into_iter().partition(|(at, _)| *at <= now);
        self.plans = later;
        for (at, plan) in due {
            match plan {
                Plan::Say(kind, body) => {
                    if kind == "acknowledgment" && !self.means_it(&body) {
                        continue;
                    }
                    said.push((format!("{}/{kind}", self.id), body));
                }
                Plan::Cancel(po) => {
                    let Some(known) = self.orders.get_mut(&po) else { continue };
                    if known.shipped.is_empty() {
                        known.stopped = true;
                        said.push((
                            format!("{}/cancellation-answer", self.id),
                            json!({"purchase_order": po, "accepted": true, "unasked": true}),
                        ));
                    }
                }
                Plan::Ship(po) => {
                    let Some(known) = self.orders.get_mut(&po).filter(|k| !k.stopped && k.shipped.is_empty()) else {
                        continue;
                    };
                    known.shipped = known.accepted.clone();
                    self.shipments += 1;
                    let lines: Vec<Value> =
                        known.shipped.iter().map(|(line, packs)| json!({"line": line, "quantity": packs})).collect();
                    let body = json!({"purchase_order": po, "shipment": format!("{}-{}", self.id, self.shipments), "shipped_at": at, "carrier": "UPSN", "tracking": [format!("1Z{}", self.shipments)], "lines": lines});
                    said.push((format!("{}/shipments", self.id), body));
                }
            }
        }
        said
    }
}
