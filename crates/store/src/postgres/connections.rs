//! A few connections, the threads they run on, and the one place where anything is tried again.
//!
//! Knows no table. Callers block on a plain channel, never on an async runtime, so that they may be anywhere.

use super::calls::{Call, Trouble, trouble};
use super::tls::{self, Way};
use countersign_runtime::ports::StoreError;
use futures_util::future::{join_all, try_join_all};
use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_postgres::{Client, NoTls, Row, Statement};

/// Connections per node: the writer, the queues and a few readers.
const CONNECTIONS_MAX: usize = 10;
/// Threads that speak with the server.
const THREADS: usize = 2;
/// Times a transaction is tried that loses a race or its connection before it has an effect.
const TRIES_MAX: u32 = 6;
/// The pause after the first lost race; doubled each time.
const PAUSE: Duration = Duration::from_millis(2);
/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);
/// Every statement is made for an index; a plan that scans, chosen while a table was small, must not survive.
const SETTINGS: &str = "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off;
    SET enable_mergejoin = off; SET jit = off; SET plan_cache_mode = force_generic_plan;
    SET synchronous_commit = on; SET default_transaction_isolation = 'read committed'";

/// The pool.
pub(crate) struct Connections {
    shared: Arc<Shared>,
    runtime: Option<tokio::runtime::Runtime>,
}

impl std::fmt::Debug for Connections {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connections").finish_non_exhaustive()
    }
}

struct Shared {
    way: Way,
    idle: Mutex<Vec<Connection>>,
    room: Arc<Semaphore>,
}

/// A connection with its prepared statements.
pub(super) struct Connection {
    client: Client,
    prepared: Mutex<HashMap<String, Statement>>,
}

/// A connection in use; it goes back to the pool unless it was lost.
struct InUse {
    connection: Option<Connection>,
    shared: Arc<Shared>,
    _room: OwnedSemaphorePermit,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Connections {
    pub(crate) fn open(address: &str) -> Result<Self, StoreError> {
        let mut way = tls::read(address)?;
        way.config.connect_timeout(CONNECT).application_name("countersign").keepalives(true);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("postgres")
            .enable_all()
            .build()
            .map_err(|why| StoreError::Determinate(format!("cannot start threads: {why}")))?;
        let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        Ok(Self { shared: Arc::new(Shared { way, idle: Mutex::default(), room }), runtime: Some(runtime) })
    }

    /// Runs `work` with a connection, again after a lost race; `work` leaves no transaction open when it succeeds.
    pub(super) fn run<T, F, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: Fn(Arc<Connection>) -> F + Send + 'static,
        F: Future<Output = Result<T, Trouble>> + Send,
    {
        let (tell, told) = std::sync::mpsc::sync_channel(1);
        let shared = Arc::clone(&self.shared);
        let runtime = self.runtime.as_ref().expect("because it is taken only when dropped");
        runtime.spawn(async move {
            // Nobody listens only if the caller is gone.
            let _ = tell.send(attempts(shared, work).await);
        });
        told.recv().unwrap_or_else(|_| Err(StoreError::Indeterminate("the store is closing".into())))
    }

    /// One statement that commits by itself; the rows it returns.
    pub(super) fn query(&self, call: Call) -> Result<Vec<Row>, StoreError> {
        let call = Arc::new(call);
        self.run(move |connection| {
            let call = Arc::clone(&call);
            async move { connection.query(&call).await.map_err(trouble) }
        })
    }

    /// One statement that writes and commits by itself; the rows it returns.
    pub(super) fn write(&self, call: Call) -> Result<Vec<Row>, StoreError> {
        let call = Arc::new(call);
        self.run(move |connection| {
            let call = Arc::clone(&call);
            async move {
                let statement = connection.statement(&call.text).await.map_err(trouble)?;
                let sent = connection.client.query(&statement, &call.values()).await;
                sent.map_err(super::calls::trouble_at_commit)
            }
        })
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        // A runtime must not be waited for inside another one; its threads end by themselves.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// The one place where anything is tried again.
async fn attempts<T, F, W>(shared: Arc<Shared>, work: W) -> Result<T, StoreError>
where
    W: Fn(Arc<Connection>) -> F,
    F: Future<Output = Result<T, Trouble>>,
{
    let mut pause = PAUSE;
    for attempt in 1.. {
        let (answer, lost) = match InUse::take(&shared).await {
            Err(why) => (Err(why), false),
            Ok(mut in_use) => {
                let connection = Arc::new(in_use.connection.take().expect("because it was just made"));
                let answer = work(Arc::clone(&connection)).await;
                let answer = connection.tidy(answer).await;
                in_use.connection = Arc::into_inner(connection).filter(|c| !c.client.is_closed());
                (answer, in_use.connection.is_none())
            }
        };
        match answer {
            Ok(answer) => return Ok(answer),
            Err(Trouble::Final(why)) => return Err(why),
            Err(trouble) if attempt >= TRIES_MAX => return Err(trouble.error()),
            Err(Trouble::Gone(_)) if lost => lock(&shared.idle).retain(|c| !c.client.is_closed()),
            Err(Trouble::Gone(_) | Trouble::Again(_)) => {}
        }
        // Nodes that lost against each other come back at different times.
        tokio::time::sleep(pause.mul_f64(0.5 + f64::from(attempt * 7 % 5) / 5.0)).await;
        pause *= 2;
    }
    Err(StoreError::Determinate("not tried".into()))
}

impl InUse {
    async fn take(shared: &Arc<Shared>) -> Result<Self, Trouble> {
        let room = Arc::clone(&shared.room).acquire_owned().await;
        let room = room.map_err(|_| Trouble::Final(StoreError::Determinate("the store is closing".into())))?;
        let idle = {
            let mut idle = lock(&shared.idle);
            idle.retain(|connection| !connection.client.is_closed());
            idle.pop()
        };
        let connection = match idle {
            Some(connection) => connection,
            None => Connection::make(&shared.way).await?,
        };
        Ok(Self { connection: Some(connection), shared: Arc::clone(shared), _room: room })
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            lock(&self.shared.idle).push(connection);
        }
    }
}

async fn watched(line: impl Future<Output = Result<(), tokio_postgres::Error>>) {
    if let Err(why) = line.await {
        tracing::warn!(%why, "a connection to PostgreSQL ended");
    }
}

impl Connection {
    async fn make(way: &Way) -> Result<Self, Trouble> {
        let client = match &way.tls {
            Some(tls) => {
                let (client, line) = way.config.connect(tls.clone()).await.map_err(trouble)?;
                tokio::spawn(watched(line));
                client
            }
            None => {
                let (client, line) = way.config.connect(NoTls).await.map_err(trouble)?;
                tokio::spawn(watched(line));
                client
            }
        };
        client.batch_execute(SETTINGS).await.map_err(trouble)?;
        Ok(Self { client, prepared: Mutex::default() })
    }

    /// A failed transaction is rolled back before anybody else gets the connection.
    async fn tidy<T>(&self, answer: Result<T, Trouble>) -> Result<T, Trouble> {
        if answer.is_err() && !self.client.is_closed() {
            let _ = self.client.batch_execute("ROLLBACK").await;
        }
        answer
    }

    pub(super) async fn plain(&self, text: &str) -> Result<(), tokio_postgres::Error> {
        self.client.batch_execute(text).await
    }

    pub(super) async fn statement(&self, text: &str) -> Result<Statement, tokio_postgres::Error> {
        if let Some(statement) = lock(&self.prepared).get(text) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(text).await?;
        lock(&self.prepared).insert(text.to_owned(), statement.clone());
        Ok(statement)
    }

    pub(super) async fn query(&self, call: &Call) -> Result<Vec<Row>, tokio_postgres::Error> {
        let statement = self.statement(&call.text).await?;
        self.client.query(&statement, &call.values()).await
    }

    /// All statements at once, answered in order: one journey to the server, not one each.
    pub(super) async fn all(&self, calls: &[Call]) -> Result<Vec<Vec<Row>>, tokio_postgres::Error> {
        let statements = try_join_all(calls.iter().map(|call| self.statement(&call.text))).await?;
        let values: Vec<_> = calls.iter().map(Call::values).collect();
        let sent = statements.iter().zip(&values).map(|(statement, values)| self.client.query(statement, values));
        join_all(sent).await.into_iter().collect()
    }

    /// As [`Connection::all`], in one read-only transaction that sees one state of the database.
    pub(super) async fn snapshot(&self, calls: &[Call]) -> Result<Vec<Vec<Row>>, tokio_postgres::Error> {
        let statements = try_join_all(calls.iter().map(|call| self.statement(&call.text))).await?;
        let values: Vec<_> = calls.iter().map(Call::values).collect();
        let begin = self.client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        let sent = join_all(statements.iter().zip(&values).map(|(s, values)| self.client.query(s, values)));
        let end = self.client.batch_execute("COMMIT");
        // Polled in this order, they are sent in this order.
        let (begun, rows, ended) = futures_util::future::join3(begin, sent, end).await;
        begun?;
        let rows = rows.into_iter().collect::<Result<Vec<_>, _>>()?;
        ended?;
        Ok(rows)
    }
}
