//! How a vendor's people get in: by the link in a mail, by a link they ask for, by a password.
//!
//! What the pages answer never tells whether an address or a login exists.

use super::{Words, html, see_other};
use crate::api::call::Call;
use crate::api::input::{Nothing, PageForm, Query};
use crate::api::output::Raw;
use crate::api::session::{begin, by_password, end};
use crate::api::vendor::receipt_deed;
use crate::auth::{Holder, LINK_VALID, Link, Purpose, list_people, look_at_link, redeem_link, tag_of};
use crate::mail::{self, Kind as MailKind, Letter, Recipient};
use crate::problem::{Kind, Problem};
use askama::Template;
use axum::http::header;
use countersign_engine::command::{Actor, Command, Role};
use countersign_engine::document::{Inbound, Receipt};
use countersign_engine::ids::SourceId;
use countersign_engine::slice::{Key, Record};
use countersign_runtime::Request;
use countersign_runtime::ports::{Store, StoreError};
use serde::Deserialize;
use utoipa::IntoParams;

/// Links looked at or used within a minute, all together. Their 256 bits are not guessed; this only spares the disk.
const LINKS_MAX: u32 = 600;
/// Mails with a link that one address or one link gets within a minute.
const MAILS_MAX: u32 = 3;
/// Mails with a link that go out within a minute, all together.
const MAILS_OF_ALL_MAX: u32 = 120;

/// The token of a link.
#[derive(Deserialize, IntoParams)]
pub(super) struct LinkQuery {
    /// The token.
    #[serde(default)]
    token: String,
}

#[derive(Template)]
#[template(path = "portal/link.html")]
struct LinkPage {
    title: &'static str,
    frame: Option<super::Frame>,
    good: bool,
    again: bool,
    token: String,
    vendor: String,
    button: &'static str,
}

/// Mail scanners follow links: looking at the page uses nothing up, pressing its button does.
pub(super) async fn link_page(call: Call, Query(query): Query<LinkQuery>) -> Result<Raw, Problem> {
    let link = look(&call, &query.token).await?;
    link_answer(&call, link, query.token, 200)
}

async fn look(call: &Call, token: &str) -> Result<Option<Link>, Problem> {
    call.app().logins().attempt("portal links", LINKS_MAX, call.now())?;
    let token = token.to_owned();
    call.read(move |store| look_at_link(store, &token)).await
}

fn link_answer(call: &Call, link: Option<Link>, token: String, status: u16) -> Result<Raw, Problem> {
    let now = call.now();
    let (source, po, again) = match link.as_ref().map(|l| &l.purpose) {
        Some(Purpose::Portal { source, po, mail }) => (Some(source), po.is_some(), mail.is_some()),
        _ => (None, false, false),
    };
    let good = source.is_some() && link.as_ref().is_some_and(|l| l.is_good(now));
    let page = LinkPage {
        title: if po { "A purchase order for you" } else { "Your portal" },
        frame: None,
        good,
        again,
        vendor: source.map_or_else(String::new, |s| name_of(call, s)),
        button: if po { "Open the purchase order" } else { "Open the portal" },
        token,
    };
    html(if good { status } else { Kind::LinkEnded.status() }, &page)
}

fn name_of(call: &Call, source: &SourceId) -> String {
    match call.app().office().desk().read(&[Key::Source(source.clone())]).ok().and_then(|mut r| r.pop()).flatten() {
        Some(Record::Source(source)) => source.name.clone(),
        _ => source.to_string(),
    }
}

/// Lets in, and counts as the vendor's receipt: somebody there has it before their eyes.
pub(super) async fn use_link(call: Call, form: PageForm) -> Result<Raw, Problem> {
    let (token, now) = (form.get("token").to_owned(), call.now());
    call.app().logins().attempt("portal links", LINKS_MAX, now)?;
    let wanted = token.clone();
    let found =
        call.read(move |store| redeem_link(store, &wanted, now, |p| matches!(p, Purpose::Portal { .. }))).await?;
    let Some(Purpose::Portal { source, po, mail }) = found else {
        tracing::warn!(target: "countersign::access", link = tag_of(&token), "refused: a portal link that is used, old or made up");
        let link = look(&call, &token).await?;
        return link_answer(&call, link, token, 200);
    };
    let name = mail.unwrap_or_else(|| source.to_string());
    let holder =
        Holder { name: name.into(), role: Role::Vendor, source: Some(source.clone()), po: po.clone(), by_link: true };
    let cookie = begin(&call, holder).await?;
    let home = match po {
        Some(po) => {
            let receipt = Receipt { po: po.clone(), accepted: true, note: None };
            if let Some(deed) = receipt_deed(Inbound::Receipt(receipt)) {
                let command = Command { by: Actor::Source { source }, deed };
                // That they have it is worth noting; if it cannot be noted, they still get in.
                let _ = call.app().office().submit(Request::caused(command, call.request_id().clone())).await;
            }
            format!("/portal/purchase-orders/{po}")
        }
        None => "/portal/".into(),
    };
    Ok(see_other(&home).header(header::SET_COOKIE, &cookie))
}

/// A fresh link for the address that got the old one, and for no other.
pub(super) async fn link_again(call: Call, form: PageForm) -> Result<Raw, Problem> {
    let token = form.get("token").to_owned();
    call.app().logins().attempt(&format!("again|{}", tag_of(&token)), MAILS_MAX, call.now())?;
    if let Some(Link { purpose: Purpose::Portal { source, po, mail: Some(to) }, .. }) = look(&call, &token).await? {
        let purpose = Purpose::Portal { source: source.clone(), po: po.clone(), mail: Some(to.clone()) };
        send(&call, to, source, purpose).await?;
    }
    sent_page()
}

fn sent_page() -> Result<Raw, Problem> {
    let words = "If we know this address, a mail with a link is on its way. It works once, for fifteen minutes.";
    let paragraphs = vec![words.to_owned(), "Nothing there? Look among the unwanted mail, or ask the retailer.".into()];
    html(200, &Words { title: "Look into your mail", frame: None, paragraphs, onward: Some(("/portal/login", "Back")) })
}

async fn send(call: &Call, to: String, source: SourceId, purpose: Purpose) -> Result<(), Problem> {
    call.app().logins().attempt("mails with links", MAILS_OF_ALL_MAX, call.now())?;
    let (vendor, now) = (name_of(call, &source), call.now());
    let letter = Letter::new(mail::random_id()?, MailKind::VendorLink, Recipient::Contact { source, mail: to }, now)
        .fact("vendor", vendor)
        .link(purpose, LINK_VALID);
    call.read(move |store| mail::post(store, &letter)).await?;
    call.app().office().ring();
    Ok(())
}

#[derive(Template, Default)]
#[template(path = "portal/login.html")]
struct LoginPage {
    title: &'static str,
    frame: Option<super::Frame>,
    told: String,
    wrong: String,
    name: String,
}

pub(super) async fn login_page(_: Call, _: Nothing) -> Result<Raw, Problem> {
    html(200, &LoginPage { title: "Get in", ..LoginPage::default() })
}

pub(super) async fn login(call: Call, form: PageForm) -> Result<Raw, Problem> {
    let name = form.get("name").to_owned();
    let code = Some(form.get("code").to_owned()).filter(|c| !c.is_empty());
    match by_password(&call, name.clone(), form.get("password").to_owned(), code).await {
        Ok(holder) => {
            let home = if holder.role == Role::Vendor { "/portal/" } else { "/console/" };
            Ok(see_other(home).header(header::SET_COOKIE, &begin(&call, holder).await?))
        }
        Err(problem) if problem.status == 401 => {
            let page = LoginPage { title: "Get in", wrong: problem.detail, name, ..LoginPage::default() };
            html(422, &page)
        }
        Err(problem) => Err(problem),
    }
}

/// A link for whoever has that address, if it is one that the retailer recorded.
pub(super) async fn mail_link(call: Call, form: PageForm) -> Result<Raw, Problem> {
    let to = form.get("mail").to_lowercase();
    call.app().logins().attempt(&format!("mail|{to}"), MAILS_MAX, call.now())?;
    let wanted = to.clone();
    if let Some(source) = call.read(move |store| source_of_mail(store, &wanted)).await? {
        let purpose = Purpose::Portal { source: source.clone(), po: None, mail: Some(to.clone()) };
        send(&call, to, source, purpose).await?;
    }
    sent_page()
}

/// The vendor whose contact, or whose login, has that address.
fn source_of_mail(store: &dyn Store, mail: &str) -> Result<Option<SourceId>, StoreError> {
    let same = |known: &str| known.eq_ignore_ascii_case(mail);
    for (source, contacts) in mail::all_contacts(store)? {
        if contacts.mail.iter().any(|known| same(known)) {
            return Ok(Some(source));
        }
    }
    let people = list_people(store)?;
    Ok(people.into_iter().find(|p| p.mail.as_deref().is_some_and(same)).and_then(|p| p.source))
}

pub(super) async fn log_out(call: Call, _: PageForm) -> Result<Raw, Problem> {
    let cookie = end(&call).await?;
    Ok(see_other("/portal/login").header(header::SET_COOKIE, &cookie))
}
