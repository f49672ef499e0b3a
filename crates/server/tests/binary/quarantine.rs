//! What came in and was not understood, and what came twice, with the real binary and real files: who mended it, when,
//! the original as it came; a resend has no second effect, and one that says something else is told and not taken.

use crate::service::{Binary, eventually};
use crate::tour::{order, papers, set_up, x12};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

/// A service with one vendor, which is a folder, and an order that it was asked for.
struct Desk {
    service: Binary,
    folder: PathBuf,
    _data: tempfile::TempDir,
}

impl Desk {
    async fn open(orders: &[&str]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let service = Binary::serve(data.path(), &[]);
        set_up(&service).await;
        let desk = Self { service, folder: data.path().join("edi/acme"), _data: data };
        for id in orders {
            desk.service.done("POST", "/v1/orders", &order(id)).await;
            eventually("the 850", async || desk.sent(&format!("{id}-1"))).await;
        }
        desk
    }

    fn sent(&self, what: &str) -> Option<String> {
        papers(&self.folder.join("out")).into_iter().find(|paper| paper.contains(what))
    }

    /// Leaves a file in the folder; what became of it.
    async fn take(&self, name: &str, bytes: impl AsRef<[u8]>) -> Value {
        fs::write(self.folder.join("in").join(name), bytes).unwrap();
        eventually(name, async || self.file(name).await.filter(|file| file["state"] != "waiting")).await
    }

    async fn entry(&self, id: &str) -> Value {
        self.service.done("GET", &format!("/v1/quarantine/{id}"), &Value::Null).await
    }

    /// The newest file of that name.
    async fn file(&self, name: &str) -> Option<Value> {
        let mut found = None;
        for id in 1.. {
            let (status, file) = self.service.call("GET", &format!("/v1/quarantine/{id}"), &Value::Null).await;
            if status == 404 {
                break;
            }
            found = Some(file).filter(|file| file["name"] == name).or(found);
        }
        found
    }

    async fn order(&self, id: &str) -> Value {
        self.service.done("GET", &format!("/v1/orders/{id}"), &Value::Null).await
    }

    /// How many things happened to an order.
    async fn events(&self, id: &str) -> usize {
        let timeline = self.service.done("GET", &format!("/v1/orders/{id}/timeline"), &Value::Null).await;
        timeline["items"].as_array().unwrap().len()
    }

    async fn is_confirmed(&self, id: &str) {
        eventually("the commitment", async || (self.order(id).await["status"] == "confirmed").then_some(())).await;
    }
}

/// An 855 that accepts both lamps.
fn accepted(number: u32, po: &str) -> String {
    let bak = format!("BAK*00*AT*{po}*20261123");
    x12("PR", "855", number, &[&bak, "PO1*1*2*EA*41.5**VN*AC-7781", "ACK*IA*2*EA", "CTT*1"])
}

fn ids(file: &Value) -> Vec<&str> {
    file["findings"].as_array().unwrap().iter().filter_map(|finding| finding["id"].as_str()).collect()
}

#[tokio::test]
async fn a_file_is_mended_and_read_and_everybody_sees_by_whom() {
    let desk = Desk::open(&["1001"]).await;
    // Written in ISO 8859-1 with the line ends of another system, and a segment that nobody counted.
    let text = accepted(1, "1001-1").replace("PO1*1*", "N1*ST*Jörg für Köln~\nPO1*1*");
    let latin: Vec<u8> = text.replace('\n', "\r\n").chars().map(|letter| letter as u8).collect();
    let kept = desk.take("faulty.edi", &latin).await;
    assert_eq!((kept["state"].as_str(), kept["left"].is_null()), (Some("quarantined"), true), "{kept}");
    assert_eq!(kept["reason"], "set.count-wrong", "{kept}");
    let shown = kept["text"].as_str().unwrap();
    assert!(shown.contains("für Köln") && shown.contains("~\r\n"), "{shown}");

    // A browser gives back line feeds only.
    let id = kept["id"].as_str().unwrap();
    let edited = shown.replace("\r\n", "\n").replace("SE*6", "SE*7");
    let replay = format!("/v1/quarantine/{id}/replay");
    let bad = json!({"text": edited.replace("für", "fűr")});
    let (status, problem) = desk.service.call("POST", &replay, &bad).await;
    assert!(status == 422 && problem["errors"][0]["pointer"] == "/text", "{status} {problem}");
    let body = json!({"text": edited, "words": "They forgot to count the N1; told Jim."});
    let fresh = desk.service.done("POST", &replay, &body).await;
    assert_eq!(fresh["replays"], id);
    desk.is_confirmed("1001").await;

    let fresh = desk.entry(fresh["id"].as_str().unwrap()).await;
    assert_eq!(fresh["text"], shown.replace("SE*6", "SE*7"), "in the letters and line ends of the original");
    assert_eq!((fresh["state"].as_str(), fresh["size"].as_u64()), (Some("done"), Some(latin.len() as u64)));
    let original = desk.entry(id).await;
    assert_eq!((original["text"].as_str(), original["state"].as_str()), (Some(shown), Some("done")));
    let left = &original["left"];
    assert_eq!((left["by"].as_str(), left["how"].as_str()), (Some("test"), Some("edited")), "{left}");
    assert_eq!((&left["replay"], &left["words"]), (&fresh["id"], &body["words"]), "{left}");
    let instant = |value: &Value| value.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert!(instant(&left["at"]) >= instant(&original["received_at"]), "{left}");
    let (status, problem) = desk.service.call("POST", &replay, &body).await;
    assert!((400..500).contains(&status), "it has left the quarantine: {status} {problem}");
    let listed = desk.service.done("GET", "/v1/quarantine", &Value::Null).await;
    assert_eq!(listed["items"], json!([]), "{listed}");

    // One that nobody needs is left as it is.
    let noise = desk.take("noise.edi", "Dear partner, see attached.").await;
    let path = format!("/v1/quarantine/{}/dismiss", noise["id"].as_str().unwrap());
    desk.service.done("POST", &path, &json!({"words": "a letter"})).await;
    let left = &desk.entry(noise["id"].as_str().unwrap()).await["left"];
    assert_eq!((left["how"].as_str(), left["words"].as_str()), (Some("dismissed"), Some("a letter")), "{left}");
}

#[tokio::test]
async fn what_came_before_has_no_second_effect_and_what_differs_is_told() {
    let desk = Desk::open(&["1001", "1002"]).await;
    let first = accepted(1, "1001-1");
    assert_eq!(desk.take("first.edi", &first).await["state"], "done");
    desk.is_confirmed("1001").await;
    let before = desk.events("1001").await;

    // By content.
    assert_eq!(desk.take("again.edi", &first).await["state"], "duplicate");
    let doubles = desk.service.done("GET", "/v1/quarantine?state=duplicate", &Value::Null).await;
    assert_eq!((doubles["items"].as_array().unwrap().len(), &doubles["items"][0]["name"]), (1, &json!("again.edi")));
    // By control numbers: the same set in other lines.
    let again = desk.take("lines.edi", first.replace('\n', "")).await;
    assert_eq!((again["state"].as_str(), ids(&again)), (Some("done"), vec!["edi_duplicate"]), "{again}");
    assert!(again["sentence"].as_str().unwrap().contains("first.edi"), "{again}");
    assert_eq!(desk.events("1001").await, before);

    // The same numbers, the same document, another content: refused, and the partner hears of it.
    let other = first.replace("ACK*IA", "ACK*IR");
    let differs = desk.take("differs.edi", &other).await;
    assert_eq!((differs["state"].as_str(), ids(&differs)), (Some("quarantined"), vec!["interchange.duplicate"]));
    assert_eq!((differs["place"]["tag"].as_str(), differs["place"]["element"].as_u64()), (Some("ISA"), Some(13)));
    let refusal = eventually("our TA1", async || desk.sent("TA1*000000001*")).await;
    assert!(refusal.contains("*R*025~") && !refusal.contains("ST*997"), "{refusal}");
    assert_eq!(desk.events("1001").await, before, "nothing of it was taken");

    // The same number for another document: taken, and told.
    let lazy = desk.take("lazy.edi", accepted(1, "1002-1")).await;
    assert_eq!((lazy["state"].as_str(), ids(&lazy)), (Some("done"), vec!["edi_duplicate"]), "{lazy}");
    desk.is_confirmed("1002").await;

    // By document: a shipment of the same number that says something else is a case, and no second shipment.
    let shipped = |number: u32, tracking: &str| {
        let reference = format!("REF*CN*{tracking}");
        let body = ["BSN*00*S88*20261124*1600*0004", "HL*1**S*1", &reference, "HL*2*1*O*1", "PRF*1002-1", "HL*3*2*I*0"];
        let body = [&body[..], &["LIN*1*VN*AC-7781", "SN1*1*2*EA", "CTT*3"]].concat();
        x12("SH", "856", number, &body)
    };
    desk.take("856.edi", shipped(2, "1Z999")).await;
    eventually("the shipment", async || (desk.order("1002").await["status"] == "shipped").then_some(())).await;
    desk.take("856-b.edi", shipped(3, "1Z000")).await;
    let order = desk.order("1002").await;
    assert_eq!(order["shipments"].as_array().unwrap().len(), 1, "{order}");
    let cases = desk.service.done("GET", "/v1/cases", &Value::Null).await;
    let told = cases["items"].as_array().unwrap().iter().find(|case| case["kind"] == "answer_mismatch");
    assert_eq!(told.unwrap()["reason"], "edi_duplicate", "{cases}");

    // A person may want the refused one after all.
    let path = format!("/v1/quarantine/{}/replay", differs["id"].as_str().unwrap());
    let replay = desk.service.done("POST", &path, &json!({})).await;
    let done = eventually("the replay", async || {
        Some(desk.entry(replay["id"].as_str().unwrap()).await).filter(|file| file["state"] != "waiting")
    });
    assert_eq!(ids(&done.await), Vec::<&str>::new());
    assert!(desk.events("1001").await > before);
    assert_eq!(desk.entry(differs["id"].as_str().unwrap()).await["left"]["how"], "replayed");
}
