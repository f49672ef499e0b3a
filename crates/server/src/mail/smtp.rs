//! One mail over SMTP, with an outcome that tells what certainly happened from what may have happened.
//!
//! Does not know what a letter is about.

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use std::time::Duration;

/// What one mail may take from the first packet to the last.
const DEADLINE: Duration = Duration::from_secs(60);
/// What connecting may take.
const CONNECT: Duration = Duration::from_secs(15);
/// The submission port, with STARTTLS.
const PORT: u16 = 587;
/// The submission port with TLS from the first byte.
const PORT_TLS: u16 = 465;

/// How the connection is kept secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tls {
    /// From the first byte.
    Wrapped,
    /// After STARTTLS, which the server must offer.
    Started,
    /// Not at all: a server on this very machine.
    None,
}

/// The server that takes our mail.
#[derive(Clone, PartialEq, Eq)]
pub struct Relay {
    host: String,
    port: u16,
    tls: Tls,
    login: Option<(String, String)>,
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{} ({:?})", self.host, self.port, self.tls)
    }
}

impl Relay {
    /// Reads `smtps://user:password@host` or `smtp://host:25?tls=none`.
    ///
    /// # Errors
    /// A sentence that says what is wrong; never the password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = reqwest::Url::parse(text).map_err(|e| format!("the SMTP address cannot be read: {e}"))?;
        let host = url.host_str().filter(|h| !h.is_empty()).ok_or("the SMTP address names no host")?.to_owned();
        let wish = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
        let tls = match (url.scheme(), wish.as_deref()) {
            ("smtps", None) => Tls::Wrapped,
            ("smtp", None | Some("required")) => Tls::Started,
            ("smtp", Some("none")) => Tls::None,
            ("smtp" | "smtps", Some(other)) => {
                return Err(format!("tls={other} is not known: use smtps://, smtp:// (STARTTLS) or smtp://…?tls=none"));
            }
            (other, _) => return Err(format!("{other}:// is no SMTP address: use smtps:// or smtp://")),
        };
        let plain = |part: &str| urlencoded(part);
        let login = (!url.username().is_empty()).then(|| (plain(url.username()), plain(url.password().unwrap_or(""))));
        if tls == Tls::None && login.is_some() {
            return Err("a login over an open connection would give the password away: use smtps:// or STARTTLS".into());
        }
        let port = url.port().unwrap_or(if tls == Tls::Wrapped { PORT_TLS } else { PORT });
        Ok(Self { host, port, tls, login })
    }
}

/// `%40` as `@`.
fn urlencoded(text: &str) -> String {
    let escaped = format!("x={}", text.replace('+', "%2B"));
    form_urlencoded::parse(escaped.as_bytes()).next().map_or(String::new(), |(_, value)| value.into_owned())
}

/// How a mail ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server has taken it on.
    Sent,
    /// The server will never take it (5xx): no such mailbox, not allowed.
    Refused(String),
    /// The server certainly does not have it; later it may take it.
    Failed(String),
    /// The line broke after the whole mail had been sent: the server may have it.
    Unknown(String),
}

/// Sends mails in the retailer's name.
#[derive(Debug, Clone)]
pub struct Mailer {
    relay: Relay,
    from: Mailbox,
}

/// A mail, written.
pub(super) struct Written {
    pub to: String,
    pub subject: String,
    pub text: String,
    /// The same on every try, so that a mailbox can tell a second copy.
    pub id: String,
}

impl Mailer {
    /// A mailer; `from` is an address, with a name before it if wanted (`Shop <orders@shop.example>`).
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn new(relay: Relay, from: &str) -> Result<Self, String> {
        let from = from.parse().map_err(|e| format!("mail_from {from:?} is no mail address: {e}"))?;
        Ok(Self { relay, from })
    }

    /// Sends one mail.
    pub(super) async fn send(&self, mail: &Written) -> Outcome {
        let (to, message) = match self.message(mail) {
            Ok(made) => made,
            Err(why) => return Outcome::Refused(why),
        };
        // From here on the server may have the mail, whatever becomes of the line.
        let mut told_all = false;
        match tokio::time::timeout(DEADLINE, self.deliver(&to, &message, &mut told_all)).await {
            Ok(outcome) => outcome,
            Err(_) if told_all => Outcome::Unknown(format!("no answer within {} s", DEADLINE.as_secs())),
            Err(_) => Outcome::Failed(format!("it took longer than {} s", DEADLINE.as_secs())),
        }
    }

    fn message(&self, mail: &Written) -> Result<(Mailbox, Vec<u8>), String> {
        let to: Mailbox = mail.to.parse().map_err(|e| format!("the address cannot be written to: {e}"))?;
        let automatic = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".into());
        let message = Message::builder()
            .from(self.from.clone())
            .to(to.clone())
            .subject(&mail.subject)
            .message_id(Some(format!("<{}@{}>", mail.id, self.from.email.domain())))
            .raw_header(automatic)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text.clone())
            .map_err(|e| format!("the mail cannot be written: {e}"))?;
        Ok((to, message.formatted()))
    }

    async fn deliver(&self, to: &Mailbox, message: &[u8], told_all: &mut bool) -> Outcome {
        let mut line = match self.connect().await {
            Ok(line) => line,
            Err(why) => return Outcome::Failed(why),
        };
        let opened = async {
            line.command(Mail::new(Some(self.from.email.clone()), vec![])).await?;
            line.command(Rcpt::new(to.email.clone(), vec![])).await?;
            line.command(Data).await
        };
        if let Err(error) = opened.await {
            line.abort().await;
            return before_the_end(&error);
        }
        *told_all = true;
        let outcome = match line.message(message).await {
            Ok(_) => Outcome::Sent,
            Err(error) if error.status().is_some() => before_the_end(&error),
            Err(error) => Outcome::Unknown(words(&error)),
        };
        line.abort().await;
        outcome
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, String> {
        let Relay { host, port, tls, login } = &self.relay;
        let hello = ClientId::Domain(self.from.email.domain().to_owned());
        let at = |error: Error| format!("{host}:{port}: {}", words(&error));
        let parameters = || TlsParameters::new(host.clone()).map_err(at);
        let wrapped = if *tls == Tls::Wrapped { Some(parameters()?) } else { None };
        let place = (host.as_str(), *port);
        let mut line =
            AsyncSmtpConnection::connect_tokio1(place, Some(CONNECT), &hello, wrapped, None).await.map_err(at)?;
        if *tls == Tls::Started {
            if !line.can_starttls() {
                line.abort().await;
                return Err(format!(
                    "{host}:{port} offers no STARTTLS: use smtps://, or tls=none for a server on this machine"
                ));
            }
            line.starttls(parameters()?, &hello).await.map_err(at)?;
        }
        if let Some((name, password)) = login {
            let credentials = Credentials::new(name.clone(), password.clone());
            line.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await.map_err(at)?;
        }
        Ok(line)
    }
}

/// An error before the server can have the mail.
fn before_the_end(error: &Error) -> Outcome {
    match error.is_permanent() {
        true => Outcome::Refused(words(error)),
        false => Outcome::Failed(words(error)),
    }
}

/// An error with its causes in one line.
fn words(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let more = inner.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = inner.source();
    }
    text.replace(['\r', '\n'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_how_the_line_is_kept_secret() {
        let relay = |text: &str| Relay::parse(text).map(|r| (r.host, r.port, r.tls, r.login));
        let login = Some(("shop@example.com".to_owned(), "p@ss+word".to_owned()));
        assert_eq!(
            relay("smtps://shop%40example.com:p%40ss+word@mail.example"),
            Ok(("mail.example".into(), 465, Tls::Wrapped, login))
        );
        assert_eq!(relay("smtp://mail.example"), Ok(("mail.example".into(), 587, Tls::Started, None)));
        assert_eq!(relay("smtp://127.0.0.1:2525?tls=none"), Ok(("127.0.0.1".into(), 2525, Tls::None, None)));
        assert!(relay("smtp://a:secret@mail.example?tls=none").is_err_and(|e| !e.contains("secret")));
        assert!(relay("http://mail.example").is_err());
        assert!(!format!("{:?}", Relay::parse("smtps://a:secret@mail.example")).contains("secret"));
    }
}
