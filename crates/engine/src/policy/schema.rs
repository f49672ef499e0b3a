//! The JSON Schema of the policy document, made from the types that read it: a form or an editor that keeps to it writes
//! nothing that the types refuse.
//!
//! Does not know what contradicts itself; that is the check's to say.

use super::Policy;
use super::table::{CELL_BYTES_MAX, ROWS_MAX, TABLES_MAX, Table, Tables};
use crate::ids::{ID_LENGTH_MAX, SourceId};
use crate::item::Category;
use crate::measure::{Money, QUANTITY_MAX, Quantity};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

/// The schema of a policy document (JSON Schema, draft 2020-12).
pub fn schema() -> serde_json::Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Policy>();
    schema.insert("title".into(), "Countersign policy".into());
    schema.to_value()
}

/// A percentage, or that nobody is ever asked.
pub(super) fn percent_or_never(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"anyOf": [
        {"type": "integer", "minimum": 0, "maximum": u32::MAX},
        {"type": "null", "description": "Never asked."},
        {"const": "never", "description": "The same as null, for TOML."},
    ]})
}

// One macro, because a type whose wire form serde does not show by its fields says it here, all in one way.
macro_rules! wire {
    ($($type:ty = $name:literal, $schema:tt;)*) => {
        $(impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> { $name.into() }
            fn json_schema(_: &mut SchemaGenerator) -> Schema { json_schema!($schema) }
        })*
    };
}

wire! {
    SourceId = "SourceId", {"type": "string", "minLength": 1, "maxLength": ID_LENGTH_MAX,
        "description": "A vendor or distribution centre, by the id it was recorded under."};
    Category = "Category", {"type": "string", "minLength": 1, "maxLength": 120,
        "pattern": "^[a-z0-9_&. -]+(/[a-z0-9_&. -]+)*$", "description": "A category path: lower-case parts parted by `/`."};
    Quantity = "Quantity", {"type": "integer", "minimum": 0, "maximum": QUANTITY_MAX, "description": "A count of base units."};
    Money = "Money", {"type": "object", "required": ["amount", "currency"],
        "properties": {
            "amount": {"type": "string", "pattern": "^-?[0-9]+(\\.[0-9]+)?$", "description": "A decimal number."},
            "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "description": "ISO 4217."},
        },
        "description": "An amount of money."};
}

impl JsonSchema for Tables {
    fn schema_name() -> Cow<'static, str> {
        "Tables".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let table = generator.subschema_for::<Table>();
        json_schema!({"type": "array", "maxItems": TABLES_MAX, "items": table,
            "description": format!("Decision tables; each has at most {ROWS_MAX} rows, a cell at most {CELL_BYTES_MAX} bytes.")})
    }
}
