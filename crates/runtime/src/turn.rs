//! Taking turns: whoever comes first is served first, so that a long feed does not keep orders out.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

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
            .map(|_| {
                let (turn, inside) = (turn.clone(), inside.clone());
                std::thread::spawn(move || {
                    for _ in 0..100 {
                        let _mine = turn.take();
                        assert!(inside.try_lock().is_ok());
                    }
                })
            })
            .collect();
        threads.into_iter().for_each(|t| t.join().unwrap());
    }
}
