//! Which histories are kept.

use crate::event::Event;
use crate::history::Histories;
use crate::slice::{Key, Record, Slice};

pub(super) fn apply(slice: &mut Slice, event: &Event) {
    if slice.histories().is_none() {
        slice.put(Key::Histories, Record::Histories(Histories::default().into()));
    }
    let all = &mut slice.histories_mut().expect("because it was just put there").all;
    match event {
        Event::HistoryKept { history } => _ = all.insert(history.history.name.clone(), history.clone()),
        Event::HistoryRemoved { name, .. } => _ = all.remove(name),
        _ => panic!("{event:?} is about no history"),
    }
}
