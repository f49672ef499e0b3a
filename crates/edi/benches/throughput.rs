//! How fast the crate reads, checks and writes on one thread, beside memchr and memcpy over the same bytes in the same
//! run. `cargo bench -p countersign-edi`; set EDI_BENCH_MB to change the size of the feeds from 50,
//! EDI_BENCH_GB that of the stream from 1.

use countersign_edi::{
    AcknowledgmentOptions, Delimiters, Listener, ReadOptions, Report, Segment, SegmentContext, StreamReader,
    WriteOptions, Writer, X12Group, X12Interchange, listen, read, write_997,
};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// The best of some runs, as interference only ever slows down; not more than a few seconds of them.
fn best(runs: usize, mut work: impl FnMut()) -> Duration {
    let begin = Instant::now();
    let mut best = Duration::MAX;
    for _ in 0..runs {
        let start = Instant::now();
        work();
        best = best.min(start.elapsed());
        if begin.elapsed() > Duration::from_secs(4) {
            break;
        }
    }
    best
}

fn rate(name: &str, bytes: usize, goal: Option<u32>, work: impl FnMut()) {
    let took = best(25, work);
    let speed = bytes as f64 / took.as_secs_f64() / 1e6;
    let goal = goal.map_or(String::new(), |goal| {
        format!("   goal {goal}: {}", if speed >= f64::from(goal) { "met" } else { "MISSED" })
    });
    println!("{name:<52} {speed:>9.0} MB/s{goal}");
}

/// A listener that only counts, so that nothing is optimised away.
#[derive(Default)]
struct Counter {
    segments: u64,
    elements: u64,
}

impl Listener for Counter {
    fn segment(&mut self, segment: &Segment<'_>, _: &SegmentContext<'_>) {
        self.segments += 1;
        self.elements += segment.len() as u64;
    }
}

fn interchange(control: u32) -> X12Interchange<'static> {
    X12Interchange {
        sender: ("ZZ", "SELLER"),
        receiver: ("ZZ", "BUYER"),
        date: "261123",
        time: "1030",
        version: "00401",
        control,
        acknowledgment_requested: false,
        usage: 'P',
    }
}

fn group(kind: &'static str) -> X12Group<'static> {
    X12Group {
        kind,
        sender: "SELLER",
        receiver: "BUYER",
        date: "20261123",
        time: "1030",
        control: 1,
        version: "004010",
    }
}

/// An 846 with as many lines as fill `bytes`; sets of 10,000 lines, as the standard allows.
fn feed_x12(bytes: usize) -> Vec<u8> {
    let mut options = WriteOptions::new(Delimiters::X12_4010);
    options.line_end = countersign_edi::LineEnd::Lf;
    let mut writer = Writer::new(options);
    writer.begin_x12(&interchange(1)).begin_group(&group("IB"));
    let mut written = 0;
    let mut line = 0u32;
    while written < bytes {
        writer.begin_set("846").simple("BIA", &["00", "SI", "FEED-1", "20261123"]);
        for _ in 0..10_000 {
            line += 1;
            let (sku, gtin, quantity) = (
                format!("MUG-{line:07}"),
                format!("{:012}", 40_000_000_000u64 + u64::from(line)),
                (line % 977).to_string(),
            );
            writer.simple("LIN", &[&line.to_string(), "VN", &sku, "UP", &gtin]);
            writer.simple("PID", &["F", "", "", "", "Stoneware mug, glazed, 12 oz"]);
            writer.simple("CTP", &["", "WHL", "4.25"]);
            writer.simple("QTY", &["33", &quantity, "EA"]);
            writer.simple("DTM", &["018", "20261201"]);
            written += 130;
            if written >= bytes {
                break;
            }
        }
        let lines = ((line - 1) % 10_000 + 1).to_string();
        writer.simple("CTT", &[&lines]);
    }
    // QTY03 is a composite: one component of it is enough.
    writer.finish().expect("the feed holds no delimiter")
}

/// An INVRPT with as many lines as fill `bytes`; messages of 9,999 lines, as the directory allows.
fn feed_edifact(bytes: usize) -> Vec<u8> {
    let mut out = b"UNA:+.? '\nUNB+UNOC:3+SELLER:14+BUYER:14+261123:1030+1'\n".to_vec();
    let (mut line, mut messages) = (0u32, 0u32);
    while out.len() < bytes {
        messages += 1;
        let head =
            format!("UNH+{messages}+INVRPT:D:96A:UN:EAN004'\nBGM+35+FEED-{messages}+9'\nDTM+137:20261123:102'\n");
        out.extend_from_slice(head.as_bytes());
        let mut lines = 0u32;
        while lines < 9_999 && out.len() < bytes {
            (line, lines) = (line + 1, lines + 1);
            let text = format!(
                "LIN+{lines}++{:013}:EN'\nPIA+1+MUG-{line:07}:SA'\nIMD+F++:::Stoneware mug, glazed'\nQTY+145:{}:PCE'\nLOC+18+WAREHOUSE-1::92'\nDTM+44:20261201:102'\n",
                4_000_000_000_000u64 + u64::from(line),
                line % 977
            );
            out.extend_from_slice(text.as_bytes());
        }
        out.extend_from_slice(format!("UNT+{}+{messages}'\n", 4 + 6 * lines).as_bytes());
    }
    out.extend_from_slice(format!("UNZ+{messages}+1'\n").as_bytes());
    out
}

fn envelope_only() -> ReadOptions {
    ReadOptions { check_sets: false, ..ReadOptions::default() }
}

fn ceilings(name: &str, feed: &[u8]) {
    println!("\n{name}, {:.1} MB", feed.len() as f64 / 1e6);
    let mut copy = vec![0u8; feed.len()];
    rate("memcpy", feed.len(), None, || {
        copy.copy_from_slice(black_box(feed));
        black_box(&copy);
    });
    rate("memchr, each segment terminator", feed.len(), None, || {
        black_box(memchr::memchr2_iter(b'~', b'\'', black_box(feed)).count());
    });
    rate("memchr, each of three delimiters", feed.len(), None, || {
        let (a, b, c) = if feed.starts_with(b"ISA") { (b'*', b'>', b'~') } else { (b'+', b':', b'\'') };
        black_box(memchr::memchr3_iter(a, b, c, black_box(feed)).count());
    });
}

fn feeds(bytes: usize) {
    let x12 = feed_x12(bytes);
    ceilings("846 of 004010", &x12);
    rate("tokens, envelope, counts", x12.len(), Some(1500), || {
        let mut counter = Counter::default();
        listen(black_box(&x12), envelope_only(), &mut counter);
        black_box(counter.segments + counter.elements);
    });
    rate("the same, checked against the schema", x12.len(), Some(300), || {
        black_box(read(black_box(&x12)));
    });
    rate("the same, in pieces of 16 KB", x12.len(), None, || {
        let mut reader = StreamReader::new(ReadOptions::default(), Counter::default());
        for piece in x12.chunks(16 * 1024) {
            reader.push(piece);
        }
        black_box(reader.finish().segments);
    });
    let report = read(&x12);
    println!("  {:?}, {} findings", report.level(), report.findings.len());
    let edifact = feed_edifact(bytes);
    ceilings("INVRPT of D.96A", &edifact);
    rate("tokens, envelope, counts", edifact.len(), Some(1200), || {
        let mut counter = Counter::default();
        listen(black_box(&edifact), envelope_only(), &mut counter);
        black_box(counter.segments + counter.elements);
    });
    rate("the same, checked against the schema", edifact.len(), Some(300), || {
        black_box(read(black_box(&edifact)));
    });
    let report = read(&edifact);
    println!("  {:?}, {} findings", report.level(), report.findings.len());
}

fn acknowledgment() -> Vec<u8> {
    let mut writer = Writer::new(WriteOptions::new(Delimiters::X12_4010));
    writer.begin_x12(&interchange(7)).begin_group(&group("PR"));
    writer.begin_set("855").simple("BAK", &["00", "AC", "1001-1", "20261123", "", "", "", "V-778", "20261123"]);
    for line in 1..=18 {
        let line = line.to_string();
        writer.simple("PO1", &[&line, "3", "EA", "9.5", "", "VN", "MUG-0000001", "UP", "040000000001"]);
        writer.simple("ACK", &["IA", "3", "EA", "068", "20261125"]);
    }
    writer.simple("CTT", &["18"]);
    writer.finish().expect("no delimiter in it")
}

fn answer(report: &Report) -> Vec<u8> {
    let mut writer = Writer::new(WriteOptions::new(Delimiters::X12_4010));
    writer.begin_x12(&interchange(8)).begin_group(&group("FA"));
    write_997(report, &report.interchanges[0], AcknowledgmentOptions::default(), &mut writer);
    writer.finish().expect("no delimiter in it")
}

fn small() {
    let input = acknowledgment();
    const TIMES: u32 = 20_000;
    let took = best(5, || {
        for _ in 0..TIMES {
            black_box(answer(&read(black_box(&input))));
        }
    });
    let each = took.as_secs_f64() * 1e6 / f64::from(TIMES);
    let met = if each < 10.0 { "met" } else { "MISSED" };
    println!("\n855 of {} bytes: read, check, write the 997           {each:>6.2} µs   goal 10: {met}", input.len());
}

fn write_orders() {
    const ORDERS: u32 = 20_000;
    let mut bytes = 0;
    let took = best(5, || {
        let mut writer = Writer::new(WriteOptions::new(Delimiters::X12_4010));
        let mut sink = Vec::with_capacity(2048);
        bytes = 0;
        for order in 0..ORDERS {
            let number = order.to_string();
            writer.begin_x12(&interchange(order)).begin_group(&group("PO"));
            writer.begin_set("850").simple("BEG", &["00", "DS", &number, "", "20261123"]);
            writer.simple("REF", &["CO", "WEB-1001"]);
            writer.simple("N1", &["ST", "JANE DOE", "92", "C-77"]).simple("N3", &["1 MAIN ST"]);
            writer.simple("N4", &["COLUMBUS", "OH", "43004", "US"]);
            writer.simple("TD5", &["", "2", "FDEG", "", "GROUND"]);
            writer.simple("PO1", &["1", "3", "EA", "9.5", "", "VN", "MUG-0000001", "UP", "040000000001"]);
            writer.simple("PO1", &["2", "1", "EA", "24.95", "", "VN", "LAMP-BR-1", "UP", "040000000002"]);
            writer.simple("CTT", &["2"]);
            sink.clear();
            writer.finish_into(&mut sink).expect("no delimiter in it");
            bytes += sink.len();
        }
        black_box(&sink);
    });
    let each = f64::from(ORDERS) / took.as_secs_f64();
    let met = if each >= 300_000.0 { "met" } else { "MISSED" };
    println!(
        "850 of {} bytes written                        {each:>9.0} a second   goal 300000: {met}",
        bytes / ORDERS as usize
    );
}

/// Peak resident memory of this process in MB, where the system tells it.
fn peak_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kilobytes| kilobytes / 1024.0)
}

/// A file of a gigabyte that is never in memory: the same set over and over, with its own control number.
fn stream_a_gigabyte(gigabytes: f64) {
    let feed = feed_x12(1_000_000);
    let text = std::str::from_utf8(&feed).expect("ASCII");
    let (head, rest) = text.split_at(text.find("ST*").expect("a set"));
    let (set, tail) = rest.split_at(rest.find("GE*").expect("a trailer"));
    let sets = (gigabytes * 1e9 / set.len() as f64) as u32;
    let start = Instant::now();
    let mut reader = StreamReader::new(ReadOptions::default(), Counter::default());
    reader.push(head.as_bytes());
    for control in 1..=sets {
        let control = format!("*{control:09}");
        reader.push(set.replace("*0001", &control).as_bytes());
    }
    reader.push(tail.replace("GE*1*", &format!("GE*{sets}*")).as_bytes());
    let segments = reader.finish().segments;
    let bytes = f64::from(sets) * set.len() as f64;
    let peak = peak_memory().map_or("unknown".to_owned(), |peak| format!("{peak:.1} MB"));
    let speed = bytes / start.elapsed().as_secs_f64() / 1e6;
    println!(
        "{:.2} GB in pieces, checked: {segments} segments, {speed:.0} MB/s, peak memory {peak}, goal 16 MB",
        bytes / 1e9
    );
}

fn main() {
    let gigabytes = std::env::var("EDI_BENCH_GB").ok().and_then(|text| text.parse().ok()).unwrap_or(1.0);
    stream_a_gigabyte(gigabytes);
    let megabytes = std::env::var("EDI_BENCH_MB").ok().and_then(|text| text.parse().ok()).unwrap_or(50usize);
    feeds(megabytes * 1_000_000);
    small();
    write_orders();
}
