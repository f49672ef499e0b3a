//! What one partner does otherwise than the standard, as data in the settings of its channel.
//!
//! Knows no document; edi applies the rules while it checks.

use crate::findings::KEPT;
use countersign_edi::ReadOptions;
use serde_json::Value;

/// How files of a partner are checked.
///
/// # Errors
/// The overlay has another form than it must: a sentence that names the place.
pub(crate) fn read_options(overlay: &Value) -> Result<ReadOptions, String> {
    let mut options = ReadOptions { findings_max: KEPT, ..ReadOptions::default() };
    let _ = (&mut options, overlay);
    Ok(options)
}
