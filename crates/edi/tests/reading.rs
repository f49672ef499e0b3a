//! The ways in which real files differ from the book, each read through one door: what is found, and what is read.

mod answering;

use countersign_edi::{ReadOptions, Report, StreamReader, read, read_with};

const ISA: &str =
    "ISA*00*          *00*          *ZZ*BUYER          *ZZ*VENDOR         *261123*1030*U*00401*000000201*0*T*>~";
const BODY: &str = "GS*PO*BUYER*VENDOR*20261123*1030*201*X*004010~ST*850*0001~BEG*00*DS*1001-1**20261123~\
    PO1*1*3*EA*9.5**VN*MUG-1~CTT*1~SE*5*0001~GE*1*201~IEA*1*000000201~";
const UNB: &str = "UNB+UNOC:3+B:14+V:14+261123:1030+77'";
const MESSAGE: &str = "UNH+1+ORDERS:D:96A:UN:EAN008'BGM+220+1001-1+9'DTM+137:20261123:102'LIN+1++4000000000001:EN'\
    QTY+21:3:PCE'UNS+S'CNT+2:1'UNT+8+1'";

fn order() -> String {
    format!("{ISA}{BODY}")
}

/// A line for each interchange (sender, sets, segments) and each finding (level, rule, place).
fn told(report: &Report) -> String {
    let mut lines = Vec::new();
    for interchange in &report.interchanges {
        let segments: u32 = interchange.sets().map(|(_, set)| set.segments).sum();
        lines.push(format!("{} sets {} segments {segments}", interchange.header.sender.id, interchange.sets().count()));
    }
    for finding in &report.findings {
        let place = &finding.place;
        lines.push(format!("{} {} line {} segment {}", finding.level.word(), finding.id(), place.line, place.segment));
    }
    lines.join("\n")
}

#[track_caller]
fn check(input: impl AsRef<[u8]>, expected: &[&str]) {
    let input = input.as_ref();
    let report = read(input);
    assert_eq!(
        told(&report),
        expected.join("\n"),
        "{:#?}",
        report.findings.iter().map(ToString::to_string).collect::<Vec<_>>()
    );
    let mut reader = StreamReader::new(Default::default(), countersign_edi::Collector::new(10_000));
    input.chunks(7).for_each(|piece| reader.push(piece));
    assert_eq!(reader.finish().finish(input.len() as u64), report, "read in pieces");
}

const GOOD: &str = "BUYER sets 1 segments 5";

#[test]
fn line_ends_are_noise_or_terminators() {
    check(order(), &[GOOD]);
    check(order().replace('~', "~\n"), &[GOOD]);
    check(order().replace('~', "~\r\n"), &[GOOD]);
    check(order().replace('~', "\n"), &[GOOD]);
    check(order().replace('~', "\r"), &[GOOD]);
    check(order().replace('~', "\r\n"), &[GOOD]);
    check(order().replace('~', "\n").replace("BEG", "\nBEG"), &[GOOD]);
    check(order().replace('~', "\x1c"), &[GOOD]);
    check(order().replace('~', "'"), &[GOOD]);
    check(order().replace('~', "\u{85}").chars().map(|letter| letter as u8).collect::<Vec<_>>(), &[GOOD]);
}

#[test]
fn odd_delimiters() {
    check(order().replace('*', "|").replace('~', "?"), &[GOOD]);
    check(order().replace('*', "\x1d").replace('~', "\x1c").replace('>', "\x1f"), &[GOOD]);
}

#[test]
fn what_stands_around_interchanges() {
    check(format!("\u{FEFF}{}", order()), &[GOOD]);
    check(format!("\r\n\r\n{}\x1a", order()), &[GOOD]);
    check(format!("Subject: order\n\n{}", order()), &[GOOD, "warn interchange.junk line 1 segment 0"]);
    let twice = format!(
        "{}\nsome text\n{}",
        order(),
        order().replace("201~", "202~").replace("*000000201*", "*000000202*").replace("*201*X", "*202*X")
    );
    check(twice, &[GOOD, GOOD, "warn interchange.junk line 2 segment 0"]);
    let other = order().replace("000000201", "000000202").replace('*', "|").replace('~', "\n");
    check(format!("{}{other}", order()), &[GOOD, GOOD]);
    check("", &["reject input.empty line 1 segment 0"]);
    check("%PDF-1.4 not EDI", &["reject input.empty line 1 segment 0"]);
}

#[test]
fn headers_out_of_shape() {
    let short =
        order().replace("*          *", "**").replace("BUYER          ", "BUYER").replace("VENDOR         ", "VENDOR");
    check(short, &[GOOD, "warn interchange.header-width line 1 segment 0"]);
    let spaced = order().replacen(">~", ">  ~", 1);
    check(spaced, &[GOOD, "warn interchange.terminator-spaced line 1 segment 0"]);
    check(&order()[..60], &["reject interchange.header-incomplete line 1 segment 0"]);
}

#[test]
fn lines_broken_at_eighty_columns() {
    let text = order();
    let wrapped: Vec<&str> = text.as_bytes().chunks(80).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
    let mut input = wrapped.join("\r\n");
    // The header itself must stay whole, as it is found by its fixed places.
    input = input.replacen("\r\n", "", 1);
    let report = read(input.as_bytes());
    assert_eq!(report.sets().next().expect("a set").2.segments, 5);
    assert!(report.is_accepted() && report.findings.len() == 1, "{:?}", report.findings);
}

#[test]
fn trailers_that_never_come() {
    check(
        order().replace("SE*5*0001~", ""),
        &["BUYER sets 1 segments 4", "reject set.trailer-missing line 1 segment 5"],
    );
    check(order().replace("GE*1*201~", ""), &[GOOD, "reject group.trailer-missing line 1 segment 0"]);
    check(order().replace("IEA*1*000000201~", ""), &[GOOD, "reject interchange.trailer-missing line 1 segment 0"]);
    let cut = order();
    let cut = &cut[..cut.find("~CTT").expect("a CTT") + 2];
    check(
        cut,
        &[
            "BUYER sets 1 segments 4",
            "warn segment.unterminated line 1 segment 0",
            "reject set.trailer-missing line 1 segment 5",
            "reject group.trailer-missing line 1 segment 0",
            "reject interchange.trailer-missing line 1 segment 0",
        ],
    );
    check(order().trim_end_matches('~'), &[GOOD, "warn segment.unterminated line 1 segment 0"]);
    let next = format!("{}{}", order().replace("IEA*1*000000201~", ""), order().replace("000000201", "000000202"));
    check(next, &[GOOD, GOOD, "reject interchange.trailer-missing line 1 segment 0"]);
}

#[test]
fn an_acknowledgment_may_stand_beside_groups() {
    let input = order().replacen("GS*", "TA1*000000101*261122*0900*A*000~GS*", 1);
    check(&input, &[GOOD]);
    let report = read(input.as_bytes());
    assert_eq!(report.interchanges[0].acknowledgments[0].control, "000000101");
}

#[test]
fn numbers_used_twice() {
    let two = BODY.replace("GE*1", "ST*850*0001~BEG*00*DS*1001-2**20261123~PO1*1*3*EA*9.5**VN*MUG-1~SE*4*0001~GE*2");
    check(format!("{ISA}{two}"), &["BUYER sets 2 segments 9", "accept_with_error set.duplicate line 1 segment 1"]);
    check(format!("{}{}", order(), order()), &[GOOD, GOOD, "warn interchange.duplicate line 1 segment 0"]);
}

const EDIFACT: &str = "B sets 1 segments 8";

#[test]
fn edifact_in_its_many_shapes() {
    let whole = format!("{UNB}{MESSAGE}UNZ+1+77'");
    check(&whole, &[EDIFACT]);
    check(format!("UNA:+.? '\r\n{}", whole.replace('\'', "'\r\n")), &[EDIFACT]);
    check(format!("{}{}", "UNA:+.? '", whole), &[EDIFACT]);
    check(whole.replace('\'', "\n"), &[EDIFACT, "warn interchange.terminator-line line 1 segment 0"]);
    check(format!("UNA|^.\\ ~{}", whole.replace(':', "|").replace('+', "^").replace('\'', "~")), &[EDIFACT]);
    check(whole.replace(':', "\x1f").replace('+', "\x1d").replace('\'', "\x1c"), &[EDIFACT]);
    check(format!("'{whole}"), &[EDIFACT, "warn interchange.junk line 1 segment 0"]);
    check(MESSAGE, &[" sets 1 segments 8", "warn interchange.header-missing line 1 segment 0"]);
    let group = format!("{UNB}UNG+ORDERS+B+V+261123:1030+5+UN+D:96A'{MESSAGE}UNE+1+5'UNZ+1+77'");
    check(group, &[EDIFACT]);
}

#[test]
fn a_control_number_that_came_before_with_other_content_is_refused() {
    let message = format!("{UNB}{MESSAGE}UNZ+1+77'");
    for (input, reference, answered) in
        [(order(), "ISA13", "TA1*000000201*261123*1030*R*025"), (message, "UNB05", "UCI+77+B:14+V:14+4+26+UNB")]
    {
        let fresh = read(input.as_bytes());
        assert!(fresh.is_accepted() && fresh.findings.is_empty(), "{}", told(&fresh));
        let used = [fresh.interchanges[0].header.identity()].into();
        let report = read_with(input.as_bytes(), ReadOptions { used, ..ReadOptions::default() });
        let found: Vec<String> = report.findings.iter().map(|f| format!("{} {}", f.id(), f.reference())).collect();
        assert_eq!(found, [format!("interchange.duplicate {reference}")]);
        assert!(!report.is_accepted());
        let answer = String::from_utf8(answering::answer(&report, &report.interchanges[0])).expect("ASCII");
        assert!(answer.contains(answered), "{answer}");
    }
}

#[test]
fn release_characters_by_parity() {
    let text = |data: &str| {
        format!("{UNB}{}UNZ+1+77'", MESSAGE.replace("QTY", &format!("IMD+F++:::{data}'QTY")).replace("UNT+8", "UNT+9"))
    };
    let line = "B sets 1 segments 9";
    check(text("12?' tall"), &[line]);
    check(text("what??"), &[line]);
    check(text("a?+b?:c"), &[line]);
    check(text("stray ?x"), &[line, "warn element.stray-release line 1 segment 5"]);
    let input = text("12?' tall??");
    let report = read(input.as_bytes());
    let (interchange, _, set) = report.sets().next().expect("a set");
    let document = set.document(input.as_bytes(), &interchange.header.delimiters);
    assert_eq!(document.first("IMD").expect("an IMD").component(3, 4), "12' tall?");
}

#[test]
fn headers_without_end_cost_no_more_than_other_bytes() {
    // A megabyte of headers, each cutting off the one before: reading must not begin the window anew for each.
    let input = ISA.repeat(10_000);
    let start = std::time::Instant::now();
    let report = read(input.as_bytes());
    assert_eq!(report.interchanges.len(), 10_000);
    assert!(start.elapsed() < std::time::Duration::from_secs(2), "{:?}", start.elapsed());
}
