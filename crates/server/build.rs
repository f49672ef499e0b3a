//! Embeds the console if it was built (`web/dist`); never runs npm. Each file is kept as it is and compressed, with its
//! hash, so that serving it costs nothing.

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dist = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("../../web/dist");
    println!("cargo:rerun-if-changed={}", dist.display());
    println!("cargo:rerun-if-changed=build.rs");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let mut files = Vec::new();
    if dist.is_dir() {
        gather(&dist, &dist, &mut files)?;
        files.sort();
    } else {
        println!("cargo:warning=the console is not built: run `cargo xtask web`; a page says so instead");
    }
    let mut code = String::from("/// The console's files, by path.\npub static FILES: &[Asset] = &[\n");
    for (n, (name, path)) in files.iter().enumerate() {
        let bytes = fs::read(path)?;
        let mut gz = GzEncoder::new(Vec::new(), Compression::best());
        gz.write_all(&bytes)?;
        let gz = gz.finish()?;
        let worth = gz.len() < bytes.len() * 9 / 10;
        fs::write(out.join(format!("console-{n}")), &bytes)?;
        fs::write(out.join(format!("console-{n}.gz")), if worth { &gz[..] } else { &[] })?;
        let digest = Sha256::digest(&bytes);
        let hash = digest[..8].iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        writeln!(
            code,
            "    Asset {{ path: {name:?}, etag: \"\\\"{hash}\\\"\", bytes: include_bytes!(concat!(env!(\"OUT_DIR\"), \
             \"/console-{n}\")), gzip: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/console-{n}.gz\")) }},"
        )?;
    }
    code.push_str("];\n");
    fs::write(out.join("console_files.rs"), code)?;
    Ok(())
}

fn gather(root: &Path, folder: &Path, files: &mut Vec<(String, PathBuf)>) -> std::io::Result<()> {
    println!("cargo:rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            gather(root, &path, files)?;
        } else if let Ok(name) = path.strip_prefix(root) {
            files.push((name.to_string_lossy().replace('\\', "/"), path.clone()));
        }
    }
    Ok(())
}
