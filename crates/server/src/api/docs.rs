//! The documentation that the server itself serves; works offline.

use super::call::Call;
use super::input::Nothing;
use super::output::Raw;
use super::route::{Api, Route};
use crate::auth::Access;
use crate::console::{escaped, html_page};
use crate::problem::{Kind, Problem};
use axum::http::Method;

const GROUP: &str = "Operation";

pub(super) fn routes(api: &mut Api) {
    let open = |path, summary| Route::open(Method::GET, path, Access::Public, GROUP, summary);
    api.add(open("/openapi.json", "This API as an OpenAPI 3.1 document"), ours);
    api.add(open("/vendor/openapi.json", "The contract that a vendor's own server implements"), vendor);
    api.add(open("/docs", "This API as a page"), page);
    api.add(open("/problems/{kind}", "What a kind of problem means"), problem);
}

async fn ours(call: Call, _: Nothing) -> Result<Raw, Problem> {
    Ok(Raw::text("application/json", call.app().documents().ours.clone()))
}

async fn vendor(call: Call, _: Nothing) -> Result<Raw, Problem> {
    Ok(Raw::text("application/json", call.app().documents().vendor.clone()))
}

async fn page(call: Call, _: Nothing) -> Result<Raw, Problem> {
    Ok(html_page("Countersign API", &call.app().documents().page))
}

async fn problem(call: Call, _: Nothing) -> Result<Raw, Problem> {
    let code = call.part("kind");
    let Some(kind) = Kind::ALL.iter().find(|k| k.code() == code) else {
        return Err(Problem::absent(Kind::NotFound, code));
    };
    let (title, status, help) = (escaped(kind.title()), kind.status(), escaped(kind.help().trim()));
    let body = format!(
        "<h1>{title}</h1><p class=\"quiet\">{code}, status {status}</p><p>{help}</p><p><a href=\"/docs\">All calls</a></p>"
    );
    Ok(html_page(kind.title(), &body))
}
