//! The OpenAPI 3.1 documents, made from what the calls say of themselves: the retailer's API, the vendors' API, and the
//! contract that a vendor's own server implements.
//!
//! Does not know any call by name.

mod contract;

use crate::api::route::Described;
use crate::auth::{Access, TABLE};
use crate::problem::ProblemBody;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use utoipa::{PartialSchema, ToSchema};

/// The documents, written once.
pub struct Documents {
    /// All of our API, as JSON.
    pub ours: String,
    /// The contract that a vendor implements, as JSON.
    pub vendor: String,
    /// The page that lists our calls.
    pub page: String,
}

impl Documents {
    /// From the descriptions of all calls.
    pub fn new(calls: &[Described]) -> Self {
        let ours = document(calls);
        Self {
            page: page(calls),
            ours: serde_json::to_string(&ours).unwrap_or_default(),
            vendor: serde_json::to_string(&contract::document()).unwrap_or_default(),
        }
    }
}

/// Calls that are pages for people, not part of the API.
fn is_page(call: &Described) -> bool {
    call.route.is_page || ["/docs", "/problems/{kind}"].contains(&call.route.path)
}

/// The document of our own API.
pub fn document(calls: &[Described]) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    let mut schemas: BTreeMap<String, Value> = BTreeMap::new();
    let mut groups: Vec<&str> = vec![];
    for call in calls.iter().filter(|c| !is_page(c)) {
        let item = paths.entry(call.route.path).or_insert_with(|| json!({}));
        item[call.route.method.as_str().to_ascii_lowercase()] = operation(call);
        schemas.extend(call.input.schemas.iter().chain(&call.output.schemas).cloned());
        if !groups.contains(&call.route.group) {
            groups.push(call.route.group);
        }
    }
    let mut named = vec![(ProblemBody::name().into_owned(), ProblemBody::schema())];
    ProblemBody::schemas(&mut named);
    schemas.extend(named.into_iter().filter_map(|(name, schema)| Some((name, serde_json::to_value(schema).ok()?))));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Countersign",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "The promise layer for drop-ship retail: an order is committed only when it is countersigned.",
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": groups.iter().map(|g| json!({"name": g})).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "API key of a program: `Authorization: Bearer cs_…`."},
                "session": {"type": "apiKey", "in": "cookie", "name": "countersign", "description": "Session of a person. Calls that change something also need the header `x-countersign-csrf`."},
            },
        },
    })
}

const DESCRIPTION: &str = "Conventions, everywhere the same: JSON; instants in ISO 8601 with offset; money as a decimal \
string with an ISO 4217 code; quantities in the unit that the field names. Unknown fields are ignored on input; a reader \
must pass over unknown fields and unknown words of an enumeration. Problems are RFC 9457 (`application/problem+json`) with \
a stable `type`. `Idempotency-Key` on a POST makes it safe to repeat: the first answer is given again. `x-request-id` is \
taken over or made, and names the request in logs and in the journal. Lists are pages: give `next` as `cursor`.";

fn operation(call: &Described) -> Value {
    let route = &call.route;
    let mut operation = json!({
        "tags": [route.group],
        "summary": route.summary,
        "operationId": operation_id(call),
        "responses": responses(call),
    });
    let mut words = vec![];
    if !route.words.is_empty() {
        words.push(route.words.to_owned());
    }
    if let Some(roles) = roles(route.access) {
        words.push(format!("Roles: {roles}."));
    }
    if !words.is_empty() {
        operation["description"] = words.join("\n\n").into();
    }
    let parameters = parameters(call);
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if !call.input.body.is_empty() {
        let content: Map<String, Value> =
            call.input.body.iter().map(|(media, schema)| ((*media).to_owned(), json!({"schema": schema}))).collect();
        operation["requestBody"] = json!({"required": !call.input.optional, "content": content});
    }
    operation["security"] = match route.access {
        Access::Public => json!([]),
        Access::LoggedIn | Access::Needs(_) => json!([{"key": []}, {"session": []}]),
    };
    operation
}

/// Which roles may make a call, in words; nothing where everybody may.
fn roles(access: Access) -> Option<String> {
    match access {
        Access::Needs(permission) => {
            let (_, roles) = TABLE.iter().find(|(p, _)| *p == permission)?;
            Some(roles.iter().map(|r| format!("`{}`", r.code())).collect::<Vec<_>>().join(", "))
        }
        Access::Public | Access::LoggedIn => None,
    }
}

/// `put_v1_items_sku`: stable as long as the path is.
fn operation_id(call: &Described) -> String {
    let path = call.route.path.replace(['{', '}'], "");
    let words: Vec<&str> = path.split(['/', '-', '.']).filter(|w| !w.is_empty()).collect();
    format!("{}_{}", call.route.method.as_str().to_ascii_lowercase(), words.join("_"))
}

fn parameters(call: &Described) -> Vec<Value> {
    let names = call.route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut all: Vec<Value> =
        names.map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}})).collect();
    all.extend(call.input.parameters.iter().cloned());
    if call.route.method == axum::http::Method::POST && call.route.access != Access::Public {
        all.push(json!({"name": "Idempotency-Key", "in": "header", "required": false, "schema": {"type": "string", "maxLength": 255}}));
    }
    if call.route.creates {
        let words = "`*`: make it, and answer 412 (`exists`) if it is there already.";
        all.push(json!({"name": "If-None-Match", "in": "header", "required": false, "description": words,
            "schema": {"type": "string", "enum": ["*"]}}));
    }
    all
}

fn responses(call: &Described) -> Value {
    let mut all = Map::new();
    let mut good = json!({"description": "All is well."});
    if let Some((media, schema)) = &call.output.body {
        good["content"] = json!({*media: {"schema": schema}});
    }
    all.insert(call.output.status.to_string(), good);
    let problem = json!({"$ref": format!("#/components/schemas/{}", ProblemBody::name())});
    let content = json!({"application/problem+json": {"schema": problem}});
    all.insert("default".into(), json!({"description": "A problem (RFC 9457).", "content": content}));
    all.into()
}

/// The page: every call with its words and shapes, readable without scripts.
fn page(calls: &[Described]) -> String {
    use crate::console::escaped;
    let mut out = String::from(
        "<h1>Countersign API</h1><p>Machine readable: <a href=\"/openapi.json\">/openapi.json</a> (OpenAPI 3.1). The \
         contract that a vendor's own server implements: <a href=\"/vendor/openapi.json\">/vendor/openapi.json</a>.</p>",
    );
    out.push_str(&format!("<p>{}</p>", escaped(DESCRIPTION)));
    let mut group = "";
    for call in calls.iter().filter(|c| !is_page(c)) {
        let route = &call.route;
        if route.group != group {
            group = route.group;
            out.push_str(&format!("<h2>{}</h2>", escaped(group)));
        }
        out.push_str(&format!(
            "<details><summary><span class=\"method\">{}</span><code>{}</code> <span class=\"quiet\">{}</span></summary>",
            route.method,
            escaped(route.path),
            escaped(route.summary)
        ));
        if !route.words.is_empty() {
            out.push_str(&format!("<p>{}</p>", escaped(route.words)));
        }
        let who = roles(route.access).unwrap_or_else(|| match route.access {
            Access::Public => "everybody".into(),
            _ => "whoever is logged in".into(),
        });
        out.push_str(&format!("<p class=\"quiet\">May be called by: {}.</p>", escaped(&who.replace('`', ""))));
        out.push_str(&parameter_table(call));
        for (media, schema) in &call.input.body {
            out.push_str(&shape(&format!("Takes {media}"), schema, &call.input.schemas));
        }
        if let Some((media, schema)) = &call.output.body {
            out.push_str(&shape(&format!("Answers {} {media}", call.output.status), schema, &call.output.schemas));
        }
        out.push_str("</details>");
    }
    out.push_str("<h2>Problems</h2><table>");
    for kind in crate::problem::Kind::ALL {
        let (code, status, title) = (kind.code(), kind.status(), kind.title());
        out.push_str(&format!(
            "<tr><td><a href=\"/problems/{code}\">{code}</a></td><td>{status}</td><td>{title}</td></tr>"
        ));
    }
    out.push_str("</table>");
    out
}

fn parameter_table(call: &Described) -> String {
    use crate::console::escaped;
    if call.input.parameters.is_empty() {
        return String::new();
    }
    let row = |p: &Value| {
        let text = |name: &str| escaped(p[name].as_str().unwrap_or_default());
        format!("<tr><td><code>{}</code></td><td>{}</td></tr>", text("name"), text("description"))
    };
    format!("<table>{}</table>", call.input.parameters.iter().map(row).collect::<String>())
}

/// A shape as a list of fields; the shapes it refers to follow.
fn shape(title: &str, schema: &Value, schemas: &[(String, Value)]) -> String {
    use crate::console::escaped;
    let named: BTreeMap<&str, &Value> = schemas.iter().map(|(n, s)| (n.as_str(), s)).collect();
    let mut out = format!("<p>{}: <code>{}</code></p>", escaped(title), escaped(&type_of(schema)));
    for (name, schema) in named {
        let Some(fields) = schema["properties"].as_object() else { continue };
        let row = |(field, s): (&String, &Value)| {
            let words = escaped(s["description"].as_str().unwrap_or_default());
            format!(
                "<tr><td><code>{}</code></td><td><code>{}</code></td><td>{words}</td></tr>",
                escaped(field),
                escaped(&type_of(s))
            )
        };
        let rows: String = fields.iter().map(row).collect();
        out.push_str(&format!("<p><code>{}</code></p><table>{rows}</table>", escaped(name)));
    }
    out
}

/// The type of a schema in a few words.
fn type_of(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|r| r.rsplit('/').next()) {
        return name.to_owned();
    }
    if let Some(all) = schema["oneOf"].as_array().or(schema["allOf"].as_array()) {
        return all.iter().map(type_of).collect::<Vec<_>>().join(" or ");
    }
    let word = match &schema["type"] {
        Value::String(word) => word.clone(),
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        _ => "any".into(),
    };
    match (&schema["items"], schema["format"].as_str()) {
        (Value::Object(_), _) => format!("list of {}", type_of(&schema["items"])),
        (_, Some(format)) if format == "date" || format == "date-time" => format!("{word} ({format})"),
        _ => word,
    }
}
