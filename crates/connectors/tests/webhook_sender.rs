//! The webhook sender against a receiver over real sockets.
#![expect(clippy::unwrap_used, reason = "a helper of a test may fail like the test itself")]

mod support;

use countersign_connectors::webhook::{self, WebhookSecret, WebhookSender};
use countersign_connectors::{Background, Guard, HttpClient};
use countersign_runtime::ports::Delivery;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use support::{Act, Vendor};

const PLENTY: Duration = Duration::from_secs(60);

fn sender(guard: Guard) -> WebhookSender {
    let background = Arc::new(Background::own().unwrap());
    WebhookSender::new(Arc::new(HttpClient::new(Arc::new(guard), background, &[]).unwrap()))
}

fn loopback() -> WebhookSender {
    sender(Guard::allowing(&["http://127.0.0.0/8"]).unwrap())
}

#[tokio::test]
async fn a_message_arrives_signed_and_verifies() {
    let receiver = Vendor::start(|_, _| Act::Answer(204, "", ""));
    let secret = WebhookSecret::draw().unwrap();
    let url = loopback().check(&receiver.url("hooks?tenant=7")).unwrap();
    let now = Timestamp::now();
    let attempt =
        loopback().send(&url, std::slice::from_ref(&secret), "evt_17", b"{\"a\":1}".to_vec(), now, PLENTY).await;
    assert_eq!(attempt.delivery, Delivery::Done { receipt: true, answer: None });
    let request = receiver.request(0);
    assert_eq!(request.line, "POST /hooks?tenant=7 HTTP/1.1");
    let header = |name| Some(request.header(name)).filter(|value| !value.is_empty());
    assert_eq!(webhook::verify(&[secret], header, &request.body, now), Ok("evt_17"));
    assert_eq!(request.header("content-type"), "application/json");
}

#[tokio::test]
async fn failures_are_tried_again_and_refusals_are_not() {
    let receiver = Vendor::start(|number, _| match number {
        0 => Act::Answer(500, "retry-after: 3\r\n", ""),
        1 => Act::Answer(410, "", ""),
        2 => Act::Answer(307, "location: http://127.0.0.1:1/\r\n", ""),
        _ => Act::Hangup,
    });
    let secrets = [WebhookSecret::draw().unwrap()];
    let url = receiver.url("").parse().unwrap();
    let sender = loopback();
    let send = async || sender.send(&url, &secrets, "evt_1", b"{}".to_vec(), Timestamp::now(), PLENTY).await;
    let failed = send().await;
    assert!(matches!(failed.delivery, Delivery::Failed { .. }), "{failed:?}");
    assert_eq!(failed.retry_after, Some(Duration::from_secs(3)));
    assert!(matches!(send().await.delivery, Delivery::Refused { .. }));
    assert!(matches!(send().await.delivery, Delivery::Refused { .. }));
    assert!(matches!(send().await.delivery, Delivery::Failed { .. }));
    assert_eq!(receiver.count(), 4);
}

#[tokio::test]
async fn nothing_is_sent_unsigned_or_into_our_own_network() {
    let receiver = Vendor::start(|_, _| Act::Answer(204, "", ""));
    let url = receiver.url("").parse().unwrap();
    let send = async |sender: WebhookSender, secrets: &[WebhookSecret], id: &str| {
        sender.send(&url, secrets, id, b"{}".to_vec(), Timestamp::now(), PLENTY).await
    };
    let secrets = [WebhookSecret::draw().unwrap()];
    let unsigned = send(loopback(), &[], "evt_1").await;
    assert!(matches!(unsigned.delivery, Delivery::Refused { .. }) && !unsigned.tried, "{unsigned:?}");
    for id in ["", "a.b", "a\nb"] {
        assert!(!send(loopback(), &secrets, id).await.tried, "{id:?}");
    }
    let inside = send(sender(Guard::strict()), &secrets, "evt_1").await;
    assert!(matches!(inside.delivery, Delivery::Failed { .. }) && !inside.tried, "{inside:?}");
    assert!(sender(Guard::strict()).check("https://10.0.0.1/hooks").unwrap_err().contains("not a public address"));
    assert_eq!(receiver.count(), 0);
}
