//! Debian's OpenSSH server on a free loopback port, with keys and folders of its own.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

const SSHD: &str = "/usr/sbin/sshd";
const SFTP_SERVER: &str = "/usr/lib/openssh/sftp-server";
/// A running server with a partner's two folders.
pub struct Server {
    pub home: TempDir,
    pub child: Child,
    pub port: u16,
    pub host_key: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn key_pair(path: &Path, kind: &str) -> String {
    let made = Command::new("ssh-keygen").args(["-q", "-t", kind, "-N", "", "-f"]).arg(path).status();
    assert!(made.expect("ssh-keygen comes with the server").success());
    let shown = Command::new("ssh-keygen").args(["-lf"]).arg(path.with_extension("pub")).output().expect("a key");
    let shown = String::from_utf8(shown.stdout).expect("text");
    shown.split_whitespace().find(|word| word.starts_with("SHA256:")).expect("a fingerprint").to_owned()
}

impl Server {
    /// Starts a server, or says why the test is skipped.
    pub fn start(host_key_kind: &str, sftp_arguments: &str) -> Option<Self> {
        if !Path::new(SSHD).exists() {
            let wanted = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
            assert!(!wanted("CI", "true") && !wanted("COUNTERSIGN_REQUIRE_SSHD", "1"), "install openssh-server");
            println!("SKIPPED: {SSHD} is missing; apt-get install openssh-server");
            return None;
        }
        // The server, run by root, wants this directory for its unprivileged half.
        let _ = fs::create_dir_all("/run/sshd");
        let home = tempfile::tempdir().expect("a directory");
        let at = |name: &str| home.path().join(name);
        ["out", "in"].iter().for_each(|name| fs::create_dir(at(name)).expect("a folder"));
        let host_key = key_pair(&at("host"), host_key_kind);
        ["ed25519", "ecdsa"].iter().for_each(|kind| drop(key_pair(&at(kind), kind)));
        let authorized: String =
            ["ed25519.pub", "host.pub"].iter().map(|name| fs::read_to_string(at(name)).expect("a key")).collect();
        fs::write(at("authorized"), authorized).expect("written");
        let mut server = Self { child: Command::new("true").spawn().expect("true"), port: 0, home, host_key };
        server.listen(sftp_arguments);
        Some(server)
    }

    /// (Re)starts the process; a restart keeps port, keys and folders.
    pub fn listen(&mut self, sftp_arguments: &str) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        for _ in 0..5 {
            if self.port == 0 {
                let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
                self.port = free.local_addr().expect("an address").port();
            }
            let config = self.config(sftp_arguments);
            let mut command = Command::new(SSHD);
            command.args(["-D", "-e", "-f"]).arg(config).stdin(Stdio::null()).stderr(Stdio::null());
            self.child = command.spawn().expect("the server starts");
            // Waits until it listens; if somebody else took the port meanwhile, it ends and another port is tried.
            loop {
                if self.child.try_wait().expect("a child").is_some() {
                    self.port = 0;
                    break;
                }
                if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                    return;
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        panic!("the server does not start; run {SSHD} -t -f on its config");
    }

    /// Ends the processes that serve open connections: to the client the connection breaks.
    pub fn end_sessions(&self) {
        let pid = self.child.id();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).expect("the server runs");
        assert!(!children.trim().is_empty(), "no connection is open");
        let ended = Command::new("kill").args(children.split_whitespace()).status().expect("kill");
        assert!(ended.success());
    }

    fn config(&self, sftp_arguments: &str) -> PathBuf {
        let at = |name: &str| self.path(name).display().to_string();
        let text = format!(
            "ListenAddress 127.0.0.1\nPort {}\nHostKey {}\nPidFile none\nUsePAM no\nStrictModes no\n\
             PermitRootLogin yes\nPasswordAuthentication no\nAuthorizedKeysFile {}\n\
             Subsystem sftp {SFTP_SERVER} -d {} {sftp_arguments}\n",
            self.port,
            at("host"),
            at("authorized"),
            at(""),
        );
        fs::write(self.path("config"), text).expect("written");
        self.path("config")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).expect("a folder");
        let mut names: Vec<_> =
            entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect();
        names.sort();
        names
    }

    pub fn put(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).expect("written");
    }
}

/// Who we are at the server: whoever runs the test.
pub fn user() -> String {
    let output = Command::new("id").arg("-un").output().expect("id");
    String::from_utf8(output.stdout).expect("a name").trim().to_owned()
}
