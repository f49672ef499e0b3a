// The main path of each role, and two people on one case, as a person would click and type them.
import { api, fault, open, settled, visit } from "./visitor.mjs";

const expect = (is, words) => {
  if (!is) fault(words);
};
const heading = (page, name) => page.getByRole("heading", { name }).first().waitFor();

/** What only somebody who was told can say. */
const STATEMENTS = ["source_has_it", "source_will_not_ship", "keep_source"];

/** An open case that people may still act on, and not only by saying what they were told. */
async function someCase(page, query = "") {
  const list = await api(page, "GET", `/v1/cases?open=true&limit=100${query}`);
  return list.body.items.find((c) => c.options.some((o) => !STATEMENTS.includes(o.action)) && !c.assigned_to);
}

/** Customer service: finds a case by the customer's order, writes on it, puts it aside and takes it up again. */
async function customerService(browser) {
  const page = await visit(browser, "customer_service");
  const one = await someCase(page);
  await open(page, `/cases?q=${encodeURIComponent(one.order ?? one.purchase_order ?? "")}`);
  await page
    .locator(`main a[href="/console/cases/${encodeURIComponent(one.id)}"]`)
    .first()
    .click();
  await page.getByLabel("Comment", { exact: true }).fill("The customer called and waits.");
  await page.getByRole("button", { name: "Comment", exact: true }).click();
  await page.locator("blockquote", { hasText: "The customer called" }).waitFor();
  await page.getByRole("button", { name: "Put aside" }).click();
  await page.getByRole("menuitem", { name: "Three hours" }).click();
  await page.getByText("Put aside until").waitFor();
  const left = await api(page, "GET", `/v1/cases?open=true&subject=${encodeURIComponent(one.order)}`);
  expect(!left.body.items.some((c) => c.id === one.id), "a case that was put aside is still on the list");
  await page.getByRole("button", { name: "Put aside" }).click();
  await page.getByRole("menuitem", { name: "Take it up again" }).click();
  await page.getByText("Put aside until").waitFor({ state: "detached" });
  await page.context().close();
}

/** A fresh order of which that vendor gets the purchase order. */
async function askedOf(page, manager, source) {
  const offers = await api(manager, "GET", `/v1/sources/${source}/offers?limit=20`);
  const person = { name: "Zoë Shopper", address1: "1 Main St", city: "Austin", region: "TX", postal_code: "73301", country: "US" };
  for (const [i, { sku }] of offers.body.items.entries()) {
    const id = `walk-${Date.now() % 1_000_000_000}-${i}`;
    const line = { line: "1", sku, quantity: 1, unit: "EA", unit_price: { amount: "90.00", currency: "USD" } };
    await api(page, "POST", "/v1/orders", {
      id,
      placed_at: new Date().toISOString(),
      sales_channel: "web",
      customer: { name: person.name, email: "zoe@example.com" },
      ship_to: person,
      lines: [line],
    });
    await api(manager, "POST", `/v1/orders/${id}/lines/1/reroute`, { to: source });
    const order = await api(page, "GET", `/v1/orders/${id}`);
    const mine = order.body?.lines?.[0].assignments.find((a) => a.source === source && a.purchase_order);
    if (mine) return { order: id, number: mine.purchase_order };
  }
  throw new Error(`no order could be given to ${source}`);
}

/**
 * Customer service writes to the customer and to a vendor; both stand on the order, and the vendor reads its own and
 * writes back without JavaScript: that waits in Today of who wrote, until it is answered.
 */
async function message(browser) {
  const page = await visit(browser, "customer_service");
  const vik = await visit(browser, "vendor_manager");
  const po = await askedOf(page, vik, "moss");
  await open(page, `/orders/${encodeURIComponent(po.order)}`);
  const write = async (to, words) => {
    await page.getByRole("button", { name: "Write", exact: true }).click();
    const dialog = page.getByRole("dialog");
    expect(await dialog.getByRole("button", { name: "Send the message" }).isDisabled(), "an empty message may be sent");
    await dialog.getByRole("radio", { name: to }).check();
    await dialog.getByLabel("Message", { exact: true }).fill(words);
    await dialog.getByRole("button", { name: "Send the message" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.locator("blockquote", { hasText: words }).waitFor();
  };
  await write(/^The customer/, "It comes on Friday, in two parcels.");
  await write(new RegExp(`about ${po.number}`), "Please pack it twice.");
  await page.getByText("Cara wrote to the customer.").waitFor();
  const one = await someCase(page);
  await open(page, `/cases/${encodeURIComponent(one.id)}`);
  await page.getByRole("button", { name: "Write", exact: true }).click();
  await page.getByRole("dialog", { name: `Write about order ${one.order}` }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  const link = (await api(vik, "POST", "/v1/sources/moss/portal-link", { purchase_order: po.number })).body.path;
  const phone = await (await browser.newContext({ viewport: { width: 360, height: 740 }, javaScriptEnabled: false })).newPage();
  await phone.goto(new URL(link, vik.url()).href);
  await phone.getByRole("button", { name: "Open the purchase order" }).click();
  await phone.getByText("Please pack it twice.").waitFor();
  expect((await phone.getByText("two parcels").count()) === 0, "a vendor reads what the customer was told");
  await phone.getByLabel("Write to the retailer").fill("Twice it is.");
  await phone.getByRole("button", { name: "Send", exact: true }).click();
  await phone.getByText("Your words are with the retailer.").waitFor();
  await open(page, "/");
  await page.getByRole("row").filter({ hasText: po.order }).getByRole("link", { name: "Vendor wrote" }).click();
  await page.locator("blockquote", { hasText: "Twice it is." }).waitFor();
  await write(new RegExp(`about ${po.number}`), "Thank you.");
  await page.getByText("It settled by itself").waitFor();
  const auditor = await visit(browser, "auditor");
  await open(auditor, `/orders/${encodeURIComponent(po.order)}`);
  await auditor.locator("blockquote", { hasText: "two parcels" }).waitFor();
  expect((await auditor.getByRole("button", { name: "Write", exact: true }).count()) === 0, "an auditor is offered to write");
  for (const one of [page, vik, phone, auditor]) await one.context().close();
}

/** From the timeline a paper opens at the very segment that speaks of the line. */
async function paperPlace(browser) {
  const page = await visit(browser, "vendor_manager");
  const list = await api(page, "GET", "/v1/purchase-orders?limit=200");
  for (const po of list.body.items.filter((p) => p.state !== "open")) {
    const timeline = await api(page, "GET", `/v1/orders/${encodeURIComponent(po.order)}/timeline`);
    const answered = timeline.body.items.find((e) => e.type === "acknowledgment.received" && e.paper?.document.startsWith("inbox."));
    if (!answered) continue;
    const explained = await api(
      page,
      "GET",
      `/v1/purchase-orders/${encodeURIComponent(answered.paper.purchase_order)}/documents/${answered.paper.document}?line=${answered.paper.line}`,
    );
    if (!explained.body.standard) continue;
    expect(explained.body.place > 0, "the server does not know where the answer speaks of the line");
    await open(page, `/orders/${encodeURIComponent(po.order)}`);
    const { document, line } = answered.paper;
    await page.locator(`li.entry a[href$="document=${document}&line=${line}"]`).first().click();
    const here = page.locator(".segments li[aria-current]");
    await here.waitFor();
    await page.waitForTimeout(300);
    const box = await here.boundingBox();
    expect(box && box.y > 0 && box.y < page.viewportSize().height, "the segment is not in sight");
    const text = await here.innerText();
    expect(/ACK|PO1|LIN|QTY/.test(text), `the segment that is marked is another one: ${text}`);
    await page.context().close();
    return;
  }
  fault("no order was answered by a file: let the demo live longer");
}

/** Vendor manager: answers an approval on its page, tries a wire, onboards a vendor up to the last step. */
async function vendorManager(browser) {
  const page = await visit(browser, "vendor_manager");
  const list = await api(page, "GET", "/v1/approvals?open=true&limit=50");
  const asked = list.body.items.filter((a) => a.answerable).at(-1);
  await open(page, `/approvals/${encodeURIComponent(asked.id)}`);
  await page.getByText("If nobody does").waitFor();
  await page.getByRole("radio").first().check();
  await page.locator("form .button.main").click();
  await page.getByRole("status").filter({ hasText: "Done: Approve" }).waitFor();
  const after = await api(page, "GET", `/v1/approvals/${encodeURIComponent(asked.id)}`);
  expect(after.body.outcome.state === "approved", `the approval is ${after.body.outcome.state}`);
  await open(page, "/vendors/acme/connection");
  await page.getByRole("button", { name: "Run the test" }).click();
  await page.getByText("All went well").waitFor();
  expect((await page.locator(".outcome").count()) >= 4, "the test exchange shows too few steps");
  await onboard(page);
  await page.context().close();
}

async function onboard(page) {
  const id = `walk-${Date.now() % 1_000_000}`;
  await page.evaluate(() => sessionStorage.clear());
  await open(page, "/vendors/new");
  await page.getByLabel("Name", { exact: true }).fill("Walked Goods");
  await page.getByLabel("Id", { exact: true }).fill(id);
  await page.getByLabel("Postal code").fill("60601");
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByLabel("Cut-off", { exact: true }).fill("15:00");
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("radio", { name: /^Portal/ }).check();
  await page.getByLabel(/^Mail addresses/).fill("orders@walked.example");
  await page.getByRole("button", { name: "Save and go on" }).click();
  await clocks(page, id);
  const items = await api(page, "GET", "/v1/items?limit=1");
  const head = "sku,vendor_sku,pack.unit,pack.base_units,unit_cost.amount,unit_cost.currency,shipping_cost.amount,shipping_cost.currency";
  const row = (sku, cost) => `${sku},W-1,EA,1,${cost},USD,4.00,USD`;
  await page.getByLabel("Rows, with a heading").fill(`${head}\n${row(items.body.items[0].sku, "12.50")}\n${row("X", "much")}`);
  await page.getByRole("button", { name: /^Check/ }).click();
  await page.getByRole("cell", { name: "unit_cost.amount" }).waitFor();
  await page.getByRole("button", { name: "Take in 1" }).click();
  await page.getByText("1 row taken in").waitFor();
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("button", { name: "Run the test" }).click();
  await page.getByText("All went well").waitFor();
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByText("orders@walked.example").waitFor();
  await page.getByRole("button", { name: "Let it take orders" }).waitFor();
  await page.getByText("Leave it paused").click();
  await heading(page, "Walked Goods");
  await page.getByText("Takes no orders").waitFor();
}

/** The wizard asks how long the vendor has: other times than the policy's become a draft that a second person approves. */
async function clocks(page, id) {
  const answers = page.getByRole("group", { name: "Answers a purchase order" });
  await answers.getByLabel("Within").fill("36");
  await answers.getByLabel("Unit").selectOption("hours");
  await answers.getByLabel("Counting").selectOption("business");
  await page.getByRole("button", { name: "Propose these times" }).click();
  await page.getByText("It rules once a second person has approved it").waitFor();
  const { body } = await api(page, "GET", `/v1/sources/${id}/clocks`);
  expect(body.proposed.acknowledgment.within_s === 36 * 3600, `proposed: ${JSON.stringify(body.proposed)}`);
  expect(body.rules.acknowledgment?.within_s !== 36 * 3600, "a draft rules before anybody approved it");
  await page.getByRole("button", { name: "Go on" }).click();
}

/** Buyer: sees where a line could go, each way with its price and day. */
async function buyer(browser) {
  const page = await visit(browser, "buyer");
  const list = await api(page, "GET", "/v1/orders?status=awaiting_confirmation&limit=5");
  const order = list.body.items[0] ?? (await api(page, "GET", "/v1/orders?status=confirmed&limit=5")).body.items[0];
  await open(page, `/orders/${encodeURIComponent(order.id)}`);
  await page
    .getByRole("button", { name: /^Reroute/ })
    .first()
    .click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("radio").first().waitFor();
  await dialog.getByRole("radio").first().check();
  await dialog.getByText("What follows").waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await page.context().close();
}

/** IT: makes a key, sees it once, revokes it. */
async function it(browser) {
  const page = await visit(browser, "it");
  await open(page, "/settings/keys");
  await page.getByRole("button", { name: "New key" }).click();
  await page.getByLabel("Whose").fill("walked");
  await page.getByLabel("Role").selectOption("it");
  await page.getByRole("button", { name: "Make the key" }).click();
  const key = await page.locator(".once").innerText();
  expect(/^cs_/.test(key), "no key was shown");
  await page.getByRole("button", { name: "I have kept it" }).click();
  expect(!(await page.content()).includes(key), "the key is still on the page");
  await page.getByRole("button", { name: "Revoke walked" }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await page.getByText("walked is revoked").waitFor();
  await page.context().close();
}

/** Auditor: reads everything, is offered no act, can prove the log. */
async function auditor(browser) {
  const page = await visit(browser, "auditor");
  const one = await someCase(page);
  await open(page, `/cases/${encodeURIComponent(one.id)}`);
  expect((await page.getByRole("button", { name: /Assign|Put aside|Comment/ }).count()) === 0, "an auditor is offered acts on a case");
  const tried = await api(page, "POST", `/v1/cases/${encodeURIComponent(one.id)}/comment`, { words: "no" });
  expect(tried.status === 403, `an auditor's comment was answered ${tried.status}`);
  await open(page, "/log");
  await page.getByText("Verifier key").waitFor();
  await page.getByRole("button", { name: "Export with proofs" }).click();
  const saved = page.waitForEvent("download");
  await page.getByRole("dialog").getByRole("link", { name: "Save" }).click();
  expect((await saved).suggestedFilename().endsWith(".ndjson"), "the log cannot be exported");
  await page.keyboard.press("Escape");
  await page.context().close();
}

/** Two people on one case: the second is told what the first did, and cannot act before having seen it. */
async function twoPeople(browser) {
  const [vik, cara] = [await visit(browser, "vendor_manager"), await visit(browser, "customer_service")];
  const one = await someCase(vik);
  const path = `/v1/cases/${encodeURIComponent(one.id)}`;
  await open(vik, `/cases/${encodeURIComponent(one.id)}`);
  await vik.locator('main [data-key="d"]').waitFor();
  await api(cara, "POST", `${path}/assign`, { name: "cara", role: "customer_service" });
  await vik.getByRole("heading", { name: "This case changed while you were looking" }).waitFor();
  await vik.getByText("cara took it on.").waitFor();
  expect(await vik.locator('main [data-key="d"]').isDisabled(), "an act may be sent before the change was seen");
  const stale = await api(vik, "POST", `${path}/assign`, { name: "vik", revision: one.revision });
  expect(stale.status === 409, `a stale act was answered ${stale.status}`);
  await vik.getByRole("button", { name: "I have seen it, go on" }).click();
  await vik.waitForFunction(() => !document.querySelector('main [data-key="d"]')?.disabled);
  await settled(vik);
  await vik.context().close();
  await cara.context().close();
}

/** A policy from its first word to its rollback: written in a table, tried, approved by somebody else, in force, undone. */
async function policyLife(browser) {
  const bea = await visit(browser, "buyer");
  const before = (await api(bea, "GET", "/v1/policies")).body.items[0].version;
  await open(bea, "/policies/new");
  await bea.getByRole("button", { name: "Add a table" }).click();
  await bea.getByRole("button", { name: "Add a row" }).click();
  await bea.getByLabel("Row 1, vendor").fill("fern");
  await bea.getByLabel("Row 1, exclude").fill("maybe");
  await bea.locator("td.faulty .fault").waitFor();
  expect(await bea.getByRole("button", { name: /^Save draft/ }).isDisabled(), "a faulty draft may be saved");
  await bea.getByLabel("Row 1, exclude").fill("yes");
  await bea.getByLabel("Row 1, why").fill("it moves house");
  await bea.getByText("passed over (it moves house)").waitFor();
  // The lists are forms: what is changed is read back, what is wrong is marked at its rule.
  await bea.getByLabel("Hold minutes").fill("45");
  await bea.getByText("lasts 45 minutes").first().waitFor();
  await bea.getByRole("button", { name: "Add a rule to freshness" }).click();
  await bea.locator("details.rule[open]").getByLabel("Stale after minutes").fill("0");
  await bea.locator("details.rule[open] .field.faulty").waitFor();
  expect(await bea.getByRole("button", { name: /^Save draft/ }).isDisabled(), "a draft with a faulty rule may be saved");
  await bea.locator('section[aria-label="Set freshness"] li').last().locator(".menu button").click();
  await bea.getByRole("menuitem", { name: "Remove" }).click();
  await bea.locator("details.rule[open] .field.faulty").waitFor({ state: "detached" });
  await bea.getByRole("button", { name: /^Save draft/ }).click();
  await heading(bea, "Its life");
  const version = new URL(bea.url()).pathname.split("/").at(-1);
  expect((await bea.getByRole("button", { name: "Approve" }).count()) === 0, "the author is offered to approve");
  await bea.getByRole("button", { name: "Try it on what happened" }).click();
  await bea.getByText("In short").or(bea.getByText("Came out otherwise")).first().waitFor({ timeout: 120_000 });
  await bea.getByText("Observed: history tells").waitFor();
  await bea.locator('main a[href*="/backtests/"][href*="/orders/"]').first().click();
  await heading(bea, `What version ${version} would have done`);

  const vik = await visit(browser, "vendor_manager");
  await open(vik, "/approvals");
  await vik.getByRole("link", { name: `Policy version ${version}` }).click();
  await vik.getByRole("button", { name: "Approve" }).click();
  await vik.getByRole("dialog").getByLabel("Words for the log").fill("seen and agreed");
  await vik.getByRole("dialog").getByRole("button", { name: "Approve" }).click();
  await vik.getByText("seen and agreed").waitFor();

  await open(bea, `/policies/${version}`);
  await bea.getByRole("button", { name: "Put in force" }).click();
  await bea.getByRole("dialog").getByRole("button", { name: "Put it in force" }).click();
  await bea.locator("main header, main").getByText("Active", { exact: true }).first().waitFor();
  await open(bea, `/policies/${before}`);
  await bea.getByRole("button", { name: "Roll back to this" }).click();
  await bea.getByRole("dialog").getByRole("button", { name: "Put it in force" }).click();
  await bea.getByRole("dialog").waitFor({ state: "detached" });
  const after = (await api(bea, "GET", "/v1/policies")).body.items[0].version;
  expect(after === before, `version ${after} rules after the rollback, not ${before}`);
  await bea.context().close();
  await vik.context().close();
}

/** The switch to the legacy path is thrown for one vendor, says what is in flight, and is taken back. */
async function legacySwitch(browser) {
  const page = await visit(browser, "vendor_manager");
  await open(page, "/policies/modes");
  await page.getByRole("button", { name: /^To legacy with Fern/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Why, for the log").fill("its dock is flooded");
  await dialog.getByRole("button", { name: "Return at once" }).click();
  await dialog.getByText("go on to their end").waitFor();
  await dialog.getByRole("button", { name: "Good" }).click();
  await page.getByText("its dock is flooded").waitFor();
  await page.getByRole("row", { name: /^Fern/ }).getByText("Legacy").first().waitFor();
  await page.getByRole("button", { name: /^Come back/ }).click();
  await dialog.getByRole("button", { name: "Come back" }).click();
  await dialog.getByRole("button", { name: "Good" }).click();
  await page.getByText("It is thrown nowhere").waitFor();
  await page.context().close();
}

/** A vendor disputes a breach on its phone, without scripts; the vendor manager accepts it, and the score follows. */
async function dispute(browser) {
  const vik = await visit(browser, "vendor_manager");
  const cardOf = async (source) => (await api(vik, "GET", `/v1/sources/${source}/scorecard`)).body;
  const cards = await Promise.all(["loom", "fern", "hearth"].map(cardOf));
  const late = cards.find((c) => c.breaches.some((b) => !b.contest));
  if (!late) return fault("no vendor was late yet: let the demo live longer");
  const card = () => cardOf(late.source);
  const breach = late.breaches.find((b) => !b.contest);
  const link = (await api(vik, "POST", `/v1/sources/${late.source}/portal-link`, {})).body.path;
  const phone = await (await browser.newContext({ viewport: { width: 360, height: 740 }, javaScriptEnabled: false })).newPage();
  await phone.goto(new URL(link, vik.url()).href);
  await phone.getByRole("button", { name: "Open the portal" }).click();
  await phone.goto(new URL("/portal/scorecard", vik.url()).href);
  const item = phone.locator("li", { hasText: breach.purchase_order }).filter({ hasText: "Dispute this" }).first();
  await item.locator("summary").click();
  await item.getByLabel("Why it should not count").fill("The mail came a day late.");
  await item.getByRole("button", { name: "Send" }).click();
  await phone.getByText("Your words are with the retailer").waitFor();
  const disputed = (await card()).breaches.find((b) => b.contest?.state === "open");
  await open(vik, `/vendors/${late.source}`);
  await vik.getByRole("button", { name: `Answer what was said about ${disputed.purchase_order}` }).first().click();
  const dialog = vik.getByRole("dialog");
  await dialog.getByText("The mail came a day late.").waitFor();
  await dialog.getByLabel("Your words to the vendor").fill("So it did.");
  await dialog.getByRole("button", { name: "Accept: it is excused" }).click();
  await dialog.waitFor({ state: "detached" });
  const after = (await card()).breaches.find((b) => b.purchase_order === disputed.purchase_order && b.due === disputed.due && b.clock === disputed.clock);
  expect(after.excused === true, "an accepted dispute does not excuse the breach");
  await phone.reload();
  await phone.getByText("So it did.").waitFor();
  await phone.context().close();
  await vik.context().close();
}

/** A figure of a report leads to its orders, and is the same number. */
async function report(browser) {
  const page = await visit(browser, "auditor");
  await open(page, "/reports?report=sla-adherence&by=category");
  const cell = page.locator("main table a[href*='label=acknowledgment:met']").first();
  const told = Number((await cell.innerText()).replace(/,/g, ""));
  const path = new URL(await cell.getAttribute("href"), page.url());
  await cell.click();
  await page.getByText("newest first").waitFor();
  const facts = await api(page, "GET", `/v1/reports/facts${path.search}&limit=1000`);
  expect(facts.body.items.length >= told, `a figure of ${told} leads to ${facts.body.items.length} orders`);
  await page.context().close();
}

export const PATHS = [
  ["dispute", dispute],
  ["report", report],
  ["policy-life", policyLife],
  ["legacy-switch", legacySwitch],
  ["message", message],
  ["paper-place", paperPlace],
  ["customer-service", customerService],
  ["vendor-manager", vendorManager],
  ["buyer", buyer],
  ["it", it],
  ["auditor", auditor],
  ["two-people", twoPeople],
];
