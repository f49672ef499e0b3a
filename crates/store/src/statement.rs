//! SQL text from the paired files, and the few statements that have optional clauses.
//!
//! Knows neither database; the numbering of parameters (`?1` or `$1`) is an argument.

use std::borrow::Cow;

/// The text of `sql/DIALECT/NAME.sql`.
macro_rules! sql {
    ($dialect:literal, $name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/sql/", $dialect, "/", $name, ".sql"))
    };
}
pub(crate) use sql;

/// A value for a named parameter.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Int(i64),
    Text(String),
}

/// The parameters of one query: values by name, and which optional clauses are wanted.
///
/// A line that begins with `/*clause*/` is kept only if the clause is wanted. `:name` becomes a numbered parameter.
#[derive(Debug, Default)]
pub(crate) struct Query {
    clauses: Vec<&'static str>,
    values: Vec<(&'static str, Value)>,
}

impl Query {
    /// Gives a parameter its value.
    pub(crate) fn with(mut self, name: &'static str, value: Value) -> Self {
        self.values.push((name, value));
        self
    }
    /// Gives a parameter its value and wants the clause of that name, if there is one.
    pub(crate) fn when(mut self, name: &'static str, value: Option<Value>) -> Self {
        if let Some(value) = value {
            self.clauses.push(name);
            self.values.push((name, value));
        }
        self
    }
    /// Wants a clause whose parameters are these.
    pub(crate) fn clause(mut self, name: &'static str, values: Option<[(&'static str, Value); 2]>) -> Self {
        if let Some(values) = values {
            self.clauses.push(name);
            self.values.extend(values);
        }
        self
    }
    /// The text with numbered parameters, and their values in order. `mark` stands before a number.
    pub(crate) fn render(&self, text: &str, mark: char) -> (String, Vec<Value>) {
        let mut out = String::with_capacity(text.len());
        let mut used: Vec<&'static str> = Vec::new();
        for line in text.lines().filter(|l| !l.starts_with("--")) {
            let Some(line) = self.wanted(line) else { continue };
            let mut rest: &str = &line;
            while let Some(colon) = rest.find(':') {
                out.push_str(&rest[..colon]);
                rest = &rest[colon + 1..];
                let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(rest.len());
                let number = self.number(&rest[..end], &mut used);
                out.push(mark);
                out.push_str(&number.to_string());
                rest = &rest[end..];
            }
            out.push_str(rest);
            out.push('\n');
        }
        let value = |name: &&str| self.values.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
        (out, used.iter().filter_map(value).collect())
    }

    fn wanted<'a>(&self, line: &'a str) -> Option<Cow<'a, str>> {
        let Some((name, rest)) = line.strip_prefix("/*").and_then(|l| l.split_once("*/")) else {
            return Some(Cow::Borrowed(line));
        };
        self.clauses.contains(&name).then_some(Cow::Borrowed(rest))
    }
    fn number(&self, name: &str, used: &mut Vec<&'static str>) -> usize {
        if let Some(at) = used.iter().position(|n| *n == name) {
            return at + 1;
        }
        let known = self.values.iter().find(|(n, _)| *n == name).map(|(n, _)| *n);
        used.push(known.expect("because every parameter of a kept line has a value"));
        used.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_are_kept_or_left_out_and_parameters_numbered_by_use() {
        let text = "-- why\nSELECT a FROM t WHERE b = :b\n/*c*/ AND c = :c\nAND d = :b LIMIT :limit\n";
        let query = Query::default().with("limit", Value::Int(5)).with("b", Value::Text("x".into()));
        let (plain, values) = query.render(text, '?');
        assert_eq!(plain, "SELECT a FROM t WHERE b = ?1\nAND d = ?1 LIMIT ?2\n");
        assert_eq!(values, [Value::Text("x".into()), Value::Int(5)]);
        let (full, values) = query.when("c", Some(Value::Int(9))).render(text, '$');
        assert_eq!(full, "SELECT a FROM t WHERE b = $1\n AND c = $2\nAND d = $1 LIMIT $3\n");
        assert_eq!(values.len(), 3);
    }

    #[test]
    fn every_statement_has_its_twin() {
        let names = |dialect: &str| {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("sql").join(dialect);
            let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().file_name()).collect();
            // The late indexes are SQLite's own (0006_late_indexes).
            names.retain(|name| !name.to_string_lossy().starts_with("late_"));
            names.sort();
            names
        };
        assert_eq!(names("sqlite"), names("postgres"), "sql/sqlite and sql/postgres must hold the same names");
    }
}
