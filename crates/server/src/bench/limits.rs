//! What this machine can do at most: a bare HTTP echo, bare appends to disk, and the bare store.

use super::load::{Run, post, run};
use anyhow::{Context, Result, bail};
use axum::Json;
use axum::routing::post as on_post;
use countersign_engine::command::Deed;
use countersign_engine::journal::Entry;
use countersign_partners::dialects::Partners;
use countersign_runtime::memory::MemoryStore;
use countersign_runtime::ports::{Commit, Committed, PersonRow, Store};
use countersign_runtime::request::{Handled, Request};
use countersign_runtime::{Desk, Settings};
use serde_json::Value;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A bare JSON echo over HTTP, with the same load generator.
pub async fn echo(clients: usize, total: u64, body: String) -> Result<Run> {
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let address = listener.local_addr()?;
    let router = axum::Router::new().route("/echo", on_post(|Json(body): Json<Value>| async move { Json(body) }));
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let request = post("/echo", "", &body);
    let measured = run(address, clients, total, move |_| request.clone(), |status| status == 200).await?;
    server.abort();
    Ok(measured)
}

/// Appends of 4 KB, each on the disk before the next.
pub fn appends() -> Result<f64> {
    let mut file = tempfile::tempfile()?;
    let page = [7_u8; 4096];
    let (begin, mut count) = (Instant::now(), 0_u32);
    while begin.elapsed() < Duration::from_secs(1) {
        file.write_all(&page)?;
        file.sync_data()?;
        count += 1;
    }
    Ok(f64::from(count) / begin.elapsed().as_secs_f64())
}

/// Journal entries read at once.
const PAGE: u32 = 1_000;

/// Orders a second that the embedded store writes when nothing else runs: the orders of a journal are decided again in
/// memory, in batches of that many, and the commits that this leads to, row for row those of the run, are written to a
/// fresh file one after the other.
pub fn bare_store(ran: &dyn Store, batch: usize) -> Result<f64> {
    let (setting_up, orders) = commits(ran, batch.max(1))?;
    let folder = tempfile::tempdir()?;
    let store = countersign_store::SqliteStore::open(&folder.path().join("bare.sqlite"))?;
    let write = |commits: &[Commit]| -> Result<usize> {
        for commit in commits {
            if !matches!(store.commit(commit)?, Committed::Done { .. }) {
                bail!("the bare store found a conflict");
            }
        }
        Ok(commits.iter().map(|commit| commit.entries.len()).sum())
    };
    write(&setting_up)?;
    let begin = Instant::now();
    let written = write(&orders)?;
    Ok(written as f64 / begin.elapsed().as_secs_f64())
}

/// The commits that set a world up, and those of its orders.
fn commits(ran: &dyn Store, batch: usize) -> Result<(Vec<Commit>, Vec<Commit>)> {
    let memory = Arc::new(MemoryStore::new());
    let desk = Desk::open(memory.clone(), Settings::default())?.writing_by(Arc::new(Partners));
    let (mut before, mut orders) = (vec![], vec![]);
    let mut after = 0;
    loop {
        let rows = ran.journal(after, PAGE)?;
        let Some(last) = rows.last() else { break };
        after = last.position;
        for row in &rows {
            let entry: Entry = serde_json::from_str(&row.body).context("an entry of the journal")?;
            let Deed::CaptureOrder(order) = &entry.command.deed else {
                before.push((row.at, Request { commands: vec![entry.command], ..Request::default() }));
                continue;
            };
            let id = order.id.clone();
            let person = ran.person(&id)?.map(|body| PersonRow { order: id, body });
            orders.push((
                row.at,
                Request { commands: vec![entry.command], cause: entry.cause, person, ..Request::default() },
            ));
        }
    }
    memory.commits();
    let decide = |requests: Vec<(jiff::Timestamp, Request)>| -> Result<Vec<Commit>> {
        let mut requests = requests.into_iter().peekable();
        while let Some((now, _)) = requests.peek() {
            let now = *now;
            let some: Vec<Request> = requests.by_ref().take(batch).map(|(_, request)| request).collect();
            if let Some(other) = desk.handle(now, some).into_iter().flatten().find(|h| !matches!(h, Handled::Done(_))) {
                bail!("decided again, it came out otherwise: {other:?}");
            }
        }
        Ok(memory.commits())
    };
    Ok((decide(before)?, decide(orders)?))
}
