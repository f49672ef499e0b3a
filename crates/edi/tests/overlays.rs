//! What a partner does otherwise: every kind of change, read through one door.

use countersign_edi::{
    Change, ElementPlace, Finding, Level, Overlay, OverlayRule, ReadOptions, Report, Rule, Schemas, Source, Standard,
    read_with,
};
use std::collections::BTreeMap;

const BODY: &str = "BAK*00*AC*1001-1*20261123~REF*VN*77~PO1*1*3*EA*9.5**VN*MUG~ACK*IA*3*EA~CTT*1~";

fn read(body: &str, overlay: &[(Change, Level)]) -> Report {
    let rules = overlay.iter().map(|(change, level)| OverlayRule { change: change.clone(), level: *level }).collect();
    let overlay = Overlay { name: "test".into(), rules };
    let base = Schemas::standard().find(Standard::X12, "855", "004010").expect("an 855");
    let schema = base.with_overlay(&overlay).expect("it names what is there");
    let segments = body.matches('~').count() + 2;
    let input = format!(
        "ISA*00*          *00*          *ZZ*SELLER         *ZZ*BUYER          *261123*1030*U*00401*000000201*0*T*>~\
         GS*PR*SELLER*BUYER*20261123*1030*201*X*004010~ST*855*0001~{body}SE*{segments}*0001~GE*1*201~IEA*1*000000201~"
    );
    read_with(input.as_bytes(), ReadOptions { schemas: Schemas::standard().with(schema), ..ReadOptions::default() })
}

#[track_caller]
fn check(body: &str, overlay: &[(Change, Level)], expected: &[(Rule, &str, Level)]) {
    let report = read(body, overlay);
    let found: Vec<(Rule, String, Level)> =
        report.findings.iter().map(|finding: &Finding| (finding.rule, finding.reference(), finding.level)).collect();
    let expected: Vec<(Rule, String, Level)> =
        expected.iter().map(|(rule, place, level)| (*rule, (*place).to_owned(), *level)).collect();
    assert_eq!(found, expected, "{:?}", report.findings);
}

fn place(segment: &str, element: u16) -> ElementPlace {
    ElementPlace { segment: segment.into(), element, component: 0 }
}

#[test]
fn nothing_changes_without_rules() {
    check(BODY, &[], &[]);
}

#[test]
fn a_segment_is_required_or_relaxed() {
    let required = Change::RequireSegment { segment: "DTM".into() };
    let only_heading = Change::RequireSegment { segment: "/DTM".into() };
    check(BODY, &[(only_heading, Level::Reject)], &[(Rule::SegmentMissing, "DTM", Level::Reject)]);
    let report = read(BODY, &[(required, Level::Warn)]);
    assert!(report.findings.iter().all(|finding| finding.source == Source::Partner && finding.level == Level::Warn));
    let without = BODY.replace("BAK*00*AC*1001-1*20261123~", "");
    check(&without, &[(Change::RelaxSegment { segment: "BAK".into() }, Level::Ignore)], &[]);
}

#[test]
fn a_segment_is_added_and_limited() {
    let extra = BODY.replace("ACK*", "ZA*X*1~ACK*");
    check(&extra, &[], &[(Rule::SegmentNotInSet, "ZA", Level::AcceptWithError)]);
    let add = Change::AddSegment { after: "PO1/PID".into(), tag: "ZA".into(), max: 2 };
    check(&extra, &[(add, Level::Ignore)], &[]);
    let twice = BODY.replace("ACK*IA*3*EA~", "ACK*IA*2*EA~ACK*IB*1*EA~");
    let once = Change::LimitSegment { segment: "PO1/ACK".into(), max: 1 };
    check(&twice, &[(once, Level::Reject)], &[(Rule::LoopTooMany, "ACK", Level::Reject)]);
}

#[test]
fn an_element_is_required_forbidden_and_limited() {
    check(
        BODY,
        &[(Change::RequireElement { place: place("BAK", 8) }, Level::Reject)],
        &[(Rule::ElementMissing, "BAK08", Level::Reject)],
    );
    check(
        BODY,
        &[(Change::ForbidElement { place: place("REF", 2) }, Level::Warn)],
        &[(Rule::PartnerNotUsed, "REF02", Level::Warn)],
    );
    let short = Change::LimitElement { place: place("BAK", 3), min: 1, max: 5 };
    check(BODY, &[(short, Level::Reject)], &[(Rule::ElementTooLong, "BAK03", Level::Reject)]);
}

#[test]
fn codes_are_restricted_and_mapped() {
    let codes = ["IA", "IR"].map(|code| (code.to_owned(), String::new())).to_vec();
    let restrict = Change::RestrictCodes { place: place("PO1/ACK", 1), codes };
    let other = BODY.replace("ACK*IA", "ACK*IB");
    check(
        &other,
        &[(restrict.clone(), Level::AcceptWithError)],
        &[(Rule::ElementCode, "ACK01", Level::AcceptWithError)],
    );
    let unknown = BODY.replace("ACK*IA", "ACK*OK");
    check(&unknown, &[], &[(Rule::ElementCode, "ACK01", Level::Reject)]);
    check(&unknown, &[(Change::AnyCode { place: place("ACK", 1) }, Level::Ignore)], &[]);
    let map = Change::MapCodes { place: place("ACK", 1), codes: BTreeMap::from([("OK".to_owned(), "IA".to_owned())]) };
    check(&unknown, &[(map, Level::Ignore)], &[]);
}

#[test]
fn a_level_is_changed_alone() {
    let late = BODY.replace("ACK*IA*3*EA~", "ACK*IA*3*EA~PID*F****MUG~");
    check(&late, &[], &[(Rule::SegmentOutOfOrder, "PID", Level::AcceptWithError)]);
    let ignored = Change::Level { rule: Some(Rule::SegmentOutOfOrder), segment: "PID".into(), element: 0 };
    check(&late, &[(ignored.clone(), Level::Ignore)], &[]);
    check(&late, &[(ignored, Level::Reject)], &[(Rule::SegmentOutOfOrder, "PID", Level::Reject)]);
}

#[test]
fn a_rule_about_nothing_is_refused_with_its_number() {
    let overlay = Overlay {
        name: "wrong".into(),
        rules: vec![OverlayRule { change: Change::RelaxSegment { segment: "XYZ".into() }, level: Level::Ignore }],
    };
    let base = Schemas::standard().find(Standard::X12, "855", "004010").expect("an 855");
    let errors = base.with_overlay(&overlay).expect_err("there is no XYZ");
    assert_eq!(errors[0].rule, 0);
}
