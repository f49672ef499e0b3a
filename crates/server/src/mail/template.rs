//! The retailer's own words: a subject and a text with `{{facts}}` in them, checked when they are saved.
//!
//! Not a language: nothing repeats, nothing branches, so nothing can fail when a letter goes out.

use super::kinds::Kind;
use countersign_runtime::ports::{Store, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const TEMPLATES: &str = "mail_template";
/// Longest subject: mail programs show no more.
const SUBJECT_LENGTH_MAX: usize = 200;
/// Longest text.
const TEXT_LENGTH_MAX: usize = 20_000;

/// Subject and text of a kind of message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
}

/// What is wrong with a template, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFault {
    /// `subject` or `text`.
    pub field: &'static str,
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in letters.
    pub column: usize,
    /// What is wrong and what to do.
    pub sentence: String,
}

impl Template {
    /// The template that comes with the product.
    pub fn of(kind: Kind) -> Self {
        Self { subject: kind.subject().into(), text: kind.text().into() }
    }

    /// Everything that is wrong with it for that kind.
    pub fn faults(&self, kind: Kind) -> Vec<TemplateFault> {
        let mut faults = vec![];
        faults_of("subject", &self.subject, kind, SUBJECT_LENGTH_MAX, &mut faults);
        faults_of("text", &self.text, kind, TEXT_LENGTH_MAX, &mut faults);
        let fault = |field, sentence: String| TemplateFault { field, line: 1, column: 1, sentence };
        if let Some(at) = self.subject.find(['\r', '\n']) {
            let column = self.subject[..at].chars().count() + 1;
            faults.push(TemplateFault { column, ..fault("subject", "a subject is one line".into()) });
        }
        for (field, text) in [("subject", &self.subject), ("text", &self.text)] {
            if text.trim().is_empty() {
                faults.push(fault(field, format!("the {field} is empty")));
            }
        }
        if kind.needs_link() && !pieces(&self.text).any(|p| p == Ok(Piece::Fact("link"))) {
            faults.push(fault("text", "{{link}} is missing: without it nobody could answer".into()));
        }
        faults
    }

    /// Subject and text with the facts in them; a fact that is not known is left out.
    pub fn render(&self, facts: &BTreeMap<String, String>) -> (String, String) {
        let fill = |text: &str| -> String {
            pieces(text)
                .map(|piece| match piece {
                    Ok(Piece::Text(text)) => text,
                    Ok(Piece::Fact(name)) => facts.get(name).map_or("", String::as_str),
                    Err(_) => "",
                })
                .collect()
        };
        // What stands in a fact must not become a header.
        (fill(&self.subject).replace(['\r', '\n'], " "), fill(&self.text))
    }
}

fn faults_of(field: &'static str, text: &str, kind: Kind, most: usize, faults: &mut Vec<TemplateFault>) {
    let place = |at: usize| {
        let before = &text[..at];
        let line_start = before.rfind('\n').map_or(0, |n| n + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    };
    let mut fault = |at: usize, sentence: String| {
        let (line, column) = place(at);
        faults.push(TemplateFault { field, line, column, sentence });
    };
    if text.len() > most {
        let at = (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        fault(at, format!("the {field} has at most {most} bytes"));
    }
    for piece in pieces(text) {
        match piece {
            Ok(Piece::Fact(name)) if !kind.facts().contains(&name) => {
                let at = name.as_ptr() as usize - text.as_ptr() as usize;
                let known = kind.facts().iter().map(|f| format!("{{{{{f}}}}}")).collect::<Vec<_>>().join(", ");
                fault(at, format!("{{{{{name}}}}} is not known in this message: use {known}"));
            }
            Ok(_) => {}
            Err(at) => fault(at, "{{ has no }} behind it".into()),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Fact(&'a str),
}

/// The pieces of a text in order; an error is the place of braces that nothing closes.
fn pieces(text: &str) -> impl Iterator<Item = Result<Piece<'_>, usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = &text[at..];
        if rest.is_empty() {
            return None;
        }
        match rest.find("{{") {
            Some(0) => match rest.find("}}") {
                Some(end) => {
                    at += end + 2;
                    Some(Ok(Piece::Fact(rest[2..end].trim())))
                }
                None => {
                    let open = at;
                    at = text.len();
                    Some(Err(open))
                }
            },
            Some(open) => {
                at += open;
                Some(Ok(Piece::Text(&rest[..open])))
            }
            None => {
                at = text.len();
                Some(Ok(Piece::Text(rest)))
            }
        }
    })
}

/// The template in force for a kind, and whether it is the retailer's own. Blocks.
///
/// # Errors
/// The store cannot be read.
pub fn read_template(store: &dyn Store, kind: Kind) -> Result<(Template, bool), StoreError> {
    let own = store.setting(TEMPLATES, kind.code())?.and_then(|(_, body)| serde_json::from_str(&body).ok());
    // A template that an older version took and this one would not: the built-in one is better than a letter without a link.
    let own = own.filter(|t: &Template| t.faults(kind).is_empty());
    Ok(own.map_or_else(|| (Template::of(kind), false), |own| (own, true)))
}

/// Puts the retailer's own template in force; it must be without fault. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn put_template(store: &dyn Store, kind: Kind, template: &Template) -> Result<(), StoreError> {
    store.put_setting(TEMPLATES, kind.code(), None, Some(&crate::auth::json(template)?)).map(drop)
}

/// Goes back to the built-in template. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn remove_template(store: &dyn Store, kind: Kind) -> Result<(), StoreError> {
    store.put_setting(TEMPLATES, kind.code(), None, None).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_templates_are_without_fault() {
        for kind in Kind::ALL {
            assert_eq!(Template::of(*kind).faults(*kind), [], "{}", kind.code());
        }
    }

    #[test]
    fn a_fault_is_told_with_its_place() {
        let template = |text: &str| Template { subject: "Order {{po}}".into(), text: text.into() };
        let places = |text: &str| {
            let faults = template(text).faults(Kind::VendorOrder);
            faults.iter().map(|f| (f.field, f.line, f.column)).collect::<Vec<_>>()
        };
        assert_eq!(places("Hello {{vendor}},\n{{link}}"), []);
        assert_eq!(places("Grüße {{link}}\nan {{vendr}}"), [("text", 2, 6)]);
        assert_eq!(places("{{link}}\nand {{po"), [("text", 2, 5)]);
        assert_eq!(places("Hello"), [("text", 1, 1)], "no link");
        let subject = Template { subject: "a\nBcc: eve@example.com".into(), text: "{{link}}".into() };
        assert_eq!(subject.faults(Kind::VendorOrder)[0].field, "subject");
    }

    #[test]
    fn a_fact_cannot_become_a_header() {
        let facts = BTreeMap::from([("po".to_owned(), "1\r\nBcc: eve@example.com".to_owned())]);
        let (subject, _) = Template { subject: "Order {{ po }}".into(), text: "{{link}}".into() }.render(&facts);
        assert_eq!(subject, "Order 1  Bcc: eve@example.com");
    }
}
