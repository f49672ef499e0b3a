//! What a call takes: nothing, a query, a JSON body, raw bytes; each describes itself.

use super::call::{Call, parse};
use crate::problem::{Kind, Problem};
use axum::body::{Body, Bytes};
use axum::extract::Query as AxumQuery;
use axum::http::header;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::marker::PhantomData;
use utoipa::openapi::path::ParameterIn;
use utoipa::{IntoParams, ToSchema};

/// Largest JSON body: an order with the most lines takes a tenth of it.
pub const JSON_BYTES_MAX: usize = 1 << 20;
/// Largest bulk body: some 130,000 orders, or an advice feed of 500,000 lines.
pub const BULK_BYTES_MAX: usize = 64 << 20;

/// Largest form: a file of some 100,000 lines of availability.
const FORM_BYTES_MAX: usize = 4 << 20;

/// What a call takes, told to the documentation.
#[derive(Debug, Clone, Default)]
pub struct InputWords {
    /// Query parameters, as OpenAPI has them.
    pub parameters: Vec<Value>,
    /// Media types of the body with their schemas.
    pub body: Vec<(&'static str, Value)>,
    /// True if it may be left out.
    pub optional: bool,
    /// Named schemas that the others refer to.
    pub schemas: Vec<(String, Value)>,
}

/// What a call takes.
pub trait Input: Sized + Send {
    /// True if reading it checks that a form comes from our own page.
    const CHECKS_FORM: bool = false;
    /// Tells the documentation.
    fn words() -> InputWords;
    /// Reads it.
    fn read(call: &Call, body: Body) -> impl Future<Output = Result<Self, Problem>> + Send;
}

/// The schema of a type by reference, and the named schemas behind it.
pub(super) fn schema_of<T: ToSchema>() -> (Value, Vec<(String, Value)>) {
    let mut schemas = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut schemas);
    let named = schemas
        .into_iter()
        .map(|(name, schema)| (name, serde_json::to_value(schema).expect("because schemas are plain data")));
    (json!({ "$ref": format!("#/components/schemas/{}", T::name()) }), named.collect())
}

/// Nothing.
pub struct Nothing;

impl Input for Nothing {
    fn words() -> InputWords {
        InputWords::default()
    }
    async fn read(_: &Call, _: Body) -> Result<Self, Problem> {
        Ok(Self)
    }
}

/// A JSON body.
pub struct Json<T> {
    /// What it says.
    pub value: T,
    /// Its bytes.
    pub bytes: Bytes,
}

impl<T: DeserializeOwned + ToSchema + Send> Input for Json<T> {
    fn words() -> InputWords {
        let (schema, schemas) = schema_of::<T>();
        InputWords { body: vec![("application/json", schema)], schemas, ..InputWords::default() }
    }
    async fn read(call: &Call, body: Body) -> Result<Self, Problem> {
        expect_json(call)?;
        let bytes = bytes_of(call, body, JSON_BYTES_MAX).await?;
        Ok(Self { value: parse(&bytes)?, bytes })
    }
}

/// A JSON body that is read by somebody else; `T` only describes it.
pub struct Text<T> {
    /// Its bytes.
    pub bytes: Bytes,
    of: PhantomData<fn() -> T>,
}

impl<T: ToSchema> Input for Text<T> {
    fn words() -> InputWords {
        let (schema, schemas) = schema_of::<T>();
        InputWords { body: vec![("application/json", schema)], schemas, ..InputWords::default() }
    }
    async fn read(call: &Call, body: Body) -> Result<Self, Problem> {
        expect_json(call)?;
        Ok(Self { bytes: bytes_of(call, body, BULK_BYTES_MAX).await?, of: PhantomData })
    }
}

/// A JSON body that may be left out.
pub struct MaybeJson<T> {
    /// What it says.
    pub value: T,
    /// Its bytes.
    pub bytes: Bytes,
}

impl<T: DeserializeOwned + ToSchema + Send + Default> Input for MaybeJson<T> {
    fn words() -> InputWords {
        InputWords { optional: true, ..Json::<T>::words() }
    }
    async fn read(call: &Call, body: Body) -> Result<Self, Problem> {
        let bytes = bytes_of(call, body, JSON_BYTES_MAX).await?;
        if bytes.is_empty() {
            return Ok(Self { value: T::default(), bytes });
        }
        expect_json(call)?;
        Ok(Self { value: parse(&bytes)?, bytes })
    }
}

/// Parameters of the query.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + IntoParams + Send> Input for Query<T> {
    fn words() -> InputWords {
        InputWords { parameters: parameters::<T>(), ..InputWords::default() }
    }
    async fn read(call: &Call, _: Body) -> Result<Self, Problem> {
        query(call).map(Self)
    }
}

/// Raw bytes of whatever kind.
pub struct Anything(pub Bytes);

impl Input for Anything {
    fn words() -> InputWords {
        InputWords { body: vec![("*/*", json!({}))], ..InputWords::default() }
    }
    async fn read(call: &Call, body: Body) -> Result<Self, Problem> {
        bytes_of(call, body, BULK_BYTES_MAX).await.map(Self)
    }
}

/// Fields of a form of our own pages, or of a file chosen there. Reading it checks that it comes from our own page.
#[derive(Debug, Default)]
pub struct PageForm {
    fields: Vec<(String, String)>,
    files: Vec<Part>,
}

impl PageForm {
    /// What stands in a field, or in a file of text; empty if it is not there.
    pub fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.trim())
    }
    /// The file that was chosen in a field: its name and its bytes.
    pub fn file(&self, name: &str) -> Option<(&str, &Bytes)> {
        let chosen = self.files.iter().find(|part| part.name == name && !part.bytes.is_empty())?;
        Some((chosen.file.as_deref().unwrap_or_default(), &chosen.bytes))
    }
    /// What stands in the field of one line.
    pub fn at(&self, name: &str, line: usize) -> &str {
        self.get(&format!("{name}.{line}"))
    }
}

impl Input for PageForm {
    const CHECKS_FORM: bool = true;
    fn words() -> InputWords {
        let object = json!({"type": "object"});
        InputWords { body: vec![("application/x-www-form-urlencoded", object)], ..InputWords::default() }
    }
    async fn read(call: &Call, body: Body) -> Result<Self, Problem> {
        let elsewhere = || {
            tracing::warn!(target: "countersign::access", path = call.uri().path(), "refused: a form of another site");
            Problem::new(Kind::CsrfMissing, "this form does not come from our own page: load the page again")
        };
        if call.header("sec-fetch-site").is_some_and(|site| !["same-origin", "none"].contains(&site)) {
            return Err(elsewhere());
        }
        let media = call.header("content-type").unwrap_or_default().to_owned();
        let bytes = bytes_of(call, body, FORM_BYTES_MAX).await?;
        let form = match multer::parse_boundary(&media) {
            Ok(boundary) => {
                let parts = parts_of(bytes, boundary).await?;
                let fields = parts.iter().map(|p| (p.name.clone(), text_of(&p.bytes))).collect();
                Self { fields, files: parts.into_iter().filter(|p| p.file.is_some()).collect() }
            }
            Err(_) => Self { fields: form_urlencoded::parse(&bytes).into_owned().collect(), files: vec![] },
        };
        if call.caller_if_any().is_some_and(|c| c.by_cookie) && !call.is_form_token(form.get("form_token")) {
            return Err(elsewhere());
        }
        Ok(form)
    }
}

/// A file as text, in the character set that its first bytes name: spreadsheets write UTF-16, too.
fn text_of(bytes: &[u8]) -> String {
    let wide = |unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xFF, 0xFE, ..] => wide(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => wide(u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// A part of a form with files.
#[derive(Debug)]
pub(super) struct Part {
    /// Its field.
    pub(super) name: String,
    /// The name of the file, if it is one.
    pub(super) file: Option<String>,
    /// Its content.
    pub(super) bytes: Bytes,
}

/// The parts of a form with files, up to the bulk limit.
pub(super) async fn parts(call: &Call, body: Body) -> Result<Vec<Part>, Problem> {
    let media = call.header("content-type").unwrap_or_default().to_owned();
    let bytes = bytes_of(call, body, BULK_BYTES_MAX).await?;
    let boundary = multer::parse_boundary(&media).map_err(|_| {
        Problem::new(Kind::UnsupportedMediaType, "send a form: content-type multipart/form-data with a boundary")
    })?;
    parts_of(bytes, boundary).await
}

async fn parts_of(bytes: Bytes, boundary: String) -> Result<Vec<Part>, Problem> {
    let broken = |e: multer::Error| Problem::new(Kind::BadRequest, format!("the form cannot be read: {e}"));
    let stream = futures_util::stream::once(async move { Ok::<Bytes, std::convert::Infallible>(bytes) });
    let mut form = multer::Multipart::new(stream, boundary);
    let mut parts = vec![];
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        let file = field.file_name().map(str::to_owned);
        parts.push(Part { name, file, bytes: field.bytes().await.map_err(broken)? });
    }
    Ok(parts)
}

/// Bytes up to the bulk limit, with parameters of the query.
pub struct Bulk<T> {
    /// The parameters.
    pub query: T,
    /// The bytes.
    pub bytes: Bytes,
}

/// Media types with their schemas, and the named schemas behind them.
pub type Forms = (Vec<(&'static str, Value)>, Vec<(String, Value)>);

/// Which media types a bulk call reads, and what they hold.
pub trait BulkForm {
    /// The media types.
    fn forms() -> Forms;
}

impl<T: DeserializeOwned + IntoParams + BulkForm + Send> Input for Bulk<T> {
    fn words() -> InputWords {
        let (body, schemas) = T::forms();
        InputWords { parameters: parameters::<T>(), body, schemas, ..InputWords::default() }
    }
    async fn read(call: &Call, body: Body) -> Result<Self, Problem> {
        let query = query(call)?;
        Ok(Self { query, bytes: bytes_of(call, body, BULK_BYTES_MAX).await? })
    }
}

fn parameters<T: IntoParams>() -> Vec<Value> {
    let all = T::into_params(|| Some(ParameterIn::Query));
    all.iter().map(|p| serde_json::to_value(p).expect("because parameters are plain data")).collect()
}

fn query<T: DeserializeOwned>(call: &Call) -> Result<T, Problem> {
    let read = AxumQuery::<T>::try_from_uri(call.uri());
    read.map(|AxumQuery(value)| value).map_err(|rejection| {
        let text = rejection.body_text();
        let sentence = text.trim_start_matches("Failed to deserialize query string: ");
        let name = sentence.split(':').next().filter(|n| n.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
        let pointer = format!("?{}", name.unwrap_or_default());
        let mut pairs = call.uri().query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
        let value = pairs.find(|(n, _)| Some(*n) == name).map_or(Value::Null, |(_, v)| v.into());
        Problem::field(pointer, value, "invalid", sentence)
    })
}

/// The media type of the body, without parameters.
pub(super) fn media_type(call: &Call) -> &str {
    call.header(header::CONTENT_TYPE.as_str()).and_then(|v| v.split(';').next()).map_or("", str::trim)
}

fn expect_json(call: &Call) -> Result<(), Problem> {
    let media = media_type(call);
    // Absent is let through: curl users forget it, and nothing else is read here.
    let fits = media.is_empty()
        || media.eq_ignore_ascii_case("application/json")
        || media.to_ascii_lowercase().ends_with("+json");
    if fits {
        return Ok(());
    }
    let hint = if media == "application/x-www-form-urlencoded" {
        " (curl: add -H 'content-type: application/json')"
    } else {
        ""
    };
    Err(Problem::new(Kind::UnsupportedMediaType, format!("send application/json, not {media}{hint}")))
}

/// A body of a document, whatever its form.
pub(super) async fn raw_body(call: &Call, body: Body) -> Result<Bytes, Problem> {
    bytes_of(call, body, JSON_BYTES_MAX).await
}

async fn bytes_of(call: &Call, body: Body, limit: usize) -> Result<Bytes, Problem> {
    let too_large = || {
        Problem::new(Kind::TooLarge, format!("the body may have {limit} bytes; send less at once, or in several calls"))
    };
    let stated = call.header(header::CONTENT_LENGTH.as_str()).and_then(|v| v.parse::<usize>().ok());
    if stated.is_some_and(|n| n > limit) {
        return Err(too_large());
    }
    axum::body::to_bytes(body, limit).await.map_err(|error| {
        let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        match source.contains("length limit") {
            true => too_large(),
            false => Problem::new(Kind::BadRequest, "the body stopped before its end: send it again"),
        }
    })
}
