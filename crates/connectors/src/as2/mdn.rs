//! Receipts of AS2 (MDN): what became of a message, with the digest of what arrived.
//!
//! Knows the report's form, not who asks for it or where it goes.

use super::cms::Digest;
use super::keys::Identity;
use super::message::{boundary, signed};
use super::mime::{self, Entity};
use jiff::Timestamp;

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken.
    Processed,
    /// It was taken, or had been before, with a word.
    Warned(String),
    /// It was not taken.
    Failed(String),
}

impl Outcome {
    fn words(&self) -> String {
        match self {
            Outcome::Processed => "processed".to_owned(),
            Outcome::Warned(word) => format!("processed/warning: {word}"),
            Outcome::Failed(word) if word.starts_with("unsupported") => format!("failed/failure: {word}"),
            Outcome::Failed(word) => format!("processed/error: {word}"),
        }
    }

    fn read(disposition: &str) -> Self {
        let words = disposition.split_once(';').map_or(disposition, |(_, words)| words).trim();
        let (kind, modifier) = words.split_once('/').unwrap_or((words, ""));
        let (grade, word) = modifier.split_once(':').unwrap_or((modifier, ""));
        let kind = kind.trim().to_ascii_lowercase();
        match (kind.as_str(), grade.trim().to_ascii_lowercase().as_str()) {
            ("processed", "") => Outcome::Processed,
            ("processed", "warning") => Outcome::Warned(word.trim().to_owned()),
            _ if word.trim().is_empty() => Outcome::Failed(words.to_owned()),
            _ => Outcome::Failed(word.trim().to_owned()),
        }
    }
}

/// A receipt as a partner wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Of which message.
    pub message_id: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Digest of what arrived, as base64.
    pub mic: Option<String>,
    /// What it says to people.
    pub said: String,
}

impl Report {
    /// Reads the parts of a `multipart/report`.
    pub fn read(entity: &Entity<'_>) -> Option<Self> {
        let parts = entity.parts();
        let fields = parts.iter().find(|part| part.media_type().ends_with("/disposition-notification"))?;
        let text = fields.decoded(false);
        // The fields are headers of their own; blank lines between them occur.
        let lines: Vec<u8> = text.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).fold(
            Vec::new(),
            |mut all, line| {
                all.extend_from_slice(line);
                all.push(b'\n');
                all
            },
        );
        let fields = Entity::read(&lines);
        let said = parts.iter().find(|part| part.media_type() == "text/plain").map(|part| part.decoded(false));
        let mic = fields.header("received-content-mic").split(',').next().unwrap_or_default().trim();
        Some(Self {
            message_id: fields.header("original-message-id").to_owned(),
            outcome: Outcome::read(fields.header("disposition")),
            mic: (!mic.is_empty()).then(|| mic.to_owned()),
            said: crate::client::quote(&String::from_utf8_lossy(&said.unwrap_or_default())),
        })
    }
}

/// What a receipt of ours says.
#[derive(Debug)]
pub struct Receipt<'a> {
    /// Who we are to the partner.
    pub recipient: &'a str,
    /// Of which message.
    pub message_id: &'a str,
    /// What became of it.
    pub outcome: &'a Outcome,
    /// Digest of what arrived.
    pub mic: Option<(String, Digest)>,
    /// For people.
    pub text: &'a str,
    /// Digests are spelt `sha-256` and not `sha256`.
    pub dash: bool,
}

/// Writes a receipt: media type with its parameters, and body.
///
/// # Errors
/// It cannot be signed.
pub fn write(
    receipt: &Receipt<'_>,
    sign: Option<(&Identity, Digest)>,
    now: Timestamp,
) -> Result<(String, Vec<u8>), String> {
    let mut fields = format!(
        "Reporting-UA: countersign\r\nOriginal-Recipient: rfc822; {0}\r\nFinal-Recipient: rfc822; {0}\r\n\
         Original-Message-ID: {1}\r\nDisposition: automatic-action/MDN-sent-automatically; {2}\r\n",
        receipt.recipient,
        receipt.message_id,
        receipt.outcome.words()
    );
    if let Some((mic, digest)) = &receipt.mic {
        fields.push_str(&format!("Received-Content-MIC: {mic}, {}\r\n", digest.name(receipt.dash)));
    }
    let text = format!(
        "Content-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n\r\n{}\r\n",
        receipt.text
    );
    let fields = format!(
        "Content-Type: message/disposition-notification\r\nContent-Transfer-Encoding: 7bit\r\n\r\n{fields}\r\n"
    );
    let mark = boundary(fields.as_bytes());
    let body = mime::multipart(&mark, &[text.as_bytes(), fields.as_bytes()]);
    let content_type = format!("multipart/report; report-type=disposition-notification; boundary=\"{mark}\"");
    let Some((identity, digest)) = sign else { return Ok((content_type, body)) };
    let inner = [format!("Content-Type: {content_type}\r\n\r\n").into_bytes(), body].concat();
    let whole = signed(&inner, identity, digest, receipt.dash, now)?;
    let entity = Entity::read(&whole);
    Ok((entity.header("content-type").to_owned(), entity.body.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_read_as_partners_write_them() {
        let of = |words: &str| Outcome::read(&format!("automatic-action/MDN-sent-automatically; {words}"));
        assert_eq!(of("processed"), Outcome::Processed);
        assert_eq!(of("Processed/Warning: duplicate-document"), Outcome::Warned("duplicate-document".into()));
        assert_eq!(of("processed/error: decryption-failed"), Outcome::Failed("decryption-failed".into()));
        assert_eq!(of("failed/failure: unsupported format"), Outcome::Failed("unsupported format".into()));
        assert_eq!(of("denied"), Outcome::Failed("denied".into()));
    }

    #[test]
    fn a_receipt_written_is_a_receipt_read() {
        let outcome = Outcome::Failed("decryption-failed".into());
        let mic = Some(("abc=".to_owned(), Digest::Sha256));
        let receipt =
            Receipt { recipient: "US", message_id: "<1@them>", outcome: &outcome, mic, text: "It failed.", dash: true };
        let (content_type, body) = write(&receipt, None, Timestamp::UNIX_EPOCH).unwrap();
        let read = Report::read(&Entity::of(vec![("content-type".into(), content_type)], &body)).unwrap();
        let wanted =
            Report { message_id: "<1@them>".into(), outcome, mic: Some("abc=".into()), said: "It failed.".into() };
        assert_eq!(read, wanted);
    }
}
