//! `countersign edi`: X12 and EDIFACT files and pipes, with no server and no store.

mod answer;
mod show;

use super::Ended;
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use countersign_edi::{
    DiffChange, Difference, Finding, ReadOptions, Report, Spot, Standard, Tree, diff, explain, read, read_with,
};
use show::Paint;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub enum Edi {
    /// The segments as JSON, without loss
    Parse(File),
    /// Check against the standard; every finding with its place and what to do
    Validate(Checked),
    /// Write the acknowledgments: TA1, 997 or 999, CONTRL
    Ack(answer::Ack),
    /// A document to JSON, or such JSON back to the very document
    Convert(File),
    /// A document in plain words, with what is wrong at its place
    Explain(Explained),
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
pub struct Explained {
    #[command(flatten)]
    input: File,
    /// The partner's overlay (JSON): its rules are laid over the standard
    #[arg(long, value_name = "OVERLAY")]
    partner: Option<PathBuf>,
}

impl Edi {
    /// Does it. What cannot be read at all ends otherwise than what was read and found faulty.
    pub fn run(self) -> Result<Ended> {
        self.tried().or_else(|error| {
            eprintln!("countersign: {error:#}");
            Ok(Ended::NotRead)
        })
    }

    fn tried(self) -> Result<Ended> {
        match self {
            Edi::Parse(file) => parse(&file.bytes()?),
            Edi::Validate(Checked { input, json, partner: None }) => {
                Ok(validate(&input.bytes()?, json, ReadOptions::default()))
            }
            Edi::Validate(Checked { input, json, partner: Some(overlay) }) => {
                let partner = Partner::read(&overlay)?;
                if input.file.is_none() && !partner.samples.is_empty() {
                    return partner.try_samples(json);
                }
                let bytes = input.bytes()?;
                let options = partner.options(&bytes)?;
                Ok(validate(&bytes, json, options))
            }
            Edi::Diff(pair) => differences(&pair),
            Edi::Ack(task) => task.run(),
            Edi::Convert(file) => convert(&file.bytes()?),
            Edi::Explain(Explained { input, partner }) => {
                let bytes = input.bytes()?;
                words(&bytes, laid_over(partner.as_deref(), &bytes)?)
            }
        }
    }
}

/// How a file is checked, with a partner's overlay if there is one.
fn laid_over(overlay: Option<&Path>, input: &[u8]) -> Result<ReadOptions> {
    overlay.map_or_else(|| Ok(ReadOptions::default()), |overlay| Partner::read(overlay)?.options(input))
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
    match () {
        () if report.interchanges.is_empty() => Ended::NotRead,
        () if report.is_accepted() => Ended::Done,
        () => Ended::Faulty,
    }
}

/// Says that an input is no EDI, and what it looks like.
fn no_edi(input: &[u8]) -> anyhow::Error {
    let report = read(input);
    let words = report.findings.first().and_then(|finding| finding.expected.clone());
    let words =
        words.unwrap_or_else(|| "an X12 file, which begins with ISA, or an EDIFACT file, with UNA or UNB".into());
    anyhow::anyhow!("no X12 or EDIFACT was found. Expected {words}")
}

fn parse(input: &[u8]) -> Result<Ended> {
    match Tree::read(input) {
        Some(tree) => println!("{}", tree.to_json()),
        None => return Err(no_edi(input)),
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

fn validate(input: &[u8], json: bool, options: ReadOptions) -> Ended {
    let report = read_with(input, options);
    if json {
        println!("{}", report.to_json());
    } else {
        let paint = Paint::of_output();
        report.findings.iter().for_each(|finding| show::finding(input, &report, finding, paint));
        println!("{}", show::summary(&report));
    }
    verdict(&report)
}

fn words(input: &[u8], options: ReadOptions) -> Result<Ended> {
    let schemas = options.schemas.clone();
    let report = read_with(input, options);
    let paint = Paint::of_output();
    for (interchange, group, set) in report.sets() {
        show::explanation(&explain(input, &report, interchange, group, set, &schemas).to_text(), paint);
    }
    for finding in report.findings.iter().filter(|finding| finding.place.set == 0) {
        show::finding(input, &report, finding, paint);
    }
    println!("{}", show::summary(&report));
    Ok(verdict(&report))
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
                let paint = Paint::of_output();
                report.findings.iter().for_each(|finding| show::finding(&input, &report, finding, paint));
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
    let paint = Paint::of_output();
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
            let color = match change.difference {
                Difference::Added => show::GREEN,
                Difference::Removed => show::RED,
                Difference::Changed => show::YELLOW,
            };
            println!("{}", paint.put(color, &change.to_string()));
        }
        println!("{}", show::counted(changes.len(), "difference"));
    }
    Ok(if changes.is_empty() { Ended::Done } else { Ended::Faulty })
}
