//! Inbox and outbox of the store in memory.

use super::tables::Tables;
use crate::ports::{Errand, ErrandState, InboxEntry, InboxState, NewErrand, NewInbox, Rendered, StoreError};
use countersign_engine::ids::{PoNumber, SourceId};
use jiff::{SignedDuration, Timestamp};
use smol_str::SmolStr;

/// An errand, and until when it is claimed.
#[derive(Debug, Clone)]
pub(super) struct Queued {
    pub errand: Errand,
    /// When it is next to be given out; `None` once it is done.
    next: Option<Timestamp>,
}

impl Tables {
    pub fn receive(&mut self, new: &NewInbox) -> InboxEntry {
        let id = self.inbox.len() as u64 + 1;
        let seen = !self.inbox_by_hash.insert((new.channel.clone(), new.hash));
        let state = if seen && new.replays.is_none() { InboxState::Duplicate } else { InboxState::Waiting };
        if state == InboxState::Waiting {
            self.inbox_waiting.insert(id);
        }
        let entry = InboxEntry { id, new: new.clone(), state, findings: None };
        self.inbox.insert(id, entry.clone());
        entry
    }

    pub fn inbox_in(&self, state: InboxState, after: u64, limit: u32) -> Vec<InboxEntry> {
        let limit = limit as usize;
        if state == InboxState::Waiting {
            let waiting = self.inbox_waiting.range(after + 1..).take(limit);
            return waiting.filter_map(|id| self.inbox.get(id).cloned()).collect();
        }
        self.inbox.range(after + 1..).map(|(_, e)| e).filter(|e| e.state == state).take(limit).cloned().collect()
    }

    pub fn settle_inbox(&mut self, id: u64, state: InboxState, findings: Option<&str>) {
        if let Some(entry) = self.inbox.get_mut(&id) {
            entry.state = state;
            entry.findings = findings.map(|text| text.replace('\0', "\u{FFFD}"));
        }
        match state {
            InboxState::Waiting => self.inbox_waiting.insert(id),
            _ => self.inbox_waiting.remove(&id),
        };
    }

    pub fn relate(&mut self, inbox: u64, pos: &[PoNumber]) {
        for po in pos {
            self.inbox_by_order.entry(po.clone()).or_default().insert(inbox);
        }
    }

    pub fn cover_paper(&mut self, errand: &str, bytes: &[u8]) -> bool {
        let paper = self.outbox.get_mut(errand).and_then(|queued| queued.errand.rendered.as_mut());
        paper.map(|paper| paper.bytes = bytes.to_vec()).is_some()
    }

    pub fn cover_inbox(&mut self, id: u64, bytes: &[u8], findings: Option<&str>) -> bool {
        let Some(entry) = self.inbox.get_mut(&id) else { return false };
        entry.new.bytes = bytes.to_vec();
        entry.findings = findings.map(|text| text.replace('\0', "\u{FFFD}"));
        true
    }

    pub fn inbox_of(&self, po: &PoNumber) -> Vec<InboxEntry> {
        let ids = self.inbox_by_order.get(po).into_iter().flatten();
        ids.filter_map(|id| self.inbox.get(id).cloned()).collect()
    }

    /// The same id again changes nothing: an errand exists once.
    pub fn enqueue(&mut self, new: &NewErrand) {
        if self.outbox.contains_key(&new.id) {
            return;
        }
        let state = ErrandState::Waiting { due: new.due, error: None };
        let errand = Errand { new: new.clone(), state, tries: 0, rendered: None };
        self.errands_due.insert((new.due, new.id.clone()));
        self.errands_by_order.entry(new.po.clone()).or_default().push(new.id.clone());
        self.outbox.insert(new.id.clone(), Queued { errand, next: Some(new.due) });
    }

    /// Gives out what is due.
    pub fn claim(&mut self, now: Timestamp, lease_s: u32, limit: u32) -> Vec<Errand> {
        let due = self.errands_due.iter().take_while(|(at, _)| *at <= now).take(limit as usize);
        let ids: Vec<SmolStr> = due.map(|(_, id)| id.clone()).collect();
        let until = now + SignedDuration::from_secs(i64::from(lease_s));
        ids.iter().for_each(|id| self.schedule(id, Some(until)));
        ids.iter().filter_map(|id| self.outbox.get(id).map(|q| q.errand.clone())).collect()
    }

    pub fn render(&mut self, papers: &[(SmolStr, Rendered)]) -> Result<Vec<Rendered>, StoreError> {
        if let Some((id, _)) = papers.iter().find(|(id, _)| !self.outbox.contains_key(id)) {
            return Err(StoreError::Determinate(format!("there is no errand {id}")));
        }
        papers.iter().map(|(id, paper)| self.render_one(id, paper)).collect()
    }

    pub fn render_one(&mut self, id: &str, rendered: &Rendered) -> Result<Rendered, StoreError> {
        let Some(queued) = self.outbox.get_mut(id) else {
            return Err(StoreError::Determinate(format!("there is no errand {id}")));
        };
        let kept = queued.errand.rendered.get_or_insert_with(|| rendered.clone());
        if kept.media_type != rendered.media_type {
            kept.clone_from(rendered);
        }
        let kept = kept.clone();
        if !kept.reference.is_empty() {
            let key = (queued.errand.new.source.clone(), kept.reference.clone());
            self.errands_by_reference.insert(key, SmolStr::new(id));
        }
        Ok(kept)
    }

    pub fn begin(&mut self, id: &str, note: &str) -> Result<(), StoreError> {
        match self.outbox.get_mut(id).map(|queued| &mut queued.errand.state) {
            Some(ErrandState::Waiting { error, .. }) => {
                *error = Some(note.to_owned());
                Ok(())
            }
            _ => Err(StoreError::Determinate(format!("no errand {id} waits"))),
        }
    }

    pub fn settle(&mut self, id: &str, state: &ErrandState) {
        let next = match state {
            ErrandState::Waiting { due, .. } => Some(*due),
            ErrandState::Sent { .. } | ErrandState::Dead { .. } => None,
        };
        self.schedule(id, next);
        if let Some(queued) = self.outbox.get_mut(id) {
            queued.errand.state = state.clone();
            queued.errand.tries += 1;
        }
    }

    pub fn errands_of(&self, po: &PoNumber) -> Vec<Errand> {
        let ids = self.errands_by_order.get(po).into_iter().flatten();
        ids.filter_map(|id| self.outbox.get(id).map(|q| q.errand.clone())).collect()
    }

    pub fn errand_by_reference(&self, source: &SourceId, reference: &str) -> Option<Errand> {
        let id = self.errands_by_reference.get(&(source.clone(), SmolStr::new(reference)))?;
        self.outbox.get(id).map(|q| q.errand.clone())
    }

    pub fn all_errands(&self) -> Vec<Errand> {
        self.outbox.values().map(|q| q.errand.clone()).collect()
    }

    fn schedule(&mut self, id: &str, next: Option<Timestamp>) {
        let Some(queued) = self.outbox.get_mut(id) else { return };
        let id = queued.errand.new.id.clone();
        if let Some(before) = queued.next {
            self.errands_due.remove(&(before, id.clone()));
        }
        queued.next = next;
        if let Some(at) = next {
            self.errands_due.insert((at, id));
        }
    }
}
