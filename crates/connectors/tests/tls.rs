//! HTTPS for real: a server with a certificate of an authority that the operator trusts, and those that nobody trusts.
#![expect(clippy::unwrap_used, reason = "a helper of a test may fail like the test itself")]

use countersign_connectors::{Background, Guard, HttpClient, HttpConnector, HttpSettings};
use countersign_runtime::ports::{Connector, Delivery, Rendered};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

const PLENTY: Duration = Duration::from_secs(60);

/// An authority, in PEM, and a server whose certificate it signed for `name`.
async fn server(name: &str) -> (Vec<u8>, SocketAddr) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let private = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(vec![certificate.der().clone()], private).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut buffer = [0; 4_096];
            let _ = stream.read(&mut buffer).await;
            let _ = stream.write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
            let _ = stream.shutdown().await;
        }
    });
    (authority.pem().into_bytes(), address)
}

async fn deliver(roots: &[Vec<u8>], address: SocketAddr) -> Delivery {
    let guard = Arc::new(Guard::allowing(&["127.0.0.0/8"]).unwrap());
    let client = Arc::new(HttpClient::new(guard, Arc::new(Background::own().unwrap()), roots).unwrap());
    let base = format!("https://{address}/").parse().unwrap();
    let settings = HttpSettings { base, authorization: None, idempotent: false, rate_per_s: None };
    let connector = HttpConnector::new(client, settings).unwrap();
    let paper =
        Rendered { name: "po".into(), media_type: "text/plain".into(), bytes: b"x".to_vec(), reference: "".into() };
    tokio::task::spawn_blocking(move || connector.deliver("1", &paper, PLENTY)).await.unwrap()
}

#[tokio::test]
async fn a_certificate_of_a_trusted_authority_is_accepted() {
    let (authority, address) = server("127.0.0.1").await;
    assert_eq!(deliver(&[authority], address).await, Delivery::Done { receipt: true, answer: None });
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_or_for_another_name_is_not() {
    let (authority, address) = server("127.0.0.1").await;
    let (other_authority, other_name) = server("vendor.example").await;
    for (roots, address) in [
        (vec![], address),
        (vec![other_authority.clone()], address),
        (vec![other_authority], other_name),
        (vec![authority], other_name),
    ] {
        let delivery = deliver(&roots, address).await;
        assert!(matches!(&delivery, Delivery::Failed { why } if why.contains("certificate")), "{delivery:?}");
    }
}

#[test]
fn a_broken_authority_file_says_so() {
    let background = Arc::new(Background::own().unwrap());
    let broken = b"-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n".to_vec();
    let why = HttpClient::new(Arc::new(Guard::strict()), background, &[broken]).unwrap_err();
    assert!(why.contains("certificate"), "{why}");
}
