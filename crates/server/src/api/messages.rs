//! Messages by mail: who gets what, in which words, to which addresses; what did not arrive. And how a vendor's people
//! are let into the portal, and shut out again.

use super::call::{Call, parse};
use super::input::{Bulk, BulkForm, Forms, JSON_BYTES_MAX, Json, Nothing, media_type, schema_of};
use super::output::{NoContent, Page, Reply};
use super::route::{Api, Route};
use crate::auth::Permission::{InviteVendors, ReadMessages, ReadPeople, WriteMessages, WriteSources};
use crate::auth::{Holder, Purpose, create_link, end_sessions, is_mail, revoke_links};
use crate::mail::{
    self, Bounce, Contacts, CustomersBy, Dead, Kind as MailKind, Quiet, Recipient, Settings, Template, dead_letters,
    forget_dead, put_contacts, put_settings, put_template, read_settings, read_template, remove_template, send_again,
};
use crate::problem::{FieldError, Kind, Problem};
use countersign_engine::calendar::Zone;
use countersign_engine::ids::{PoNumber, SourceId};
use countersign_engine::slice::{Key, Record};
use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};

const GROUP: &str = "Messages";
/// Addresses of one vendor: a team, not a mailing list.
const CONTACTS_MAX: usize = 20;
/// How long a link may be used that a person hands over.
const LINK_VALID: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn routes(api: &mut Api) {
    api.add(Route::get("/v1/messages/settings", ReadMessages, GROUP, "Who gets what by mail"), get_settings);
    api.add(
        Route::put("/v1/messages/settings", WriteMessages, GROUP, "Say who gets what by mail").words(
            "Customers hear from the storefront (`webhook`) unless `customers` is `smtp`. The server that takes the \
             mail is set where the service is started (`--smtp-url`).",
        ),
        set_settings,
    );
    api.add(Route::get("/v1/messages/templates", ReadMessages, GROUP, "List the messages and their words"), templates);
    api.add(
        Route::put("/v1/messages/templates/{kind}", WriteMessages, GROUP, "Write a message in your own words")
            .words("`{{facts}}` of the message may stand in it. Faults are told with line and column."),
        set_template,
    );
    api.add(
        Route::delete("/v1/messages/templates/{kind}", WriteMessages, GROUP, "Go back to the words that come with it"),
        reset_template,
    );
    api.add(Route::get("/v1/messages/dead", ReadMessages, GROUP, "List mails that did not arrive"), list_dead);
    api.add(
        Route::post("/v1/messages/dead/{letter}/send", WriteMessages, GROUP, "Send such a mail again")
            .words("One that is `in_doubt` may have arrived: it comes twice then."),
        resend,
    );
    api.add(Route::delete("/v1/messages/dead/{letter}", WriteMessages, GROUP, "Forget such a mail"), forget);
    api.add(
        Route::post("/v1/messages/bounces", WriteMessages, GROUP, "Say that a mail came back").words(
            "For the mailbox in whose name mail goes out, or the gateway that sends it: a delivery status notification \
             as it came (RFC 3464), or its content as JSON. The mail is laid aside and a case is opened, once.",
        ),
        bounced,
    );
    api.add(
        Route::get("/v1/sources/{source}/contacts", ReadMessages, GROUP, "Whom to write to at a source"),
        get_contacts,
    );
    api.add(
        Route::put("/v1/sources/{source}/contacts", WriteSources, GROUP, "Say whom to write to at a source")
            .words("Purchase orders of a portal vendor go to each of them; each may ask for a link into the portal."),
        set_contacts,
    );
    api.add(
        Route::post("/v1/sources/{source}/portal-link", InviteVendors, GROUP, "Make a one-time link into the portal")
            .words("To be handed over by a person; good for a day and one use. Told this once."),
        make_link,
    );
    api.add(
        Route::delete("/v1/sources/{source}/portal-links", InviteVendors, GROUP, "Shut a vendor's people out")
            .words("Every link and every session of the vendor ends at once."),
        shut_out,
    );
}

/// Who gets what by mail.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = MessageSettings)]
pub(super) struct SettingsBody {
    /// How the retailer signs letters to customers.
    #[serde(default)]
    shop: String,
    /// `webhook`: the storefront writes to customers; `smtp`: we do.
    #[serde(default)]
    #[schema(value_type = String)]
    customers: CustomersBy,
    /// Kinds that are not sent.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    off: BTreeSet<MailKind>,
    /// When nobody is written to.
    #[serde(default)]
    #[schema(value_type = Option<QuietBody>)]
    quiet: Option<Quiet>,
    /// For whom that holds: `staff`, `customers`, `vendors`; the first two if absent.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    quiet_for: Option<BTreeSet<mail::Audience>>,
    /// When the day's digest goes out (`07:00`); none if absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    digest_at: Option<Time>,
    /// Where that is, an IANA name; UTC if absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    time_zone: Option<Zone>,
}

/// The settings as they stand, and whether anything can go out by them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MessageSettingsView)]
pub(super) struct SettingsView {
    #[serde(flatten)]
    settings: SettingsBody,
    /// False if the service was started without a server that takes mail: then nothing goes out.
    mail_server: bool,
}

/// Quiet hours.
#[derive(ToSchema)]
#[schema(as = QuietHours)]
#[expect(dead_code, reason = "describes a body to the documentation")]
struct QuietBody {
    /// `21:00`.
    from: String,
    /// `07:00`.
    to: String,
    /// An IANA name.
    time_zone: String,
}

impl From<Settings> for SettingsBody {
    fn from(s: Settings) -> Self {
        let Settings { shop, customers, off, quiet, quiet_for, digest_at, time_zone } = s;
        Self { shop, customers, off, quiet, quiet_for: Some(quiet_for), digest_at, time_zone: Some(time_zone) }
    }
}

fn told(call: &Call, settings: Settings) -> Reply<SettingsView> {
    Reply::of(&SettingsView { settings: settings.into(), mail_server: call.is_mailing() })
}

async fn get_settings(call: Call, _: Nothing) -> Result<Reply<SettingsView>, Problem> {
    let settings = call.read(read_settings).await?;
    Ok(told(&call, settings))
}

async fn set_settings(call: Call, body: Json<SettingsBody>) -> Result<Reply<SettingsView>, Problem> {
    let SettingsBody { shop, customers, off, quiet, quiet_for, digest_at, time_zone } = body.value;
    let usual = Settings::default();
    let settings = Settings {
        shop,
        customers,
        off,
        quiet,
        quiet_for: quiet_for.unwrap_or(usual.quiet_for),
        digest_at,
        time_zone: time_zone.unwrap_or(usual.time_zone),
    };
    let kept = settings.clone();
    call.read(move |store| put_settings(store, &kept)).await?;
    tracing::info!(target: "countersign::access", by = call.caller().actor.name(), "message settings were written");
    Ok(told(&call, settings))
}

/// The words of a message.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct TemplateBody {
    /// One line.
    subject: String,
    /// Plain text.
    text: String,
}

/// A message and its words.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MessageTemplate)]
pub(super) struct TemplateView {
    kind: &'static str,
    /// `vendors`, `staff`, `customers`.
    #[schema(value_type = String)]
    audience: mail::Audience,
    /// When it goes out.
    words: &'static str,
    subject: String,
    text: String,
    /// True if these are the retailer's own words.
    own: bool,
    /// What may stand in `{{…}}`.
    facts: Vec<&'static str>,
    /// False if it is switched off, or left to the storefront.
    sent: bool,
}

fn view(kind: MailKind, template: Template, own: bool, settings: &Settings) -> TemplateView {
    TemplateView {
        kind: kind.code(),
        audience: kind.audience(),
        words: kind.words().trim(),
        subject: template.subject,
        text: template.text,
        own,
        facts: kind.facts().to_vec(),
        sent: settings.wants(kind),
    }
}

async fn templates(call: Call, _: Nothing) -> Result<Page<TemplateView>, Problem> {
    let all = call.read(|store| {
        let settings = read_settings(store)?;
        let one = |kind: &MailKind| read_template(store, *kind).map(|(t, own)| view(*kind, t, own, &settings));
        MailKind::ALL.iter().map(one).collect::<Result<Vec<_>, _>>()
    });
    Ok(Page::whole(all.await?))
}

fn kind_of(call: &Call) -> Result<MailKind, Problem> {
    let code = call.part("kind");
    MailKind::from_code(code).ok_or_else(|| Problem::absent(Kind::NotFound, code))
}

async fn set_template(call: Call, body: Json<TemplateBody>) -> Result<Reply<TemplateView>, Problem> {
    let kind = kind_of(&call)?;
    let template = Template { subject: body.value.subject, text: body.value.text };
    let fault = |f: mail::TemplateFault| FieldError {
        pointer: format!("/{}", f.field),
        value: serde_json::json!({"line": f.line, "column": f.column}),
        reason: "invalid".into(),
        detail: format!("{} line {} column {}: {}", f.field, f.line, f.column, f.sentence),
    };
    if let Some(problem) = Problem::fields(template.faults(kind).into_iter().map(fault).collect()) {
        return Err(problem);
    }
    let kept = template.clone();
    let settings = call.read(move |store| put_template(store, kind, &kept).and_then(|()| read_settings(store))).await?;
    tracing::info!(target: "countersign::access", by = call.caller().actor.name(), kind = kind.code(), "a template was written");
    Ok(Reply::of(&view(kind, template, true, &settings)))
}

async fn reset_template(call: Call, _: Nothing) -> Result<NoContent, Problem> {
    let kind = kind_of(&call)?;
    call.read(move |store| remove_template(store, kind)).await?;
    Ok(NoContent::default())
}

/// A mail that did not arrive.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeadLetterMail)]
pub(super) struct DeadView {
    id: String,
    kind: &'static str,
    /// The vendor it was for.
    source: Option<String>,
    /// The login it was for.
    person: Option<String>,
    /// The order whose customer it was for.
    order: Option<String>,
    purchase_order: Option<String>,
    /// What the server said.
    why: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// True if it may have arrived all the same.
    in_doubt: bool,
}

fn dead_view(dead: Dead) -> DeadView {
    let Dead { letter, why, at, in_doubt } = dead;
    let (source, person, order) = match letter.to {
        Recipient::Contact { source, .. } => (Some(source.to_string()), None, None),
        Recipient::Person { name } => (None, Some(name), None),
        Recipient::Customer { order } => (None, None, Some(order.to_string())),
    };
    let purchase_order = letter.po.map(|po| po.to_string());
    DeadView { id: letter.id, kind: letter.kind.code(), source, person, order, purchase_order, why, at, in_doubt }
}

async fn list_dead(call: Call, _: Nothing) -> Result<Page<DeadView>, Problem> {
    let (all, may_read) = (call.read(dead_letters).await?, call.caller().may(ReadPeople));
    let mut views: Vec<DeadView> = all.into_iter().map(dead_view).collect();
    // What a mail server says of a customer's mail names the address.
    for view in views.iter_mut().filter(|view| !may_read && view.order.is_some()) {
        view.why = crate::erasure::covered_text(&view.why, &[]);
    }
    Ok(Page::whole(views))
}

async fn resend(call: Call, _: Nothing) -> Result<NoContent, Problem> {
    let (id, now) = (call.part("letter").to_owned(), call.now());
    let wanted = id.clone();
    match call.read(move |store| send_again(store, &wanted, now)).await? {
        true => {
            call.app().office().ring();
            Ok(NoContent::default())
        }
        false => Err(Problem::absent(Kind::NotFound, &id)),
    }
}

async fn forget(call: Call, _: Nothing) -> Result<NoContent, Problem> {
    let (id, now) = (call.part("letter").to_owned(), call.now());
    let wanted = id.clone();
    match call.read(move |store| forget_dead(store, &wanted, now)).await? {
        true => Ok(NoContent::default()),
        false => Err(Problem::absent(Kind::NotFound, &id)),
    }
}

/// A mail that came back, as a gateway tells it.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = BouncedMail)]
struct BounceBody {
    /// The Message-ID of the mail.
    message_id: String,
    /// `failed` if absent; with `delayed`, `delivered`, `relayed` or `expanded` nothing is done.
    #[serde(default)]
    action: Option<String>,
    /// What the last server said.
    #[serde(default)]
    why: String,
}

/// No parameters.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct BounceQuery {}

impl BulkForm for BounceQuery {
    fn forms() -> Forms {
        let (schema, schemas) = schema_of::<BounceBody>();
        let mail = serde_json::json!({"type": "string", "format": "binary"});
        (vec![("application/json", schema), ("message/rfc822", mail)], schemas)
    }
}

/// What became of a report.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BouncedMailTaken)]
pub(super) struct BounceView {
    /// `case`: somebody is told; `laid_aside`: it stands among the mails that did not arrive; `known`: it was told
    /// before; `nothing`: it has not failed; `unknown`: no mail of ours.
    outcome: &'static str,
    /// The mail.
    letter: Option<String>,
}

async fn bounced(call: Call, body: Bulk<BounceQuery>) -> Result<Reply<BounceView>, Problem> {
    let bounce = bounce_in(&call, &body.bytes)?;
    let say = |outcome, letter: Option<&mail::Letter>| {
        Ok(Reply::of(&BounceView { outcome, letter: letter.map(|l| l.id.clone()) }))
    };
    if !bounce.failed {
        return say("nothing", None);
    }
    let (office, wanted) = (call.app().office().clone(), bounce.clone());
    let (letter, deed) = match call.read(move |store| mail::look_up(&office, store, &wanted)).await? {
        mail::Returned::Unknown => return say("unknown", None),
        mail::Returned::Known(letter) => return say("known", Some(&letter)),
        mail::Returned::News(letter, deed) => (letter, deed),
    };
    // The case first: told again after a crash, it is open already and the mail is laid aside.
    let outcome = if deed.is_some() { "case" } else { "laid_aside" };
    if let Some(deed) = deed {
        call.done(call.command(*deed)).await?;
    }
    let (kept, now) = (letter.clone(), call.now());
    call.read(move |store| mail::give_back(store, &kept, &bounce.why, now)).await?;
    say(outcome, Some(&letter))
}

fn bounce_in(call: &Call, bytes: &[u8]) -> Result<Bounce, Problem> {
    if bytes.len() > JSON_BYTES_MAX {
        let sentence = format!("a report may have {JSON_BYTES_MAX} bytes: send the headers of the mail, not all of it");
        return Err(Problem::new(Kind::TooLarge, sentence));
    }
    if media_type(call) != "message/rfc822" {
        let BounceBody { message_id, action, why } = parse(bytes)?;
        let failed = action.is_none_or(|a| a.eq_ignore_ascii_case("failed"));
        return Ok(Bounce::told(message_id, failed, &why));
    }
    Bounce::read(bytes).map_err(|why| Problem::new(Kind::InvalidField, why))
}

/// Whom to write to at a source.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Contacts)]
pub(super) struct ContactsBody {
    /// Mail addresses, at most 20.
    mail: Vec<String>,
}

/// The source of the path, which must be known.
async fn known_source(call: &Call) -> Result<SourceId, Problem> {
    let id: SourceId = call.id("source")?;
    match call.record(Key::Source(id.clone())).await? {
        Some(Record::Source(_)) => Ok(id),
        _ => Err(Problem::absent(Kind::UnknownSource, id.as_str()).in_path()),
    }
}

async fn get_contacts(call: Call, _: Nothing) -> Result<Reply<ContactsBody>, Problem> {
    let id = known_source(&call).await?;
    let Contacts { mail } = call.read(move |store| mail::contacts(store, &id)).await?;
    Ok(Reply::of(&ContactsBody { mail }))
}

async fn set_contacts(call: Call, body: Json<ContactsBody>) -> Result<Reply<ContactsBody>, Problem> {
    let id = known_source(&call).await?;
    let mail: Vec<String> = body.value.mail.iter().map(|m| m.trim().to_lowercase()).collect();
    if mail.len() > CONTACTS_MAX {
        return Err(Problem::field("/mail", mail.len(), "invalid", format!("at most {CONTACTS_MAX} addresses")));
    }
    if let Some(i) = mail.iter().position(|m| !is_mail(m)) {
        let sentence = format!("{:?} is no mail address", mail[i]);
        return Err(Problem::field(format!("/mail/{i}"), mail[i].as_str(), "invalid", sentence));
    }
    let (source, kept) = (id.clone(), Contacts { mail: mail.clone() });
    let gone = call.read(move |store| {
        let before = mail::contacts(store, &source)?;
        put_contacts(store, &source, &kept)?;
        let gone: BTreeSet<String> = before.mail.into_iter().filter(|m| !kept.mail.contains(m)).collect();
        let theirs = |p: &Purpose| matches!(p, Purpose::Portal { source: s, mail: Some(m), .. } if *s == source && gone.contains(m));
        revoke_links(store, theirs)?;
        let (of, names) = (source.clone(), gone.clone());
        end_sessions(store, move |h| h.source.as_ref() == Some(&of) && names.contains(h.name.as_str()))?;
        Ok(gone)
    });
    let gone = gone.await?;
    // Who does not work there any more has no way in any more.
    call.app().auth().forget_sessions(|h| h.source.as_ref() == Some(&id) && gone.contains(h.name.as_str()));
    tracing::info!(target: "countersign::access", by = call.caller().actor.name(), source = %id, "contacts were written");
    Ok(Reply::of(&ContactsBody { mail }))
}

/// What a link is to open.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(super) struct LinkBody {
    /// Only this purchase order; the whole portal of the vendor if absent.
    #[serde(default)]
    purchase_order: Option<String>,
}

/// A one-time link into the portal.
#[derive(Serialize, ToSchema)]
pub(super) struct PortalLink {
    /// The path, with its token; it is not told again.
    path: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

async fn make_link(call: Call, body: super::input::MaybeJson<LinkBody>) -> Result<Reply<PortalLink, 201>, Problem> {
    let (source, now) = (known_source(&call).await?, call.now());
    let po = match body.value.purchase_order {
        None => None,
        Some(text) => Some(own_po(&call, &source, &text).await?),
    };
    tracing::info!(target: "countersign::access", by = call.caller().actor.name(), %source, "a portal link was made");
    let purpose = Purpose::Portal { source, po, mail: None };
    let token = call.read(move |store| create_link(store, purpose, LINK_VALID, now)).await?;
    Ok(Reply::of(&PortalLink { path: format!("/portal/link?token={token}"), expires_at: now + LINK_VALID }))
}

/// A purchase order, if it is that source's.
async fn own_po(call: &Call, source: &SourceId, text: &str) -> Result<PoNumber, Problem> {
    let unknown = || Problem::absent(Kind::UnknownPurchaseOrder, text);
    let number = PoNumber::new(text).map_err(|_| unknown())?;
    let (id, ordinal) = number.split().ok_or_else(unknown)?;
    match call.record(Key::Order(id)).await? {
        Some(Record::Order(order)) if order.purchase_order(ordinal).is_some_and(|po| po.source == *source) => {
            Ok(number)
        }
        _ => Err(unknown()),
    }
}

async fn shut_out(call: Call, _: Nothing) -> Result<NoContent, Problem> {
    let id = known_source(&call).await?;
    let source = id.clone();
    call.read(move |store| {
        revoke_links(store, |p| matches!(p, Purpose::Portal { source: s, .. } if *s == source))?;
        end_sessions(store, |h: &Holder| h.source.as_ref() == Some(&source))
    })
    .await?;
    call.app().auth().forget_sessions(|h| h.source.as_ref() == Some(&id));
    tracing::info!(target: "countersign::access", by = call.caller().actor.name(), source = %id, "a vendor's people were shut out");
    Ok(NoContent::default())
}
