//! What one partner does otherwise than the standard, as data in the settings of its channel (`overlay`).
//!
//! ```json
//! {"name": "acme 3", "documents": {"855": [
//!   {"do": "relax_segment", "segment": "CTT"},
//!   {"do": "require_element", "element": "BAK08", "level": "accept_with_error"},
//!   {"do": "map_codes", "element": "ACK01", "codes": {"OK": "IA"}},
//!   {"do": "level", "rule": "set.count-wrong", "level": "warn"}], "*": []}}
//! ```
//!
//! As a file of its own it may also hold `"standard"` and `"samples"`; a command line tries the rules on those.
//!
//! Knows no document; edi applies the rules while it checks. `*` holds rules for every document and for envelopes.

use crate::findings::KEPT;
use countersign_edi::{Change, ElementPlace, Level, Overlay, OverlayRule, ReadOptions, Rule, Schemas, Standard};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The overlay as it is written down.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    name: String,
    documents: BTreeMap<String, Vec<Entry>>,
    /// Files to try the rules on, for `countersign edi validate --partner`; of no meaning in a channel.
    #[serde(rename = "samples")]
    _samples: Value,
    /// `x12` or `edifact`, likewise.
    #[serde(rename = "standard")]
    _standard: Value,
}

/// One rule as it is written down.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// What is otherwise.
    r#do: String,
    /// A segment by tag (`REF`), by its loops (`PO1/REF`), or in the heading (`/REF`).
    #[serde(default)]
    segment: String,
    /// An element as guides name it: `BAK08`, `PO1/REF02`, `SN103-1`.
    #[serde(default)]
    element: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    max: Option<u32>,
    #[serde(default)]
    min: Option<u16>,
    #[serde(default)]
    codes: BTreeMap<String, String>,
    /// Id of a rule, as findings show it.
    #[serde(default)]
    rule: String,
    #[serde(default)]
    level: String,
}

/// How files of a partner are checked.
///
/// # Errors
/// The overlay has another form than it must: a sentence that names the place.
pub fn read_options(standard: Standard, overlay: &Value) -> Result<ReadOptions, String> {
    let mut options = ReadOptions { findings_max: KEPT, ..ReadOptions::default() };
    if overlay.is_null() {
        return Ok(options);
    }
    let written = Written::deserialize(overlay).map_err(|error| format!("the overlay cannot be read: {error}"))?;
    let everywhere = written.documents.get("*").map(Vec::as_slice).unwrap_or_default();
    for (index, entry) in everywhere.iter().enumerate() {
        let rule = rule(entry).map_err(|error| format!("overlay of every document, rule {}: {error}", index + 1))?;
        match rule.change {
            Change::Level { rule: Some(own), .. } => {
                options.levels.insert(own, rule.level);
            }
            _ => return Err("overlay of every document: only the level of a rule can be set here".into()),
        }
    }
    for (document, entries) in written.documents.iter().filter(|(document, _)| *document != "*") {
        options.schemas = laid_over(options.schemas, standard, document, entries, &written.name)?;
    }
    Ok(options)
}

/// The schemas with the rules for one document laid over each version of it.
fn laid_over(
    mut schemas: Schemas,
    standard: Standard,
    document: &str,
    entries: &[Entry],
    name: &str,
) -> Result<Schemas, String> {
    let rules: Result<Vec<OverlayRule>, String> = entries.iter().map(rule).collect();
    let rules = rules.map_err(|error| format!("overlay of {document}: {error}"))?;
    let overlay = Overlay { name: name.to_owned(), rules };
    let mut found = false;
    for (id, version, _) in Schemas::known().filter(|(id, _, _)| *id == document) {
        let Some(schema) = schemas.find(standard, id, version) else { continue };
        found = true;
        let changed = schema.with_overlay(&overlay).map_err(|errors| {
            let words: Vec<String> = errors.iter().map(ToString::to_string).collect();
            format!("overlay of {document}: {}", words.join("; "))
        })?;
        schemas = schemas.with(changed);
    }
    if !found {
        return Err(format!("overlay of {document}: there is no such document; name it as 855 or ORDRSP"));
    }
    Ok(schemas)
}

fn rule(entry: &Entry) -> Result<OverlayRule, String> {
    let level = match entry.level.as_str() {
        "" => Level::Reject,
        word => Level::from_word(word)
            .ok_or_else(|| format!("level {word:?} is none of reject, accept_with_error, warn, ignore"))?,
    };
    let segment = || match entry.segment.as_str() {
        "" => Err(format!("{} needs a segment", entry.r#do)),
        segment => Ok(segment.to_owned()),
    };
    let place = || element(&entry.element);
    let max = || entry.max.ok_or_else(|| format!("{} needs a max", entry.r#do));
    let short = |max: u32| u16::try_from(max).map_err(|_| format!("max {max} is too large"));
    let change = match entry.r#do.as_str() {
        "add_segment" => {
            Change::AddSegment { after: entry.after.clone(), tag: segment()?, max: entry.max.unwrap_or(1) }
        }
        "relax_segment" => Change::RelaxSegment { segment: segment()? },
        "require_segment" => Change::RequireSegment { segment: segment()? },
        "limit_segment" => Change::LimitSegment { segment: segment()?, max: max()? },
        "open_segment" => Change::OpenSegment { segment: segment()? },
        "drop_notes" => Change::DropNotes { segment: segment()? },
        "relax_element" => Change::RelaxElement { place: place()? },
        "require_element" => Change::RequireElement { place: place()? },
        "forbid_element" => Change::ForbidElement { place: place()? },
        "limit_element" => Change::LimitElement { place: place()?, min: entry.min.unwrap_or(1), max: short(max()?)? },
        "repeat_element" => Change::RepeatElement { place: place()?, max: short(max()?)? },
        "restrict_codes" => Change::RestrictCodes { place: place()?, codes: entry.codes.clone().into_iter().collect() },
        "any_code" => Change::AnyCode { place: place()? },
        "map_codes" => Change::MapCodes { place: place()?, codes: entry.codes.clone() },
        "level" => level_change(entry)?,
        other => return Err(format!("{other:?} is nothing that an overlay can do")),
    };
    Ok(OverlayRule { change, level })
}

fn level_change(entry: &Entry) -> Result<Change, String> {
    let rule = match entry.rule.as_str() {
        "" => None,
        id => Some(Rule::from_id(id).ok_or_else(|| format!("{id:?} is no rule; findings show the ids"))?),
    };
    let (segment, element) = match entry.element.as_str() {
        "" => (entry.segment.clone(), 0),
        text => element(text).map(|place| (place.segment, place.element))?,
    };
    Ok(Change::Level { rule, segment, element })
}

/// `PO1/REF02-1` as a place: the last two digits before a `-` are the element.
fn element(text: &str) -> Result<ElementPlace, String> {
    let fault = || format!("{text:?} names no element: write it as BAK08 or PO1/REF02");
    let (body, component) = match text.rsplit_once('-') {
        Some((body, component)) => (body, component.parse().map_err(|_| fault())?),
        None => (text, 0),
    };
    let split = body.len().checked_sub(2).filter(|split| body.is_char_boundary(*split)).ok_or_else(fault)?;
    let (segment, number) = body.split_at(split);
    let element = number.parse().map_err(|_| fault())?;
    if segment.rsplit('/').next().is_none_or(|tag| !(2..=3).contains(&tag.len())) || element == 0 {
        return Err(fault());
    }
    Ok(ElementPlace { segment: segment.to_owned(), element, component })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_named_as_in_guides() {
        let place = element("PO1/REF02-1").unwrap();
        assert_eq!((place.segment.as_str(), place.element, place.component), ("PO1/REF", 2, 1));
        assert_eq!(element("SN102").unwrap().segment, "SN1");
        for bad in ["", "02", "BAK", "BAK00", "TOOLONG01"] {
            assert!(element(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn faults_name_the_rule() {
        let fault = |json: Value| read_options(Standard::X12, &json).unwrap_err();
        assert!(fault(serde_json::json!({"documents": {"999999": []}})).contains("no such document"));
        assert!(fault(serde_json::json!({"documents": {"855": [{"do": "dance"}]}})).contains("dance"));
        assert!(
            fault(serde_json::json!({"documents": {"855": [{"do": "relax_segment", "segment": "XYZ"}]}}))
                .contains("XYZ")
        );
    }
}
