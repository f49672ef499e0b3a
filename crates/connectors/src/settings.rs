//! Reads a connector's settings field by field, so that each fault has a place and a sentence.
//!
//! Does not know any connector; each names the fields it understands.

use serde_json::{Map, Value};

/// What is wrong with a connector's settings, where, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {sentence}")]
pub struct SettingsError {
    /// JSON pointer below the settings, for example `/base`; empty for the whole.
    pub pointer: String,
    /// What is wrong and what to do, for people.
    pub sentence: String,
}

impl SettingsError {
    /// A fault of one field; `field` is empty for the whole.
    pub fn at(field: &str, sentence: impl Into<String>) -> Self {
        let pointer = if field.is_empty() { String::new() } else { format!("/{field}") };
        Self { pointer, sentence: sentence.into() }
    }
}

/// How the text behind `secret:NAME` is found; `None` if there is no such secret.
pub type Secrets<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The fields of one settings object.
pub struct Fields<'a> {
    map: &'a Map<String, Value>,
    secrets: Secrets<'a>,
}

impl<'a> Fields<'a> {
    /// Takes an object that has no other fields than `type` and `known`.
    pub fn new(settings: &'a Value, known: &[&str], secrets: Secrets<'a>) -> Result<Self, SettingsError> {
        let Some(map) = settings.as_object() else {
            return Err(SettingsError::at("", "connector must be an object such as {\"type\": \"folder\", …}"));
        };
        if let Some(stray) = map.keys().find(|key| *key != "type" && !known.contains(&key.as_str())) {
            let known = known.join(", ");
            return Err(SettingsError::at(
                stray,
                format!("{stray} is not a setting of this connector; known: {known}"),
            ));
        }
        Ok(Self { map, secrets })
    }

    /// A text that must be there and not be empty.
    pub fn text(&self, field: &str) -> Result<String, SettingsError> {
        self.optional_text(field)?.ok_or_else(|| SettingsError::at(field, format!("{field} is missing")))
    }

    /// A text that may be absent, but not empty.
    pub fn optional_text(&self, field: &str) -> Result<Option<String>, SettingsError> {
        match self.map.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text.clone())),
            Some(_) => Err(SettingsError::at(field, format!("{field} must be a text that is not empty"))),
        }
    }

    /// One text or a list of texts.
    pub fn texts(&self, field: &str) -> Result<Vec<String>, SettingsError> {
        let fault = || SettingsError::at(field, format!("{field} must be a text or a list of texts"));
        match self.map.get(field) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(vec![text.clone()]),
            Some(Value::Array(list)) => {
                list.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(fault)).collect()
            }
            Some(_) => Err(fault()),
        }
    }

    /// A whole number within a range, or the default.
    pub fn number(
        &self,
        field: &str,
        range: std::ops::RangeInclusive<u64>,
        default: u64,
    ) -> Result<u64, SettingsError> {
        let Some(value) = self.map.get(field).filter(|value| !value.is_null()) else { return Ok(default) };
        value.as_u64().filter(|number| range.contains(number)).ok_or_else(|| {
            let (low, high) = (range.start(), range.end());
            SettingsError::at(field, format!("{field} must be a whole number from {low} to {high}, it is {value}"))
        })
    }

    /// Yes or no, or the default.
    pub fn flag(&self, field: &str, default: bool) -> Result<bool, SettingsError> {
        match self.map.get(field) {
            None | Some(Value::Null) => Ok(default),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(value) => Err(SettingsError::at(field, format!("{field} must be true or false, it is {value}"))),
        }
    }

    /// One of a few words, or the first of them.
    pub fn word<'w>(&self, field: &str, words: &[&'w str]) -> Result<&'w str, SettingsError> {
        let Some(text) = self.optional_text(field)? else { return Ok(words[0]) };
        words.iter().copied().find(|word| *word == text).ok_or_else(|| {
            SettingsError::at(field, format!("{field} must be one of {}, it is {text:?}", words.join(", ")))
        })
    }

    /// The text behind a `secret:NAME` reference. A secret written out in the settings is refused, because settings
    /// are shown, exported and kept in the journal.
    pub fn secret(&self, field: &str) -> Result<Option<String>, SettingsError> {
        let Some(reference) = self.optional_text(field)? else { return Ok(None) };
        let Some(name) = reference.strip_prefix("secret:") else {
            let sentence =
                format!("{field} must name a secret as \"secret:NAME\", not hold it; store the secret first");
            return Err(SettingsError::at(field, sentence));
        };
        match (self.secrets)(name) {
            Some(text) if !text.is_empty() => Ok(Some(text)),
            Some(_) => Err(SettingsError::at(field, format!("the secret {name:?} is empty; store it again"))),
            None => Err(SettingsError::at(field, format!("there is no secret {name:?}; store it first"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_fault_has_a_place_and_a_sentence() {
        let secrets = |name: &str| (name == "known").then(|| "hush".to_owned());
        let settings = json!({"type": "x", "a": 7, "b": "secret:known", "c": "hush", "d": "secret:none", "e": "often"});
        let fields = Fields::new(&settings, &["a", "b", "c", "d", "e"], &secrets).unwrap();
        assert_eq!(fields.text("a").unwrap_err().to_string(), "/a: a must be a text that is not empty");
        assert_eq!(fields.text("z").unwrap_err().to_string(), "/z: z is missing");
        assert_eq!(fields.number("a", 0..=5, 1).unwrap_err().pointer, "/a");
        assert_eq!(fields.number("z", 0..=5, 1), Ok(1));
        assert_eq!(fields.secret("b").unwrap().as_deref(), Some("hush"));
        assert!(fields.secret("c").unwrap_err().sentence.contains("secret:NAME"));
        assert!(fields.secret("d").unwrap_err().sentence.contains("no secret \"none\""));
        assert!(fields.word("e", &["always", "never"]).unwrap_err().sentence.contains("always, never"));
        assert_eq!(Fields::new(&settings, &["a"], &secrets).err().unwrap().pointer, "/b");
    }
}
