//! A history made by chance: sources of known character, a retailer that commits before it asks. For tests, for the
//! bench, and to try the replay without data of one's own.
//!
//! The chances are known ([`accepts_permille`]), so that what is learnt from the history can be judged.

use super::mapping::{Assume, Mapping};
use super::names::Names;
use super::pack::Pasts;
use super::{
    AdviceFact, AskFact, CancelledBy, History, ItemFact, LineFact, Manner, Moment, OfferFact, OrderFact, Past, Place,
    PoFact, Recorded, SourceFact,
};
use crate::chance::Chance;
use countersign_engine::calendar::Zone;
use countersign_engine::measure::Currency;
use std::fmt::Write;

/// How much is made.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Orders.
    pub orders: u32,
    /// Items.
    pub items: u32,
    /// Sources.
    pub sources: u32,
    /// Days over which the orders are spread.
    pub days: u32,
    /// Hours between two advices of one source; 0 for none at all.
    pub advice_hours: u32,
}

/// Monday 2026-01-05, midnight UTC.
const BEGIN_S: u32 = 1_767_571_200;
const DAY_S: u32 = 86_400;
/// Two lines in so many thousandths of orders.
const SECOND_LINE: u64 = 150;
const CATEGORIES: [&str; 6] =
    ["lighting/table", "lighting/floor", "kitchen/mugs", "kitchen/pans", "furniture/chairs", "textiles/rugs"];

/// The true chance, in thousandths, that a source accepts an order for a share of what it advised so long ago.
pub fn accepts_permille(source: u32, age_s: i64, percent: u64) -> u64 {
    let base = 985 - u64::from(source % 7) * 25;
    let stale = u64::try_from(age_s / 3_600).unwrap_or(0).min(72) * 2;
    let greedy = if percent > 75 {
        120
    } else if percent > 50 {
        50
    } else {
        0
    };
    base.saturating_sub(stale + greedy)
}

/// Makes a history.
pub fn generate(size: Size, seed: u64) -> History {
    let mut c = Chance::of(seed);
    let mut made = Made::new(size);
    made.catalogue(&mut c);
    made.advise(&mut c);
    let span = u64::from(size.days) * u64::from(DAY_S);
    let mut placed: Vec<u32> = (0..size.orders).map(|_| BEGIN_S + c.below(span) as u32).collect();
    placed.sort_unstable();
    let mut next = 0;
    for (n, at) in placed.into_iter().enumerate() {
        while made.history.advice.get(next).is_some_and(|a| a.at.seconds() <= i64::from(at)) {
            made.hear(next);
            next += 1;
        }
        made.order(n, at, &mut c);
    }
    made.history.span = (Moment::from_seconds(BEGIN_S), Moment::from_seconds(BEGIN_S + span as u32 + 20 * DAY_S));
    made.history.by_time = made.history.timeline();
    made.history
}

struct Made {
    size: Size,
    history: History,
    /// By offer: what was advised last, and when.
    known: Vec<(u32, u32)>,
    first_offer: Vec<u32>,
}

impl Made {
    fn new(size: Size) -> Self {
        let home = Place { country: "US".into(), ..Place::default() };
        let history = History {
            name: "generated".into(),
            currency: Currency::new("USD").expect("because USD is three capitals"),
            zone: Zone::new("UTC").expect("because UTC is a zone"),
            assume: Assume::default(),
            order_ids: Names::default(),
            skus: Names::default(),
            source_ids: Names::default(),
            categories: std::iter::once("uncategorised").chain(CATEGORIES).map(Into::into).collect(),
            regions: vec![home],
            sources: vec![SourceFact::default(); size.sources as usize],
            manners: vec![Manner::default()],
            records: Default::default(),
            items: vec![],
            offers: vec![],
            pasts: Pasts::default(),
            by_time: vec![],
            advice: vec![],
            span: (Moment::NEVER, Moment::NEVER),
            recorded: Recorded {
                approvals: true,
                sent: true,
                answers: true,
                advice: size.advice_hours > 0,
                ship_by: true,
                shipments: true,
                promises: true,
                deliveries: true,
                costs: true,
                commitments: false,
            },
            dirt: Default::default(),
        };
        Self { size, history, known: vec![], first_offer: vec![] }
    }

    fn catalogue(&mut self, c: &mut Chance) {
        for n in 0..self.size.sources {
            self.history.source_ids.give(&format!("vendor-{n}"));
        }
        for item in 0..self.size.items {
            self.history.skus.give(&format!("SKU-{item}"));
            self.history.items.push(ItemFact { category: 1 + (item % 6) as u16 });
            self.first_offer.push(self.history.offers.len() as u32);
            let mut sources: Vec<u32> =
                (0..1 + c.below(3)).map(|_| c.below(u64::from(self.size.sources)) as u32).collect();
            sources.sort_unstable();
            sources.dedup();
            let price = 500 + c.below(20_000) as i64;
            for source in sources {
                let unit_cost = price * (90 + c.below(30) as i64) / 100;
                self.history.offers.push(OfferFact { item, source, unit_cost, shipping_cost: 490 });
            }
        }
        self.first_offer.push(self.history.offers.len() as u32);
        self.known = vec![(0, 0); self.history.offers.len()];
    }

    fn advise(&mut self, c: &mut Chance) {
        if self.size.advice_hours == 0 {
            return;
        }
        let step = u64::from(self.size.advice_hours) * 3_600;
        for n in 0..self.history.offers.len() {
            let OfferFact { item, source, .. } = self.history.offers[n];
            // Every source has its own hour; the first advice stands before the first order.
            let mut at = u64::from(BEGIN_S) - step + c.below(step);
            while at < u64::from(BEGIN_S + self.size.days * DAY_S) {
                let quantity = if c.permille(60) { 0 } else { 3 + c.below(40) as u32 };
                let at32 = Moment::from_seconds(at as u32);
                self.history.advice.push(AdviceFact { at: at32, source, item, quantity });
                at += step;
            }
        }
        self.history.advice.sort_by_key(|a| (a.at, a.item, a.source));
    }

    fn hear(&mut self, n: usize) {
        let fact = self.history.advice[n];
        let found = self.history.offers.binary_search_by_key(&(fact.item, fact.source), |o| (o.item, o.source));
        if let Ok(at) = found {
            self.known[at] = (fact.at.seconds() as u32, fact.quantity);
        }
    }

    fn order(&mut self, n: usize, at: u32, c: &mut Chance) {
        let (index, _) = self.history.order_ids.give(&format!("H{n}"));
        let lines = if c.permille(SECOND_LINE) { 2 } else { 1 };
        let approved = at + 30 + c.below(600) as u32;
        let fact = OrderFact {
            placed: Moment::from_seconds(at),
            approved: Moment::from_seconds(approved),
            promised: Moment::from_seconds((at / DAY_S + 9) * DAY_S),
            ..OrderFact::default()
        };
        let mut past = Past { order: fact, ..Past::default() };
        let basket = c.below(u64::from(self.size.items)) as u32;
        for line in 0..lines {
            // Baskets hold neighbours: a lamp and its shade.
            let item = (basket / 8 * 8 + (basket + line) % 8).min(self.size.items - 1);
            self.line(&mut past, item, approved, c);
        }
        let (fact, pos) = (&mut past.order, &past.pos);
        if pos.iter().all(|p| p.shipped.is_known()) {
            let last = pos.iter().map(|p| p.shipped.seconds()).max().unwrap_or_default() as u32;
            fact.delivered = Moment::from_seconds(last + DAY_S + c.below(u64::from(5 * DAY_S)) as u32);
        } else if c.permille(100) {
            fact.cancelled = Moment::from_seconds(approved + DAY_S);
            fact.cancelled_by = CancelledBy::Source;
        }
        debug_assert_eq!(index as usize, self.history.pasts.len(), "because every id is new");
        self.history.pasts.push(&past);
    }

    /// The retailer asks its first source, and commits whatever it says.
    fn line(&mut self, past: &mut Past, item: u32, approved: u32, c: &mut Chance) {
        let (from, to) = (self.first_offer[item as usize], self.first_offer[item as usize + 1]);
        let others = u64::from(to - from);
        let n = (from + if c.permille(800) { 0 } else { c.below(others) as u32 }) as usize;
        let source = self.history.offers[n].source;
        let quantity = 1 + c.below(3) as u32;
        let (as_of, advised) = self.known[n];
        let age = if as_of == 0 { 0 } else { i64::from(approved) - i64::from(as_of) };
        let percent = u64::from(quantity) * 100 / u64::from(advised.max(1));
        let yes = c.permille(accepts_permille(source, age, percent));
        let OfferFact { unit_cost, shipping_cost, .. } = self.history.offers[n];
        let accepted = if yes { quantity } else { 0 };
        let there = past.pos.iter().position(|p| p.source == source);
        let place = there.unwrap_or(past.pos.len());
        past.asks.push(AskFact { line: past.lines.len() as u16, po: place as u16, quantity, accepted, unit_cost });
        past.lines.push(LineFact { item, quantity, price: unit_cost * 2 });
        let answer = approved + 300 + (source % 9) * 900 + c.below(5_400) as u32;
        let moment = Moment::from_seconds;
        if there.is_none() {
            past.pos.push(PoFact {
                source,
                sent: moment(approved),
                ship_by: moment(approved + 3 * DAY_S),
                answered: moment(answer),
                rejected: !yes,
                shipping_cost,
                ..PoFact::default()
            });
        }
        let po = &mut past.pos[place];
        let gone = c.permille(15);
        if po.shipped.is_known() || (po.cancelled.is_known() && !po.rejected) {
            return;
        }
        po.rejected &= !yes;
        if !yes || gone {
            po.cancelled = moment(answer + DAY_S + c.below(u64::from(2 * DAY_S)) as u32);
            po.cancelled_by = CancelledBy::Source;
        } else {
            (po.cancelled, po.cancelled_by) = (Moment::NEVER, CancelledBy::Unknown);
            po.shipped = moment(answer + DAY_S / 2 + c.below(u64::from(3 * DAY_S)) as u32);
        }
    }
}

/// A generated history as files: (name, content), to be read by the mapping of [`mapping`].
pub fn files(history: &History) -> Vec<(&'static str, String)> {
    let time = |m: Moment| m.known().map(|t| t.to_string()).unwrap_or_default();
    let mut items = String::from("sku,category\n");
    for (n, item) in history.items.iter().enumerate() {
        let category = &history.categories[usize::from(item.category)];
        let _ = writeln!(items, "{},{category}", history.skus.get(n as u32));
    }
    let mut orders = String::from(
        "order,line,placed_at,approved_at,promised,delivered_at,cancelled_at,sku,quantity,unit_price,source,unit_cost,shipping_cost,sent_at,ship_by,answered_at,accepted,shipped_at,po_cancelled_at,po_cancelled_by,cancelled_by\n",
    );
    let money = |minor: i64| countersign_engine::measure::Money { minor, currency: history.currency }.amount();
    for (n, past) in history.pasts.iter() {
        let order = &past.order;
        for (place, line) in past.lines.iter().enumerate() {
            let ask = past.asks_for(place).next().expect("because every line was asked for");
            let po = &past.pos[usize::from(ask.po)];
            let by = |who| match who {
                CancelledBy::Source => "source",
                CancelledBy::Customer => "customer",
                CancelledBy::Unknown => "",
            };
            let _ = writeln!(
                orders,
                "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}",
                history.order_ids.get(n),
                place + 1,
                time(order.placed),
                time(order.approved),
                time(order.promised),
                time(order.delivered),
                time(order.cancelled),
                history.skus.get(line.item),
                line.quantity,
                money(line.price),
                history.source_ids.get(po.source),
                money(ask.unit_cost),
                money(po.shipping_cost),
                time(po.sent),
                time(po.ship_by),
                time(po.answered),
                ask.accepted,
                time(po.shipped),
                time(po.cancelled),
                by(po.cancelled_by),
                by(order.cancelled_by),
            );
        }
    }
    let mut offers = String::from("source,sku,unit_cost,shipping_cost\n");
    for o in &history.offers {
        let (source, sku) = (history.source_ids.get(o.source), history.skus.get(o.item));
        let _ = writeln!(offers, "{source},{sku},{},{}", money(o.unit_cost), money(o.shipping_cost));
    }
    let mut advice = String::from("source,sku,as_of,quantity\n");
    for a in &history.advice {
        let (source, sku) = (history.source_ids.get(a.source), history.skus.get(a.item));
        let _ = writeln!(advice, "{source},{sku},{},{}", time(a.at), a.quantity);
    }
    vec![("items.csv", items), ("order_lines.csv", orders), ("offers.csv", offers), ("advice.csv", advice)]
}

/// The mapping of a plain export, one row a line; shipped as `docs/mappings/plain.toml`.
pub fn mapping() -> Mapping {
    Mapping::parse(PLAIN).expect("because a test reads the shipped mapping")
}

/// The text of the plain mapping.
pub const PLAIN: &str = include_str!("../../../../docs/mappings/plain.toml");
