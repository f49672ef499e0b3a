//! What this machine can do at most: a bare HTTP echo, and bare appends to disk.

use super::load::{Run, post, run};
use anyhow::Result;
use axum::Json;
use axum::routing::post as on_post;
use serde_json::Value;
use std::io::Write;
use std::net::SocketAddr;
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
