//! An SFTP server of a demo vendor: a real one on a real socket, serving one folder to one login.

use anyhow::Result;
use russh::keys::ssh_key::private::Ed25519Keypair;
use russh::keys::{HashAlg, PrivateKey};
use russh::server::{Auth, ChannelOpenHandle, Msg, Session};
use russh::{Channel, ChannelId};
use russh_sftp::protocol::{Attrs, Data, File, FileAttributes, Handle, Name, OpenFlags, Status, StatusCode, Version};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::os::unix::fs::FileExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// The login that every demo server takes.
const USER: &str = "retailer";

/// A server that runs.
pub struct Served {
    /// The connector settings by which it is reached.
    pub connector: Value,
    /// The password behind the settings' reference, and the reference's name.
    pub password: (String, String),
}

/// Serves a folder; its `out` takes the retailer's papers, its `in` holds the vendor's.
pub async fn serve(name: &str, folder: PathBuf) -> Result<Served> {
    fs::create_dir_all(folder.join("out"))?;
    fs::create_dir_all(folder.join("in/archive"))?;
    let (mut seed, mut secret) = ([0; 32], [0; 16]);
    crate::config::fill_random(&mut seed)?;
    crate::config::fill_random(&mut secret)?;
    let key = PrivateKey::from(Ed25519Keypair::from_seed(&seed));
    let fingerprint = key.public_key().fingerprint(HashAlg::Sha256).to_string();
    let password = hex::encode(secret);
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let port = listener.local_addr()?.port();
    let config = Arc::new(russh::server::Config { keys: vec![key], ..Default::default() });
    let expected = password.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let session = Ssh { folder: folder.clone(), password: expected.clone(), channels: HashMap::new() };
            let config = config.clone();
            tokio::spawn(async move {
                if let Ok(running) = russh::server::run_stream(config, stream, session).await {
                    let _ = running.await;
                }
            });
        }
    });
    let reference = format!("demo-{name}");
    let connector = json!({"type": "sftp", "host": "127.0.0.1", "port": port, "user": USER, "host_key": [fingerprint],
        "password": format!("secret:{reference}"), "outbound": "/out", "inbound": "/in", "settle_s": 0});
    Ok(Served { connector, password: (reference, password) })
}

struct Ssh {
    folder: PathBuf,
    password: String,
    channels: HashMap<ChannelId, Channel<Msg>>,
}

impl russh::server::Handler for Ssh {
    type Error = anyhow::Error;

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth> {
        Ok(if user == USER && password == self.password { Auth::Accept } else { Auth::reject() })
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<()> {
        self.channels.insert(channel.id(), channel);
        reply.accept().await;
        Ok(())
    }

    async fn channel_eof(&mut self, channel: ChannelId, session: &mut Session) -> Result<()> {
        session.close(channel)?;
        Ok(())
    }

    async fn subsystem_request(&mut self, id: ChannelId, name: &str, session: &mut Session) -> Result<()> {
        match self.channels.remove(&id).filter(|_| name == "sftp") {
            Some(channel) => {
                session.channel_success(id)?;
                let files = Files { root: self.folder.clone(), open: HashMap::new(), next: 0 };
                tokio::spawn(russh_sftp::server::run(channel.into_stream(), files));
            }
            None => session.channel_failure(id)?,
        }
        Ok(())
    }
}

enum Opened {
    File(fs::File),
    Folder(Option<Vec<File>>),
}

struct Files {
    root: PathBuf,
    open: HashMap<String, Opened>,
    next: u32,
}

type Answer<T> = Result<T, StatusCode>;

impl Files {
    /// A path below the served folder, never above it.
    fn place(&self, path: &str) -> PathBuf {
        let plain = Path::new(path)
            .components()
            .filter_map(|part| if let Component::Normal(name) = part { Some(name) } else { None });
        plain.fold(self.root.clone(), |place, name| place.join(name))
    }
    fn keep(&mut self, id: u32, opened: Opened) -> Handle {
        self.next += 1;
        let handle = self.next.to_string();
        self.open.insert(handle.clone(), opened);
        Handle { id, handle }
    }
    fn attributes(&self, id: u32, path: &str) -> Answer<Attrs> {
        let meta = fs::metadata(self.place(path)).map_err(trouble)?;
        Ok(Attrs { id, attrs: FileAttributes::from(&meta) })
    }
}

fn trouble(error: std::io::Error) -> StatusCode {
    match error.kind() {
        ErrorKind::NotFound => StatusCode::NoSuchFile,
        ErrorKind::PermissionDenied => StatusCode::PermissionDenied,
        _ => StatusCode::Failure,
    }
}

fn fine(id: u32) -> Status {
    Status { id, status_code: StatusCode::Ok, error_message: "Ok".into(), language_tag: "en".into() }
}

impl russh_sftp::server::Handler for Files {
    type Error = StatusCode;

    fn unimplemented(&self) -> StatusCode {
        StatusCode::OpUnsupported
    }

    async fn init(&mut self, _: u32, _: HashMap<String, String>) -> Answer<Version> {
        Ok(Version::new())
    }

    async fn open(&mut self, id: u32, filename: String, flags: OpenFlags, _: FileAttributes) -> Answer<Handle> {
        let mut options = fs::OpenOptions::new();
        options.read(flags.contains(OpenFlags::READ)).write(flags.contains(OpenFlags::WRITE));
        options.create(flags.contains(OpenFlags::CREATE)).truncate(flags.contains(OpenFlags::TRUNCATE));
        let file = options.open(self.place(&filename)).map_err(trouble)?;
        Ok(self.keep(id, Opened::File(file)))
    }

    async fn close(&mut self, id: u32, handle: String) -> Answer<Status> {
        self.open.remove(&handle);
        Ok(fine(id))
    }

    async fn read(&mut self, id: u32, handle: String, offset: u64, len: u32) -> Answer<Data> {
        let Some(Opened::File(file)) = self.open.get(&handle) else { return Err(StatusCode::Failure) };
        let mut data = vec![0; len.min(256 * 1024) as usize];
        let read = file.read_at(&mut data, offset).map_err(trouble)?;
        data.truncate(read);
        if data.is_empty() { Err(StatusCode::Eof) } else { Ok(Data { id, data }) }
    }

    async fn write(&mut self, id: u32, handle: String, offset: u64, data: Vec<u8>) -> Answer<Status> {
        let Some(Opened::File(file)) = self.open.get(&handle) else { return Err(StatusCode::Failure) };
        file.write_all_at(&data, offset).map_err(trouble)?;
        Ok(fine(id))
    }

    async fn lstat(&mut self, id: u32, path: String) -> Answer<Attrs> {
        self.attributes(id, &path)
    }

    async fn stat(&mut self, id: u32, path: String) -> Answer<Attrs> {
        self.attributes(id, &path)
    }

    async fn fstat(&mut self, id: u32, handle: String) -> Answer<Attrs> {
        let Some(Opened::File(file)) = self.open.get(&handle) else { return Err(StatusCode::Failure) };
        Ok(Attrs { id, attrs: FileAttributes::from(&file.metadata().map_err(trouble)?) })
    }

    async fn setstat(&mut self, id: u32, _: String, _: FileAttributes) -> Answer<Status> {
        Ok(fine(id))
    }

    async fn fsetstat(&mut self, id: u32, _: String, _: FileAttributes) -> Answer<Status> {
        Ok(fine(id))
    }

    async fn opendir(&mut self, id: u32, path: String) -> Answer<Handle> {
        let entries = fs::read_dir(self.place(&path)).map_err(trouble)?;
        let files = entries.flatten().filter_map(|entry| {
            let meta = entry.metadata().ok()?;
            Some(File::new(entry.file_name().to_string_lossy(), FileAttributes::from(&meta)))
        });
        let files = files.collect();
        Ok(self.keep(id, Opened::Folder(Some(files))))
    }

    async fn readdir(&mut self, id: u32, handle: String) -> Answer<Name> {
        match self.open.get_mut(&handle) {
            Some(Opened::Folder(files)) => files.take().map(|files| Name { id, files }).ok_or(StatusCode::Eof),
            _ => Err(StatusCode::Failure),
        }
    }

    async fn remove(&mut self, id: u32, filename: String) -> Answer<Status> {
        fs::remove_file(self.place(&filename)).map_err(trouble)?;
        Ok(fine(id))
    }

    async fn mkdir(&mut self, id: u32, path: String, _: FileAttributes) -> Answer<Status> {
        fs::create_dir(self.place(&path)).map_err(trouble)?;
        Ok(fine(id))
    }

    async fn realpath(&mut self, id: u32, path: String) -> Answer<Name> {
        let plain = self.place(&path);
        let below = plain.strip_prefix(&self.root).unwrap_or(Path::new(""));
        Ok(Name { id, files: vec![File::dummy(format!("/{}", below.display()))] })
    }

    async fn rename(&mut self, id: u32, from: String, to: String) -> Answer<Status> {
        let to = self.place(&to);
        if to.exists() {
            // SFTP version 3: a rename never replaces a file.
            return Err(StatusCode::Failure);
        }
        fs::rename(self.place(&from), to).map_err(trouble)?;
        Ok(fine(id))
    }
}
