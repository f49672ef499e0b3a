//! The log's proofs over the API, checked with nothing but the public key.

use super::world::{World, order_body};
use countersign_server::notary::export::{Check, Line, Proof};
use countersign_server::notary::{Checkpoint, Verifier};
use serde_json::Value;

async fn proof(w: &World, query: &str) -> Proof {
    let answer = w.call("auditor", "GET", &format!("/v1/audit/proof?{query}"), &[], "").await;
    serde_json::from_value(answer.expect(200)).unwrap()
}

fn note(checkpoint: &Value) -> &str {
    checkpoint["checkpoint"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_is_proven_and_exported() {
    let w = World::stocked().await;
    let early = w.get("/v1/audit/checkpoint").await.expect(200);
    let key = Verifier::read(early["verifier"].as_str().unwrap()).unwrap();
    let kept: Checkpoint = key.open(note(&early)).unwrap();
    assert_eq!((early["size"].as_u64(), early["origin"].as_str()), (Some(kept.size), Some("countersign/journal")));
    w.post("/v1/orders", order_body("1001", 1)).await.expect(201);
    let late = w.get("/v1/audit/checkpoint").await.expect(200);
    let size = late["size"].as_u64().unwrap();
    assert!(size > kept.size);

    let text = w.call("auditor", "GET", "/v1/audit/export", &[], "").await.text;
    let mut check = Check::new(Some(kept.clone()));
    for line in text.lines() {
        check.line(&serde_json::from_str::<Line>(line).unwrap(), Some(&key)).unwrap();
    }
    let proved = check.finish_export().unwrap();
    assert_eq!((proved.size, hex::encode(proved.root)), (size, late["root_hash"].as_str().unwrap().to_owned()));
    assert_eq!(hex::encode(proved.head), late["hash"].as_str().unwrap());

    for entry in 1..=size {
        let proof = proof(&w, &format!("entry={entry}")).await;
        proof.check(Some(&key), None).unwrap();
        let Proof::Inclusion { mut body, position, previous_hash, hash, path, checkpoint } = proof else {
            panic!("another proof")
        };
        body.push(' ');
        let spoilt = Proof::Inclusion { body, position, previous_hash, hash, path, checkpoint };
        assert!(spoilt.check(Some(&key), None).is_err());
    }
    let grown = proof(&w, &format!("from={}", kept.size)).await;
    grown.check(Some(&key), Some(&kept)).unwrap();
    assert!(grown.check(Some(&key), Some(&Checkpoint { root: [1; 32], ..kept.clone() })).is_err());
    let again = w.get(&format!("/v1/audit/checkpoint?size={}", kept.size)).await.expect(200);
    assert_eq!(note(&again), note(&early), "an earlier state is signed the same again");

    for (query, status) in
        [("", 400), ("entry=0", 422), ("entry=999", 422), ("from=999", 422), ("entry=1&size=999", 422)]
    {
        let answer = w.call("auditor", "GET", &format!("/v1/audit/proof?{query}"), &[], "").await;
        assert_eq!(answer.status, status, "{query}: {}", answer.text);
    }
    assert_eq!(w.call("buyer", "GET", "/v1/audit/export", &[], "").await.status, 403);
}
