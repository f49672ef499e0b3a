//! The portal, as a browser without scripts uses it.

use super::world::{Answer, World, order_body};
use serde_json::json;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

fn cookie(answer: &Answer) -> String {
    answer.headers["set-cookie"].split(';').next().unwrap().to_owned()
}

/// The token that the page's forms bear.
fn token(page: &Answer) -> String {
    let after = page.text.split("name=\"form_token\" value=\"").nth(1).unwrap_or_else(|| panic!("{}", page.text));
    after.split('"').next().unwrap().to_owned()
}

struct Browser<'a> {
    world: &'a World,
    cookie: String,
}

impl Browser<'_> {
    async fn get(&self, path: &str) -> Answer {
        self.world.raw("GET", path, &[("cookie", &self.cookie)], b"").await
    }
    async fn post(&self, path: &str, body: &str) -> Answer {
        self.world.raw("POST", path, &[("cookie", &self.cookie), FORM], body.as_bytes()).await
    }
}

/// Lets a vendor's person in by a link, to one purchase order or to all.
async fn come_in<'a>(w: &'a World, source: &str, po: Option<&str>) -> Browser<'a> {
    let body = po.map_or(json!({}), |po| json!({"purchase_order": po}));
    let link = w.post(&format!("/v1/sources/{source}/portal-link"), body).await.expect(201);
    let token = link["path"].as_str().unwrap().split('=').nth(1).unwrap().to_owned();
    let used = w.raw("POST", "/portal/link", &[FORM], format!("token={token}").as_bytes()).await;
    assert_eq!(used.status, 303, "{}", used.text);
    Browser { world: w, cookie: cookie(&used) }
}

async fn ordered(w: &World, id: &str, quantity: i64) {
    w.post("/v1/orders", order_body(id, quantity)).await.expect(201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_opens_one_order_and_accepting_all_commits_it() {
    let w = World::stocked().await;
    ordered(&w, "1001", 2).await;
    ordered(&w, "1002", 1).await;
    let link = w.post("/v1/sources/acme/portal-link", json!({"purchase_order": "1001-1"})).await.expect(201);
    let path = link["path"].as_str().unwrap().to_owned();
    for _ in 0..3 {
        let page = w.raw("GET", &path, &[], b"").await;
        assert_eq!(page.status, 200, "a scanner that looks uses nothing up");
        assert_eq!(
            (page.headers["referrer-policy"].as_str(), page.headers["cache-control"].as_str()),
            ("no-referrer", "no-store")
        );
        assert!(page.headers["content-security-policy"].contains("frame-ancestors 'none'"));
        assert!(!page.headers.contains_key("set-cookie") && !page.text.contains("<script"));
    }
    let form = format!("token={}", path.split('=').nth(1).unwrap());
    let (one, two) = tokio::join!(
        w.raw("POST", "/portal/link", &[FORM], form.as_bytes()),
        w.raw("POST", "/portal/link", &[FORM], form.as_bytes())
    );
    let (won, lost) = if one.status == 303 { (one, two) } else { (two, one) };
    assert_eq!((won.status, lost.status), (303, 410), "of two who press at once one wins");
    assert_eq!(won.headers["location"], "/portal/purchase-orders/1001-1");
    let browser = Browser { world: &w, cookie: cookie(&won) };
    let received = w.get("/v1/purchase-orders/1001-1").await.expect(200);
    assert!(received.to_string().contains("received_at"), "{received}");

    let page = browser.get("/portal/purchase-orders/1001-1").await;
    assert!(page.status == 200 && page.text.contains("Accept all") && page.text.contains("Oak lamp"), "{}", page.text);
    // The link opens this order and nothing else of the same vendor.
    for path in
        ["/portal/purchase-orders/1002-1", "/portal/purchase-orders", "/portal/availability", "/portal/scorecard"]
    {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
    let forged = browser.post("/portal/purchase-orders/1001-1/accept", "attempt=1&form_token=00").await;
    assert_eq!(forged.status, 403, "a form of another site");
    let form = format!("attempt=1&form_token={}", token(&page));
    let elsewhere = [("cookie", browser.cookie.as_str()), FORM, ("sec-fetch-site", "cross-site")];
    assert_eq!(w.raw("POST", "/portal/purchase-orders/1001-1/accept", &elsewhere, form.as_bytes()).await.status, 403);
    let done = browser.post("/portal/purchase-orders/1001-1/accept", &form).await;
    assert_eq!((done.status, done.headers["location"].as_str()), (303, "/portal/purchase-orders/1001-1?done=answered"));
    let order = w.get("/v1/orders/1001").await.expect(200);
    assert_eq!(order["status"], "confirmed", "{order}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_line_by_line_is_taken_or_comes_back_with_what_is_wrong() {
    let w = World::stocked().await;
    ordered(&w, "1001", 3).await;
    let browser = come_in(&w, "acme", None).await;
    let list = browser.get("/portal/purchase-orders").await;
    assert!(list.text.contains("/portal/purchase-orders/1001-1"), "{}", list.text);
    let page = browser.get("/portal/purchase-orders/1001-1").await;
    let path = "/portal/purchase-orders/1001-1/acknowledgment";
    let wrong = format!("form_token={}&attempt=1&accept.0=7&rest.0=price&ship_on.0=soon", token(&page));
    let refused = browser.post(path, &wrong).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("href=\"#accept.0\"") && refused.text.contains("aria-invalid=\"true\""));
    assert!(refused.text.contains("value=\"7\"") && refused.text.contains("from 0 to 3"), "what was typed stays");
    let right =
        format!("form_token={}&attempt=1&accept.0=2&rest.0=out_of_stock&ship_on.0=&vendor_order=A-9", token(&page));
    assert_eq!(browser.post(path, &right).await.status, 303);
    let order = w.get("/v1/orders/1001").await.expect(200);
    assert_eq!(order["lines"][0]["tally"]["accepted"], 2, "{order}");

    let page = browser.get("/portal/purchase-orders/1001-1").await;
    assert!(page.text.contains("It has left"), "{}", page.text);
    let ship = "/portal/purchase-orders/1001-1/shipments";
    let bare = format!("form_token={}&shipment=S-1&carrier=UPS&tracking=&ship.0=2", token(&page));
    assert_eq!(browser.post(ship, &bare).await.status, 422, "no tracking");
    let form = format!("form_token={}&shipment=S-1&carrier=UPS&tracking=1Z1%0A1Z2&ship.0=2", token(&page));
    for _ in 0..2 {
        assert_eq!(browser.post(ship, &form).await.status, 303, "pressed twice, recorded once");
    }
    let order = w.get("/v1/orders/1001").await.expect(200);
    assert_eq!(order["lines"][0]["tally"]["shipped"], 2, "{order}");
    assert!(order.to_string().contains("1Z2"));
    let card = browser.get("/portal/scorecard").await;
    assert!(card.text.contains("2 of 3 asked"), "{}", card.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_vendors_things_are_as_if_absent() {
    let w = World::stocked().await;
    ordered(&w, "1001", 2).await;
    let stranger = come_in(&w, "bolt", None).await;
    let page = stranger.get("/portal/availability").await;
    let form = format!("form_token={}&attempt=1&accept.0=2", token(&page));
    let plain = |a: Answer, name: &str| (a.status, a.text.replace(name, "PO"));
    let foreign = plain(stranger.get("/portal/purchase-orders/1001-1").await, "1001-1");
    let absent = plain(stranger.get("/portal/purchase-orders/9999-1").await, "9999-1");
    assert_eq!(foreign, absent);
    assert_eq!(foreign.0, 404);
    for deed in ["accept", "acknowledgment", "shipments", "cancellation-answer"] {
        let foreign = plain(stranger.post(&format!("/portal/purchase-orders/1001-1/{deed}"), &form).await, "1001-1");
        let absent = plain(stranger.post(&format!("/portal/purchase-orders/9999-1/{deed}"), &form).await, "9999-1");
        assert_eq!((foreign.0, &foreign), (404, &absent), "{deed}");
    }
    // A link to an order of somebody else cannot be made, either.
    w.post("/v1/sources/bolt/portal-link", json!({"purchase_order": "1001-1"})).await.problem(404);
    // Whoever is shut out is out at once.
    w.call("it", "DELETE", "/v1/sources/bolt/portal-links", &[], "").await.expect(204);
    assert_eq!(stranger.get("/portal/purchase-orders").await.status, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn availability_is_typed_pasted_and_uploaded() {
    let w = World::stocked().await;
    let browser = come_in(&w, "acme", None).await;
    let page = browser.get("/portal/availability").await;
    assert!(page.text.contains("You last said 10 EA"), "{}", page.text);
    let typed = |quantity: &str, lead: &str| {
        format!("form_token={}&sku.0=LAMP&quantity.0={quantity}&lead.0={lead}&lead_before.0=0", token(&page))
    };
    let wrong = browser.post("/portal/availability", &typed("many", "0")).await;
    assert!(wrong.status == 422 && wrong.text.contains("value=\"many\"") && wrong.text.contains("whole number"));
    assert_eq!(browser.post("/portal/availability", &typed("6", "4")).await.status, 303);
    let offer = w.get("/v1/sources/acme/offers/LAMP").await.expect(200);
    assert_eq!(
        (&offer["advice"]["quantity"], &offer["advice"]["origin"], &offer["lead_days"]),
        (&json!(6), &json!("portal"), &json!(4))
    );

    let multipart = |pasted: &str, file: &str| {
        let part = |name: &str, more: &str, value: &str| {
            format!("--XX\r\ncontent-disposition: form-data; name=\"{name}\"{more}\r\n\r\n{value}\r\n")
        };
        let file = part("file", "; filename=\"stock.csv\"\r\ncontent-type: text/csv", file);
        format!("{}{}{file}--XX--\r\n", part("form_token", "", &token(&page)), part("pasted", "", pasted))
    };
    let media = ("content-type", "multipart/form-data; boundary=XX");
    let many = async |body: String| {
        w.raw("POST", "/portal/availability/many", &[("cookie", &browser.cookie), media], body.as_bytes()).await
    };
    assert_eq!(many(multipart("Item\tQuantity\nacme-1\t8", "")).await.status, 303);
    assert_eq!(w.get("/v1/sources/acme/offers/LAMP").await.expect(200)["advice"]["quantity"], 8);
    let partly = many(multipart("", "LAMP,9\nSOFA,3\nLAMP,x\n")).await;
    assert_eq!(partly.status, 422);
    assert!(
        partly.text.contains("1 lines are taken in")
            && partly.text.contains("SOFA")
            && partly.text.contains("whole number"),
        "{}",
        partly.text
    );
    assert_eq!(w.get("/v1/sources/acme/offers/LAMP").await.expect(200)["advice"]["quantity"], 9, "the others count");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closures_and_capacity_change_what_is_promised() {
    let w = World::stocked().await;
    let browser = come_in(&w, "acme", None).await;
    let page = browser.get("/portal/calendar").await;
    let post = async |path: &str, form: &str| browser.post(path, &format!("form_token={}&{form}", token(&page))).await;
    let refused = post("/portal/closures", "from=2027-01-08&to=2027-01-04").await;
    assert!(refused.status == 422 && refused.text.contains("must not be before"), "{}", refused.text);
    assert_eq!(post("/portal/closures", "from=2027-01-04&to=2027-01-05").await.status, 303);
    let source = w.get("/v1/sources/acme").await.expect(200);
    assert_eq!(source["calendar"]["holidays"], json!(["2027-01-04", "2027-01-05"]), "{source}");
    assert_eq!(post("/portal/openings", "day=2027-01-04").await.status, 303);
    assert_eq!(post("/portal/capacity", "daily=40").await.status, 303, "a box without its mark: no new orders");
    let source = w.get("/v1/sources/acme").await.expect(200);
    assert_eq!((&source["daily_capacity"], &source["taking_orders"]), (&json!(40), &json!(false)), "{source}");
    // The same by the vendors' API.
    let calendar = w.call("acme", "GET", "/vendor/v1/calendar", &[], "").await.expect(200);
    assert_eq!(calendar["closures"], json!(["2027-01-05"]));
    w.call("acme", "PUT", "/vendor/v1/capacity", &[], "{\"daily_capacity\":null}").await.expect(200);
    w.call("acme", "PUT", "/vendor/v1/offers/LAMP/lead-time", &[], "{\"lead_days\":7}").await.expect(200);
    assert_eq!(w.get("/v1/sources/acme/offers/LAMP").await.expect(200)["lead_days"], 7);
    assert_eq!(w.get("/v1/sources/bolt/offers/LAMP").await.expect(200)["lead_days"], 0, "nobody else's");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asking_for_a_link_tells_nothing_and_is_counted() {
    let w = World::stocked().await;
    w.put("/v1/sources/acme/contacts", json!({"mail": ["Orders@Acme.example"]})).await.expect(200);
    w.put("/v1/sources/acme/contacts", json!({"mail": ["no address"]})).await.problem(422);
    let ask = async |mail: &str| w.raw("POST", "/portal/login/mail", &[FORM], format!("mail={mail}").as_bytes()).await;
    let (known, unknown) = (ask("orders@acme.example").await, ask("eve@example.com").await);
    assert_eq!((known.status, &known.text), (unknown.status, &unknown.text));
    use countersign_runtime::ports::Store;
    let letters = w.store.settings("letter").unwrap();
    assert_eq!(letters.len(), 1);
    assert!(!letters[0].1.contains("token"), "no secret waits in the store: {}", letters[0].1);
    let mut last = 0;
    for _ in 0..5 {
        last = ask("orders@acme.example").await.status;
    }
    assert_eq!(last, 429);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vendors_login_opens_the_portal_and_nothing_of_the_console() {
    let w = World::stocked().await;
    w.put("/v1/people/moss", json!({"role": "vendor", "password": "correct horse battery"})).await.problem(422);
    let body = json!({"role": "vendor", "source": "acme", "password": "correct horse battery"});
    w.put("/v1/people/moss", body).await.expect(200);
    let wrong = w.raw("POST", "/portal/login", &[FORM], b"name=moss&password=no").await;
    assert!(wrong.status == 422 && wrong.text.contains("name or password is wrong"));
    let used = w.raw("POST", "/portal/login", &[FORM], b"name=moss&password=correct+horse+battery").await;
    assert_eq!((used.status, used.headers["location"].as_str()), (303, "/portal/"));
    let browser = Browser { world: &w, cookie: cookie(&used) };
    assert_eq!(browser.get("/portal/purchase-orders").await.status, 200);
    assert_eq!(browser.get("/v1/orders").await.status, 403);
    let page = browser.get("/portal/purchase-orders").await;
    assert_eq!(browser.post("/portal/logout", &format!("form_token={}", token(&page))).await.status, 303);
    assert_eq!(browser.get("/portal/purchase-orders").await.status, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_breach_is_disputed_from_the_scorecard() {
    let w = super::reports::breached().await;
    let browser = come_in(&w, "acme", None).await;
    let page = browser.get("/portal/scorecard").await;
    let receipt = "name=\"clock\" value=\"receipt\"><input type=\"hidden\" name=\"due\" value=\"";
    let due = page.text.split(receipt).nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    let form = |words: &str| {
        let due = due.replace(':', "%3A");
        format!("form_token={}&clock=receipt&due={due}&words={words}&document=ticket+4711", token(&page))
    };
    let path = "/portal/purchase-orders/1001-1/contests";
    let bare = browser.post(path, &form("+")).await;
    assert_eq!(bare.status, 422, "{}", bare.text);
    assert!(bare.text.contains("<details open>") && bare.text.contains("value=\"ticket 4711\""), "{}", bare.text);
    let stranger = come_in(&w, "bolt", None).await;
    let theirs = format!(
        "form_token={}&clock=acknowledgment&due={due}&words=no",
        token(&stranger.get("/portal/calendar").await)
    );
    assert_eq!(stranger.post(path, &theirs).await.status, 404, "nobody else's");
    let sent = browser.post(path, &form("your+server+was+down")).await;
    assert_eq!((sent.status, sent.headers["location"].as_str()), (303, "/portal/scorecard?done=disputed"));
    let after = browser.get("/portal/scorecard?done=disputed").await.text;
    assert!(after.contains("has not answered yet") && after.contains("your server was down (ticket 4711)"), "{after}");
    assert!(!after.contains("name=\"clock\" value=\"receipt\""), "once");
    let answer = json!({"clock": "receipt", "accept": true, "words": "our outage"});
    w.post_as("vendor_manager", "/v1/purchase-orders/1001-1/contest-answers", answer).await.expect(204);
    let told = browser.get("/portal/scorecard").await.text;
    assert!(told.contains("it no longer counts") && told.contains("our outage"), "{told}");
}

/// The body of a form with a file, and its content type.
fn with_file(fields: &[(&str, &str)], field: &str, name: &str, bytes: &[u8]) -> (String, Vec<u8>) {
    let mut body = vec![];
    for (name, value) in fields {
        body.extend(format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
    }
    let head = format!("--edge\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n");
    body.extend(head.bytes());
    body.extend(bytes);
    body.extend(b"\r\n--edge--\r\n");
    ("multipart/form-data; boundary=edge".into(), body)
}

impl Browser<'_> {
    async fn send(&self, path: &str, (media, body): (String, Vec<u8>)) -> Answer {
        self.world.raw("POST", path, &[("cookie", &self.cookie), ("content-type", &media)], &body).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spreadsheet_is_read_as_it_comes_and_nothing_is_dropped_unsaid() {
    let w = World::stocked().await;
    let browser = come_in(&w, "acme", None).await;
    let token = token(&browser.get("/portal/availability").await);
    let advised = async || w.get("/v1/sources/acme/advice/LAMP").await.expect(200)["quantity"].clone();
    // As Excel writes "Unicode text": UTF-16 with its mark.
    let text = "Item\tQuantity\tMore\tOn\r\nacme-1\t1,200\t5.0\t12/15/2030\r\n";
    let wide: Vec<u8> = [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let sent = with_file(&[("form_token", &token), ("pasted", "")], "file", "stock.txt", &wide);
    let taken = browser.send("/portal/availability/many", sent).await;
    assert_eq!(taken.status, 303, "{}", taken.text);
    let advice = w.get("/v1/sources/acme/advice/LAMP").await.expect(200);
    assert_eq!(
        (&advice["quantity"], &advice["incoming"]),
        (&json!(1_200), &json!([{"on": "2030-12-15", "quantity": 5}]))
    );
    let form = format!("form_token={token}&full=yes&pasted=acme-1%097%0Anone%093");
    let faulty = browser.post("/portal/availability/many", &form).await;
    assert_eq!((faulty.status, advised().await), (422, json!(7)));
    assert!(faulty.text.contains("not taken for everything"), "{}", faulty.text);
    let form = format!("form_token={token}&pasted=acme-1%097%0Anone%093");
    assert!(!browser.post("/portal/availability/many", &form).await.text.contains("not taken for everything"));
    // What is typed into the list and wrong is told at the top, with a way to it.
    let form = format!("form_token={token}&sku.0=LAMP&quantity.0=lots&lead.0=0&lead_before.0=0");
    let refused = browser.post("/portal/availability", &form).await;
    assert_eq!(refused.status, 422);
    let (top, list) = refused.text.split_once("<fieldset").unwrap();
    assert!(top.contains("role=\"alert\"") && top.contains("href=\"#quantity.0\""), "{top}");
    assert!(list.contains("id=\"quantity.0\"") && list.contains("value=\"lots\""));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_of_an_answered_order_shows_that_it_is_answered() {
    let w = World::stocked().await;
    ordered(&w, "1001", 2).await;
    let browser = come_in(&w, "acme", None).await;
    let path = "/portal/purchase-orders/1001-1";
    let before = browser.get(path).await;
    assert!(before.text.contains("<dt>Answer by</dt>") && before.text.contains("Send this answer"));
    let form = format!("form_token={}&attempt=1", token(&before));
    assert_eq!(browser.post(&format!("{path}/accept"), &form).await.status, 303);
    let after = browser.get(&format!("{path}?done=answered")).await;
    assert!(!after.text.contains("<dt>Answer by</dt>") && !after.text.contains("Send this answer"), "{}", after.text);
    assert!(after.text.contains("You have answered this order") && after.text.contains("Answer again"));
    // A day so late that the retailer goes elsewhere: the page says that, and thanks for nothing else.
    ordered(&w, "1002", 2).await;
    let path = "/portal/purchase-orders/1002-1";
    let page = browser.get(path).await;
    let late = format!("form_token={}&attempt=1&accept.0=2&rest.0=out_of_stock&ship_on.0=2035-01-01", token(&page));
    assert_eq!(browser.post(&format!("{path}/acknowledgment"), &late).await.status, 303);
    let after = browser.get(&format!("{path}?done=answered")).await;
    let stops = after.text.contains("asks you to stop this order</h2>");
    assert!(stops && after.text.contains("takes another way") && !after.text.contains("Thank you"), "{}", after.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dispute_brings_its_file_to_the_vendor_manager() {
    let w = super::reports::breached().await;
    let browser = come_in(&w, "acme", None).await;
    let card = browser.get("/portal/scorecard").await;
    let of = |name: &str| {
        card.text.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let (token, clock, due) = (of("form_token"), of("clock"), of("due"));
    let fields = [
        ("form_token", token.as_str()),
        ("clock", &clock),
        ("due", &due),
        ("words", "your server was down"),
        ("document", ""),
    ];
    let path = "/portal/purchase-orders/1001-1/contests";
    let large = with_file(&fields, "file", "big.png", &vec![1; (2 << 20) + 1]);
    let refused = browser.send(path, large).await;
    assert!(refused.status == 422 && refused.text.contains("at most 2097152"), "{}", refused.text);
    let sent = browser.send(path, with_file(&fields, "file", "log of the day.pdf", b"%PDF-1.7 \xff\x00")).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    let files = w.call("vendor_manager", "GET", "/v1/purchase-orders/1001-1/contest-files", &[], "").await.expect(200);
    let (id, name) = (files["items"][0]["id"].as_str().unwrap(), &files["items"][0]["name"]);
    assert_eq!((files["items"].as_array().unwrap().len(), name), (1, &json!("log of the day.pdf")));
    let case = w.get("/v1/cases?kind=breach_contested&open=true").await.expect(200)["items"][0].clone();
    assert!(case["sentence"].as_str().unwrap().contains(&format!("log of the day.pdf (file {id})")), "{case}");
    let at = format!("/v1/purchase-orders/1001-1/contest-files/{id}");
    let file = w.call("vendor_manager", "GET", &at, &[], "").await;
    let headers = ["content-type", "content-disposition"].map(|name| file.headers[name].as_str());
    assert_eq!(headers, ["application/octet-stream", "attachment; filename=\"log of the day.pdf\""]);
    assert!(file.text.starts_with("%PDF-1.7 "));
    w.call("buyer", "GET", &at, &[], "").await.problem(403);
    // A program hands it in by the API; nobody else's purchase order takes it.
    let post = async |who: &str| {
        w.call(
            who,
            "POST",
            "/vendor/v1/purchase-orders/1001-1/contest-files?name=b.txt",
            &[("content-type", "text/plain")],
            "b",
        )
        .await
    };
    assert_eq!(post("acme").await.expect(201)["size"], 1);
    assert_eq!(post("bolt").await.status, 404);
    w.call("it", "DELETE", "/v1/orders/1001/person", &[], "").await.expect(204);
    assert_eq!(w.call("vendor_manager", "GET", &at, &[], "").await.status, 404, "it goes with the personal data");
}
