//! Files under way: each is durable before its sender hears of it, and its job goes on where it stood after a restart,
//! on whichever node is there. Doing a row twice is harmless, so what was done since the last note is done again.
//!
//! Does not know HTTP.

use crate::api::Parts;
use crate::intake::{self, Format, Kind, Row, RowFault, RowFaults};
use crate::lease::Lease;
use crate::office::Office;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_engine::Refusal;
use countersign_engine::command::{Actor, Command};
use countersign_runtime::ports::{Store, StoreError};
use countersign_runtime::{Handled, Request};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use smol_str::format_smolstr;
use std::collections::BTreeSet;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// The setting that holds a job under way.
const OPEN: &str = "import_open";
/// The setting that holds a job that has ended.
const ENDED: &str = "import";
/// The setting that holds a part of a file, under `<job>/<number>`.
const PART: &str = "import_part";
/// Counts jobs.
const SEQUENCE: &str = "import";
/// Bytes of one part: a write that holds nobody up.
const PART_BYTES: usize = 1 << 20;
/// Rows decided in one go.
const ROWS_AT_ONCE: usize = 500;
/// Rejected rows kept of one job.
const FAULTS_MAX: usize = 1_000;
/// Jobs remembered; the oldest are forgotten.
const JOBS_MAX: usize = 200;
/// Jobs under way at the same time: each holds its file in memory.
const UNDER_WAY_MAX: usize = 4;
/// How often a job's state is written down.
const NOTE_EVERY: Duration = Duration::from_secs(1);
/// How often jobs of other nodes, and those that had to pause, are looked for.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// A file that is still being received after this never will be: its node is gone.
const RECEIVED_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Its file is not whole yet.
    Receiving,
    /// Its rows are being taken in.
    Running,
    /// All rows were looked at.
    Done,
    /// It cannot go on.
    Failed,
}

/// A job.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Job {
    /// Its number; never given twice.
    pub id: u64,
    /// What the file holds.
    pub kind: Kind,
    /// How it is written.
    pub format: Format,
    /// Nothing is stored.
    pub dry_run: bool,
    /// Who sent it.
    pub by: Actor,
    /// Where it stands.
    pub state: State,
    /// When it came.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Rows that changed something.
    pub taken_in: u64,
    /// Rows that changed nothing.
    pub unchanged: u64,
    /// Rows that were not taken in.
    pub rejected: u64,
    /// The first of them.
    pub faults: Vec<RowFault>,
    /// Why it failed.
    pub error: Option<String>,
    /// Parts that its file is kept in.
    parts: usize,
    /// The last line of the file that is done with.
    through: u64,
}

/// What is sent in.
pub struct Sent {
    /// What the file holds.
    pub kind: Kind,
    /// How it is written.
    pub format: Format,
    /// Store nothing.
    pub dry_run: bool,
    /// Who sends it.
    pub by: Actor,
}

/// Why a file was not kept.
pub enum NotKept {
    /// So many are under way.
    Full(usize),
    /// What the store says.
    Store(StoreError),
}

impl From<StoreError> for NotKept {
    fn from(error: StoreError) -> Self {
        NotKept::Store(error)
    }
}

/// Keeps a file, durably, as a job that will be done.
///
/// # Errors
/// See [`NotKept`].
pub async fn keep(office: &Office, sent: Sent, bytes: &[u8]) -> Result<Job, NotKept> {
    let Sent { kind, format, dry_run, by } = sent;
    let (parts, started_at) = (bytes.len().div_ceil(PART_BYTES), office.now());
    let begun = office.read(move |store| {
        let under_way = store.settings(OPEN)?.len();
        if under_way >= UNDER_WAY_MAX {
            return Ok(Err(under_way));
        }
        let id = store.next_number(SEQUENCE)?;
        let (taken_in, unchanged, rejected, through) = (0, 0, 0, 0);
        let (state, ended_at, faults, error) = (State::Receiving, None, vec![], None);
        let job = Job {
            id,
            kind,
            format,
            dry_run,
            by,
            state,
            started_at,
            ended_at,
            taken_in,
            unchanged,
            rejected,
            faults,
            error,
            parts,
            through,
        };
        put_open(store, &job, Some(0))?;
        Ok(Ok(job))
    });
    let mut job = begun.await?.map_err(NotKept::Full)?;
    for (number, part) in bytes.chunks(PART_BYTES).enumerate() {
        let (key, text) = (part_key(job.id, number), STANDARD.encode(part));
        office.read(move |store| store.put_setting(PART, &key, None, Some(&text))).await?;
    }
    job.state = State::Running;
    let whole = job.clone();
    match office.read(move |store| put_open(store, &whole, Some(1))).await? {
        true => Ok(job),
        false => Err(StoreError::Determinate("keeping the file took too long: send it again".into()).into()),
    }
}

/// One job.
///
/// # Errors
/// What the store says.
pub fn find(store: &dyn Store, id: u64) -> Result<Option<Job>, StoreError> {
    let found = match store.setting(ENDED, &key(id))? {
        None => store.setting(OPEN, &key(id))?,
        ended => ended,
    };
    Ok(found.and_then(|(_, text)| serde_json::from_str(&text).ok()))
}

/// The latest jobs, newest first.
///
/// # Errors
/// What the store says.
pub fn latest(store: &dyn Store) -> Result<Vec<Job>, StoreError> {
    let mut all = jobs(store, OPEN)?;
    let ended = jobs(store, ENDED)?;
    all.retain(|job| ended.iter().all(|e| e.id != job.id));
    all.extend(ended);
    all.sort_by_key(|job| std::cmp::Reverse(job.id));
    Ok(all)
}

fn jobs(store: &dyn Store, kind: &str) -> Result<Vec<Job>, StoreError> {
    Ok(store.settings(kind)?.into_iter().filter_map(|(_, text)| serde_json::from_str(&text).ok()).collect())
}

/// By it jobs stand in order.
fn key(id: u64) -> String {
    format!("{id:012}")
}

fn part_key(id: u64, number: usize) -> String {
    format!("{}/{number}", key(id))
}

fn put_open(store: &dyn Store, job: &Job, version: Option<u64>) -> Result<bool, StoreError> {
    store.put_setting(OPEN, &key(job.id), version, Some(&crate::api::call::json(job)))
}

/// Does what there is to do, again and again, until the service ends.
pub async fn run(parts: Weak<Parts>, ring: Arc<Notify>) {
    let mut tasks: JoinSet<u64> = JoinSet::new();
    let mut here = BTreeSet::new();
    loop {
        let Some(office) = parts.upgrade().map(|parts| parts.office.clone()) else { return };
        while let Some(ended) = tasks.try_join_next() {
            match ended {
                Ok(id) => drop(here.remove(&id)),
                // One panicked: each is known by what is under way anyway.
                Err(_) => here.clear(),
            }
        }
        let open = office.read(|store| jobs(store, OPEN)).await.unwrap_or_default();
        for job in open {
            let late = job.started_at.saturating_add(RECEIVED_WITHIN).is_ok_and(|end| end < office.now());
            match job.state {
                State::Receiving if late => {
                    let _ = office.read(move |store| forget(store, &job)).await;
                }
                State::Receiving => {}
                _ if here.insert(job.id) => drop(tasks.spawn(have_done(office.clone(), job.id))),
                _ => {}
            }
        }
        drop(office);
        let _ = tokio::time::timeout(LOOK_EVERY, ring.notified()).await;
    }
}

/// Removes what is kept of a job that is over.
fn forget(store: &dyn Store, job: &Job) -> Result<(), StoreError> {
    for number in 0..job.parts {
        store.put_setting(PART, &part_key(job.id, number), None, None)?;
    }
    store.put_setting(OPEN, &key(job.id), None, None).map(drop)
}

/// Does a job if no other node does it.
async fn have_done(office: Office, id: u64) -> u64 {
    let Ok(Some(mut lease)) = Lease::take(&office, format!("import/{id}")).await else { return id };
    let ended = tokio::select! {
        () = lease.keep() => Ok(()),
        ended = carry_on(&office, id) => ended,
    };
    if let Err(why) = ended {
        tracing::warn!(job = id, why, "an import pauses; it goes on by itself");
    }
    lease.end().await;
    id
}

/// A job in the hands of this node.
struct Work<'o> {
    office: &'o Office,
    job: Job,
    version: u64,
    noted: Instant,
}

async fn carry_on(office: &Office, id: u64) -> Result<(), String> {
    let words = |error: StoreError| error.to_string();
    let found = office.read(move |store| Ok((store.setting(OPEN, &key(id))?, store.setting(ENDED, &key(id))?)));
    let (Some((version, text)), ended) = found.await.map_err(words)? else { return Ok(()) };
    let job: Job = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    if ended.is_some() {
        return office.read(move |store| forget(store, &job)).await.map_err(words);
    }
    let parts = job.parts;
    let bytes = office.read(move |store| file_of(store, id, parts)).await.map_err(words)?;
    let mut work = Work { office, job, version, noted: Instant::now() };
    match bytes {
        Some(bytes) => work.take_all_in(bytes).await?,
        None => work.job.error = Some("its file is not whole in the store any more: send it again".into()),
    }
    work.end().await.map_err(words)
}

/// The file of a job, unless a part is missing.
fn file_of(store: &dyn Store, id: u64, parts: usize) -> Result<Option<Vec<u8>>, StoreError> {
    let mut whole = vec![];
    for number in 0..parts {
        let part = store.setting(PART, &part_key(id, number))?.and_then(|(_, text)| STANDARD.decode(text).ok());
        let Some(part) = part else { return Ok(None) };
        whole.extend(part);
    }
    Ok(Some(whole))
}

impl Work<'_> {
    /// Takes in the rows that are not done yet.
    async fn take_all_in(&mut self, bytes: Vec<u8>) -> Result<(), String> {
        let (send, mut receive) = tokio::sync::mpsc::channel(2);
        let Job { kind, format, started_at, through, dry_run, .. } = self.job;
        let reading = tokio::task::spawn_blocking(move || {
            let line = |row: &Result<Row, RowFaults>| match row {
                Ok(row) => row.row,
                Err(faults) => faults.first().map_or(0, |fault| fault.row),
            };
            let mut batch = Vec::with_capacity(ROWS_AT_ONCE);
            // Rows without a time of their own keep that of the first try.
            for row in intake::rows_judged(kind, format, bytes.as_slice(), started_at)
                .filter(|r| line(r) > through || through == 0)
            {
                batch.push(row);
                if batch.len() == ROWS_AT_ONCE && send.blocking_send(std::mem::take(&mut batch)).is_err() {
                    return;
                }
            }
            let _ = send.blocking_send(batch);
        });
        while let Some(batch) = receive.recv().await {
            let (mut rows, mut outcome, mut through) = (vec![], Outcome::default(), self.job.through);
            for row in batch {
                match row {
                    Ok(row) => {
                        through = through.max(row.row);
                        rows.push(row);
                    }
                    Err(faults) => {
                        through = faults.iter().map(|fault| fault.row).fold(through, u64::max);
                        outcome.reject(faults);
                    }
                }
            }
            match dry_run {
                true => self.rehearse(rows, &mut outcome).await?,
                false => self.take_in(rows, &mut outcome).await?,
            }
            // Only now is anything counted: a batch that met a failure is done again as a whole.
            self.count(outcome, through);
            if self.noted.elapsed() >= NOTE_EVERY {
                self.note().await?;
            }
        }
        if reading.await.is_err() {
            self.job.error =
                Some("a fault of this service: its log has the words; the rows counted were taken in".into());
        }
        Ok(())
    }

    /// What would become of rows: the very steps of taking them in, and nothing is written.
    async fn rehearse(&self, rows: Vec<Row>, outcome: &mut Outcome) -> Result<(), String> {
        let (desk, now, by) = (self.office.desk().clone(), self.office.now(), self.job.by.clone());
        let told = self.office.read(move |_| {
            let one = |row: Row| {
                let decided = desk.rehearse(now, &Command { by: by.clone(), deed: row.deed })?;
                Ok((row.row, decided.map(|decision| !decision.events.is_empty())))
            };
            rows.into_iter().map(one).collect::<Result<Vec<_>, StoreError>>()
        });
        for (row, decided) in told.await.map_err(|error| error.to_string())? {
            match decided {
                Ok(true) => outcome.taken_in += 1,
                Ok(false) => outcome.unchanged += 1,
                Err(refusal) => outcome.refused(row, refusal),
            }
        }
        Ok(())
    }

    async fn take_in(&self, rows: Vec<Row>, outcome: &mut Outcome) -> Result<(), String> {
        let cause = format_smolstr!("import.{}", self.job.id);
        let (places, requests): (Vec<u64>, Vec<Request>) = rows
            .into_iter()
            .map(|row| {
                let command = Command { by: self.job.by.clone(), deed: row.deed };
                (row.row, Request::caused(command, cause.clone()))
            })
            .unzip();
        let all = self.office.submit_all(requests).await;
        for (row, handled) in places.into_iter().zip(all) {
            match handled.into_iter().next() {
                Some(Handled::Done(done)) if done.position.is_some() => outcome.taken_in += 1,
                Some(Handled::Done(_)) => outcome.unchanged += 1,
                Some(Handled::Refused(refusal)) => outcome.refused(row, refusal),
                Some(Handled::Parked { words }) => {
                    let reason = format!("a fault of this service: {words}");
                    outcome.reject(vec![RowFault { row, column: String::new(), value: String::new(), reason }]);
                }
                Some(Handled::Failed(failure)) => return Err(failure.sentence),
                _ => {}
            }
        }
        Ok(())
    }

    fn count(&mut self, outcome: Outcome, through: u64) {
        let job = &mut self.job;
        job.taken_in += outcome.taken_in;
        job.unchanged += outcome.unchanged;
        job.through = through;
        let mut faults = outcome.faults;
        faults.sort_by_key(|fault| fault.row);
        job.rejected += outcome.rejected;
        let room = FAULTS_MAX.saturating_sub(job.faults.len());
        job.faults.extend(faults.into_iter().take(room));
    }

    /// Writes down how far it came.
    async fn note(&mut self) -> Result<(), String> {
        let (job, version) = (self.job.clone(), self.version);
        match self.office.read(move |store| put_open(store, &job, Some(version))).await {
            Ok(true) => {
                (self.version, self.noted) = (version + 1, Instant::now());
                Ok(())
            }
            Ok(false) => Err("another node took it over".into()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Says that it is over, and forgets its file.
    async fn end(self) -> Result<(), StoreError> {
        let Self { office, mut job, .. } = self;
        job.state = if job.error.is_some() { State::Failed } else { State::Done };
        job.ended_at = Some(office.now());
        office
            .read(move |store| {
                store.put_setting(ENDED, &key(job.id), None, Some(&crate::api::call::json(&job)))?;
                forget(store, &job)?;
                let all = store.settings(ENDED)?;
                for (id, _) in all.iter().take(all.len().saturating_sub(JOBS_MAX)) {
                    store.put_setting(ENDED, id, None, None)?;
                }
                Ok(())
            })
            .await
    }
}

/// What became of some rows.
#[derive(Default)]
struct Outcome {
    taken_in: u64,
    unchanged: u64,
    /// Rows; each has a fault or several.
    rejected: u64,
    faults: Vec<RowFault>,
}

impl Outcome {
    fn reject(&mut self, faults: RowFaults) {
        self.rejected += 1;
        self.faults.extend(faults);
    }
    fn refused(&mut self, row: u64, refusal: Refusal) {
        let fault = refusal.faults.first();
        let column = fault.map(|f| f.pointer.trim_start_matches('/').replace('/', ".")).unwrap_or_default();
        let value = fault.map(|f| f.value.clone()).unwrap_or_default();
        self.reject(vec![RowFault { row, column, value, reason: refusal.sentence }]);
    }
}
