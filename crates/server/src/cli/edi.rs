//! `countersign edi`: X12 and EDIFACT files and pipes, with no server and no store.

use super::Ended;
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use countersign_edi::{
    AcknowledgmentOptions, ContrlLeg, ContrlOptions, DiffChange, Difference, EdifactInterchange, Finding,
    InterchangeReport, Level, ReadOptions, Report, Schemas, Spot, Standard, Tree, WriteOptions, Writer, X12Group,
    X12Interchange, diff, explain, read, read_with, wants_contrl, wants_functional, write_997, write_contrl,
};
use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

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
    /// What two files say differently, by meaning: no control numbers, delimiters or line ends
    Diff(Pair),
}

#[derive(Args)]
pub struct Pair {
    /// The first file
    before: PathBuf,
    /// The second file
    after: PathBuf,
    /// As JSON
    #[arg(long)]
    json: bool,
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
    /// The partner's overlay (JSON): its rules are laid over the standard; without FILE its own samples are tried
    #[arg(long, value_name = "OVERLAY")]
    partner: Option<PathBuf>,
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
            Edi::Validate(Checked { input, json, partner: None }) => {
                validate(&input.bytes()?, json, ReadOptions::default())
            }
            Edi::Validate(Checked { input, json, partner: Some(overlay) }) => {
                let partner = Partner::read(&overlay)?;
                if input.file.is_none() && !partner.samples.is_empty() {
                    return partner.try_samples(json);
                }
                let bytes = input.bytes()?;
                validate(&bytes, json, partner.options(&bytes)?)
            }
            Edi::Diff(pair) => differences(&pair),
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

fn validate(input: &[u8], json: bool, options: ReadOptions) -> Result<Ended> {
    let report = read_with(input, options);
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

/// An overlay in a file of its own, with the samples it is tried on.
struct Partner {
    overlay: serde_json::Value,
    folder: PathBuf,
    samples: Vec<Sample>,
}

/// A file of the partner, and what must come out.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    /// Beside the overlay.
    file: PathBuf,
    /// True if it must be accepted.
    accepted: bool,
    /// Ids of rules that must be found broken.
    #[serde(default)]
    findings: Vec<String>,
}

impl Partner {
    fn read(path: &Path) -> Result<Self> {
        let place = || path.display().to_string();
        let text = std::fs::read_to_string(path).with_context(place)?;
        let overlay: serde_json::Value = serde_json::from_str(&text).with_context(place)?;
        let samples = match overlay.get("samples") {
            Some(samples) => {
                serde_json::from_value(samples.clone()).with_context(|| format!("{}: samples", place()))?
            }
            None => vec![],
        };
        let folder = path.parent().unwrap_or(Path::new(".")).to_owned();
        Ok(Self { overlay, folder, samples })
    }

    /// How files are checked; the standard is that of the file unless the overlay names it.
    fn options(&self, input: &[u8]) -> Result<ReadOptions> {
        let standard = match self.overlay.get("standard").and_then(serde_json::Value::as_str) {
            Some("x12") => Standard::X12,
            Some("edifact") => Standard::Edifact,
            Some(other) => bail!("standard {other:?} is none of x12, edifact"),
            None => read(input).interchanges.first().map_or(Standard::X12, |i| i.header.standard),
        };
        countersign_partners::overlay::read_options(standard, &self.overlay).map_err(anyhow::Error::msg)
    }

    fn try_samples(&self, json: bool) -> Result<Ended> {
        let mut failed = 0;
        let mut results = vec![];
        for sample in &self.samples {
            let path = self.folder.join(&sample.file);
            let input = std::fs::read(&path).with_context(|| path.display().to_string())?;
            let report = read_with(&input, self.options(&input)?);
            let missing: Vec<&String> =
                sample.findings.iter().filter(|id| !report.findings.iter().any(|f| f.id() == *id)).collect();
            let held = report.is_accepted() == sample.accepted && missing.is_empty();
            failed += usize::from(!held);
            let found: Vec<&str> = report.findings.iter().map(Finding::id).collect();
            if json {
                results.push(serde_json::json!({
                    "file": sample.file, "held": held, "accepted": report.is_accepted(), "findings": found, "missing": missing,
                }));
                continue;
            }
            let word = if report.is_accepted() { "accepted" } else { "rejected" };
            println!("{} {}: {word}", if held { "ok    " } else { "FAILED" }, sample.file.display());
            if !held {
                missing.iter().for_each(|id| println!("    {id} was to be found and was not"));
                report.findings.iter().for_each(|finding| show(&input, finding, std::io::stdout().is_terminal()));
            }
        }
        match json {
            true => println!("{}", serde_json::Value::from(results)),
            false => println!("{} samples, {failed} failed", self.samples.len()),
        }
        Ok(if failed == 0 { Ended::Done } else { Ended::Faulty })
    }
}

fn differences(pair: &Pair) -> Result<Ended> {
    let bytes = |path: &PathBuf| std::fs::read(path).with_context(|| path.display().to_string());
    let changes = diff(&bytes(&pair.before)?, &bytes(&pair.after)?);
    let color = std::io::stdout().is_terminal();
    if pair.json {
        let spot = |spot: &Option<Spot>| {
            spot.map(|s| serde_json::json!({"byte": s.offset, "line": s.line, "segment": s.segment}))
        };
        let one = |change: &DiffChange| {
            serde_json::json!({
                "difference": change.difference.word(), "set": change.set, "reference": change.reference, "name": change.name,
                "before": change.before, "after": change.after,
                "place_before": spot(&change.place_before), "place_after": spot(&change.place_after),
            })
        };
        println!("{}", changes.iter().map(one).collect::<serde_json::Value>());
    } else {
        for change in &changes {
            let (on, off) = match (color, change.difference) {
                (false, _) => ("", ""),
                (true, Difference::Added) => ("\x1b[32m", "\x1b[0m"),
                (true, Difference::Removed) => ("\x1b[31m", "\x1b[0m"),
                (true, Difference::Changed) => ("\x1b[33m", "\x1b[0m"),
            };
            println!("{on}{change}{off}");
        }
        println!("{} differences", changes.len());
    }
    Ok(if changes.is_empty() { Ended::Done } else { Ended::Faulty })
}
