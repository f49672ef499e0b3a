//! The log's proofs: a signed checkpoint, proofs of one entry and of growth, and an export that anybody can verify
//! offline.

use super::call::{Call, json};
use super::input::Query;
use super::output::{Raw, Reply};
use super::route::{Api, Route};
use crate::auth::Permission::{ReadAudit, ReadCheckpoint};
use crate::notary::Notary;
use crate::notary::export::{Line, Proof, begin, end};
use crate::problem::{Kind, Problem};
use axum::body::Bytes;
use countersign_runtime::chain::GENESIS;
use countersign_runtime::ports::{Store, StoreError};
use countersign_runtime::tree::Tree;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

const GROUP: &str = "Audit";
/// Entries read at once for an export.
const PAGE: u32 = 1_000;

pub(super) fn routes(api: &mut Api) {
    api.add(
        Route::get("/v1/audit/checkpoint", ReadCheckpoint, GROUP, "The log's size and root, signed").words(
            "A C2SP tlog-checkpoint (a signed note, Ed25519) over the RFC 6962 tree of all entries. Keep it outside: \
             `countersign audit verify --checkpoint FILE` finds a log that was cut or written anew since.",
        ),
        checkpoint,
    );
    api.add(
        Route::get(
            "/v1/audit/export",
            ReadAudit,
            GROUP,
            "Entries with their hashes and a signed checkpoint, as NDJSON",
        )
        .words("`countersign audit verify --export FILE --public-key KEY` verifies it offline."),
        export,
    );
    api.add(
        Route::get("/v1/audit/proof", ReadAudit, GROUP, "That an entry is in the log, or that the log only grew").words(
            "`entry=N`: the entry with its text and the path from its leaf to the root (RFC 6962). `from=M`: that the \
             log continues its first M entries. `size` asks for the proof against an earlier size. Leaves are \
             `SHA-256(0x00 ‖ hash(n))`, links of the chain `hash(n) = SHA-256(\"countersign journal v1\" ‖ n as u64 \
             big-endian ‖ hash(n-1) ‖ body)`. `countersign audit verify --proof FILE` verifies either offline.",
        ),
        proof,
    );
}

impl Call {
    /// Reads the store beside the notary of its journal.
    async fn notarised<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Store, &Notary) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Problem> {
        let (secret, url) = (*self.app().office().key(), self.app().settings().public_url.clone());
        self.read(move |store| work(store, &Notary::open(store, secret, url.as_deref())?)).await
    }
}

/// The log's size and root.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Checkpoint)]
pub(super) struct CheckpointView {
    /// Whose log.
    origin: String,
    /// Entries in it.
    size: u64,
    /// The root of the Merkle tree over them, in hexadecimal digits.
    root_hash: String,
    /// The last link of the chain.
    hash: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The signed note.
    checkpoint: String,
    /// The key that verifies it.
    verifier: String,
}

/// Which size.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct CheckpointQuery {
    /// Over the first so many entries; all of them if absent.
    #[serde(default)]
    size: Option<u64>,
}

async fn checkpoint(call: Call, Query(query): Query<CheckpointQuery>) -> Result<Reply<CheckpointView>, Problem> {
    let at = call.now();
    let size = size_asked(&call, query.size).await?;
    let view = call.notarised(move |store, notary| {
        let root = Tree::open(store)?.root(size)?;
        Ok(CheckpointView {
            origin: notary.origin().to_owned(),
            size,
            root_hash: hex::encode(root),
            hash: hex::encode(link_of(store, size)?),
            at,
            checkpoint: notary.sign(size, root),
            verifier: notary.verifier().to_string(),
        })
    });
    Ok(Reply::of(&view.await?))
}

/// The link of the entry at that position.
fn link_of(store: &dyn Store, position: u64) -> Result<[u8; 32], StoreError> {
    match position {
        0 => Ok(GENESIS),
        _ => Ok(store.tree(0, position - 1, 1)?.pop().unwrap_or(GENESIS)),
    }
}

/// The size asked for, if the log is as long; its whole size if none was asked for.
async fn size_asked(call: &Call, size: Option<u64>) -> Result<u64, Problem> {
    let head = call.read(|store| store.head()).await?.0;
    match size {
        Some(size) if size > head => {
            Err(Problem::field("?size", size, "invalid", format!("the log ends at entry {head}")))
        }
        Some(size) => Ok(size),
        None => Ok(head),
    }
}

/// Which proof.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct ProofQuery {
    /// That this entry (counted from 1) is in the log.
    #[serde(default)]
    entry: Option<u64>,
    /// That the log continues its first so many entries.
    #[serde(default)]
    from: Option<u64>,
    /// Against the log of so many entries; the whole of it if absent.
    #[serde(default)]
    size: Option<u64>,
}

async fn proof(call: Call, Query(query): Query<ProofQuery>) -> Result<Raw, Problem> {
    let size = size_asked(&call, query.size).await?;
    let outside = |name: &str, value: u64| {
        Problem::field(name, value, "invalid", format!("the log asked about has {size} entries, counted from 1"))
    };
    let proof = match (query.entry, query.from) {
        (Some(position), None) if position == 0 || position > size => return Err(outside("?entry", position)),
        (None, Some(from)) if from > size => return Err(outside("?from", from)),
        (Some(position), None) => call.notarised(move |store, notary| inclusion(store, notary, position, size)).await?,
        (None, Some(from)) => call.notarised(move |store, notary| growth(store, notary, from, size)).await?,
        _ => return Err(Problem::new(Kind::BadRequest, "give either entry=N or from=N")),
    };
    Ok(Raw::text("application/json", json(&proof)))
}

fn inclusion(store: &dyn Store, notary: &Notary, position: u64, size: u64) -> Result<Proof, StoreError> {
    let row = store.journal(position - 1, 1)?.pop();
    let row = row.ok_or_else(|| StoreError::Determinate(format!("entry {position} of the journal is missing")))?;
    let mut tree = Tree::open(store)?;
    Ok(Proof::Inclusion {
        position,
        previous_hash: hex::encode(link_of(store, position - 1)?),
        hash: hex::encode(row.hash),
        body: row.body,
        path: tree.inclusion(position, size)?.iter().map(hex::encode).collect(),
        checkpoint: notary.sign(size, tree.root(size)?),
    })
}

fn growth(store: &dyn Store, notary: &Notary, from: u64, size: u64) -> Result<Proof, StoreError> {
    let mut tree = Tree::open(store)?;
    let path = tree.consistency(from, size)?.iter().map(hex::encode).collect();
    Ok(Proof::Consistency { from, path, checkpoint: notary.sign(size, tree.root(size)?) })
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

/// Where an export stands.
enum At {
    Begin,
    After(u64),
    Over,
}

async fn export(call: Call, Query(query): Query<ExportQuery>) -> Result<Raw, Problem> {
    let after = query.after.unwrap_or(0);
    let head = call.read(|store| store.head()).await?.0;
    let to = query.to.unwrap_or(head).min(head);
    if after > to {
        return Err(Problem::field("?after", after, "invalid", format!("the log ends at entry {head}")));
    }
    let pieces = futures_util::stream::unfold((call, At::Begin), move |(call, at)| async move {
        let read = match at {
            At::Over => return None,
            At::Begin => call.read(move |store| Ok((vec![begin(store, after)?], At::After(after)))).await,
            At::After(last) if last >= to => {
                call.notarised(move |store, notary| Ok((vec![end(store, notary, to)?], At::Over))).await
            }
            At::After(last) => call.read(move |store| entries(store, last, to)).await,
        };
        match read {
            Ok((lines, next)) => {
                let text: String = lines.iter().map(|line| json(line) + "\n").collect();
                Some((Ok(Bytes::from(text)), (call, next)))
            }
            Err(problem) => Some((Err(std::io::Error::other(problem.detail)), (call, At::Over))),
        }
    });
    Ok(Raw::stream("application/x-ndjson", pieces))
}

fn entries(store: &dyn Store, last: u64, to: u64) -> Result<(Vec<Line>, At), StoreError> {
    let limit = u32::try_from((to - last).min(u64::from(PAGE))).unwrap_or(PAGE);
    let rows = store.journal(last, limit)?;
    let next = rows.last().map(|row| row.position);
    let next = next.ok_or_else(|| StoreError::Determinate(format!("entry {} of the journal is missing", last + 1)))?;
    Ok((rows.iter().map(Line::from).collect(), At::After(next)))
}
