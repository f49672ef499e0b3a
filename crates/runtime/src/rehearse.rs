//! What a command would lead to if it were given now. Nothing is written and nobody is told.

use crate::batch::catch;
use crate::desk::Desk;
use crate::ports::StoreError;
use countersign_engine::command::Command;
use countersign_engine::decide::{Decision, ROUNDS_MAX};
use countersign_engine::refusal::Refusal;
use countersign_engine::slice::{Key, Slice};
use jiff::Timestamp;

impl Desk {
    /// Decides a command on the records as they stand, and forgets it. What really follows may differ, because others
    /// act meanwhile.
    ///
    /// # Errors
    /// The store could not be read, or the head met a bug of ours.
    pub fn rehearse(&self, now: Timestamp, command: &Command) -> Result<Result<Decision, Refusal>, StoreError> {
        let mut slice = Slice::default();
        for _ in 0..ROUNDS_MAX {
            let wanted = catch(|| (self.head.needs)(&slice, command)).map_err(bug)?;
            let fresh: Vec<Key> = wanted.into_iter().filter(|key| !slice.has(key)).collect();
            if fresh.is_empty() {
                break;
            }
            let records = self.read(&fresh)?;
            slice = Slice::new(slice.into_records().chain(fresh.into_iter().zip(records)));
        }
        catch(|| (self.head.decide)(&slice, now, command)).map_err(bug)
    }
}

fn bug(words: String) -> StoreError {
    StoreError::Determinate(format!("a bug of ours: {words}"))
}
