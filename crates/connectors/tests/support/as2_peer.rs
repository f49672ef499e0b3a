//! pyas2lib as a partner: an independent AS2 in a process of its own, made once in an environment under the build folder.
#![expect(clippy::unwrap_used, reason = "a helper of a test may fail like the test itself")]

use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock};

const REQUIREMENTS: &str = include_str!("../peers/requirements.txt");

/// Mends the pattern by which `oscrypto` reads the version of OpenSSL: it knows one digit only.
const MEND: &str = r"
import pathlib, oscrypto
for name in ('_libcrypto_cffi.py', '_libcrypto_ctypes.py'):
    path = pathlib.Path(oscrypto.__file__).parent / '_openssl' / name
    text = path.read_text()
    path.write_text(text.replace(r'\\d\\.\\d\\.\\d[a-z]*', r'\\d+\\.\\d+\\.\\d+[a-z]*'))
";

/// The interpreter of the peer's environment; or nothing, and a word about it. Under `CI=true` that is a failure.
pub fn python() -> Option<&'static PathBuf> {
    static PYTHON: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    or_skip(PYTHON.get_or_init(|| environment("as2-peer", REQUIREMENTS, MEND)))
}

/// An environment, or nothing and a word about it; under `CI=true` that is a failure.
pub fn or_skip(made: &Result<PathBuf, String>) -> Option<&PathBuf> {
    match made {
        Ok(python) => Some(python),
        Err(why) => {
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "the peer is needed here: {why}");
            println!("skipped: no peer ({why})");
            None
        }
    }
}

/// Makes an environment of Python under the build folder, once: packages as in a requirements file, then a script.
///
/// # Errors
/// What the tools said.
pub fn environment(name: &str, requirements: &str, then: &str) -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let python = folder.join("bin/python");
    let stamp = folder.join("made-for.txt");
    if fs::read_to_string(&stamp).is_ok_and(|made| made == requirements) {
        return Ok(python);
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let wanted = folder.join("requirements.txt");
    fs::write(&wanted, requirements).map_err(|error| error.to_string())?;
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "--no-input", "-r"]).arg(wanted))?;
    run(Command::new(&python).args(["-c", then]))?;
    fs::write(stamp, requirements).map_err(|error| error.to_string())?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

/// A running peer.
pub struct Peer {
    child: Child,
    pipes: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
}

impl Peer {
    /// Starts it.
    pub fn start(python: &Path) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../connectors/tests/peers/as2.py");
        let mut command = Command::new(python);
        command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let pipes = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, pipes: Mutex::new(pipes) }
    }

    /// Asks it something.
    pub fn ask(&self, question: &Value) -> Value {
        let mut pipes = self.pipes.lock().unwrap();
        writeln!(pipes.0, "{question}").unwrap();
        let mut line = String::new();
        pipes.1.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap();
        assert!(answer.get("fault").is_none(), "the peer: {answer}");
        answer
    }

    /// A new key with its certificate, which ends so many days from now.
    pub fn identity(&self, name: &str, days: i64) -> Value {
        self.ask(&json!({ "do": "identity", "name": name, "days": days }))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
