//! The console: files built by `cargo xtask web` and embedded, or a page that says how to build them.
//!
//! Also the frame of the few pages that the server writes itself. Nothing here loads anything from elsewhere.

use crate::api::App;
use crate::api::output::Raw;
use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use axum::routing::get;

/// A file of the console.
pub struct Asset {
    path: &'static str,
    etag: &'static str,
    bytes: &'static [u8],
    /// Compressed; empty where that is not worth it.
    gzip: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/console_files.rs"));

/// Scripts, styles, pictures and calls from this very host only; nobody may frame it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
                      connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// Pages of the server itself: one style sheet, no script.
pub(crate) const PAGE_POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// `/` and `/console/…`.
pub fn router() -> Router<App> {
    Router::new()
        .route("/", get(|| async { redirect("/console/") }))
        .route("/console", get(|| async { redirect("/console/") }))
        .route("/console/", get(|headers: HeaderMap| async move { serve("", &headers) }))
        .route(
            "/console/{*path}",
            get(|Path(path): Path<String>, headers: HeaderMap| async move { serve(&path, &headers) }),
        )
        .route("/page.css", get(|| async { style() }))
}

fn serve(path: &str, headers: &HeaderMap) -> Response<Body> {
    let find = |path: &str| FILES.iter().find(|f| f.path == path);
    if let Some(asset) = find(path) {
        return answer(asset, headers);
    }
    // A file that is gone is gone; any other path is a screen, and the console finds its way.
    if path.rsplit('/').next().is_some_and(|last| last.contains('.')) && path.starts_with("assets/") {
        return plain(StatusCode::NOT_FOUND, "There is no such file.");
    }
    match find("index.html") {
        Some(index) => answer(index, headers),
        None => not_built(),
    }
}

fn answer(asset: &'static Asset, headers: &HeaderMap) -> Response<Body> {
    let known = headers.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    let unchanged = known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == asset.etag));
    let takes_gzip =
        headers.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains("gzip"));
    let zipped = takes_gzip && !asset.gzip.is_empty();
    let body = match (unchanged, zipped) {
        (true, _) => Body::empty(),
        (false, true) => Body::from(asset.gzip),
        (false, false) => Body::from(asset.bytes),
    };
    let mut response = Response::new(body);
    if unchanged {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(asset.path)));
    out.insert(header::ETAG, HeaderValue::from_static(asset.etag));
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    // Files under assets/ bear their hash in their name.
    let keep = if asset.path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    if zipped && !unchanged {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    secure(response, POLICY)
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "json" | "map" => "application/json",
        "woff2" => "font/woff2",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webmanifest" => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

/// Headers that every page bears.
fn secure(mut response: Response<Body>, policy: &'static str) -> Response<Body> {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=(), payment=()"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn redirect(to: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_static(to));
    secure(response, PAGE_POLICY)
}

fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    secure(response, PAGE_POLICY)
}

fn not_built() -> Response<Body> {
    let body = "<h1>The console is not in this build</h1><p>Build it once and compile again:</p>\
                <pre>cargo xtask web\ncargo build --release</pre><p>The API works without it: <a href=\"/docs\">its \
                documentation</a>.</p>";
    let mut response = Response::new(Body::from(page_text("Countersign", body)));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    secure(response, PAGE_POLICY)
}

/// A page of the server itself.
pub fn html_page(title: &str, body: &str) -> Raw {
    Raw::text("text/html; charset=utf-8", page_text(title, body))
        .header(header::CONTENT_SECURITY_POLICY, PAGE_POLICY)
        .header(header::REFERRER_POLICY, "no-referrer")
        .header(HeaderName::from_static("cross-origin-opener-policy"), "same-origin")
        .header(header::X_FRAME_OPTIONS, "DENY")
}

fn page_text(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\
         <title>{title}</title><link rel=\"stylesheet\" href=\"/page.css\"></head><body><main>{body}</main></body></html>"
    )
}

/// `&`, `<`, `>` and quotes as text.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn style() -> Response<Body> {
    let mut response = Response::new(Body::from(include_str!("page.css")));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=3600"));
    secure(response, PAGE_POLICY)
}
