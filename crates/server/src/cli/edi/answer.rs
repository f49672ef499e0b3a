//! `countersign edi ack`: the acknowledgments that a file deserves, out of the report of reading it.
//!
//! It keeps no control numbers; a running service does.

use super::{Ended, File, laid_over, verdict};
use anyhow::Result;
use clap::Args;
use countersign_edi::{
    AcknowledgmentOptions, ContrlLeg, ContrlOptions, Delimiters, EdifactInterchange, InterchangeReport, OnDelimiter,
    OnForeign, Report, Standard, WriteOptions, Writer, X12Group, X12Interchange, interchange_verdict, read_with,
    wants_contrl, wants_functional, write_997, write_999, write_contrl, write_ta1,
};
use std::io::Write;
use std::path::PathBuf;

/// What to acknowledge, and how.
#[derive(Args)]
pub struct Ack {
    #[command(flatten)]
    input: File,
    /// Control number of the first interchange that is written
    #[arg(long, default_value_t = 1)]
    control: u32,
    /// A 999 instead of a 997
    #[arg(long = "999")]
    implementation: bool,
    /// The CONTRL that only says that the interchange came
    #[arg(long)]
    receipt: bool,
    /// The partner's overlay (JSON): its rules are laid over the standard
    #[arg(long, value_name = "OVERLAY")]
    partner: Option<PathBuf>,
}

impl Ack {
    pub fn run(&self) -> Result<Ended> {
        let input = self.input.bytes()?;
        let report = read_with(&input, laid_over(self.partner.as_deref(), &input)?);
        self.acknowledge(&report)
    }

    fn acknowledge(&self, report: &Report) -> Result<Ended> {
        let mut wrote = false;
        for (interchange, control) in report.interchanges.iter().zip(self.control..) {
            let bytes = match interchange.header.standard {
                Standard::X12 => self.functional(report, interchange, control),
                Standard::Edifact => self.contrl(report, interchange, control),
            };
            if let Some(bytes) = bytes? {
                std::io::stdout().write_all(&bytes)?;
                wrote = true;
            }
        }
        if !wrote {
            eprintln!(
                "nothing is acknowledged here: acknowledgments never are, and without an envelope nobody can be answered"
            );
        }
        Ok(verdict(report))
    }

    /// The TA1 where one is asked for or the envelope is refused, and the 997 or 999 of what could be read.
    fn functional(&self, report: &Report, interchange: &InterchangeReport, control: u32) -> Result<Option<Vec<u8>>> {
        let verdict = interchange_verdict(report, interchange);
        let only_answers = interchange.groups.iter().all(|group| group.header.kind == "FA");
        let wants_ta1 = (interchange.header.acknowledgment_requested || verdict.code == 'R')
            && (interchange.groups.is_empty() || !only_answers);
        if !wants_ta1 && !wants_functional(interchange) {
            return Ok(None);
        }
        let (header, now) = (&interchange.header, jiff::Zoned::now());
        let (date, time) = (now.strftime("%y%m%d").to_string(), now.strftime("%H%M").to_string());
        let day = now.strftime("%Y%m%d").to_string();
        let mut writer = writer(header.delimiters);
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
        if wants_ta1 {
            write_ta1(&verdict, &mut writer);
        }
        if !wants_functional(interchange) {
            return finished(writer, "TA1");
        }
        let first = interchange.groups.first().map(|g| &g.header);
        let (sender, receiver) = first.map_or(("", ""), |g| (g.receiver.as_str(), g.sender.as_str()));
        let version = first.map_or("004010", |g| g.version.as_str());
        writer.begin_group(&X12Group { kind: "FA", sender, receiver, date: &day, time: &time, control, version });
        let write = if self.implementation { write_999 } else { write_997 };
        write(report, interchange, AcknowledgmentOptions::default(), &mut writer);
        finished(writer, "acknowledgment")
    }

    fn contrl(&self, report: &Report, interchange: &InterchangeReport, control: u32) -> Result<Option<Vec<u8>>> {
        if !wants_contrl(interchange) {
            return Ok(None);
        }
        let (header, now) = (&interchange.header, jiff::Zoned::now());
        let (date, time) = (now.strftime("%y%m%d").to_string(), now.strftime("%H%M").to_string());
        let mut writer = writer(header.delimiters);
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
        let leg = if self.receipt { ContrlLeg::Receipt } else { ContrlLeg::Acceptance };
        write_contrl(report, interchange, leg, "1", &ContrlOptions::default(), &mut writer);
        finished(writer, "CONTRL")
    }
}

/// A writer that gives faulty values back as far as its delimiters carry them.
fn writer(delimiters: Delimiters) -> Writer {
    let mut options = WriteOptions::new(delimiters);
    (options.on_delimiter, options.on_foreign) = (OnDelimiter::Replace(b' '), OnForeign::TransliterateOr(b'?'));
    Writer::new(options)
}

/// What was written, or why it cannot be.
fn finished(writer: Writer, what: &str) -> Result<Option<Vec<u8>>> {
    writer.finish().map(Some).map_err(|errors| {
        let words: Vec<String> = errors.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("the {what} cannot be written: {}", words.join("; "))
    })
}
