//! Lists and searches for people.
//!
//! Every one of them walks an index and stops at its limit; none reads what it does not show.

use super::fault::Told;
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
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Row, ToSql, params, params_from_iter};
use smol_str::SmolStr;

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Int(n) => ValueRef::Integer(*n),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

pub(super) fn ask<T>(
    conn: &Connection,
    text: &str,
    query: &Query,
    make: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let (text, values) = query.render(text, '?');
    all(conn, &text, params_from_iter(values), make)
}

pub(super) fn records(
    conn: &Connection,
    what: &List,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<Versioned>, StoreError> {
    let after = after.unwrap_or("");
    let make = |table| {
        move |row: &Row<'_>| {
            let (version, body): (i64, String) = (row.get(0).told("list")?, row.get(1).told("list")?);
            rows::listed(table, version, &body)
        }
    };
    match what {
        List::Items => all(conn, sql!("sqlite", "list_items"), params![after, limit], make(Table::Items)),
        List::Sources => all(conn, sql!("sqlite", "list_sources"), params![after, limit], make(Table::Sources)),
        List::OffersOf(source) => {
            let values = params![after, limit, source.as_str()];
            all(conn, sql!("sqlite", "list_offers_of"), values, make(Table::Offers))
        }
        List::OffersFor(sku) => {
            all(conn, sql!("sqlite", "list_offers_for"), params![after, limit, sku.as_str()], make(Table::Offers))
        }
        List::StockOf(source) => {
            all(conn, sql!("sqlite", "list_stock_of"), params![after, limit, source.as_str()], make(Table::Stock))
        }
    }
}

pub(super) fn mappings(conn: &Connection, source: &SourceId) -> Result<Vec<Mapping>, StoreError> {
    all(conn, sql!("sqlite", "list_mappings"), [source.as_str()], |row| {
        let read = || -> rusqlite::Result<([String; 3], Option<String>, i64)> {
            Ok(([row.get(0)?, row.get(1)?, row.get(3)?], row.get(2)?, row.get(4)?))
        };
        let (texts, gtin, pack_size) = read().told("read the mapping")?;
        rows::mapping(texts, gtin, pack_size)
    })
}

pub(super) fn orders(conn: &Connection, query: &OrderQuery) -> Result<Vec<Record>, StoreError> {
    let text = if query.text.is_some() { sql!("sqlite", "search_orders") } else { sql!("sqlite", "list_orders") };
    ask(conn, text, &order_query(query), |row| {
        let body: String = row.get(1).told("list orders")?;
        rows::listed(Table::Orders, 0, &body).map(|found| found.record)
    })
}

pub(super) fn purchase_orders(conn: &Connection, query: &PurchaseOrderQuery) -> Result<Vec<IndexRow>, StoreError> {
    let mut found = Vec::new();
    for one in purchase_order_queries(query) {
        found.extend(ask(conn, sql!("sqlite", "list_purchase_orders"), &one, |row| {
            let read = || -> rusqlite::Result<([String; 4], i64, i64, Option<i64>)> {
                let texts = [row.get(0)?, row.get(1)?, row.get(2)?, row.get(4)?];
                Ok((texts, row.get(3)?, row.get(5)?, row.get(6)?))
            };
            let (texts, attempt, released_at, due) = read().told("list purchase orders")?;
            rows::purchase_order(texts, attempt, released_at, due)
        })?);
    }
    Ok(newest_purchase_orders(found, query.limit))
}

pub(super) fn cases(conn: &Connection, query: &DeskQuery) -> Result<Vec<IndexRow>, StoreError> {
    ask(conn, sql!("sqlite", "list_cases"), &desk_query(query, true), |row| {
        let read = || -> rusqlite::Result<([String; 5], i64, i64, i64)> {
            let texts = [row.get(0)?, row.get(1)?, row.get(2)?, row.get(4)?, row.get(7)?];
            Ok((texts, row.get(3)?, row.get(5)?, row.get(6)?))
        };
        let (texts, severity, open, opened_at) = read().told("list cases")?;
        rows::case(texts, severity, open, opened_at)
    })
}

pub(super) fn open_cases(conn: &Connection) -> Result<Vec<(SmolStr, Timestamp)>, StoreError> {
    all(conn, sql!("sqlite", "open_cases"), [], |row| {
        let kind: String = row.get(0).told("list open cases")?;
        Ok((kind.into(), rows::instant(row.get(1).told("list open cases")?)?))
    })
}

pub(super) fn approvals(conn: &Connection, query: &DeskQuery) -> Result<Vec<IndexRow>, StoreError> {
    ask(conn, sql!("sqlite", "list_approvals"), &desk_query(query, false), |row| {
        let read = || -> rusqlite::Result<([String; 4], i64, i64, i64)> {
            let texts = [row.get(0)?, row.get(1)?, row.get(2)?, row.get(6)?];
            Ok((texts, row.get(3)?, row.get(4)?, row.get(5)?))
        };
        let (texts, open, asked_at, due) = read().told("list approvals")?;
        rows::approval(texts, open, asked_at, due)
    })
}

pub(super) fn counts(conn: &Connection) -> Result<Vec<(&'static str, u64)>, StoreError> {
    let rows = all(conn, sql!("sqlite", "counts"), [], |row| {
        Ok((row.get::<_, String>(0).told("count")?, row.get::<_, i64>(1).told("count")?))
    })?;
    Ok(counted(rows))
}
