//! A policy document as people write it: JSON or TOML in, JSON or TOML out.
//!
//! Does not know where it is kept. What is wrong beyond the types, the engine says.

pub mod sheet;

use countersign_engine::policy::Policy;

/// What a document is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// JSON.
    Json,
    /// TOML.
    Toml,
}

impl Form {
    /// By a media type; JSON unless it says TOML.
    pub fn of_media_type(media: &str) -> Self {
        if media.to_ascii_lowercase().contains("toml") { Form::Toml } else { Form::Json }
    }
    /// By a file name; TOML unless it says JSON.
    pub fn of_file(path: &std::path::Path) -> Self {
        if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("json")) { Form::Json } else { Form::Toml }
    }
}

/// The JSON text behind a document, so that one reader explains the faults of both forms.
///
/// # Errors
/// The text breaks the grammar of TOML; the sentence names line and column.
pub fn as_json(form: Form, text: &[u8]) -> Result<Vec<u8>, String> {
    match form {
        Form::Json => Ok(text.to_vec()),
        Form::Toml => {
            let text = std::str::from_utf8(text).map_err(|e| format!("the text is not UTF-8: {e}"))?;
            let value: serde_json::Value = toml::from_str(text).map_err(|e| e.to_string())?;
            Ok(serde_json::to_vec(&value).expect("because TOML is plain data"))
        }
    }
}

/// The document in a form.
pub fn write(form: Form, policy: &Policy) -> String {
    match form {
        Form::Json => serde_json::to_string_pretty(policy).expect("because policies are plain data"),
        Form::Toml => {
            let text = toml::to_string_pretty(policy).expect("because policies are plain data");
            match policy.approvals.cost_increase_percent {
                Some(_) => text,
                // TOML knows no null, and an absent field would mean the default.
                None => text.replacen("[approvals]\n", "[approvals]\ncost_increase_percent = \"never\"\n", 1),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_read_back() {
        let mut policy = Policy { version: 3, ..Policy::default() };
        for percent in [None, Some(5)] {
            policy.approvals.cost_increase_percent = percent;
            for form in [Form::Json, Form::Toml] {
                let json = as_json(form, write(form, &policy).as_bytes()).unwrap();
                let back: Policy = serde_json::from_slice(&json).unwrap();
                assert_eq!(back, policy);
            }
        }
    }
}
