//! What the service and the command line share of trials: whose finished parts are whose, and a look at work under way.

use crate::histories;
use countersign_runtime::ports::StoreError;
use countersign_sim::replay::progress::Identity;
use countersign_sim::replay::trial::Trial;
use jiff::Timestamp;
use std::fs::File;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What finished parts of a trial belong to.
///
/// # Errors
/// Its history cannot be packed.
pub fn identity(trial: &Trial) -> Result<Identity, StoreError> {
    let card = histories::card(&trial.history.name, trial.history)?;
    Ok(Identity::of(trial, &card.digest, build()))
}

/// The digest of this very program: another build may decide otherwise, whatever its version says.
fn build() -> &'static str {
    static BUILD: OnceLock<String> = OnceLock::new();
    BUILD.get_or_init(|| {
        // By its own link a program is found even when another one lies in its place by now.
        let program = File::open("/proc/self/exe").or_else(|_| File::open(std::env::current_exe()?));
        // Where it cannot be read, no other process takes up what this one finished.
        let unknown = |_| format!("process {} of {}", std::process::id(), Timestamp::now());
        program.and_then(histories::digest).unwrap_or_else(unknown)
    })
}

/// Works, and looks at it every so often from a thread of its own; once more when it is over.
pub fn watched<T>(every: Duration, mut look: impl FnMut() + Send, work: impl FnOnce() -> T) -> T {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            loop {
                let is_last = over.load(Ordering::Acquire);
                if !is_last {
                    std::thread::park_timeout(every);
                }
                look();
                if is_last {
                    return;
                }
            }
        });
        let _end = End { over: &over, watcher: watcher.thread().clone() };
        work()
    })
}

/// Ends the watching, also when the work panics: the scope waits for it.
struct End<'a> {
    over: &'a AtomicBool,
    watcher: std::thread::Thread,
}

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        self.watcher.unpark();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU32;

    #[test]
    fn work_is_looked_at_to_its_end() {
        let (done, seen) = (AtomicU32::new(0), AtomicU32::new(0));
        let look = || seen.store(done.load(Ordering::Relaxed), Ordering::Relaxed);
        let word = watched(Duration::from_mins(1), look, || {
            done.store(7, Ordering::Relaxed);
            "over"
        });
        assert_eq!((word, seen.load(Ordering::Relaxed)), ("over", 7), "and nobody waited a minute");
        let panics = || watched(Duration::from_mins(1), || {}, || panic!("on purpose"));
        assert!(std::panic::catch_unwind(panics).is_err());
    }

    #[test]
    fn this_program_has_a_digest() {
        assert_eq!(build().len(), 64);
    }
}
