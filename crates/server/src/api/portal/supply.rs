//! What the vendor can supply: typed, pasted or from a file; lead times, days without work, capacity.

use super::{Frame, at, html, on, see_other, today, vendor};
use crate::api::announce::{capacity_deed, closure_deed, lead_time_deed, opening_deed};
use crate::api::call::{Call, json};
use crate::api::input::{PageForm, Query};
use crate::api::output::Raw;
use crate::api::vendor::{Said, advised};
use crate::problem::Problem;
use askama::Template;
use countersign_engine::command::Deed;
use countersign_engine::ids::{Sku, VendorSku};
use countersign_engine::offer::Offer;
use countersign_engine::slice::{Key, Record};
use countersign_engine::source::Source;
use countersign_engine::stock::Stock;
use countersign_runtime::ports::List;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::IntoParams;

/// Items on one page.
const PAGE: u32 = 40;
/// Lines taken in at once: the engine's feeds are cut into thousands anyway.
const LINES_MAX: usize = 50_000;
/// Faulty lines shown; nobody mends more at once.
const FAULTS_SHOWN_MAX: usize = 200;
/// Offers of one vendor looked through for pasted item numbers.
const OFFERS_MAX: u32 = 100_000;

#[derive(Template)]
#[template(path = "portal/availability.html")]
struct AvailabilityPage {
    title: &'static str,
    frame: Option<Frame>,
    token: String,
    done: String,
    faults: Vec<LineFault>,
    /// Said that it was everything, while a line was faulty.
    not_everything: bool,
    rows: Vec<ItemRow>,
    next: Option<String>,
    pasted: String,
}

impl AvailabilityPage {
    /// True if something typed into the list is wrong, and all of it waits to be mended.
    fn unsaved(&self) -> bool {
        self.rows.iter().any(|row| !row.wrong.is_empty())
    }
}

/// A line that was left out.
struct LineFault {
    line: usize,
    text: String,
    words: String,
}

#[derive(Default)]
struct ItemRow {
    at: usize,
    sku: String,
    item: String,
    unit: String,
    known: String,
    quantity: String,
    more: String,
    on: String,
    lead: String,
    wrong: String,
}

/// Where the page begins, and what was done.
#[derive(Default, Deserialize, IntoParams)]
pub(super) struct ItemsQuery {
    /// Continue after this item.
    #[serde(default)]
    cursor: Option<String>,
    /// Lines taken in last.
    #[serde(default)]
    saved: Option<u32>,
}

pub(super) async fn page(call: Call, Query(query): Query<ItemsQuery>) -> Result<Raw, Problem> {
    let done = query.saved.map_or(String::new(), |n| match n {
        1 => "1 line is taken in. Thank you.".into(),
        n => format!("{n} lines are taken in. Thank you."),
    });
    show(&call, query.cursor, done, None, LeftOut::default(), String::new()).await
}

/// Lines that were left out.
#[derive(Default)]
struct LeftOut {
    faults: Vec<LineFault>,
    /// The others were not taken for everything, though they were said to be.
    not_everything: bool,
}

/// The page; `form` with what is wrong by line, if it was refused.
async fn show(
    call: &Call,
    cursor: Option<String>,
    done: String,
    form: Option<(&PageForm, BTreeMap<usize, String>)>,
    left_out: LeftOut,
    pasted: String,
) -> Result<Raw, Problem> {
    let LeftOut { faults, not_everything } = left_out;
    let source = vendor(call)?;
    let (offers, next) = offers(call, &source, cursor).await?;
    let rows =
        offers.iter().enumerate().map(|(i, (offer, stock))| row(&source, i, offer, stock.as_deref(), form.as_ref()));
    let refused = !faults.is_empty() || form.is_some();
    let page = AvailabilityPage {
        title: "Availability and lead times",
        frame: Frame::of(call, &source, super::PLACES[1].0),
        token: call.form_token(),
        done,
        rows: rows.collect(),
        faults,
        not_everything,
        next,
        pasted,
    };
    html(if refused { 422 } else { 200 }, &page)
}

type Offered = (Arc<Offer>, Option<Arc<Stock>>);

async fn offers(
    call: &Call,
    source: &Source,
    cursor: Option<String>,
) -> Result<(Vec<Offered>, Option<String>), Problem> {
    let id = source.id.clone();
    let found = call.read(move |store| {
        let page = store.list(&List::OffersOf(id), cursor.as_deref(), PAGE)?;
        let offers: Vec<Arc<Offer>> = page
            .into_iter()
            .filter_map(|v| match v.record {
                Record::Offer(offer) => Some(offer),
                _ => None,
            })
            .collect();
        let keys: Vec<Key> = offers.iter().map(|o| Key::Stock(o.source.clone(), o.sku.clone())).collect();
        Ok((offers, store.load(&keys)?))
    });
    let (offers, stocks) = found.await?;
    let next = offers.last().filter(|_| offers.len() == PAGE as usize).map(|o| o.sku.to_string());
    let stock = |found: Option<countersign_runtime::ports::Versioned>| match found?.record {
        Record::Stock(stock) => Some(stock),
        _ => None,
    };
    Ok((offers.into_iter().zip(stocks.into_iter().map(stock)).collect(), next))
}

fn row(
    source: &Source,
    index: usize,
    offer: &Offer,
    stock: Option<&Stock>,
    form: Option<&(&PageForm, BTreeMap<usize, String>)>,
) -> ItemRow {
    let known = match stock.filter(|s| s.is_advised()) {
        Some(stock) => {
            let packs = stock.advised.packs(offer.pack.base_units).0;
            format!("You last said {packs} {}, {}", offer.pack.unit.as_str(), at(source, stock.as_of))
        }
        None => "You have not said anything yet".into(),
    };
    let typed = |name: &str| form.map_or(String::new(), |(form, _)| form.at(name, index).to_owned());
    ItemRow {
        at: index,
        sku: offer.sku.to_string(),
        item: format!("{} ({})", offer.vendor_sku, offer.sku),
        unit: offer.pack.unit.as_str().to_owned(),
        known,
        quantity: typed("quantity"),
        more: typed("more"),
        on: typed("on"),
        lead: form.map_or(offer.lead_days.to_string(), |(form, _)| form.at("lead", index).to_owned()),
        wrong: form.and_then(|(_, wrong)| wrong.get(&index).cloned()).unwrap_or_default(),
    }
}

/// One line of availability as it was typed.
#[derive(Debug, Default, PartialEq)]
struct Typed {
    quantity: Option<u32>,
    more: Option<(u32, Date)>,
    lead_days: Option<u32>,
}

/// Reads the cells of one line; the sentence says which one is wrong and what to write.
fn typed(quantity: &str, more: &str, day: &str, lead: &str) -> Result<Typed, String> {
    let number = |what: &str, text: &str| match whole_number(text) {
        _ if text.is_empty() => Ok(None),
        Some(n) => Ok(Some(n)),
        None => Err(format!("{what} is {text:?}: write a whole number, such as 1200")),
    };
    let more = match (number("what is to come", more)?, day) {
        (None, "") => None,
        (None, _) => return Err("say how many are to come on that day".into()),
        (Some(_), "") => return Err("say on which day they are to come".into()),
        (Some(n), day) => Some((n, day_of_year(day)?)),
    };
    let quantity = number("the quantity", quantity)?;
    if more.is_some() && quantity.is_none() {
        return Err("say how many are available now, 0 if none".into());
    }
    let lead_days = number("the lead time", lead)?;
    if lead_days.is_some_and(|days| days > 365) {
        return Err("the lead time is at most 365 working days".into());
    }
    Ok(Typed { quantity, more, lead_days })
}

/// A whole number as spreadsheets write it: `1200`, `1,200`, `1 200`, `5.0`, `1.200,00`. One that may be read in two ways
/// (`1.200`) is none.
fn whole_number(text: &str) -> Option<u32> {
    let text: String =
        text.chars().map(|c| if matches!(c, '\u{a0}' | '\u{202f}' | '\'' | '’') { ' ' } else { c }).collect();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    // Nothing but noughts behind the decimal mark, and fewer than would make a group of thousands.
    let whole = ['.', ','].into_iter().find_map(|mark| {
        let (whole, rest) = text.rsplit_once(mark)?;
        let noughts = matches!(rest, "0" | "00");
        (noughts && (digits(whole) || !whole.contains(mark))).then_some((whole, mark))
    });
    let (whole, decimal) = whole.map_or((text.as_str(), None), |(whole, mark)| (whole, Some(mark)));
    if digits(whole) {
        return whole.parse().ok();
    }
    let grouped = |mark: char| {
        let mut groups = whole.split(mark);
        let first = groups.next().is_some_and(|first| digits(first) && first.len() <= 3);
        first && groups.clone().count() > 0 && groups.all(|group| digits(group) && group.len() == 3)
    };
    // A full stop groups only where it cannot be the decimal mark.
    let several = whole.matches('.').count() > 1;
    let marks = [(',', decimal != Some(',')), (' ', true), ('.', decimal == Some(',') || several)];
    let mark = marks.into_iter().find(|(mark, may)| *may && grouped(*mark))?.0;
    whole.replace(mark, "").parse().ok()
}

/// A day as people write it, where it can be read in one way only.
fn day_of_year(text: &str) -> Result<Date, String> {
    let wrong = || format!("{text:?} is no day: write it as 2026-12-01");
    if let Ok(day) = text.parse() {
        return Ok(day);
    }
    let mark = ['/', '.', '-'].into_iter().find(|mark| text.matches(*mark).count() == 2).ok_or_else(wrong)?;
    let parts: Vec<i16> =
        text.split(mark).map(|part| part.trim().parse().map_err(|_| wrong())).collect::<Result<_, _>>()?;
    let date = |year: i16, month: i16, day: i16| {
        Date::new(year, i8::try_from(month).unwrap_or(0), i8::try_from(day).unwrap_or(0)).ok()
    };
    let &[first, second, third] = parts.as_slice() else { return Err(wrong()) };
    if first >= 1000 {
        return date(first, second, third).ok_or_else(wrong);
    }
    if third < 1000 {
        return Err(wrong());
    }
    let (day_first, month_first) = (date(third, second, first), date(third, first, second));
    match (day_first, month_first) {
        // Full stops stand in dates that begin with the day.
        (Some(day), _) if mark == '.' => Ok(day),
        (Some(one), Some(other)) if one != other => {
            Err(format!("{text:?} may be {one} or {other}: write it like one of these"))
        }
        (Some(day), _) | (None, Some(day)) if mark != '.' => Ok(day),
        _ => Err(wrong()),
    }
}

fn body_line(sku: &Sku, line: &Typed) -> Option<Value> {
    let incoming: Vec<Value> = line.more.iter().map(|(n, day)| json!({"on": day, "quantity": n})).collect();
    Some(json!({"sku": sku, "quantity": line.quantity?, "incoming": incoming}))
}

/// What was typed into the list. Faulty lines hold everything back, so that nothing typed is lost.
pub(super) async fn save(call: Call, form: PageForm) -> Result<Raw, Problem> {
    let mut wrong = BTreeMap::new();
    let mut lines: Vec<(Sku, Typed)> = vec![];
    for i in 0..PAGE as usize {
        let Ok(sku) = Sku::new(form.at("sku", i)) else { continue };
        let lead = Some(form.at("lead", i)).filter(|text| *text != form.at("lead_before", i)).unwrap_or_default();
        match typed(form.at("quantity", i), form.at("more", i), form.at("on", i), lead) {
            Ok(line) => lines.push((sku, line)),
            Err(words) => drop(wrong.insert(i, words)),
        }
    }
    if !wrong.is_empty() {
        return show(&call, None, String::new(), Some((&form, wrong)), LeftOut::default(), String::new()).await;
    }
    let (count, faults) =
        take_in(&call, lines.into_iter().map(|(sku, line)| (0, String::new(), sku, line)).collect(), false).await?;
    match faults.is_empty() {
        true => Ok(see_other(&format!("/portal/availability?saved={count}"))),
        false => {
            let left_out = LeftOut { faults, not_everything: false };
            show(&call, None, String::new(), None, left_out, String::new()).await
        }
    }
}

/// Pasted lines or a file. Faulty lines are left out and told; the others count.
pub(super) async fn many(call: Call, form: PageForm) -> Result<Raw, Problem> {
    let source = vendor(&call)?;
    let pasted = form.get("pasted").to_owned();
    let text = if pasted.is_empty() { form.get("file") } else { &pasted };
    let names = names(&call, &source).await?;
    let (mut lines, mut faults) = (vec![], vec![]);
    for row in read_rows(text).into_iter().take(LINES_MAX) {
        let cell = |i: usize| row.cells.get(i).map_or("", String::as_str);
        let fault = |words: String| LineFault { line: row.line, text: row.cells.join(", "), words };
        let Some(sku) = names.get(cell(0)) else {
            faults.push(fault(format!("{:?} is none of your items here", cell(0))));
            continue;
        };
        match typed(cell(1), cell(2), cell(3), cell(4)) {
            Ok(Typed { quantity: None, lead_days: None, .. }) => faults.push(fault("the quantity is missing".into())),
            Ok(line) => lines.push((row.line, row.cells.join(", "), sku.clone(), line)),
            Err(words) => faults.push(fault(words)),
        }
    }
    if lines.is_empty() && faults.is_empty() {
        faults.push(LineFault {
            line: 1,
            text: String::new(),
            words: "paste lines, or choose a file that holds some".into(),
        });
    }
    // With a line left out it is not everything: what that line names would count as not available.
    let (everything, whole) = (form.get("full") == "yes", faults.is_empty());
    let (count, more) = take_in(&call, lines, everything && whole).await?;
    faults.extend(more);
    faults.sort_by_key(|f| f.line);
    faults.truncate(FAULTS_SHOWN_MAX);
    match faults.is_empty() {
        true => Ok(see_other(&format!("/portal/availability?saved={count}"))),
        false => {
            let done = if count > 0 { format!("{count} lines are taken in.") } else { String::new() };
            show(&call, None, done, None, LeftOut { faults, not_everything: everything && !whole }, pasted).await
        }
    }
}

/// The vendor's items by every number they may be called by; its own number wins.
async fn names(call: &Call, source: &Source) -> Result<BTreeMap<String, Sku>, Problem> {
    let id = source.id.clone();
    let all = call.read(move |store| store.list(&List::OffersOf(id), None, OFFERS_MAX)).await?;
    let mut names = BTreeMap::new();
    for found in &all {
        let Record::Offer(offer) = &found.record else { continue };
        names.entry(offer.sku.to_string()).or_insert_with(|| offer.sku.clone());
    }
    for found in &all {
        let Record::Offer(offer) = &found.record else { continue };
        names.insert(VendorSku::to_string(&offer.vendor_sku), offer.sku.clone());
    }
    Ok(names)
}

struct PastedRow {
    line: usize,
    cells: Vec<String>,
}

/// Cells by tab, semicolon or comma, whichever the first line has; a first line of headings is passed over.
fn read_rows(text: &str) -> Vec<PastedRow> {
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or_default();
    let delimiter = ['\t', ';', ','].into_iter().find(|d| first.contains(*d)).unwrap_or(',');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(u8::try_from(delimiter).unwrap_or(b','))
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let (mut rows, mut counted, mut line) = (vec![], 0, 1);
    for record in reader.records().flatten() {
        // The reader names the place where it began to look: before blank lines, and before the end of a CR LF.
        let looked = record.position().map_or(0, |p| usize::try_from(p.byte()).unwrap_or(usize::MAX)).min(text.len());
        let begins = text[looked..].find(|c| !matches!(c, '\r' | '\n')).map_or(text.len(), |n| looked + n);
        line += text[counted..begins].matches('\n').count();
        counted = begins;
        // A spreadsheet's own export puts a quote before what could be a formula.
        let cells: Vec<String> = record.iter().map(|cell| cell.trim_start_matches('\'').to_owned()).collect();
        if cells.iter().all(String::is_empty) {
            continue;
        }
        let heading = rows.is_empty() && line == 1 && cells.get(1).is_some_and(|c| c.chars().any(char::is_alphabetic));
        if !heading {
            rows.push(PastedRow { line, cells });
        }
    }
    rows
}

/// Has lines carried out: availability as one feed, each lead time as its own command. Returns how many counted.
async fn take_in(
    call: &Call,
    lines: Vec<(usize, String, Sku, Typed)>,
    full: bool,
) -> Result<(usize, Vec<LineFault>), Problem> {
    let mut faults = vec![];
    let feed: Vec<(usize, &str, Value)> = lines
        .iter()
        .filter_map(|(line, text, sku, typed)| Some((*line, text.as_str(), body_line(sku, typed)?)))
        .collect();
    let mut left_out = 0;
    if !feed.is_empty() || full {
        let values: Vec<&Value> = feed.iter().map(|(_, _, value)| value).collect();
        let bytes = json(&json!({"as_of": call.now(), "full": full, "lines": values}));
        let outcome = advised(call, &Said { name: "availability", bytes: bytes.as_bytes(), on_page: true }).await?;
        for finding in outcome.findings {
            let index =
                finding.pointer.trim_start_matches("/lines/").split('/').next().and_then(|n| n.parse::<usize>().ok());
            let (line, text) = index.and_then(|i| feed.get(i)).map_or((0, ""), |(line, text, _)| (*line, *text));
            faults.push(LineFault { line, text: text.to_owned(), words: finding.sentence });
            left_out += 1;
        }
    }
    let mut done = feed.len().saturating_sub(left_out);
    for (line, text, sku, typed) in &lines {
        let Some(days) = typed.lead_days else { continue };
        let outcome = match lead_time_deed(call, sku, days) {
            Ok(deed) => call.done(call.command(deed)).await.map(drop),
            Err(problem) => Err(problem),
        };
        match outcome {
            Ok(()) => done += usize::from(typed.quantity.is_none()),
            Err(p) => faults.push(LineFault { line: *line, text: text.clone(), words: p.detail }),
        }
    }
    Ok((done, faults))
}

#[derive(Template)]
#[template(path = "portal/calendar.html")]
struct CalendarPage {
    title: &'static str,
    frame: Option<Frame>,
    token: String,
    done: &'static str,
    wrong: String,
    days: String,
    zone: String,
    closures: Vec<(String, String)>,
    from: String,
    to: String,
    daily: String,
    taking_orders: bool,
}

pub(super) async fn calendar(call: Call, Query(query): Query<super::orders::DoneQuery>) -> Result<Raw, Problem> {
    let done = match query.done.as_str() {
        "closed" => "The days are announced. Nothing new is promised on them.",
        "opened" => "The day is open again.",
        "capacity" => "Your capacity is recorded.",
        _ => "",
    };
    show_calendar(&call, done, None)
}

fn show_calendar(call: &Call, done: &'static str, refused: Option<(&PageForm, String)>) -> Result<Raw, Problem> {
    let source = vendor(call)?;
    let today = today(call, &source);
    let days: Vec<String> = source.calendar.business_days.iter().map(|d| format!("{d:?}")).collect();
    let typed = |name: &str, otherwise: String| match &refused {
        Some((form, _)) => form.get(name).to_owned(),
        None => otherwise,
    };
    let page = CalendarPage {
        title: "Closures and capacity",
        frame: Frame::of(call, &source, super::PLACES[2].0),
        token: call.form_token(),
        done,
        days: days.join(", "),
        zone: source.time_zone.as_str().to_owned(),
        closures: source.calendar.holidays.iter().filter(|d| **d >= today).map(|d| (d.to_string(), on(*d))).collect(),
        from: typed("from", String::new()),
        to: typed("to", String::new()),
        daily: typed("daily", source.daily_capacity.map_or(String::new(), |q| q.to_string())),
        taking_orders: source.taking_orders,
        wrong: refused.map_or(String::new(), |(_, words)| words),
    };
    html(if page.wrong.is_empty() { 200 } else { 422 }, &page)
}

/// Has a deed done, and goes back to the calendar; or the form again with what is wrong.
async fn carry_out(call: &Call, form: &PageForm, deed: Result<Deed, Problem>, done: &str) -> Result<Raw, Problem> {
    let outcome = match deed {
        Ok(deed) => call.done(call.command(deed)).await.map(drop),
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(()) => Ok(see_other(&format!("/portal/calendar?done={done}"))),
        Err(problem) if problem.status == 422 => show_calendar(call, "", Some((form, problem.detail))),
        Err(problem) => Err(problem),
    }
}

fn day(form: &PageForm, name: &str) -> Result<Date, Problem> {
    let text = form.get(name);
    let wrong =
        |_| Problem::field(format!("/{name}"), text, "invalid", format!("{text:?} is no day: write it as 2026-12-24"));
    text.parse().map_err(wrong)
}

pub(super) async fn close(call: Call, form: PageForm) -> Result<Raw, Problem> {
    let days = day(&form, "from").and_then(|from| match form.get("to") {
        "" => Ok((from, from)),
        _ => Ok((from, day(&form, "to")?)),
    });
    let deed = days.and_then(|(from, to)| closure_deed(&call, from, to));
    carry_out(&call, &form, deed, "closed").await
}

pub(super) async fn reopen(call: Call, form: PageForm) -> Result<Raw, Problem> {
    let deed = day(&form, "day").and_then(|day| opening_deed(&call, day));
    carry_out(&call, &form, deed, "opened").await
}

pub(super) async fn capacity(call: Call, form: PageForm) -> Result<Raw, Problem> {
    let daily = match form.get("daily") {
        "" => Ok(None),
        text => text
            .parse::<u32>()
            .map(Some)
            .map_err(|_| Problem::field("/daily", text, "invalid", format!("{text:?} is no whole number of units"))),
    };
    let taking_orders = form.get("taking_orders") == "yes";
    let deed = daily.and_then(|daily| capacity_deed(&call, daily, taking_orders));
    carry_out(&call, &form, deed, "capacity").await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spreadsheets_are_read_as_they_come() {
        let cells = |text: &str| read_rows(text).into_iter().map(|r| (r.line, r.cells)).collect::<Vec<_>>();
        let row = |line: usize, cells: &[&str]| (line, cells.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>());
        assert_eq!(
            cells("A-1\t5\nB-2\t7\t40\t2026-12-01"),
            [row(1, &["A-1", "5"]), row(2, &["B-2", "7", "40", "2026-12-01"])]
        );
        assert_eq!(cells("\u{feff}Item;Quantity\r\n'=A;3\r\n\r\nB;x"), [row(2, &["=A", "3"]), row(4, &["B", "x"])]);
        assert_eq!(cells("\"A, large\",5"), [row(1, &["A, large", "5"])]);
        assert!(cells("").is_empty());
    }

    #[test]
    fn a_cell_says_what_is_wrong_with_it() {
        assert_eq!(typed("5", "", "", "").unwrap().quantity, Some(5));
        for (text, number) in [
            ("1,200", Some(1_200)),
            ("1,234,567", Some(1_234_567)),
            ("5.0", Some(5)),
            ("5,00", Some(5)),
            ("1,200.00", Some(1_200)),
            ("1.200,0", Some(1_200)),
            ("1.234.567", Some(1_234_567)),
            ("1 200", Some(1_200)),
            ("1.200", None),
            ("1,20", None),
            ("5.5", None),
            ("1,200,0", None),
            ("five", None),
        ] {
            assert_eq!(whole_number(text), number, "{text}");
        }
        let day = |text: &str| day_of_year(text).map(|day| day.to_string());
        for text in ["2026-12-15", "12/15/2026", "15/12/2026", "15.12.2026", "2026/12/15", "15-12-2026"] {
            assert_eq!(day(text).as_deref(), Ok("2026-12-15"), "{text}");
        }
        assert_eq!((day("03.04.2026").as_deref(), day("4/4/2026").as_deref()), (Ok("2026-04-03"), Ok("2026-04-04")));
        assert!(day("03/04/2026").unwrap_err().contains("may be 2026-04-03 or 2026-03-04"));
        assert!(day("12/15/26").is_err() && day("12.15.2026").is_err() && day("31/31/2026").is_err());
        assert!(typed("-5", "", "", "").unwrap_err().contains("\"-5\""));
        assert!(typed("5", "40", "", "").unwrap_err().contains("which day"));
        assert!(typed("5", "40", "1.12.", "").unwrap_err().contains("no day"));
        assert!(typed("5", "", "", "400").unwrap_err().contains("365"));
        assert_eq!(typed("", "", "", "3").unwrap(), Typed { lead_days: Some(3), ..Typed::default() });
    }
}
