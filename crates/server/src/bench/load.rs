//! A load generator that costs little itself: raw HTTP/1.1 over kept connections, one request in flight on each.

use anyhow::{Context, Result, bail};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Headers of one answer; ours have a few hundred bytes.
const HEAD_MAX: usize = 16 * 1024;

/// One kept connection.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer: status and where its body stands in the buffer.
pub struct Answered<'a> {
    /// HTTP status.
    pub status: u16,
    head: &'a str,
    /// The body.
    pub body: &'a [u8],
}

impl Answered<'_> {
    /// The value of a header.
    pub fn header(&self, wanted: &str) -> Option<&str> {
        let pairs = self.head.split("\r\n").filter_map(|line| line.split_once(':'));
        pairs.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
    }
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(8 * 1024) })
    }

    /// Sends a whole request and reads the whole answer.
    pub async fn call(&mut self, request: &[u8]) -> Result<Answered<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head = loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the service closed the connection");
            }
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end + 4;
            }
            if self.buffer.len() > HEAD_MAX {
                bail!("the answer has no end of its headers");
            }
        };
        let (status, length) = read_head(&self.buffer[..head])?;
        while self.buffer.len() < head + length {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the service closed the connection in an answer");
            }
        }
        let text = std::str::from_utf8(&self.buffer[..head]).context("headers are no text")?;
        Ok(Answered { status, head: text, body: &self.buffer[head..head + length] })
    }
}

fn read_head(head: &[u8]) -> Result<(u16, usize)> {
    let text = std::str::from_utf8(head).context("headers are no text")?;
    let status = text.get(9..12).and_then(|s| s.parse().ok()).context("the answer has no status")?;
    let mut length = 0;
    for line in text.split("\r\n") {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().context("content-length is no number")?;
        }
    }
    Ok((status, length))
}

fn find(text: &[u8], mark: &[u8]) -> Option<usize> {
    text.windows(mark.len()).position(|w| w == mark)
}

/// A request with a JSON body.
pub fn post(path: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n{headers}content-length: {length}\r\n\r\n{body}").into_bytes()
}

/// A question.
pub fn get(path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: bench\r\n{headers}\r\n").into_bytes()
}

/// A request with another method.
pub fn put(path: &str, headers: &str, body: &str) -> Vec<u8> {
    let mut whole = post(path, headers, body);
    whole.splice(0..4, *b"PUT");
    whole
}

/// What a run of load came to.
#[derive(Debug, Clone)]
pub struct Run {
    /// Requests answered.
    pub done: u64,
    /// Answers that were not wanted.
    pub unwanted: u64,
    /// How long it took.
    pub took: Duration,
    /// How long each request took, sorted, in microseconds.
    pub times_us: Vec<u32>,
}

impl Run {
    /// Requests per second.
    pub fn per_s(&self) -> f64 {
        self.done as f64 / self.took.as_secs_f64()
    }
    /// The time within which that share of requests was answered, in milliseconds.
    pub fn percentile_ms(&self, share: f64) -> f64 {
        let at = ((self.times_us.len() as f64 * share) as usize).min(self.times_us.len().saturating_sub(1));
        f64::from(self.times_us.get(at).copied().unwrap_or(0)) / 1_000.0
    }
}

/// Runs `clients` connections until `total` requests were sent. `request` makes the n-th request, `wanted` judges the
/// answer.
pub async fn run(
    address: SocketAddr,
    clients: usize,
    total: u64,
    request: impl Fn(u64) -> Vec<u8> + Send + Sync + 'static,
    wanted: impl Fn(u16) -> bool + Send + Sync + 'static,
) -> Result<Run> {
    paced(address, clients, total, None, request, wanted).await
}

/// As [`run`], but no faster than so many requests a second.
pub async fn paced(
    address: SocketAddr,
    clients: usize,
    total: u64,
    per_s: Option<f64>,
    request: impl Fn(u64) -> Vec<u8> + Send + Sync + 'static,
    wanted: impl Fn(u16) -> bool + Send + Sync + 'static,
) -> Result<Run> {
    let next = Arc::new(AtomicU64::new(0));
    let (request, wanted) = (Arc::new(request), Arc::new(wanted));
    let mut connections = Vec::with_capacity(clients);
    for _ in 0..clients {
        connections.push(Connection::open(address).await?);
    }
    let begin = Instant::now();
    let mut tasks = Vec::with_capacity(clients);
    for mut connection in connections {
        let (next, request, wanted) = (next.clone(), request.clone(), wanted.clone());
        tasks.push(tokio::spawn(async move {
            let (mut times, mut unwanted) = (vec![], 0_u64);
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= total {
                    return Ok::<_, anyhow::Error>((times, unwanted));
                }
                if let Some(per_s) = per_s {
                    tokio::time::sleep_until((begin + Duration::from_secs_f64(n as f64 / per_s)).into()).await;
                }
                let bytes = request(n);
                let sent = Instant::now();
                let answer = connection.call(&bytes).await?;
                times.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
                if !wanted(answer.status) {
                    unwanted += 1;
                    if unwanted == 1 {
                        eprintln!(
                            "unwanted answer {}: {}",
                            answer.status,
                            String::from_utf8_lossy(&answer.body[..answer.body.len().min(400)])
                        );
                    }
                }
            }
        }));
    }
    let (mut times_us, mut unwanted) = (vec![], 0);
    for task in tasks {
        let (times, bad) = task.await??;
        times_us.extend(times);
        unwanted += bad;
    }
    let took = begin.elapsed();
    times_us.sort_unstable();
    Ok(Run { done: times_us.len() as u64, unwanted, took, times_us })
}

/// CPU seconds (user and system) this process has used so far.
pub fn cpu_seconds() -> f64 {
    cpu_seconds_of("self")
}

/// CPU seconds (user and system) a process has used so far; 0 if it is gone.
pub fn cpu_seconds_of(process: &str) -> f64 {
    // Fields 14 and 15 of /proc/PID/stat, in ticks of a hundredth of a second (proc(5)).
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
    let ticks: Vec<f64> = after.split_whitespace().skip(11).take(2).filter_map(|t| t.parse().ok()).collect();
    ticks.iter().sum::<f64>() / 100.0
}

/// Resident memory of this process in MiB.
pub fn memory_mib() -> f64 {
    memory_mib_of("self")
}

/// Resident memory of a process in MiB; 0 if it is gone.
pub fn memory_mib_of(process: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}
