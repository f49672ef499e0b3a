//! A vendor's server over a real socket that does to each request what the test says.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What came in.
#[derive(Debug, Clone)]
#[allow(dead_code, reason = "not every test file looks at every part")]
pub struct Request {
    /// Method and path.
    pub line: String,
    /// Header lines, lower case names.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// The value of a header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }
}

/// What the vendor does.
#[derive(Debug, Clone)]
#[allow(dead_code, reason = "not every test file uses every act")]
pub enum Act {
    /// Answers properly.
    Answer(u16, &'static str, &'static str),
    /// Answers with these bytes, head and body.
    Raw(Vec<u8>),
    /// Reads the request and closes the connection.
    Hangup,
    /// Reads the request and never answers.
    Silence,
    /// Promises a longer body than it sends.
    HalfAnswer(u16),
}

/// A running vendor; it stops with the test process.
pub struct Vendor {
    /// Where it listens.
    pub address: SocketAddr,
    /// What came in, in order.
    pub seen: Arc<Mutex<Vec<Request>>>,
    /// Connections made so far.
    pub connections: Arc<AtomicUsize>,
}

#[allow(dead_code, reason = "not every test file asks for everything")]
impl Vendor {
    /// Starts a vendor that acts by the number of the request (from 0) and its content.
    pub fn start(act: impl Fn(usize, &Request) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let vendor = Self { address, seen: Arc::default(), connections: Arc::default() };
        let (seen, connections, act) = (Arc::clone(&vendor.seen), Arc::clone(&vendor.connections), Arc::new(act));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                connections.fetch_add(1, Ordering::SeqCst);
                let (seen, act) = (Arc::clone(&seen), Arc::clone(&act));
                std::thread::spawn(move || serve(stream, &seen, &*act));
            }
        });
        vendor
    }

    /// Address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    /// Requests so far.
    pub fn count(&self) -> usize {
        self.seen.lock().expect("no test thread panicked").len()
    }

    /// One of the requests.
    pub fn request(&self, index: usize) -> Request {
        self.seen.lock().expect("no test thread panicked")[index].clone()
    }
}

fn serve(stream: TcpStream, seen: &Mutex<Vec<Request>>, act: &(dyn Fn(usize, &Request) -> Act + Send + Sync)) {
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    let mut stream = stream;
    while let Some(request) = read(&mut reader) {
        let number = {
            let mut seen = seen.lock().expect("no test thread panicked");
            seen.push(request.clone());
            seen.len() - 1
        };
        let answer = match act(number, &request) {
            Act::Answer(status, extra, body) => {
                format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n{extra}\r\n{body}", body.len()).into_bytes()
            }
            Act::Raw(answer) => answer,
            Act::Hangup => return,
            Act::Silence => {
                std::thread::sleep(Duration::from_secs(3_600));
                return;
            }
            Act::HalfAnswer(status) => {
                let _ = write!(stream, "HTTP/1.1 {status} X\r\ncontent-length: 1000\r\n\r\n{{\"half\":");
                return;
            }
        };
        if stream.write_all(&answer).is_err() {
            return;
        }
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Request { line: line.trim_end().to_owned(), headers, body })
}
