//! How fast papers go out on this machine, each beside what the machine itself allows.
//!
//! `cargo run --release -p countersign-connectors --example throughput`

use countersign_connectors::{Background, FolderConnector, Guard, HttpClient, HttpConnector, HttpSettings};
use countersign_engine::ids::VendorSku;
use countersign_runtime::ports::{Connector, Delivery, Rendered};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

const CALLS: u32 = 40_000;
const FILES: u32 = 2_000;
const AT_ONCE: u32 = 16;
const PLENTY: Duration = Duration::from_secs(60);
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{\"lines\":[{\"vendor_sku\":\"AC-7781\",\"quantity\":12}]}";

fn main() {
    let address = vendor();
    let raw = timed(CALLS, || raw_calls(address));
    let background = Arc::new(Background::own().expect("a runtime"));
    let guard = Arc::new(Guard::allowing(&["http://127.0.0.1"]).expect("a list"));
    let client = Arc::new(HttpClient::new(guard, background, &[]).expect("a client"));
    let base = format!("http://{address}/").parse().expect("an address");
    let settings = HttpSettings { base, authorization: None, idempotent: true, rate_per_s: None };
    let connector = HttpConnector::new(client, settings).expect("a connector");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let papers = timed(CALLS, || runtime.block_on(deliver(&connector)));
    let questions = timed(CALLS, || runtime.block_on(ask(&connector)));
    let blocking = timed(CALLS, || deliver_blocking(&connector));
    println!("bare HTTP over kept sockets, {AT_ONCE} threads   {raw}");
    println!("deliver_async                             {papers}");
    println!("availability_async                        {questions}");
    println!("deliver (blocking), {AT_ONCE} threads            {blocking}");

    let home = tempfile::tempdir().expect("a folder");
    let bare = timed(FILES, || bare_files(home.path()));
    let folder = FolderConnector::new(home.path().join("out"), home.path().join("in"), Duration::ZERO);
    let folder = folder.expect("folders");
    let files = timed(FILES, || put_files(&folder, 0..FILES));
    let many = timed(FILES, || {
        std::thread::scope(|scope| {
            for task in 1..=AT_ONCE {
                let folder = &folder;
                scope.spawn(move || put_files(folder, task * FILES..task * FILES + FILES / AT_ONCE));
            }
        });
    });
    println!("bare write, fsync, rename, fsync of folder {bare}");
    println!("folder deliver                             {files}");
    println!("folder deliver, {AT_ONCE} threads                 {many}");
}

/// Calls a second, and processor time of this whole process (both sides of the wire) a call.
fn timed(calls: u32, work: impl FnOnce()) -> String {
    let (begun, cpu) = (Instant::now(), cpu_ticks());
    work();
    let rate = f64::from(calls) / begun.elapsed().as_secs_f64();
    // Linux counts in hundredths of a second.
    let cpu_us = (cpu_ticks() - cpu) * 10_000.0 / f64::from(calls);
    format!("{rate:>9.0}/s  {cpu_us:>6.0} µs of processor each, both sides together")
}

fn cpu_ticks() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let field = |n: usize| fields.get(n).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    field(11) + field(12)
}

/// A vendor that answers everything with the same figures.
fn vendor() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || answer(stream));
        }
    });
    address
}

/// Reads whole requests, however they are cut into packets.
fn answer(mut stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    let (mut buffer, mut filled) = ([0; 8_192], 0);
    while let Ok(length @ 1..) = stream.read(&mut buffer[filled..]) {
        filled += length;
        let text = String::from_utf8_lossy(&buffer[..filled]);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            filled = 0;
            if stream.write_all(ANSWER).is_err() {
                return;
            }
        }
    }
}

fn raw_calls(address: SocketAddr) {
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                let mut stream = TcpStream::connect(address).expect("a connection");
                stream.set_nodelay(true).expect("an option");
                let mut buffer = [0; 8_192];
                for _ in 0..CALLS / AT_ONCE {
                    let request = b"POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: 16\r\n\r\n{\"po\": \"1001-1\"}";
                    stream.write_all(request).expect("sent");
                    assert!(stream.read(&mut buffer).expect("answered") > 0);
                }
            });
        }
    });
}

async fn deliver(connector: &HttpConnector) {
    let tasks = (0..AT_ONCE).map(|task| {
        let connector = connector.clone();
        tokio::spawn(async move {
            for n in 0..CALLS / AT_ONCE {
                let attempt = connector.deliver_async(&format!("{task}-{n}"), &paper(), PLENTY).await;
                assert!(done(&attempt.delivery), "{attempt:?}");
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.expect("no panic");
    }
}

async fn ask(connector: &HttpConnector) {
    let wanted = [VendorSku::new("AC-7781").expect("a number")];
    let tasks = (0..AT_ONCE).map(|_| {
        let (connector, wanted) = (connector.clone(), wanted.clone());
        tokio::spawn(async move {
            for _ in 0..CALLS / AT_ONCE {
                assert_eq!(connector.availability_async(&wanted, PLENTY).await.map(|figures| figures.len()), Ok(1));
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.expect("no panic");
    }
}

fn deliver_blocking(connector: &HttpConnector) {
    std::thread::scope(|scope| {
        for task in 0..AT_ONCE {
            scope.spawn(move || {
                for n in 0..CALLS / AT_ONCE {
                    assert!(done(&connector.deliver(&format!("{task}-{n}"), &paper(), PLENTY)));
                }
            });
        }
    });
}

fn bare_files(home: &std::path::Path) {
    let folder = std::fs::File::open(home).expect("a folder");
    for n in 0..FILES {
        let mut file = std::fs::File::create(home.join("part")).expect("a file");
        file.write_all(&paper().bytes).expect("written");
        file.sync_all().expect("synced");
        std::fs::rename(home.join("part"), home.join(n.to_string())).expect("renamed");
        folder.sync_all().expect("synced");
    }
}

fn put_files(folder: &FolderConnector, numbers: std::ops::Range<u32>) {
    for n in numbers {
        assert!(done(&folder.deliver(&n.to_string(), &paper(), PLENTY)));
    }
}

fn paper() -> Rendered {
    let bytes = br#"{"po": "1001-1"}"#.to_vec();
    Rendered { name: "purchase-orders".into(), media_type: "application/json".into(), bytes, reference: "".into() }
}

fn done(delivery: &Delivery) -> bool {
    matches!(delivery, Delivery::Done { .. })
}
