//! Personal data in papers: who reads it, and that it is gone once it was erased.

use super::world::{World, order_body};
use countersign_engine::ids::PoNumber;
use countersign_runtime::ports::{Commit, InboxState, NewInbox, Rendered, Store};
use serde_json::{Value, json};

const HEAD: &str = "ISA*00*          *00*          *ZZ*RETAILER       *ZZ*ACME           *261123*0900*U*00401*000000001*0*P*>~\
                    GS*PO*RETAILER*ACME*20261123*0900*1*X*004010~";
const PARTY: &str = "N1*ST*A. Shopper~N3*1 Main St~N4*Austin*TX*73301*US~";

/// An order with a purchase order in X12, a ship notice that repeats the address, a letter in no form, a file in quarantine
/// that names it, and one that does not.
async fn world() -> (World, [u64; 4]) {
    let w = World::stocked().await;
    w.post("/v1/orders", order_body("1001", 1)).await.expect(201);
    let order = format!(
        "{HEAD}ST*850*0001~BEG*00*DS*1001-1**20261123~{PARTY}PO1*1*1*EA*41.5**VN*acme-1~SE*7*0001~GE*1*1~IEA*1*000000001~"
    );
    let paper = Rendered {
        name: "1001-1.x12".into(),
        media_type: "application/edi-x12".into(),
        bytes: order.into_bytes(),
        reference: "1,0001".into(),
    };
    w.store.render(&[("1001-1".into(), paper)]).unwrap();
    let keep = |n: u8, text: String| {
        let new = NewInbox {
            channel: "source:acme".into(),
            name: format!("{n}.txt"),
            hash: [n; 32],
            bytes: text.into_bytes(),
            received_at: jiff::Timestamp::now(),
            replays: None,
        };
        w.store.receive(&new).unwrap().id
    };
    let notice = keep(1, format!("{HEAD}ST*856*0001~BSN*00*S1*20261123*0900~{PARTY}SE*5*0001~GE*1*1~IEA*1*000000001~"));
    let letter = keep(2, "Dear shop, A. Shopper was not at home".into());
    let stray = keep(3, format!("{HEAD}ST*855*0001~BAK*00*AC*9999~{PARTY}"));
    let other = keep(4, format!("{HEAD}ST*855*0001~BAK*00*AC*9999~N1*ST*B. Other~N3*2 Side St~"));
    w.store.relate(notice, &[PoNumber::new("1001-1").unwrap()]).unwrap();
    w.store.relate(letter, &[PoNumber::new("1001-1").unwrap()]).unwrap();
    let found = "[{\"sentence\":\"1 Main St has no number\"}]".to_owned();
    let inbox = vec![
        (notice, InboxState::Done, None),
        (letter, InboxState::Done, None),
        (stray, InboxState::Quarantined, Some(found)),
        (other, InboxState::Quarantined, None),
    ];
    w.store.commit(&Commit { inbox, ..Commit::default() }).unwrap();
    (w, [notice, letter, stray, other])
}

fn people_in(text: &str) -> Vec<&'static str> {
    ["Shopper", "1 Main St", "Austin", "73301"].into_iter().filter(|word| text.contains(word)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_buyer_reads_papers_without_the_customer() {
    let (w, [notice, letter, ..]) = world().await;
    let read =
        async |who: &str, path: &str| w.call(who, "GET", &format!("/v1/purchase-orders/1001-1{path}"), &[], "").await;
    let whole = read("vendor_manager", "").await;
    assert_eq!(people_in(&whole.text).len(), 4, "those who may, read all of it");
    let covered = read("buyer", "").await;
    assert_eq!(people_in(&covered.text), Vec::<&str>::new(), "{}", covered.text);
    let told = covered.expect(200);
    let of = |name: &str| told["documents"].as_array().unwrap().iter().find(|d| d["name"] == name).unwrap().clone();
    let order = of("1001-1.x12");
    assert!(
        order["text"].as_str().unwrap().contains("N1*ST*xx xxxxxxx~N3*x xxxx xx~N4*xxxxxx*TX*xxxxx*US~PO1*1*1*EA"),
        "{order}"
    );
    assert_eq!((&order["personal_data"], &of("2.txt")["personal_data"]), (&json!("covered"), &json!("withheld")));
    assert_eq!(of("2.txt")["text"], "");
    for document in ["1001-1".to_owned(), format!("inbox.{notice}")] {
        let explained = read("buyer", &format!("/documents/{document}")).await;
        assert_eq!(people_in(&explained.text), Vec::<&str>::new(), "{}", explained.text);
        let explained = explained.expect(200);
        assert_eq!(explained["covered"], true);
        let tags: Vec<&str> =
            explained["sets"][0]["segments"].as_array().unwrap().iter().map(|s| s["tag"].as_str().unwrap()).collect();
        assert!(tags.contains(&"N1") && tags.contains(&"N3"), "the structure stays: {tags:?}");
        let theirs = read("vendor_manager", &format!("/documents/{document}")).await;
        assert!(people_in(&theirs.text).len() >= 2 && theirs.expect(200)["covered"] == false);
    }
    let (kind, why) = read("buyer", &format!("/documents/inbox.{letter}")).await.problem(403);
    assert!(kind == "forbidden" && why["detail"].as_str().unwrap().contains("personal data"), "{why}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_erased_stands_in_no_paper_any_more() {
    let (w, [notice, letter, stray, other]) = world().await;
    let hashes = |w: &World| [notice, letter, stray].map(|id| w.store.inbox_entry(id).unwrap().unwrap().new.hash);
    let (before, head) = (hashes(&w), w.store.head().unwrap());
    w.call("it", "DELETE", "/v1/orders/1001/person", &[], "").await.expect(204);
    for path in ["/v1/purchase-orders/1001-1".to_owned(), format!("/v1/quarantine/{stray}"), "/v1/quarantine".into()] {
        let told = w.call("vendor_manager", "GET", &path, &[], "").await;
        assert_eq!((told.status, people_in(&told.text)), (200, vec![]), "{path}: {}", told.text);
    }
    let order =
        w.call("vendor_manager", "GET", "/v1/purchase-orders/1001-1/documents/1001-1", &[], "").await.expect(200);
    let n3 = order["sets"][0]["segments"].as_array().unwrap().iter().find(|s| s["tag"] == "N3").unwrap();
    assert_eq!(n3["raw"], "N3*x xxxx xx");
    let text = |id: u64| String::from_utf8(w.store.inbox_entry(id).unwrap().unwrap().new.bytes).unwrap();
    assert!(text(letter).starts_with("(This text was removed on "), "{}", text(letter));
    assert!(text(other).contains("B. Other~N3*2 Side St"), "what is about somebody else stays");
    assert_eq!((hashes(&w), w.store.head().unwrap()), (before, head), "hashes and log stay");
    assert_eq!(w.call("it", "DELETE", "/v1/orders/1001/person", &[], "").await.problem(404).0, "not-found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_kept_holds_no_personal_data() {
    let w = World::stocked().await;
    let body = order_body("1001", 1).to_string();
    let post = async || w.call("it", "POST", "/v1/orders", &[("idempotency-key", "k1")], &body).await.expect(201);
    let first: Value = post().await;
    assert_eq!(first["ship_to"]["name"], "A. Shopper");
    let caller = w.key("it").split('_').nth(1).unwrap();
    let kept = w.store.answer(&format!("{caller}|k1")).unwrap().unwrap();
    assert_eq!(people_in(&kept.body), Vec::<&str>::new(), "{}", kept.body);
    assert_eq!(post().await, first, "the repetition brings its own");
    w.call("it", "DELETE", "/v1/orders/1001/person", &[], "").await.expect(204);
    w.call("it", "POST", "/v1/orders", &[], &body).await.expect(201);
    assert_eq!(w.get("/v1/orders/1001").await.expect(200)["ship_to"], Value::Null, "sent again, it is not kept again");
}
