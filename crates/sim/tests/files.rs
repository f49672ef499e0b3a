//! Files as people have them: other countries' numbers and days, slips in names and years, words nobody foresaw. What can
//! be read is read, and what cannot is named with its line.

#![allow(clippy::unwrap_used, reason = "tests")]

use countersign_engine::policy::Policy;
use countersign_sim::history::dirt::{Dirt, Oddity};
use countersign_sim::history::facts::happened;
use countersign_sim::history::generate::{PLAIN, mapping};
use countersign_sim::history::mapping::Mapping;
use countersign_sim::history::read::{read, read_at};
use countersign_sim::history::{CancelledBy, History};
use countersign_sim::replay::why::why;
use jiff::Timestamp;

const HEAD: &str = "order,placed_at,sku,quantity,unit_price,source,sent_at,ship_by,answered_at,accepted,shipped_at,cancelled_at,cancelled_by";

fn read_by(mapping: &Mapping, now: Option<&str>, files: &[(&str, String)]) -> History {
    let open = |name: &str| {
        let file = files.iter().find(|(n, _)| *n == name);
        Ok(file.map(|(_, text)| std::io::Cursor::new(text.clone().into_bytes())))
    };
    match now {
        Some(now) => read_at(Some(now.parse::<Timestamp>().unwrap()), mapping, open).unwrap(),
        None => read(mapping, open).unwrap(),
    }
}

fn plain(now: Option<&str>, rows: &[String]) -> History {
    read_by(&mapping(), now, &[("order_lines.csv", format!("{HEAD}\n{}\n", rows.join("\n")))])
}

/// Ordered in July, and shipped then, unless it is still open.
fn order(n: u32, shipped: &str) -> String {
    let day = 1 + n % 25;
    format!(
        "T{n},2026-07-{day:02}T09:00:00Z,MUG,1,9.00,acme,2026-07-{day:02}T09:00:00Z,2026-07-31T09:00:00Z,2026-07-{day:02}T10:00:00Z,1,{shipped},,"
    )
}

fn rejected(history: &History) -> Vec<(&str, u64, &str)> {
    history.dirt.samples.iter().map(|r| (&*r.kind, r.row, r.column.as_str())).collect()
}

fn examples(dirt: &Dirt, oddity: Oddity) -> Vec<&str> {
    dirt.noted.get(&oddity).map(|n| n.examples.iter().map(String::as_str).collect()).unwrap_or_default()
}

/// One mistyped year names itself, and moves nothing of the others.
#[test]
fn a_mistyped_year_does_not_move_the_end_of_the_history() {
    let open = |n| order(n, "");
    let mut rows: Vec<String> = (0..60).map(|n| order(n, "2026-07-26T09:00:00Z")).chain((100..110).map(open)).collect();
    let sound = plain(None, &rows);
    assert_eq!(sound.dirt.count(Oddity::NeverApproved), 0, "where nobody records approvals, none is missing");
    let (span, due) = (sound.span, happened(&sound).purchase_orders.overdue_unshipped);
    assert_eq!((due, sound.pasts.iter().filter(|(_, past)| sound.is_in_flight(past)).count()), (0, 10));
    let slips = [
        order(200, "2062-07-26T09:00:00Z"),
        order(201, "").replace("2026-07-02T10", "2036-07-02T10"),
        order(202, "2026-07-26T09:00:00Z").replace("T202,2026", "T202,2056"),
    ];
    rows.extend(slips);
    let told = plain(None, &rows);
    assert_eq!((told.span, happened(&told).purchase_orders.overdue_unshipped), (span, 0));
    assert_eq!(told.dirt.count(Oddity::FarAfterTheRest), 3);
    assert_eq!(examples(&told.dirt, Oddity::FarAfterTheRest)[0], "T200 at 2062-07-26T09:00:00Z");
    assert_eq!((told.by_time.len(), told.dirt.count(Oddity::OrderWithoutLines)), (70, 0), "set aside, not replayed");
    // Where it is known when the files are read, the very row is named.
    let told = plain(Some("2026-07-28T00:00:00Z"), &rows);
    let cells =
        [("in_the_future", 72, "shipped_at"), ("in_the_future", 73, "answered_at"), ("in_the_future", 74, "placed_at")];
    assert_eq!((rejected(&told), told.span), (cells.to_vec(), span));
    assert_eq!(told.dirt.count(Oddity::FarAfterTheRest), 0);
    // A pause between two seasons is none.
    let seasons: Vec<String> = (0..30)
        .map(|n| order(n, "2026-07-26T09:00:00Z"))
        .chain((30..60).map(|n| order(n, "").replace("2026-07", "2027-07")))
        .collect();
    assert_eq!(plain(None, &seasons).dirt.count(Oddity::FarAfterTheRest), 0);
}

#[test]
fn a_mistyped_year_does_not_move_the_beginning_of_the_history() {
    let mut rows: Vec<String> = (0..60).map(|n| order(n, "2026-07-26T09:00:00Z")).collect();
    let span = plain(None, &rows).span;
    rows.push(order(200, "2026-07-26T09:00:00Z").replace("T200,2026", "T200,2016"));
    rows.push(order(201, "2016-07-26T09:00:00Z"));
    let told = plain(None, &rows);
    assert_eq!((told.span, told.by_time.len()), (span, 60), "set aside, not replayed");
    let named = ["T200 at 2016-07-01T09:00:00Z", "T201 at 2016-07-26T09:00:00Z"];
    assert_eq!(examples(&told.dirt, Oddity::FarBeforeTheRest), named);
    assert_eq!((told.dirt.count(Oddity::FarAfterTheRest), told.dirt.count(Oddity::OrderWithoutLines)), (0, 0));
    // A first season, and a pause after it, are none.
    let seasons: Vec<String> = (0..30)
        .map(|n| order(n, "2026-07-26T09:00:00Z"))
        .chain((30..60).map(|n| order(n, "").replace("2026-07", "2025-07")))
        .collect();
    assert_eq!(plain(None, &seasons).dirt.count(Oddity::FarBeforeTheRest), 0);
}

/// What a spreadsheet of Europe writes: commas in amounts, days beside times, letters that ids and categories may not have.
#[test]
fn a_file_of_another_country_is_read() {
    let change = |text: &str| {
        let writing =
            "time_zone = \"Europe/Berlin\"\ndecimal = \",\"\ntime_format = [\"%d.%m.%Y %H:%M\", \"%d.%m.%Y\"]";
        let text = text.replace("time_zone = \"UTC\"", writing);
        Mapping::parse(&text.replacen("repeats = true", "repeats = true\ntime_formats.promised = \"%d/%m/%y\"", 1))
            .unwrap()
    };
    let items = "sku;category\nStuhl;Möbel/Stühle\nLampe;Möbel/Lampen\nTopf;moebel/lampen\nRing;\n".to_owned();
    let rows = "order;placed_at;promised;sku;quantity;unit_price;source;sent_at;shipped_at\n\
                BÄ 1;01.07.2026 09:00;12/07/26;Stuhl;1.000,0;1.234,50;Müller;2026-07-01T10:00:00;02.07.2026\n\
                BÄ 1;01.07.2026 09:00;12/07/26;Lampe;2;12,5;Müller;2026-07-01T10:00:00;02.07.2026\n\
                B2;01.07.2026;12/07/26;Topf;1;12.50;acme;;\n";
    let files = [("items.csv", items), ("order_lines.csv", rows.to_owned())];
    let told = read_by(&change(PLAIN), None, &files);
    assert_eq!(rejected(&told), [("bad_amount", 4, "unit_price")]);
    assert!(told.dirt.samples[0].reason.contains("decimal = \".\""), "{:?}", told.dirt.samples);
    assert_eq!(told.categories[1..], ["moebel/stuehle", "moebel/lampen"]);
    assert_eq!(examples(&told.dirt, Oddity::CategoryRewritten).len(), 2);
    assert_eq!(examples(&told.dirt, Oddity::CategoriesMerged), ["\"moebel/lampen\" as moebel/lampen"]);
    assert_eq!(examples(&told.dirt, Oddity::IdEscaped), ["\"BÄ 1\" as B=C3=84=201", "\"Müller\" as M=C3=BCller"]);
    let past = told.pasts.get(told.order_ids.find("B=C3=84=201").unwrap());
    assert_eq!((past.lines[0].quantity, past.lines[0].price, past.lines[1].price), (1_000, 123_450, 1_250));
    let at = |moment: countersign_sim::history::Moment| moment.at().to_string();
    assert_eq!(
        (at(past.order.placed), at(past.pos[0].sent)),
        ("2026-07-01T07:00:00Z".into(), "2026-07-01T08:00:00Z".into())
    );
    assert_eq!(
        (at(past.pos[0].shipped), at(past.order.promised)),
        ("2026-07-01T22:00:00Z".into(), "2026-07-11T22:00:00Z".into())
    );
    // Without a word in the mapping, the error says which.
    let told = plain(None, &[order(1, "").replace(",9.00,", ",\"9,50\",")]);
    assert!(told.dirt.samples[0].reason.contains("say decimal = \",\" in the mapping"), "{:?}", told.dirt.samples);
    // Numbers of JSON have a point, whatever the texts beside them have.
    let lines = PLAIN.replace("order_lines.csv", "order_lines.ndjson");
    let row = r#"{"order":"J1","placed_at":"2026-07-01T09:00:00Z","sku":"MUG","quantity":2,"unit_price":12.125,"source":"acme","unit_cost":"1.250,50"}"#;
    let told = read_by(&change(&lines.replace("\"USD\"", "\"KWD\"")), None, &[("order_lines.ndjson", row.to_owned())]);
    let past = told.pasts.get(0);
    assert_eq!((past.lines[0].price, past.asks[0].unit_cost), (12_125, 1_250_500), "{:?}", told.dirt.samples);
}

#[test]
fn an_amount_below_zero_is_no_price_and_no_cost() {
    let rows = format!("{HEAD}\n{}\n{}\n", order(1, ""), order(2, "").replace(",9.00,", ",-12.50,"));
    let offers = "source,sku,unit_cost,shipping_cost\nacme,MUG,-74.72,0\nacme,MUG,5.00,-1\nacme,MUG,0,0\n";
    let told = read_by(&mapping(), None, &[("order_lines.csv", rows), ("offers.csv", offers.into())]);
    let faults = [("bad_amount", 3, "unit_price"), ("bad_amount", 2, "unit_cost"), ("bad_amount", 3, "shipping_cost")];
    assert_eq!(rejected(&told), faults);
    assert!(told.dirt.samples[0].reason.contains("below zero"), "{:?}", told.dirt.samples);
    assert_eq!(told.offers.iter().map(|o| o.unit_cost).collect::<Vec<_>>(), [0]);
}

#[test]
fn faulty_writing_is_named_in_the_mapping() {
    let faults = |change: &str| {
        Mapping::parse(&PLAIN.replace("time_zone = \"UTC\"", &format!("time_zone = \"UTC\"\n{change}"))).unwrap_err()
    };
    assert!(faults("time_format = \"%q\"").contains("time_format \"%q\""));
    assert!(faults("decimal = \";\"").contains("decimal: use"));
    let values = PLAIN.replacen("repeats = true", "repeats = true\nvalues.cancelled_by = { Kunde = \"client\" }", 1);
    assert!(Mapping::parse(&values).unwrap_err().contains("values.cancelled_by.Kunde: \"client\" is none of customer"));
}

#[test]
fn words_are_known_whatever_their_capitals_and_others_are_named() {
    let gone = |n: u32, by: &str| order(n, "").replace(",,,", &format!(",,2026-07-29T09:00:00Z,{by}"));
    let rows: Vec<String> = ["Customer", "SOURCE", "vendor", "Kunde", "KUNDE", "retailer", ""]
        .iter()
        .zip(0..)
        .map(|(by, n)| gone(n, by).trim_end_matches(',').to_owned())
        .collect();
    let told = plain(None, &rows);
    let by = |told: &History| told.pasts.iter().map(|(_, past)| past.order.cancelled_by).collect::<Vec<_>>();
    use CancelledBy::{Customer, Source, Unknown};
    assert_eq!(by(&told), [Customer, Source, Source, Unknown, Unknown, Unknown, Unknown]);
    assert_eq!(told.dirt.count(Oddity::UnknownWord), 2);
    assert_eq!(examples(&told.dirt, Oddity::UnknownWord), ["cancelled_by \"Kunde\"", "cancelled_by \"KUNDE\""]);
    let values = "repeats = true\nvalues.cancelled_by = { Kunde = \"customer\" }";
    let own = Mapping::parse(&PLAIN.replacen("repeats = true", values, 1)).unwrap();
    let told = read_by(&own, None, &[("order_lines.csv", format!("{HEAD}\n{}\n", rows.join("\n")))]);
    assert_eq!((&by(&told)[3..5], told.dirt.count(Oddity::UnknownWord)), (&[Customer, Customer][..], 0));
}

#[test]
fn an_order_that_is_called_cancelled_is_whatever_is_known_of_the_time() {
    let status = PLAIN.replacen("cancelled_by = \"cancelled_by?\"", "status = \"cancelled_by\"", 1);
    let status = Mapping::parse(&status).unwrap();
    let rows: Vec<String> = ["cancelled", "Cancelled_by_customer", "cancelled_by_source", "ignored", "done"]
        .iter()
        .zip(0..)
        .map(|(word, n)| order(n, "") + word)
        .chain([order(9, "2026-07-26T09:00:00Z") + "cancelled"])
        .collect();
    let told = read_by(&status, None, &[("order_lines.csv", format!("{HEAD}\n{}\n", rows.join("\n")))]);
    let all = happened(&told).orders;
    assert_eq!((all.cancelled, all.cancelled_by_unknown), (3, 1));
    assert_eq!(examples(&told.dirt, Oddity::UnknownWord), ["cancelled_by \"done\""]);
    assert_eq!(examples(&told.dirt, Oddity::CancelledAfterShipping), ["T9"]);
}

/// The line of the file, whatever ends its lines.
#[test]
fn a_faulty_row_is_named_by_its_line() {
    let rows = format!("{HEAD}\n{}\n\n{}\n{}\n", order(1, "\"\n\""), order(2, "never"), order(3, "never"));
    for end in ["\n", "\r\n"] {
        let told = read_by(&mapping(), None, &[("order_lines.csv", rows.replace('\n', end))]);
        assert_eq!(rejected(&told), [("bad_time", 5, "shipped_at"), ("bad_time", 6, "shipped_at")], "{end:?}");
    }
}

#[test]
fn columns_that_are_not_there_are_named() {
    let slip = |text: &str| Mapping::parse(&text.replace("\"answered_at?\"", "\"answerd_at?\"")).unwrap();
    let told = read_by(&slip(PLAIN), None, &[("order_lines.csv", format!("{HEAD}\n{}\n", order(1, "")))]);
    let found = told.dirt.missing.iter().find(|m| m.field == "answered_at").unwrap();
    assert_eq!((found.column.as_str(), found.nearest.as_deref()), ("answerd_at", Some("answered_at")));
    let line = told.dirt.missing.iter().find(|m| m.field == "line").unwrap();
    assert_eq!((line.file.as_str(), line.nearest.as_deref()), ("order_lines.csv", None), "it may be missing");
    assert!(told.dirt.missing.iter().all(|m| m.field != "sku"), "{:?}", told.dirt.missing);
    let rows = r#"{"order":"J1","placed_at":"2026-07-01T09:00:00Z","sku":"MUG","source":"acme","answered_at":"2026-07-01T09:00:00Z"}"#;
    let told = read_by(&slip(&PLAIN.replace(".csv", ".ndjson")), None, &[("order_lines.ndjson", rows.into())]);
    let found = told.dirt.missing.iter().find(|m| m.field == "answered_at").unwrap();
    assert_eq!(found.nearest.as_deref(), Some("answered_at"), "{:?}", told.dirt.missing);
}

#[test]
fn more_than_was_asked_for_and_strange_sources_are_named() {
    let told = plain(None, &[order(1, "").replace("T10:00:00Z,1,", "T10:00:00Z,99,")]);
    assert_eq!((told.dirt.count(Oddity::AcceptedTooMuch), told.pasts.get(0).asks[0].accepted), (1, 1));
    assert_eq!(told.dirt.count(Oddity::SourceNotListed), 0);
    let listed = format!(
        "{PLAIN}\n[[tables]]\nholds = \"sources\"\nfile = \"sources.csv\"\ncolumns = {{ source = \"source\" }}\n"
    );
    let files =
        [("sources.csv", "source\nbright\n".into()), ("order_lines.csv", format!("{HEAD}\n{}\n", order(1, "")))];
    let told = read_by(&Mapping::parse(&listed).unwrap(), None, &files);
    assert_eq!(examples(&told.dirt, Oddity::SourceNotListed), ["acme"]);
}

/// A file of sources that says which are centres of one's own, and orders that say how they were placed, are decided on so.
#[test]
fn kinds_and_service_levels_are_what_rules_look_at() {
    let text = PLAIN.replace(
        "columns = { source = \"source\", kind",
        "values.kind = { Lager = \"dc\" }\ncolumns = { source = \"source\", kind",
    );
    let mapping = Mapping::parse(&text).unwrap();
    let rows = (0..40).map(|n| {
        let (source, cost) = if n % 2 == 0 { ("acme", "7.00") } else { ("own", "3.00") };
        let day = 1 + n % 20;
        format!(
            "K{n},2026-07-{day:02}T15:00:00Z,MUG,1,9.00,{source},{cost},2026-07-{day:02}T15:00:00Z,2026-07-{:02}T15:00:00Z,2026-07-{day:02}T16:00:00Z,1,2026-07-{:02}T15:00:00Z,Express,shop,2026-07-30",
            day + 2,
            day + 1
        )
    });
    let head = "order,placed_at,sku,quantity,unit_price,source,unit_cost,sent_at,ship_by,answered_at,accepted,shipped_at,service_level,sales_channel,requested_on";
    let lines = format!("{head}\n{}\n", rows.collect::<Vec<_>>().join("\n"));
    let sources = "source,kind,cutoff,handling_days\nacme,Vendor,14:00,2\nown,lager,,\n".to_owned();
    let told = read_by(&mapping, None, &[("order_lines.csv", lines.clone()), ("sources.csv", sources.clone())]);
    assert_eq!(told.dirt.rejected_rows(), 0, "{:?}", told.dirt.samples);
    let past = told.pasts.get(0);
    let manner = &told.manners[usize::from(past.order.manner)];
    assert_eq!((manner.service_level.as_str(), manner.sales_channel.as_str()), ("Express", "shop"));
    assert_eq!(past.order.requested.at().to_string(), "2026-07-30T00:00:00Z");
    let fact = told.sources[told.source_ids.find("acme").unwrap() as usize];
    assert_eq!((fact.cutoff.map(|t| t.hour()), fact.handling_days), (Some(14), Some(2)));
    let untold = read_by(&mapping, None, &[("order_lines.csv", lines.clone())]);
    // Vendors first, at whatever cost.
    let policy: Policy =
        serde_json::from_value(serde_json::json!({"version": 2, "name": "vendors first", "sourcing": {"steps": [
        {"name": "a vendor", "choose": {"one": {"kind": "vendor"}}, "otherwise": "next"},
        {"name": "our own", "choose": {"one": {"kind": "dc"}}, "otherwise": "ask"}]},
        "transit": [{"service_level": "Express", "days": 1}, {"days": 9}]}))
        .unwrap();
    let first = |history: &History| why(history, &policy, 1, 0).join("\n");
    let (with, without) = (first(&told), first(&untold));
    assert!(with.contains("1 of line 1 from acme") && without.contains("1 of line 1 from own"), "{with} / {without}");
    // Ordered on Wednesday after two: Thursday is its day, Monday it leaves, and express takes a day.
    assert!(with.contains("2026-07-06") && with.contains("2026-07-07"), "{with}");
    let bad = sources.replace("14:00", "two").replace("lager", "shed");
    let bad = read_by(&mapping, None, &[("order_lines.csv", lines), ("sources.csv", bad)]);
    assert_eq!(rejected(&bad), [("bad_time", 2, "cutoff")]);
    assert_eq!(examples(&bad.dirt, Oddity::UnknownWord), ["kind \"shed\""]);
}
