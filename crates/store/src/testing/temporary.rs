//! A PostgreSQL server that lives as long as a test.
//!
//! Knows nothing of our tables.

use super::TemporaryFolder;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// The account that PostgreSQL's packages make; the server refuses to run as root.
const ACCOUNT: &str = "postgres";

/// A server of one's own, in a temporary folder, reached by a Unix socket; stopped and removed when dropped.
#[derive(Debug)]
pub struct TemporaryPostgres {
    folder: TemporaryFolder,
    programs: PathBuf,
    account: Option<&'static str>,
    databases: AtomicU32,
    port: Option<u16>,
}

/// The server, or `None` with a line that says so where PostgreSQL is not installed.
///
/// # Panics
/// Where it is not installed and `CI=true` or `COUNTERSIGN_REQUIRE_POSTGRES=1` say that it has to be.
pub fn postgres_or_skip() -> Option<TemporaryPostgres> {
    match TemporaryPostgres::start() {
        Ok(server) => Some(server),
        Err(why) => {
            let set = |name, value| std::env::var(name).is_ok_and(|found| found == value);
            assert!(
                !set("CI", "true") && !set("COUNTERSIGN_REQUIRE_POSTGRES", "1"),
                "PostgreSQL is required here: {why}"
            );
            eprintln!("SKIPPED on PostgreSQL: {why} (apt-get install postgresql, or put its bin folder on the PATH)");
            None
        }
    }
}

impl TemporaryPostgres {
    /// Makes and starts a server.
    pub fn start() -> Result<Self, String> {
        let server = Self::made()?;
        server.resume()?;
        Ok(server)
    }

    /// Makes and starts a server that is also reached over TCP on `localhost`, encrypted and not otherwise; its
    /// certificate is signed by itself.
    pub fn start_encrypted() -> Result<Self, String> {
        let mut server = Self::made()?;
        let words = |why: &dyn std::fmt::Display| why.to_string();
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).map_err(|why| words(&why))?;
        let key = server.data().join("server.key");
        std::fs::write(server.certificate(), made.cert.pem()).map_err(|why| words(&why))?;
        std::fs::write(&key, made.signing_key.serialize_pem()).map_err(|why| words(&why))?;
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).map_err(|why| words(&why))?;
        if let Some(account) = server.account {
            check("chown", Command::new("chown").arg(account).arg(&key).output())?;
        }
        let who = "local all all trust\nhostssl all all 127.0.0.1/32 trust\n";
        std::fs::write(server.data().join("pg_hba.conf"), who).map_err(|why| words(&why))?;
        let free = std::net::TcpListener::bind(("127.0.0.1", 0)).map_err(|why| words(&why))?;
        server.port = Some(free.local_addr().map_err(|why| words(&why))?.port());
        drop(free);
        server.resume()?;
        Ok(server)
    }

    /// The certificate of a server that [`TemporaryPostgres::start_encrypted`] made.
    pub fn certificate(&self) -> PathBuf {
        self.data().join("server.crt")
    }

    /// The address of a new, empty database over TCP, of a server that [`TemporaryPostgres::start_encrypted`] made.
    pub fn database_over_tcp(&self) -> Result<String, String> {
        let port = self.port.ok_or("this server is reached by its socket only")?;
        let socket = self.database()?;
        let name = socket.split(['/', '?']).nth(3).ok_or("an address without a database")?;
        Ok(format!("postgres://{ACCOUNT}@localhost:{port}/{name}"))
    }

    fn made() -> Result<Self, String> {
        let programs = programs().ok_or("its server programs are neither in /usr/lib/postgresql nor on the PATH")?;
        let folder = TemporaryFolder::new("pg").map_err(|why| why.to_string())?;
        let account = is_root().then_some(ACCOUNT);
        let server = Self { folder, programs, account, databases: AtomicU32::new(0), port: None };
        if let Some(account) = account {
            check("chown", Command::new("chown").arg(account).arg(server.folder.path()).output())?;
        }
        let mode = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(server.folder.path(), mode).map_err(|why| why.to_string())?;
        let data = server.data();
        let data = data.to_str().ok_or("the temporary folder has a strange name")?;
        server.run("initdb", &["-D", data, "-U", ACCOUNT, "-A", "trust", "-E", "UTF8", "--locale=C"])?;
        Ok(server)
    }

    /// The address of a new, empty database.
    pub fn database(&self) -> Result<String, String> {
        let name = format!("test{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let folder = self.folder.path().to_str().ok_or("the temporary folder has a strange name")?;
        let port = self.port.unwrap_or(5432).to_string();
        self.run("createdb", &["-h", folder, "-p", &port, "-U", ACCOUNT, &name])?;
        Ok(format!("postgres://{ACCOUNT}@/{name}?host={folder}&port={port}"))
    }

    /// Stops the server at once, as a crash would, and starts it again.
    pub fn crash(&self) -> Result<(), String> {
        self.stop()?;
        self.resume()
    }

    /// Stops the server at once, as a crash would.
    pub fn stop(&self) -> Result<(), String> {
        let data = self.data();
        let data = data.to_str().ok_or("the temporary folder has a strange name")?;
        self.run("pg_ctl", &["-D", data, "-m", "immediate", "-w", "stop"])
    }

    /// Starts the server again after [`TemporaryPostgres::stop`].
    pub fn resume(&self) -> Result<(), String> {
        self.run_server(self.data().to_str().ok_or("the temporary folder has a strange name")?)
    }

    fn run_server(&self, data: &str) -> Result<(), String> {
        let folder = self.folder.path().display();
        let mut settings = format!("-k {folder} -c max_wal_size=2GB -c shared_buffers=256MB");
        settings += &match self.port {
            Some(port) => format!(" -c listen_addresses=127.0.0.1 -p {port} -c ssl=on"),
            None => " -c listen_addresses=".to_owned(),
        };
        let log = self.folder.path().join("log");
        let log = log.to_str().ok_or("the temporary folder has a strange name")?;
        self.run("pg_ctl", &["-D", data, "-w", "-l", log, "-o", &settings, "start"])
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Result<(), String> {
        let path = self.programs.join(program);
        let mut command = match self.account {
            Some(account) => {
                let mut as_other = Command::new("runuser");
                as_other.args(["-u", account, "--"]).arg(path);
                as_other
            }
            None => Command::new(path),
        };
        // A server must not inherit the pipes, or whoever reads them waits for its end.
        let log = self.folder.path().join(format!("{program}.out"));
        let out = std::fs::File::create(&log).map_err(|why| why.to_string())?;
        let err = out.try_clone().map_err(|why| why.to_string())?;
        let status = command.args(arguments).current_dir("/").stdin(Stdio::null()).stdout(out).stderr(err).status();
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("{program}: {status}: {}", std::fs::read_to_string(log).unwrap_or_default())),
            Err(why) => Err(format!("{program}: {why}")),
        }
    }
}

impl Drop for TemporaryPostgres {
    fn drop(&mut self) {
        if let Some(data) = self.data().to_str() {
            let _ = self.run("pg_ctl", &["-D", data, "-m", "immediate", "-w", "stop"]);
        }
    }
}

fn check(program: &str, output: std::io::Result<Output>) -> Result<(), String> {
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr))),
        Err(why) => Err(format!("{program}: {why}")),
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0)
}

/// The newest installed server's programs.
fn programs() -> Option<PathBuf> {
    let version = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<_> = installed.map(|found| found.path()).collect();
    versions.sort_by_key(|path| version(path));
    let packaged = versions.into_iter().rev().map(|path| path.join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    packaged.chain(std::env::split_paths(&path)).find(|folder| folder.join("initdb").exists())
}
