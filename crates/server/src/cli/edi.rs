//! `countersign edi`: X12 and EDIFACT files and pipes, with no server and no store.

use super::Ended;
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use countersign_edi::{
    AcknowledgmentOptions, ContrlLeg, ContrlOptions, EdifactInterchange, Finding, InterchangeReport, Level, Report,
    Schemas, Standard, Tree, WriteOptions, Writer, X12Group, X12Interchange, explain, read, wants_contrl,
    wants_functional, write_997, write_contrl,
};
use std::io::{IsTerminal, Read, Write};
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum Edi {
    /// The segments as JSON, without loss
    Parse(File),
    /// Check against the standard; every finding with its place and what to do
    Validate(Checked),
    /// Write the acknowledgment: a 997 or a CONTRL
    Ack(Ack),
    /// A document to JSON, or such JSON back to the very document
    Convert(File),
    /// A document in plain words, with what is wrong at its place
    Explain(File),
}

#[derive(Args)]
pub struct File {
    /// The file; standard input if left out
    file: Option<PathBuf>,
}

#[derive(Args)]
pub struct Checked {
    #[command(flatten)]
    input: File,
    /// The report as JSON, with stable ids
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct Ack {
    #[command(flatten)]
    input: File,
    /// Control number of the interchange that is written
    #[arg(long, default_value_t = 1)]
    control: u32,
}

impl Edi {
    pub fn run(self) -> Result<Ended> {
        match self {
            Edi::Parse(file) => parse(&file.bytes()?),
            Edi::Validate(task) => validate(&task.input.bytes()?, task.json),
            Edi::Ack(task) => acknowledge(&task.input.bytes()?, task.control),
            Edi::Convert(file) => convert(&file.bytes()?),
            Edi::Explain(file) => words(&file.bytes()?),
        }
    }
}

impl File {
    fn bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = vec![];
        match &self.file {
            Some(path) if path.as_os_str() != "-" => {
                return std::fs::read(path).with_context(|| path.display().to_string());
            }
            _ => std::io::stdin().read_to_end(&mut bytes)?,
        };
        Ok(bytes)
    }
}

fn verdict(report: &Report) -> Ended {
    if report.is_accepted() { Ended::Done } else { Ended::Faulty }
}

fn parse(input: &[u8]) -> Result<Ended> {
    match Tree::read(input) {
        Some(tree) => println!("{}", tree.to_json()),
        None => bail!("no X12 or EDIFACT was found: an X12 file begins with ISA, an EDIFACT file with UNA or UNB"),
    }
    Ok(Ended::Done)
}

fn convert(input: &[u8]) -> Result<Ended> {
    let json = input.iter().find(|b| !b.is_ascii_whitespace()).is_some_and(|b| matches!(b, b'{' | b'['));
    if !json {
        return parse(input);
    }
    let text = std::str::from_utf8(input).context("the JSON is no UTF-8")?;
    let tree = Tree::from_json(text).map_err(|e| anyhow::anyhow!("the JSON is no document: {e}"))?;
    std::io::stdout().write_all(&tree.write())?;
    Ok(Ended::Done)
}

fn validate(input: &[u8], json: bool) -> Result<Ended> {
    let report = read(input);
    if json {
        println!("{}", report.to_json());
        return Ok(verdict(&report));
    }
    let color = std::io::stdout().is_terminal();
    for finding in &report.findings {
        show(input, finding, color);
    }
    let sets = report.sets().count();
    let word = if report.is_accepted() { "accepted" } else { "rejected" };
    println!("{} interchanges, {sets} sets, {} findings: {word}", report.interchanges.len(), report.findings.len());
    Ok(verdict(&report))
}

/// One finding: where, what, what to do, and the place itself underlined.
fn show(input: &[u8], finding: &Finding, color: bool) {
    let (on, off) = match (color, finding.level) {
        (false, _) => ("", ""),
        (true, Level::Reject) => ("\x1b[31m", "\x1b[0m"),
        (true, _) => ("\x1b[33m", "\x1b[0m"),
    };
    let place = &finding.place;
    println!(
        "{on}{}{off} {} line {} byte {} segment {}: {}",
        finding.level.word(),
        finding.reference(),
        place.line,
        place.offset,
        place.segment,
        finding.sentence()
    );
    let at = usize::try_from(place.offset).unwrap_or(0).min(input.len());
    let before = input[..at].iter().rev().take(30).take_while(|b| !matches!(b, b'\n' | b'~' | b'\'')).count();
    let after = input[at..].iter().take(60).take_while(|b| !matches!(b, b'\n' | b'~' | b'\'')).count();
    let text: String = String::from_utf8_lossy(&input[at - before..at + after])
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if !text.trim().is_empty() {
        let long = usize::try_from(place.length).unwrap_or(1).clamp(1, after.max(1));
        println!("    {text}\n    {}{on}{}{off}", " ".repeat(before), "^".repeat(long));
    }
    println!("    {}", finding.advice());
}

fn words(input: &[u8]) -> Result<Ended> {
    let report = read(input);
    let schemas = Schemas::standard();
    for (interchange, group, set) in report.sets() {
        println!("{}", explain(input, &report, interchange, group, set, &schemas).to_text());
    }
    for finding in report.findings.iter().filter(|f| f.place.set == 0) {
        println!("! {finding}\n  {}", finding.advice());
    }
    if report.interchanges.is_empty() {
        bail!("no X12 or EDIFACT was found");
    }
    Ok(verdict(&report))
}

fn acknowledge(input: &[u8], control: u32) -> Result<Ended> {
    let report = read(input);
    let mut wrote = false;
    for (interchange, control) in report.interchanges.iter().zip(control..) {
        let bytes = match interchange.header.standard {
            Standard::X12 => functional(&report, interchange, control),
            Standard::Edifact => contrl(&report, interchange, control),
        };
        if let Some(bytes) = bytes? {
            std::io::stdout().write_all(&bytes)?;
            wrote = true;
        }
    }
    if !wrote {
        eprintln!(
            "nothing is acknowledged here: acknowledgments are never acknowledged, and an envelope that cannot be read gets a TA1"
        );
    }
    Ok(verdict(&report))
}

fn functional(report: &Report, interchange: &InterchangeReport, control: u32) -> Result<Option<Vec<u8>>> {
    if !wants_functional(interchange) {
        return Ok(None);
    }
    let (header, now) = (&interchange.header, jiff::Zoned::now());
    let (date, time) = (now.strftime("%y%m%d").to_string(), now.strftime("%H%M").to_string());
    let day = now.strftime("%Y%m%d").to_string();
    let mut writer = Writer::new(WriteOptions::new(header.delimiters));
    writer.begin_x12(&X12Interchange {
        sender: (&header.receiver.qualifier, &header.receiver.id),
        receiver: (&header.sender.qualifier, &header.sender.id),
        date: &date,
        time: &time,
        version: &header.version,
        control,
        acknowledgment_requested: false,
        usage: if header.test { 'T' } else { 'P' },
    });
    let first = interchange.groups.first().map(|g| &g.header);
    let (sender, receiver) = first.map_or(("", ""), |g| (g.receiver.as_str(), g.sender.as_str()));
    let version = first.map_or("004010", |g| g.version.as_str());
    writer.begin_group(&X12Group { kind: "FA", sender, receiver, date: &day, time: &time, control, version });
    write_997(report, interchange, AcknowledgmentOptions::default(), &mut writer);
    writer.finish().map(Some).map_err(|e| anyhow::anyhow!("the 997 cannot be written: {e:?}"))
}

fn contrl(report: &Report, interchange: &InterchangeReport, control: u32) -> Result<Option<Vec<u8>>> {
    if !wants_contrl(interchange) {
        return Ok(None);
    }
    let (header, now) = (&interchange.header, jiff::Zoned::now());
    let (date, time) = (now.strftime("%y%m%d").to_string(), now.strftime("%H%M").to_string());
    let mut writer = Writer::new(WriteOptions::new(header.delimiters));
    let reference = control.to_string();
    writer.begin_edifact(&EdifactInterchange {
        sender: (&header.receiver.id, &header.receiver.qualifier),
        receiver: (&header.sender.id, &header.sender.qualifier),
        una: true,
        syntax: "UNOC",
        version: 3,
        date: &date,
        time: &time,
        control: &reference,
        application: "",
        acknowledgment_requested: false,
        test: header.test,
    });
    write_contrl(report, interchange, ContrlLeg::Acceptance, "1", &ContrlOptions::default(), &mut writer);
    writer.finish().map(Some).map_err(|e| anyhow::anyhow!("the CONTRL cannot be written: {e:?}"))
}
