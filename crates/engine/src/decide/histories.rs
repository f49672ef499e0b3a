//! Histories taken in and let go: the journal says by whom and when, so that a backtest can be traced to its rows.

use super::draft::Draft;
use crate::event::Event;
use crate::history::{HISTORIES_MAX, History, Kept};
use crate::ids::ID_LENGTH_MAX;
use crate::refusal::{Refusal, RefusalKind};

/// Keeps a history under its name; the same one again changes nothing, another one takes the place of the former.
pub(super) fn keep(d: &mut Draft, history: &History) -> Result<(), Refusal> {
    let refuse = |field: &str, value: &str, why: String| {
        Err(Refusal::field(RefusalKind::InvalidField, field, value, "invalid", why))
    };
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    let name = history.name.as_str();
    if name.is_empty() || name.len() > ID_LENGTH_MAX || !name.bytes().all(fits) {
        let why = format!("a history is named by at most {ID_LENGTH_MAX} letters, digits and - _ .");
        return refuse("/name", name, why);
    }
    if history.digest.len() != 64 || !history.digest.bytes().all(|b| b.is_ascii_hexdigit()) {
        return refuse("/digest", &history.digest, "use the SHA-256 of the packed bytes, 64 hex digits".into());
    }
    let all = d.slice.histories();
    let known = all.and_then(|h| h.all.get(name));
    if known.is_some_and(|k| k.history == *history) {
        return Ok(());
    }
    if known.is_none() && all.is_some_and(|h| h.all.len() >= HISTORIES_MAX) {
        let why = format!("{HISTORIES_MAX} histories are kept: remove one first");
        return Err(Refusal::new(RefusalKind::NotNow, why));
    }
    let history = Kept { history: history.clone(), by: d.by.clone(), at: d.now };
    d.record(Event::HistoryKept { history });
    Ok(())
}

/// Lets a history go.
pub(super) fn remove(d: &mut Draft, name: &str) -> Result<(), Refusal> {
    if d.slice.histories().is_none_or(|h| !h.all.contains_key(name)) {
        let why = format!("there is no history {name:?}");
        return Err(Refusal::field(RefusalKind::InvalidField, "/name", name, "unknown_history", why));
    }
    d.record(Event::HistoryRemoved { name: name.into(), by: d.by.clone() });
    Ok(())
}
