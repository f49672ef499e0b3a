//! Lists and searches for people.
//!
//! Every one of them walks an index and stops at its limit; none reads what it does not show.

use super::calls::Call;
use super::connections::Connections;
use super::records::all;
use crate::lists::{counted, desk_query, newest_purchase_orders, order_query, purchase_order_queries};
use crate::rows::{self, Table};
use crate::statement::{Query, Value, sql};
use countersign_engine::ids::SourceId;
use countersign_engine::slice::Record;
use countersign_runtime::ports::{
    DeskQuery, IndexRow, List, Mapping, OrderQuery, PurchaseOrderQuery, StoreError, Versioned,
};
use jiff::Timestamp;
use smol_str::SmolStr;
use tokio_postgres::Row;

fn ask<T>(
    connections: &Connections,
    text: &str,
    query: &Query,
    make: impl Fn(&Row) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    all(&connections.query(call(text, query))?, make)
}

/// A statement with named parameters as one with numbered ones.
pub(super) fn call(text: &str, query: &Query) -> Call {
    let (text, values) = query.render(text, '$');
    values.into_iter().fold(Call::new(text), |call, value| match value {
        Value::Int(number) => call.with(number),
        Value::Text(text) => call.with(text),
    })
}

pub(super) fn records(
    connections: &Connections,
    what: &List,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<Versioned>, StoreError> {
    let (text, table, of) = match what {
        List::Items => (sql!("postgres", "list_items"), Table::Items, None),
        List::Sources => (sql!("postgres", "list_sources"), Table::Sources, None),
        List::OffersOf(source) => (sql!("postgres", "list_offers_of"), Table::Offers, Some(source.to_string())),
        List::OffersFor(sku) => (sql!("postgres", "list_offers_for"), Table::Offers, Some(sku.to_string())),
        List::StockOf(source) => (sql!("postgres", "list_stock_of"), Table::Stock, Some(source.to_string())),
    };
    let call = Call::new(text).with(after.unwrap_or("").to_owned()).with(i64::from(limit));
    let call = match of {
        Some(of) => call.with(of),
        None => call,
    };
    all(&connections.query(call)?, |row| rows::listed(table, row.get(0), row.get(1)))
}

pub(super) fn mappings(connections: &Connections, source: &SourceId) -> Result<Vec<Mapping>, StoreError> {
    let call = Call::new(sql!("postgres", "list_mappings")).with(source.to_string());
    all(&connections.query(call)?, |row| rows::mapping([row.get(0), row.get(1), row.get(3)], row.get(2), row.get(4)))
}

pub(super) fn orders(connections: &Connections, query: &OrderQuery) -> Result<Vec<Record>, StoreError> {
    let search = query.text.is_some();
    let text = if search { sql!("postgres", "search_orders") } else { sql!("postgres", "list_orders") };
    ask(connections, text, &order_query(query), |row| {
        rows::listed(Table::Orders, 0, row.get(1)).map(|found| found.record)
    })
}

pub(super) fn purchase_orders(
    connections: &Connections,
    query: &PurchaseOrderQuery,
) -> Result<Vec<IndexRow>, StoreError> {
    let mut found = Vec::new();
    for one in purchase_order_queries(query) {
        found.extend(ask(connections, sql!("postgres", "list_purchase_orders"), &one, |row| {
            let texts = [row.get(0), row.get(1), row.get(2), row.get(4)];
            rows::purchase_order(texts, row.get(3), row.get(5), row.get(6))
        })?);
    }
    Ok(newest_purchase_orders(found, query.limit))
}

pub(super) fn cases(connections: &Connections, query: &DeskQuery) -> Result<Vec<IndexRow>, StoreError> {
    ask(connections, sql!("postgres", "list_cases"), &desk_query(query, true), |row| {
        let texts = [row.get(0), row.get(1), row.get(2), row.get(4), row.get(7)];
        rows::case(texts, row.get(3), row.get(5), row.get(6))
    })
}

pub(super) fn open_cases(connections: &Connections) -> Result<Vec<(SmolStr, Timestamp)>, StoreError> {
    all(&connections.query(Call::new(sql!("postgres", "open_cases")))?, |row| {
        Ok((row.get::<_, String>(0).into(), rows::instant(row.get(1))?))
    })
}

pub(super) fn approvals(connections: &Connections, query: &DeskQuery) -> Result<Vec<IndexRow>, StoreError> {
    ask(connections, sql!("postgres", "list_approvals"), &desk_query(query, false), |row| {
        let texts = [row.get(0), row.get(1), row.get(2), row.get(6)];
        rows::approval(texts, row.get(3), row.get(4), row.get(5))
    })
}

pub(super) fn counts(connections: &Connections) -> Result<Vec<(&'static str, u64)>, StoreError> {
    let rows = connections.query(Call::new(sql!("postgres", "counts")))?;
    Ok(counted(rows.iter().map(|row| (row.get(0), row.get(1))).collect()))
}
