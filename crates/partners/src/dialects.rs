//! All dialects, in one place.

use crate::seam::{Context, Dialect, Numbers, Paper, Reading, Written};
use crate::x12;
use countersign_engine::source::{self, Source};
use countersign_engine::stock::Origin;
use jiff::Timestamp;

/// Every dialect, chosen by `source.channel.dialect`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Partners;

impl Dialect for Partners {
    fn read(&self, source: &Source, bytes: &[u8], context: &Context<'_>) -> Reading {
        match source.channel.dialect {
            source::Dialect::X12 => x12::read(source, bytes, context, Origin::X12),
            _ => Reading::default(),
        }
    }

    fn write(
        &self,
        source: &Source,
        paper: &Paper,
        numbers: &mut Numbers<'_>,
        now: Timestamp,
    ) -> Result<Written, String> {
        match source.channel.dialect {
            source::Dialect::X12 => x12::write(source, paper, numbers, now),
            _ => Err("not yet".into()),
        }
    }
}
