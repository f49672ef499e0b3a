//! A place where async work runs for callers that block: the port is synchronous, sockets are not.
//!
//! Does not know what it runs. Work is spawned and waited for over a channel, so it may be called from any thread; a
//! thread of an async runtime should rather use the connectors' own async functions.

use std::future::Future;
use tokio::runtime::{Builder, Handle, Runtime};

/// Threads of an own runtime: calls wait for the network, not for the processor.
const THREADS: usize = 2;

/// A runtime of its own, or somebody else's.
#[derive(Debug)]
pub struct Background {
    handle: Handle,
    own: Option<Runtime>,
}

impl Background {
    /// Starts a small runtime of its own.
    pub fn own() -> std::io::Result<Self> {
        let own = Builder::new_multi_thread().worker_threads(THREADS).thread_name("connectors").enable_all().build()?;
        Ok(Self { handle: own.handle().clone(), own: Some(own) })
    }

    /// Uses a runtime that lives elsewhere; it must be a multi-threaded one.
    pub fn on(handle: Handle) -> Self {
        Self { handle, own: None }
    }

    /// Runs `work` to its end; `None` if the runtime stopped meanwhile or the work panicked.
    pub fn wait<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Option<T> {
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        self.handle.spawn(async move {
            // Nobody listens any more only if the caller's thread died; then the answer has no reader.
            let _ = sender.send(work.await);
        });
        receiver.recv().ok()
    }

    /// Runs `work` beside everything else.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.handle.spawn(work);
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // A plain drop would panic when the last owner stands in async code.
        if let Some(own) = self.own.take() {
            own.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_from_a_plain_thread_and_survives_a_panic() {
        let background = Background::own().unwrap();
        assert_eq!(background.wait(async { 6 * 7 }), Some(42));
        assert_eq!(background.wait(async { panic!("a bug in the work") }), None::<u32>);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn may_be_called_and_dropped_in_async_code() {
        let background = Background::own().unwrap();
        assert_eq!(background.wait(async { 1 }), Some(1));
        assert_eq!(Background::on(Handle::current()).wait(async { 2 }), Some(2));
    }
}
