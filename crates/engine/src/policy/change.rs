//! What one policy says otherwise than another, in words: for the log, where a changed weight is looked for.
//!
//! Compares documents as they are written; does not know what follows from a change.

use super::Policy;
use super::table::{Row, Table};
use serde_json::Value;

/// Changes that are told: more of them is another policy.
const CHANGES_MAX: usize = 20;
/// Longest value that is written out, in characters.
const VALUE_CHARS_MAX: usize = 60;

/// What `after` says otherwise, each as `hold_minutes 120 → 200`, or `table ranking row 2 adjust_percent 10 → 25`.
pub fn changes(before: &Policy, after: &Policy) -> Vec<String> {
    let mut found = vec![];
    tables(&before.tables, &after.tables, &mut found);
    let document = |policy: &Policy| {
        let policy = Policy { version: 0, tables: Default::default(), fallbacks: vec![], ..policy.clone() };
        serde_json::to_value(policy).unwrap_or_default()
    };
    values("", &document(before), &document(after), &mut found);
    if found.len() > CHANGES_MAX {
        let more = found.len() - CHANGES_MAX;
        found.truncate(CHANGES_MAX);
        found.push(format!("{more} more places"));
    }
    found
}

fn tables(before: &[Table], after: &[Table], found: &mut Vec<String>) {
    for table in before.iter().filter(|t| after.iter().all(|a| a.name != t.name)) {
        found.push(format!("table {} removed", table.name));
    }
    for table in after {
        match before.iter().find(|b| b.name == table.name) {
            None => found.push(format!("table {} added, {} rows", table.name, table.rows.len())),
            Some(old) => one_table(old, table, found),
        }
    }
    let order = |tables: &[Table], others: &[Table]| -> Vec<smol_str::SmolStr> {
        tables.iter().map(|t| t.name.clone()).filter(|name| others.iter().any(|o| o.name == *name)).collect()
    };
    if order(before, after) != order(after, before) {
        found.push("the order of the tables".into());
    }
}

fn one_table(old: &Table, new: &Table, found: &mut Vec<String>) {
    let name = &new.name;
    if (&old.when, &old.then) != (&new.when, &new.then) || old.decides != new.decides {
        let columns = |t: &Table| {
            let (when, then) = (t.when.iter().map(|i| i.code()), t.then.iter().map(|o| o.code()));
            when.chain(then).collect::<Vec<_>>().join(", ")
        };
        found.push(format!("table {name} columns {} → {}", columns(old), columns(new)));
        return;
    }
    let head = |t: &Table| {
        let bare = Table { rows: vec![], otherwise: None, ..t.clone() };
        serde_json::to_value(bare).unwrap_or_default()
    };
    values(&format!("table {name}"), &head(old), &head(new), found);
    // Rows that stayed at both ends; what lies between was changed, added or removed.
    let same = |pairs: &mut dyn Iterator<Item = (&Row, &Row)>| pairs.take_while(|(a, b)| a == b).count();
    let first = same(&mut old.rows.iter().zip(&new.rows));
    let last = same(&mut old.rows[first..].iter().rev().zip(new.rows[first..].iter().rev()));
    let (was, is) = (&old.rows[first..old.rows.len() - last], &new.rows[first..new.rows.len() - last]);
    if was.len() == is.len() {
        for (n, (a, b)) in was.iter().zip(is).enumerate() {
            cells(&format!("table {name} row {}", first + n + 1), new, (a, b), found);
        }
    } else {
        found.extend((0..was.len()).map(|n| format!("table {name} row {} of before removed", first + n + 1)));
        let added = |(n, row): (usize, &Row)| {
            let (when, then) = (row.when.join(" | "), row.then.join(" | "));
            format!("table {name} row {} added: {}", first + n + 1, shown(&format!("{when} | {then}")))
        };
        found.extend(is.iter().enumerate().map(added));
    }
    let (was, is) = (old.otherwise.clone().unwrap_or_default(), new.otherwise.clone().unwrap_or_default());
    let columns = new.then.iter().map(|o| o.code());
    pairs(&format!("table {name} otherwise"), columns.zip(was.iter().zip(&is)), found);
}

fn cells(place: &str, table: &Table, (old, new): (&Row, &Row), found: &mut Vec<String>) {
    let when = table.when.iter().map(|i| i.code()).zip(old.when.iter().zip(&new.when));
    let then = table.then.iter().map(|o| o.code()).zip(old.then.iter().zip(&new.then));
    pairs(place, when.chain(then).chain([("why", (&old.why, &new.why))]), found);
}

fn pairs<'a>(
    place: &str,
    columns: impl Iterator<Item = (&'a str, (&'a smol_str::SmolStr, &'a smol_str::SmolStr))>,
    found: &mut Vec<String>,
) {
    for (column, (old, new)) in columns.filter(|(_, (old, new))| old != new) {
        found.push(format!("{place} {column} {} → {}", shown(old), shown(new)));
    }
}

/// Objects field by field, lists of the same length rule by rule.
fn values(place: &str, old: &Value, new: &Value, found: &mut Vec<String>) {
    let join = |field: &str| if place.is_empty() { field.to_owned() } else { format!("{place} {field}") };
    match (old, new) {
        _ if old == new => {}
        (Value::Object(a), Value::Object(b)) if !is_money(a) && !is_money(b) => {
            let fields: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for field in fields {
                let side = |of: &serde_json::Map<String, Value>| of.get(field).cloned().unwrap_or_default();
                values(&join(field), &side(a), &side(b), found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().for_each(|(n, (a, b))| values(&join(&(n + 1).to_string()), a, b, found));
        }
        (Value::Array(a), Value::Array(b)) => {
            let first = a.iter().zip(b).take_while(|(a, b)| a == b).count();
            let rules = |all: &[Value]| if all.len() == 1 { "1 rule".into() } else { format!("{} rules", all.len()) };
            found.push(format!("{place} {} → {}, from rule {} on", rules(a), rules(b), first + 1));
        }
        _ => found.push(format!("{place} {} → {}", in_words(old), in_words(new))),
    }
}

fn is_money(of: &serde_json::Map<String, Value>) -> bool {
    of.len() == 2 && of.contains_key("amount") && of.contains_key("currency")
}

fn in_words(value: &Value) -> String {
    match value {
        Value::Null => "nothing".into(),
        Value::String(text) => shown(text),
        Value::Object(money) if is_money(money) => {
            let part = |name: &str| money[name].as_str().unwrap_or_default().to_owned();
            format!("{} {}", part("amount"), part("currency"))
        }
        other => shown(&other.to_string()),
    }
}

fn shown(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(VALUE_CHARS_MAX) {
        _ if text.is_empty() => "nothing".into(),
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn policy(rows: &Value, over: &Value) -> Policy {
        let mut document = json!({"version": 3, "tables": [{"name": "ranking", "decides": "sourcing", "when": ["vendor"],
            "then": ["adjust_percent"], "rows": rows, "otherwise": [""]}]});
        over.as_object().unwrap().iter().for_each(|(field, value)| document[field] = value.clone());
        serde_json::from_value(document).unwrap()
    }

    #[test]
    fn a_changed_weight_is_told_by_its_place() {
        let row = |vendor: &str, percent: &str| json!({"when": [vendor], "then": [percent]});
        let before = policy(&json!([row("acme", "5"), row("bright", "10")]), &json!({"hold_minutes": 120}));
        let changed = |rows: Value, over: Value| changes(&before, &policy(&rows, &over));
        let same = json!([row("acme", "5"), row("bright", "10")]);
        assert_eq!(
            changed(json!([row("acme", "5"), row("bright", "25")]), json!({"hold_minutes": 200})),
            ["table ranking row 2 adjust_percent 10 → 25", "hold_minutes 120 → 200"]
        );
        assert_eq!(
            changed(json!([row("acme", "5"), row("dune", "7"), row("bright", "10")]), json!({})),
            ["table ranking row 2 added: dune | 7"]
        );
        assert_eq!(changed(json!([row("bright", "10")]), json!({})), ["table ranking row 1 of before removed"]);
        let cost = json!({"sourcing": {"steps": Policy::default().sourcing.steps, "day_late_costs": {"amount": "2", "currency": "USD"}}});
        assert_eq!(changed(same.clone(), cost), ["sourcing day_late_costs nothing → 2.00 USD"]);
        let modes = json!({"modes": [{"mode": "observe"}]});
        assert_eq!(changed(same.clone(), modes), ["modes 0 rules → 1 rule, from rule 1 on"]);
        assert_eq!(changed(same, json!({"name": "summer"})), ["name nothing → summer"]);
    }
}
