//! Taking turns: whoever comes first is served first, so that a long feed does not keep orders out.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A lock that is fair.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    tickets: Mutex<Tickets>,
    called: Condvar,
}

#[derive(Debug, Default)]
struct Tickets {
    next: u64,
    serving: u64,
}

/// One's turn, until it is dropped.
#[derive(Debug)]
pub(crate) struct Taken<'a>(&'a Turn);

impl Turn {
    /// Waits for one's turn.
    pub fn take(&self) -> Taken<'_> {
        let mut tickets = self.tickets();
        let mine = tickets.next;
        tickets.next += 1;
        while tickets.serving != mine {
            tickets = self.called.wait(tickets).unwrap_or_else(PoisonError::into_inner);
        }
        Taken(self)
    }

    /// One's turn, if it comes within that time and nobody waits for it.
    pub fn take_within(&self, patience: Duration) -> Option<Taken<'_>> {
        let free = |tickets: &mut Tickets| tickets.serving != tickets.next;
        let waited = self.called.wait_timeout_while(self.tickets(), patience, free);
        let (mut tickets, _) = waited.unwrap_or_else(PoisonError::into_inner);
        (tickets.serving == tickets.next).then(|| {
            tickets.next += 1;
            Taken(self)
        })
    }

    // Two counters are whole whatever panicked while they were locked.
    fn tickets(&self) -> MutexGuard<'_, Tickets> {
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.0.tickets().serving += 1;
        self.0.called.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn one_at_a_time() {
        let turn = Arc::new(Turn::default());
        let inside = Arc::new(Mutex::new(()));
        let threads: Vec<_> = (0..8)
            .map(|n| {
                let (turn, inside) = (turn.clone(), inside.clone());
                std::thread::spawn(move || {
                    for _ in 0..100 {
                        let mine =
                            if n % 2 == 0 { Some(turn.take()) } else { turn.take_within(Duration::from_micros(9)) };
                        assert!(mine.is_none() || inside.try_lock().is_ok());
                    }
                })
            })
            .collect();
        threads.into_iter().for_each(|t| t.join().unwrap());
    }

    #[test]
    fn patience_ends() {
        let turn = Turn::default();
        let mine = turn.take();
        assert!(turn.take_within(Duration::ZERO).is_none());
        drop(mine);
        assert!(turn.take_within(Duration::ZERO).is_some());
    }
}
