//! The log's proofs: a signed checkpoint, and an export that anybody can verify offline.

use super::call::Call;
use super::input::{Nothing, Query};
use super::output::{Raw, Reply};
use super::route::{Api, Route};
use crate::auth::Permission::{ReadAudit, ReadCheckpoint};
use crate::problem::Problem;
use axum::body::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer, SigningKey};
use hmac::Mac;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

const GROUP: &str = "Audit";
/// Entries read at once for an export.
const PAGE: u32 = 1_000;

pub(super) fn routes(api: &mut Api) {
    api.add(
        Route::get("/v1/audit/checkpoint", ReadCheckpoint, GROUP, "The log's head, signed").words(
            "A signed note (C2SP) over origin, size and the chain's head. Keep it outside: `countersign audit verify \
             --head` finds a log that was cut or written anew since.",
        ),
        checkpoint,
    );
    api.add(
        Route::get("/v1/audit/export", ReadAudit, GROUP, "All entries with their hashes, as NDJSON")
            .words("`countersign audit verify --export FILE` verifies it offline."),
        export,
    );
    api.add(
        Route::get("/v1/audit/proof", ReadAudit, GROUP, "The links of the chain from one position to another")
            .words("`hash(n) = SHA-256(\"countersign journal v1\" ‖ n as u64 big-endian ‖ hash(n-1) ‖ body)`."),
        export,
    );
}

/// The log's head.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Checkpoint)]
pub(super) struct CheckpointView {
    /// Whose log.
    origin: String,
    /// Entries in it.
    size: u64,
    /// The last link of the chain, in hexadecimal digits.
    hash: String,
    /// As `countersign audit verify --head` takes it.
    head: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The signed note.
    checkpoint: String,
    /// The key that verifies it.
    verifier: String,
}

async fn checkpoint(call: Call, _: Nothing) -> Result<Reply<CheckpointView>, Problem> {
    let (size, hash) = call.read(|store| store.head()).await?;
    let url = call.app().settings().public_url.clone().unwrap_or_default();
    let host = url.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/');
    let origin = format!("{}/journal", if host.is_empty() { "countersign" } else { host });
    let mut seed = call.mac();
    seed.update(b"checkpoint signing key v1");
    let key = SigningKey::from_bytes(&seed.finalize().into_bytes().into());
    let text = format!("{origin}\n{size}\n{}\n", STANDARD.encode(hash));
    let (checkpoint, verifier) = signed(&key, &origin, &text);
    let hash = hex::encode(hash);
    let head = format!("{size}:{hash}");
    Ok(Reply::of(&CheckpointView { origin, size, hash, head, at: call.now(), checkpoint, verifier }))
}

/// A signed note (C2SP signed-note), and the verifier key that goes with it.
fn signed(key: &SigningKey, name: &str, text: &str) -> (String, String) {
    let typed = [&[1], key.verifying_key().as_bytes().as_slice()].concat();
    let digest = Sha256::digest([name.as_bytes(), b"\n", &typed].concat());
    let id = &digest[..4];
    let signature = [id, &key.sign(text.as_bytes()).to_bytes()].concat();
    let note = format!("{text}\n— {name} {}\n", STANDARD.encode(signature));
    (note, format!("{name}+{}+{}", hex::encode(id), STANDARD.encode(typed)))
}

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct ExportQuery {
    /// Entries after this position; from the first if absent.
    #[serde(default)]
    after: Option<u64>,
    /// Up to and including this position; the end as of now if absent.
    #[serde(default)]
    to: Option<u64>,
}

/// A line of an export.
#[derive(Serialize)]
struct Line<'a> {
    position: u64,
    hash: String,
    body: &'a str,
}

async fn export(call: Call, Query(query): Query<ExportQuery>) -> Result<Raw, Problem> {
    let (after, to) = (query.after.unwrap_or(0), query.to);
    let head = call.read(|store| store.head()).await?.0;
    let to = to.unwrap_or(head).min(head);
    if after > to {
        return Err(Problem::field("?after", after, "invalid", format!("the log ends at entry {head}")));
    }
    let pieces = futures_util::stream::unfold((call, after), move |(call, after)| async move {
        if after >= to {
            return None;
        }
        let limit = u32::try_from((to - after).min(u64::from(PAGE))).unwrap_or(PAGE);
        let rows = match call.read(move |store| store.journal(after, limit)).await {
            Ok(rows) => rows,
            Err(problem) => {
                let broken = std::io::Error::other(problem.detail);
                return Some((Err(broken), (call, to)));
            }
        };
        let last = rows.last()?.position;
        let mut text = Vec::new();
        for row in &rows {
            let line = Line { position: row.position, hash: hex::encode(row.hash), body: &row.body };
            serde_json::to_writer(&mut text, &line).ok()?;
            text.push(b'\n');
        }
        Some((Ok(Bytes::from(text)), (call, last)))
    });
    Ok(Raw::stream("application/x-ndjson", pieces))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::Verifier;

    #[test]
    fn a_note_is_verified_by_its_verifier() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let (note, verifier) = signed(&key, "countersign/journal", "countersign/journal\n3\nAAAA\n");
        let (text, line) = note.split_once("\n\n— countersign/journal ").unwrap();
        let raw = STANDARD.decode(line.trim()).unwrap();
        let signature = ed25519_dalek::Signature::from_slice(&raw[4..]).unwrap();
        assert!(key.verifying_key().verify(format!("{text}\n").as_bytes(), &signature).is_ok());
        let mut parts = verifier.split('+');
        assert_eq!(parts.next(), Some("countersign/journal"));
        assert_eq!(parts.next(), Some(hex::encode(&raw[..4]).as_str()));
    }
}
