//! All dialects, in one place.

use crate::seam::{ANSWER, Context, Dialect, Numbers, Paper, Reading, Written};
use crate::{api, eancom, portal, wms, x12};
use countersign_engine::source::{self, Source};
use countersign_engine::stock::Origin;
use jiff::Timestamp;

/// Every dialect, chosen by `source.channel.dialect`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Partners;

impl Dialect for Partners {
    fn read(&self, source: &Source, bytes: &[u8], context: &Context<'_>) -> Reading {
        if let Some(path) = context.name.strip_prefix(ANSWER) {
            return api::read_answer(source, bytes, &Context { name: path, ..*context });
        }
        match source.channel.dialect {
            source::Dialect::X12 => x12::read(source, bytes, context, Origin::X12),
            source::Dialect::Api => api::read(source, bytes, context, Origin::Api),
            source::Dialect::Portal => api::read(source, bytes, context, Origin::Portal),
            source::Dialect::Wms => wms::read(source, bytes, context),
            source::Dialect::Eancom => eancom::read(source, bytes, context),
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
            source::Dialect::Api => api::write(paper),
            source::Dialect::Portal => portal::write(source, paper),
            source::Dialect::Wms => wms::write(source, paper, numbers, now),
            source::Dialect::Eancom => eancom::write(source, paper, numbers, now),
        }
    }

    fn writes(&self, source: &Source, media_type: &str) -> bool {
        let own = match source.channel.dialect {
            source::Dialect::X12 => x12::MEDIA_TYPE,
            source::Dialect::Api => api::MEDIA_TYPE,
            source::Dialect::Portal => portal::MEDIA_TYPE,
            source::Dialect::Wms => wms::media_type(source),
            source::Dialect::Eancom => eancom::MEDIA_TYPE,
        };
        media_type == own
    }

    fn is_numbered(&self, source: &Source) -> bool {
        !matches!(source.channel.dialect, source::Dialect::Api)
    }
}

/// What a person should know about the settings of a source's channel: unknown ones, missing ones, wrong ones. Empty
/// when all is well.
pub fn remarks(source: &Source) -> Vec<String> {
    match source.channel.dialect {
        source::Dialect::X12 => x12::settings::Settings::remarks(source),
        source::Dialect::Eancom => eancom::settings::Settings::remarks(source),
        source::Dialect::Api | source::Dialect::Portal | source::Dialect::Wms => Vec::new(),
    }
}
