//! The contract that a vendor's own server implements: what we call there, and what we expect. Written out by hand,
//! because the server is somebody else's; the connector and the partners' crate keep to it.

use serde_json::{Value, json};

/// The document, from which a vendor can generate a server.
pub fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Countersign vendor contract",
            "version": "1.0.0",
            "summary": "What a vendor's own server offers to the retailer's Countersign.",
            "description": "Calls bear `Authorization: Bearer KEY` with the key that you gave the retailer, and `Idempotency-Key`: the same key again means the same call again, and must have one effect. Answer within a few seconds. 2xx is a receipt, not an acceptance. Answer 409 or 422 with problem details where you will never take a call like this; 429 or 503 with `Retry-After` where it may be sent again. Unknown fields must be ignored.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "{base}", "variables": {"base": {"default": "https://vendor.example/countersign", "description": "The `base` of the connector."}}}],
        "security": [{"key": []}],
        "paths": {
            "/availability": {"post": availability()},
            "/purchase-orders": {"post": purchase_orders()},
            "/purchase-orders/{purchase_order}/cancellation": {"post": cancellation()},
        },
        "components": {"schemas": schemas(), "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    })
}

fn by_name(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn body(name: &str) -> Value {
    json!({"required": true, "content": {"application/json": {"schema": by_name(name)}}})
}

fn answer(words: &str, name: &str) -> Value {
    json!({"description": words, "content": {"application/json": {"schema": by_name(name)}}})
}

fn key() -> Value {
    json!({"name": "Idempotency-Key", "in": "header", "required": true, "schema": {"type": "string"}})
}

fn availability() -> Value {
    json!({
        "operationId": "availability",
        "summary": "What can you supply right now?",
        "description": "Asked at checkout, several items at once. Answer within the time that you agreed on, usually 300 ms: a late answer is not used. Leave out items that you cannot tell.",
        "requestBody": body("AvailabilityQuestion"),
        "responses": {"200": answer("Packs available, by your numbers.", "AvailabilityAnswer")},
    })
}

fn purchase_orders() -> Value {
    json!({
        "operationId": "purchase_order",
        "summary": "Please ship this",
        "description": "The same `purchase_order` again is the same order again (a resend or, with `reminder`, a reminder), never a second one. You may answer at once in the body, or later by `POST /vendor/v1/purchase-orders/{po}/acknowledgment`.",
        "parameters": [key()],
        "requestBody": body("PurchaseOrder"),
        "responses": {
            "200": answer("Received, with your answer.", "Acknowledgment"),
            "202": {"description": "Received; the answer follows."},
        },
    })
}

fn cancellation() -> Value {
    json!({
        "operationId": "cancellation",
        "summary": "Please do not ship this any more",
        "description": "You may answer at once in the body, or later by `POST /vendor/v1/purchase-orders/{po}/cancellation-answer`.",
        "parameters": [
            {"name": "purchase_order", "in": "path", "required": true, "schema": {"type": "string"}},
            key(),
        ],
        "requestBody": body("Cancellation"),
        "responses": {
            "200": answer("Received, with your answer.", "CancellationAnswer"),
            "202": {"description": "Received; the answer follows."},
        },
    })
}

fn schemas() -> Value {
    let text = || json!({"type": "string"});
    let day = || json!({"type": "string", "format": "date"});
    let instant = || json!({"type": "string", "format": "date-time"});
    let number = || json!({"type": "integer", "minimum": 0});
    let list = |name: &str| json!({"type": "array", "items": by_name(name)});
    let object = |required: &[&str], properties: Value| json!({"type": "object", "required": required, "properties": properties});
    json!({
        "Money": object(&["amount", "currency"], json!({"amount": text(), "currency": text()})),
        "Party": object(&["country"], json!({
            "name": text(), "address1": text(), "address2": text(), "city": text(), "region": text(),
            "postal_code": text(), "country": text(), "phone": text(), "email": text(),
        })),
        "AvailabilityQuestion": object(&["lines"], json!({"lines": list("AvailabilityQuestionLine")})),
        "AvailabilityQuestionLine": object(&["vendor_sku"], json!({"vendor_sku": text()})),
        "AvailabilityAnswer": object(&["lines"], json!({"lines": list("AvailabilityAnswerLine")})),
        "AvailabilityAnswerLine": object(&["vendor_sku", "quantity"], json!({"vendor_sku": text(), "quantity": number()})),
        "PurchaseOrder": object(
            &["purchase_order", "attempt", "order", "released_at", "answer_due", "ship_to", "service_level", "lines"],
            json!({
                "purchase_order": text(), "attempt": number(), "order": text(), "released_at": instant(),
                "answer_due": instant(), "ship_to": by_name("Party"), "service_level": text(),
                "reminder": {"type": "boolean"}, "lines": list("PurchaseOrderLine"),
            }),
        ),
        "PurchaseOrderLine": object(
            &["line", "sku", "vendor_sku", "title", "quantity", "unit", "unit_cost", "ship_by", "deliver_by"],
            json!({
                "line": text(), "sku": text(), "vendor_sku": text(), "gtin": text(), "title": text(),
                "quantity": number(), "unit": text(), "unit_cost": by_name("Money"), "ship_by": day(), "deliver_by": day(),
            }),
        ),
        "Acknowledgment": object(&["lines"], json!({
            "attempt": number(), "vendor_order": text(), "lines": list("AcknowledgmentLine"),
        })),
        "AcknowledgmentLine": object(&["line"], json!({
            "line": text(), "accepted": number(), "rejected": number(), "backordered": number(), "substituted": number(),
            "unit": text(), "ship_on": day(), "reason": text(), "substitute": {"type": "object"},
        })),
        "Cancellation": object(&["purchase_order", "attempt", "requested_at", "reason", "lines"], json!({
            "purchase_order": text(), "attempt": number(), "requested_at": instant(), "reason": text(),
            "reason_text": text(), "lines": list("PurchaseOrderLine"),
        })),
        "CancellationAnswer": object(&["accepted"], json!({
            "attempt": number(), "accepted": {"type": "boolean"}, "lines": {"type": "array", "items": text()},
            "reason": text(),
        })),
    })
}
