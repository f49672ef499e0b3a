//! How a connection to PostgreSQL is encrypted: by what its address says, and never less.

use countersign_runtime::ports::StoreError;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

/// What an address says about the way to the server.
pub(super) struct Way {
    /// Where the server is, and as whom we speak.
    pub config: Config,
    /// Set if the line is encrypted and the server has to prove who it is.
    pub tls: Option<MakeRustlsConnect>,
}

/// Reads an address. `sslmode=require` (or `verify-full`, which says the same here) encrypts, and the server's
/// certificate must be of the host's name and signed by an authority that this machine trusts, or by one of
/// `sslrootcert=FILE` (PEM). Without it, or with `disable`, nothing is encrypted. What libpq calls `prefer` would give up
/// silently under attack and is refused.
///
/// # Errors
/// An address that cannot be read, an unknown mode, a file without a certificate.
pub(super) fn read(address: &str) -> Result<Way, StoreError> {
    let wrong = |what: String| StoreError::Determinate(format!("the address of PostgreSQL: {what}"));
    let (place, query) = address.split_once('?').unwrap_or((address, ""));
    let (mut mode, mut roots, mut others) = (None, None, vec![]);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode", value)) => mode = Some(value),
            Some(("sslrootcert", value)) => roots = Some(decoded(value)),
            _ => others.push(pair),
        }
    }
    let plain = if others.is_empty() { place.to_owned() } else { format!("{place}?{}", others.join("&")) };
    let mut config: Config = plain.parse().map_err(|why: tokio_postgres::Error| wrong(why.to_string()))?;
    let tls = match mode {
        None | Some("disable") if roots.is_some() => {
            return Err(wrong("sslrootcert without sslmode=require would encrypt nothing".into()));
        }
        None | Some("disable") => {
            config.ssl_mode(SslMode::Disable);
            None
        }
        Some("require" | "verify-full") => {
            config.ssl_mode(SslMode::Require);
            Some(MakeRustlsConnect::new(trusting(roots.as_deref()).map_err(wrong)?))
        }
        Some(other) => return Err(wrong(format!("sslmode={other}: say require, or disable"))),
    };
    Ok(Way { config, tls })
}

fn trusting(file: Option<&str>) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    match file {
        Some(file) => {
            let read = CertificateDer::pem_file_iter(file).map_err(|why| format!("sslrootcert {file}: {why}"))?;
            for certificate in read {
                let certificate = certificate.map_err(|why| format!("sslrootcert {file}: {why}"))?;
                roots.add(certificate).map_err(|why| format!("sslrootcert {file}: {why}"))?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        return Err(match file {
            Some(file) => format!("sslrootcert {file}: no certificate in it"),
            None => {
                "this machine trusts no authority; install ca-certificates, or name one with sslrootcert=FILE".into()
            }
        });
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Ok(config.map_err(|why| why.to_string())?.with_root_certificates(roots).with_no_client_auth())
}

fn decoded(value: &str) -> String {
    percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(address: &str) -> String {
        read(address).err().map(|why| why.to_string()).unwrap_or_default()
    }

    #[test]
    fn an_address_says_how_much_is_encrypted() {
        assert!(read("postgres://u@h/d").unwrap().tls.is_none());
        assert!(read("postgres://u@h/d?sslmode=disable&connect_timeout=3").unwrap().tls.is_none());
        assert!(refusal("postgres://u@h/d?sslmode=prefer").contains("say require, or disable"));
        assert!(refusal("postgres://u@h/d?sslrootcert=/x").contains("would encrypt nothing"));
        assert!(refusal("postgres://u@h/d?sslmode=require&sslrootcert=/no%20where").contains("/no where"));
    }
}
