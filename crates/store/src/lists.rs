//! What lists ask and how their answers are joined: the same on both stores.
//!
//! Knows no database; the SQL that takes these parameters stands in the paired files.

use crate::rows;
use crate::statement::{Query, Value};
use countersign_runtime::facts::{Fact, Measure, is_notable};
use countersign_runtime::ports::{
    By, Cell, DeskQuery, FactQuery, FactRow, IndexRow, OrderQuery, PurchaseOrderQuery, StoreError, TallyQuery,
};

/// The parameters of `list_orders` and `search_orders`.
pub(crate) fn order_query(query: &OrderQuery) -> Query {
    let text = |text: &str| Value::Text(text.to_owned());
    let limit = i64::from(query.limit);
    let examined = if query.status.is_some() { rows::EXAMINED_MAX.max(limit) } else { limit };
    Query::default()
        .with("text", text(query.text.as_deref().unwrap_or("")))
        .with("word", text(&query.text.as_deref().unwrap_or("").to_ascii_lowercase()))
        .with("mail", text(query.mail.as_deref().unwrap_or("")))
        .with("limit", Value::Int(limit))
        .with("examined", Value::Int(examined))
        .when("status", query.status.as_deref().map(text))
        .clause("cursor", query.cursor.as_ref().map(|(at, id)| [("captured_at", Value::Int(*at)), ("id", text(id))]))
}

/// One query per state: the index begins with it, so that a list by state never walks through the other states.
pub(crate) fn purchase_order_queries(query: &PurchaseOrderQuery) -> Vec<Query> {
    let text = |text: &str| Value::Text(text.to_owned());
    let states = rows::PURCHASE_ORDER_STATES.iter().filter(|s| query.state.as_ref().is_none_or(|wanted| wanted == *s));
    let one = |state: &&str| {
        let cursor = query.cursor.as_ref();
        Query::default()
            .with("state", text(state))
            .with("limit", Value::Int(i64::from(query.limit)))
            .when("source", query.source.as_ref().map(|source| text(source.as_str())))
            .clause("cursor", cursor.map(|(at, number)| [("released_at", Value::Int(*at)), ("number", text(number))]))
    };
    states.map(one).collect()
}

/// Joins the lists of the states.
pub(crate) fn newest_purchase_orders(mut found: Vec<IndexRow>, limit: u32) -> Vec<IndexRow> {
    let place = |row: &IndexRow| match row {
        IndexRow::PurchaseOrder { number, released_at, .. } => Some((*released_at, number.clone())),
        _ => None,
    };
    found.sort_by_cached_key(|row| std::cmp::Reverse(place(row)));
    found.truncate(limit as usize);
    found
}

/// The parameters of `list_cases` and `list_approvals`. Approvals have no role: theirs is left out.
pub(crate) fn desk_query(query: &DeskQuery, with_role: bool) -> Query {
    let text = |text: &smol_str::SmolStr| Value::Text(text.to_string());
    Query::default()
        .with("limit", Value::Int(i64::from(query.limit)))
        .with("offset", Value::Int(i64::from(query.offset)))
        .when("open", query.open.map(|open| Value::Int(i64::from(open))))
        .when("role", query.role.as_ref().filter(|_| with_role).map(text))
        .when("kind", query.kind.as_ref().map(text))
        .when("subject", query.subject.as_ref().map(text))
}

/// Days that are summed up together, as `roll_up` has it.
const BLOCK: i64 = 16;

/// A range of days as days up to `head`, the blocks that begin between `begin` and `end`, and days from `tail` on.
#[derive(Debug, PartialEq)]
struct Spans {
    head: i64,
    begin: i64,
    end: i64,
    tail: i64,
}

impl Spans {
    fn of(query: &TallyQuery) -> Self {
        let begin = query.from + (-query.from).rem_euclid(BLOCK);
        let end = query.to + 1 - (query.to + 1).rem_euclid(BLOCK) - BLOCK;
        match query.by != By::Day && begin <= end {
            true => Self { head: begin - 1, begin, end, tail: end + BLOCK },
            // An empty span ends before it begins.
            false => Self { head: query.to, begin: 0, end: -1, tail: query.to + 1 },
        }
    }
}

/// The parameters of `tally`.
pub(crate) fn tally_query(query: &TallyQuery) -> Query {
    let text = |text: &smol_str::SmolStr| Value::Text(text.to_string());
    let told = |by: By, filter: bool, bit: i64| if query.by == by || filter { bit } else { 0 };
    let level = told(By::Source, query.source.is_some(), 1)
        | told(By::Category, query.category.is_some(), 2)
        | told(By::Channel, query.channel.is_some(), 4);
    let Spans { head, begin, end, tail } = Spans::of(query);
    Query::default()
        .with("measure", Value::Text(query.measure.code().into()))
        .with("by", Value::Text(query.by.code().into()))
        .with("level", Value::Int(level))
        .with("from", Value::Int(query.from))
        .with("head", Value::Int(head))
        .with("begin", Value::Int(begin))
        .with("end", Value::Int(end))
        .with("tail", Value::Int(tail))
        .with("to", Value::Int(query.to))
        .when("source", query.source.as_ref().map(text))
        .when("category", query.category.as_ref().map(text))
        .when("channel", query.channel.as_ref().map(text))
}

/// The parameters of `list_facts` and `list_notable_facts`; true if it is the latter that answers.
pub(crate) fn fact_query(query: &FactQuery) -> (bool, Query) {
    let text = |text: &smol_str::SmolStr| Value::Text(text.to_string());
    let notable = query.source.is_some() && is_notable(query.measure, &query.label);
    let narrowed = query.source.is_some() || query.category.is_some() || query.channel.is_some();
    let limit = i64::from(query.limit);
    let examined = if narrowed { rows::FACTS_EXAMINED_MAX.max(limit) } else { limit };
    let cursor = query.cursor.map(|(day, id)| [("day", Value::Int(day)), ("id", Value::Int(id as i64))]);
    let parameters = Query::default()
        .with("measure", Value::Text(query.measure.code().into()))
        .with("label", text(&query.label))
        .with("from", Value::Int(query.from))
        .with("to", Value::Int(query.to))
        .with("limit", Value::Int(limit))
        .with("examined", Value::Int(examined))
        .clause("cursor", cursor)
        .when("source", query.source.as_ref().map(text))
        .when("category", query.category.as_ref().map(text))
        .when("channel", query.channel.as_ref().map(text));
    (notable, parameters)
}

/// A counted cell out of its columns.
pub(crate) fn cell(texts: [String; 2], times: i64, units: i64, value: i64) -> Cell {
    let [key, label] = texts;
    Cell { key: key.into(), label: label.into(), count: times as u64, units, value }
}

/// A fact out of its columns: measure, label, source, category, channel, order; id, at, purchase order, units, value.
pub(crate) fn fact(texts: [String; 6], numbers: [i64; 5]) -> Result<FactRow, StoreError> {
    let [measure, label, source, category, channel, order] = texts;
    let [id, at, purchase_order, units, value] = numbers;
    let known = Measure::from_code(&measure).ok_or_else(|| rows::broken(format!("fact {id}"), measure))?;
    let fact = Fact {
        entry: 0,
        measure: known,
        label: label.into(),
        at: rows::instant(at)?,
        source: source.into(),
        category: category.into(),
        channel: channel.into(),
        order: order.into(),
        purchase_order: purchase_order as u32,
        units,
        value,
    };
    Ok(FactRow { id: id as u64, fact })
}

/// The names of `counts`, so that metrics have names that live as long as the program.
pub(crate) const COUNTED: [&str; 10] = [
    "items",
    "sources",
    "offers",
    "orders",
    "journal",
    "inbox",
    "inbox_waiting",
    "outbox_waiting",
    "cases_open",
    "approvals_open",
];

/// Puts counts under their lasting names.
pub(crate) fn counted(rows: Vec<(String, i64)>) -> Vec<(&'static str, u64)> {
    let named = |(name, count): (String, i64)| {
        COUNTED.iter().find(|known| **known == name).map(|known| (*known, count.max(0) as u64))
    };
    rows.into_iter().filter_map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_hold_each_day_of_a_range_once() {
        for (from, to) in (0..40).flat_map(|from| (from..from + 70).map(move |to| (from, to))) {
            let query = TallyQuery {
                measure: Measure::Sla,
                from,
                to,
                source: None,
                category: None,
                channel: None,
                by: By::Source,
            };
            let Spans { head, begin, end, tail } = Spans::of(&query);
            let blocks = (begin..=end).filter(|day| day % BLOCK == 0).flat_map(|first| first..first + BLOCK);
            let days: Vec<i64> = (from..=head).chain(blocks).chain(tail..=to).collect();
            assert!(days.iter().copied().eq(from..=to), "{from}..={to}: {days:?}");
            let by_day = Spans::of(&TallyQuery { by: By::Day, ..query });
            assert_eq!((by_day.head, by_day.tail), (to, to + 1), "days are never read as blocks");
        }
    }
}
