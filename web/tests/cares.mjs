// What the console takes care of: nothing that exists is written over, nothing grave is done by one key, what is listed is
// all there is, and whoever goes on with the keyboard stands at the head of the new page.
import { readFileSync } from "node:fs";
import { api, axe, fault, open, settled, upload, visit, PHONE, WIDE } from "./visitor.mjs";

const PLAIN = new URL("../../docs/mappings/plain.toml", import.meta.url);

const expect = (is, words) => {
  if (!is) fault(words);
};
const inDialog = (page) => page.getByRole("dialog");

/** The wizard refuses an id that somebody has, asks for what a channel needs, and does not go live on a test that failed. */
async function wizard(browser) {
  const page = await visit(browser, "vendor_manager");
  const before = (await api(page, "GET", "/v1/sources/moss")).body;
  await page.evaluate(() => sessionStorage.clear());
  await open(page, "/vendors/new");
  await page.getByLabel("Name", { exact: true }).fill("Pine Pottery");
  await page.getByLabel("Id", { exact: true }).fill("moss");
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByText("Moss Workshop has this id already").waitFor();
  expect((await page.getByLabel("Cut-off").count()) === 0, "the wizard goes on with the id of another vendor");
  const id = `pine-${Date.now() % 1_000_000}`;
  await page.getByLabel("Id", { exact: true }).fill(id);
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByLabel("Cut-off", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Go on" }).click();

  // A portal vendor without an address would hear of no order.
  await page.getByRole("radio", { name: /^Portal/ }).check();
  await page.getByLabel(/^Mail addresses/).fill("nobody");
  await page.getByRole("button", { name: "Save and go on" }).click();
  await page.getByText("“nobody” is no mail address").waitFor();
  await page.getByLabel(/^Mail addresses/).fill("");

  await page.getByRole("radio", { name: /^EDI X12/ }).check();
  await page.getByLabel("Carried by").selectOption("folder");
  await page.getByLabel("Folder for our papers").fill(`edi/${id}/out`);
  await page.getByLabel("Folder for theirs").fill(`edi/${id}/in`);
  await page.getByLabel("Its interchange id").fill("PINE POTTERY AND SONS");
  await page.getByRole("button", { name: "Save and go on" }).click();
  await page.getByText("At most 15 characters").waitFor();
  await page.getByLabel("Its interchange id").fill("PINE");
  await page.getByLabel("What its id is").selectOption("01");
  await page.getByRole("button", { name: "Save and go on" }).click();
  await page.getByRole("group", { name: "Answers a purchase order" }).waitFor();
  const saved = (await api(page, "GET", `/v1/sources/${id}`)).body;
  expect(saved.channel.x12.receiver.qualifier === "01", `the qualifier is ${JSON.stringify(saved.channel.x12.receiver)}`);

  // It offers nothing yet: the test fails, and says so without JSON.
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("button", { name: "Run the test" }).click();
  await page.getByText("Something is missing").waitFor();
  expect(!/[{}]/.test(await page.locator(".outcome").allInnerTexts().then((all) => all.join(" "))), "the test speaks JSON");
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByText("The test exchange found something missing").waitFor();
  const live = page.getByRole("button", { name: "Go live without a test" });
  expect(await live.isDisabled(), "a vendor goes live on a test that failed");
  await axe(page, "go live");
  await page.getByLabel(/^I know/).check();
  expect(await live.isEnabled(), "nobody may go live on their own word");
  await page.getByText("Leave it paused").click();
  await page.getByText("Takes no orders", { exact: true }).waitFor();
  const after = (await api(page, "GET", "/v1/sources/moss")).body;
  expect(JSON.stringify(after) === JSON.stringify(before), "Moss Workshop was changed");
  await page.context().close();
}

/** New logins and views leave those that exist alone; a key has no role before somebody chose one. */
async function names(browser) {
  const page = await visit(browser, "it");
  await open(page, "/settings/people");
  await page.getByRole("button", { name: "New person" }).click();
  const name = `walk${Date.now() % 1_000_000}`;
  await page.getByLabel("Login").fill(name);
  const make = page.getByRole("button", { name: "Make the login" });
  expect(await make.isDisabled(), "a login is made without a role");
  await page.getByLabel("Role").selectOption("buyer");
  await make.click();
  await inDialog(page).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "New person" }).click();
  await page.getByLabel("Login").fill(name.toUpperCase());
  await page.getByLabel("Role").selectOption("it");
  await page.getByText(`${name} exists, as buyer`).waitFor();
  expect(await make.isDisabled(), "a login that exists may be made again");
  await page.getByRole("button", { name: "Cancel" }).click();
  const row = page.getByRole("row", { name: new RegExp(`^${name}`) });
  await row.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Change role and mail" }).click();
  await page.getByLabel("Role").selectOption("vendor_manager");
  await inDialog(page).getByRole("button", { name: "Save" }).click();
  await row.getByText("Vendor manager").waitFor();
  await api(page, "DELETE", `/v1/people/${name}`);

  await open(page, "/settings/keys");
  await page.setViewportSize(PHONE);
  await page.getByRole("button", { name: "New key" }).click();
  await page.getByLabel("Whose").fill("walked");
  const key = page.getByRole("button", { name: "Make the key" });
  expect(await key.isDisabled(), "a key has a role that nobody chose");
  await page.getByLabel("Role").selectOption("auditor");
  const box = await key.boundingBox();
  expect(box && box.x >= 0 && box.x + box.width <= PHONE.width, "a long name of a vendor cuts the button off");
  await page.getByLabel("Ends on").fill("2020-01-01");
  await page.getByText("That day is over").waitFor();
  expect(await key.isDisabled(), "a key may end before it begins");
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.setViewportSize(WIDE);

  for (const title of ["Überfällig", "überfällig!", "期限切れ"]) {
    await open(page, `/cases?severity=high&q=${encodeURIComponent(title)}`);
    await page.getByRole("button", { name: "Save this view" }).click();
    await inDialog(page).getByLabel("Name").fill(title);
    await inDialog(page).getByRole("button", { name: "Save" }).click();
    await inDialog(page).waitFor({ state: "detached" });
  }
  const views = (await api(page, "GET", "/v1/session/views")).body.items;
  expect(views.length === 3, `of three views ${views.length} are kept`);
  for (const v of views) await api(page, "DELETE", `/v1/session/views/${v.id}`);
  await page.context().close();
}

/** The first case of the list for which that holds. */
async function caseWhere(page, fits) {
  const list = (await api(page, "GET", "/v1/cases?open=true&limit=100")).body.items;
  for (const c of list) {
    if (c.options.length === 0) continue;
    const choices = (await api(page, "GET", `/v1/cases/${encodeURIComponent(c.id)}/choices`)).body.items;
    if (fits(choices.filter((x) => !x.impossible))) return c;
  }
  return null;
}

/** `d` asks before what cannot be undone; a statement of fact is not recommended and wants words. */
async function grave(browser) {
  const page = await visit(browser, "vendor_manager");
  const one = await caseWhere(page, (all) => all.some((c) => c.action === "source_will_not_ship"));
  if (!one) return fault("no case asks what a source said: let the demo live longer");
  await open(page, `/cases/${encodeURIComponent(one.id)}`);
  const option = page.locator("label.option", { hasText: "The source will not ship" });
  await option.waitFor();
  expect((await option.getByText("Recommended").count()) === 0, "a statement of fact is recommended");
  expect(!(await option.getByRole("radio").isChecked()), "a statement of fact is chosen beforehand");
  await option.getByRole("radio").check();
  const button = page.locator('main [data-key="d"]');
  expect(await button.isDisabled(), "a fact is stated without words");
  await page.getByLabel(/^Who said so/).fill("Their desk, by phone.");
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press("d");
  await inDialog(page).getByText("This cannot be undone").waitFor();
  await axe(page, "asking");
  await page.keyboard.press("d");
  await page.keyboard.press("Escape");
  await inDialog(page).waitFor({ state: "detached" });
  const after = (await api(page, "GET", `/v1/cases/${encodeURIComponent(one.id)}`)).body;
  expect(!after.resolution, "one key resolved a case for good");
  await page.context().close();
}

/** Many at once: what would be done to how many stands there first, and that is what is done. */
async function bulk(browser) {
  const page = await visit(browser, "vendor_manager");
  await open(page, "/cases?role=vendor_manager");
  await page.getByLabel("Choose all").check();
  await page.getByRole("button", { name: "Resolve…" }).click();
  const dialog = inDialog(page);
  await dialog.getByText(/^Looking at/).waitFor({ state: "detached", timeout: 60_000 });
  await axe(page, "resolving many");
  const groups = await dialog.locator("label.check b").allInnerTexts();
  const told = groups.map(Number).reduce((a, b) => a + b, 0);
  const button = await dialog.getByRole("button", { name: /^Resolve \d+/ }).innerText();
  expect(button === `Resolve ${told}`, `${button}, but ${told} are told`);
  await dialog.getByRole("button", { name: "Leave them" }).click();
  await page.getByRole("button", { name: "Choose none" }).click();
  const person = page.locator("main tbody tr").first();
  await person.locator("td.choose input").check();
  await page.getByRole("region", { name: "Chosen cases" }).getByRole("button", { name: "Assign" }).click();
  await page.getByRole("menuitem", { name: "Give to somebody" }).click();
  await dialog.getByLabel(/^(Person|Login)$/).waitFor();
  await page.keyboard.press("Escape");
  await page.context().close();
}

/** The rail counts what waits for this person, past the first page; Today lists the same. */
async function counts(browser) {
  const page = await visit(browser, "vendor_manager");
  await open(page, "/");
  await page.locator(".rail .count").first().waitFor();
  const me = (await api(page, "GET", "/v1/session")).body;
  const all = [];
  for (let cursor = ""; cursor !== null; ) {
    const answer = (await api(page, "GET", `/v1/cases?open=true&limit=200${cursor && `&cursor=${cursor}`}`)).body;
    all.push(...answer.items);
    cursor = answer.next;
  }
  const mine = all.filter((c) => (c.assigned_to ? c.assigned_to.name === me.name : c.role === me.role)).length;
  const text = await page.locator('.rail a[href="/console/cases"] .count').innerText();
  expect(Math.abs(parseInt(text.replace(/\D/g, ""), 10) - mine) <= 3, `the rail says ${text}, ${mine} wait`);
  const heads = await page.locator("main th button").allInnerTexts();
  for (const head of ["Promised", "Waiting"]) {
    const seen = await page.getByRole("columnheader", { name: head }).isVisible();
    expect(seen, `Today hides ${head} at 1440 px (${heads})`);
  }
  const auditor = await visit(browser, "auditor");
  await open(auditor, "/");
  await auditor.waitForTimeout(1500);
  expect((await auditor.locator(".rail .count").count()) === 0, "an auditor is told of work that is not theirs");
  await auditor.context().close();
  await page.context().close();
}

/** After Enter on a row, and after `n`, the focus stands on the heading; the tab says which page it is. */
async function focus(browser) {
  const page = await visit(browser, "vendor_manager");
  await open(page, "/cases");
  const where = () => page.evaluate(() => document.activeElement?.tagName);
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.locator('main [data-key="n"]').waitFor();
  await settled(page);
  expect((await where()) === "H1", `after Enter the focus is on ${await where()}`);
  const first = await page.title();
  expect(/: (order )?\S.* · Cases$/.test(first), `the tab says ${first}`);
  await page.keyboard.press("n");
  await page.waitForFunction((old) => document.title !== old, first);
  await settled(page);
  expect((await where()) === "H1", `after n the focus is on ${await where()}`);
  await page.context().close();
}

/** A list is saved whole, not by its first page; a vendor with a very long name widens no page. */
async function whole(browser) {
  const page = await visit(browser, "vendor_manager");
  const id = `long-${Date.now() % 1_000_000}`;
  const moss = (await api(page, "GET", "/v1/sources/moss")).body;
  const { id: _, ...body } = moss;
  const name = "The Very Long Established Company of Makers of Fine Household Goods, Lamps and Garden Furniture of the Upper Valley";
  await api(page, "PUT", `/v1/sources/${id}`, { ...body, name, taking_orders: false });
  await page.setViewportSize(PHONE);
  for (const path of ["/reports", "/purchase-orders", "/log", "/policies/modes", `/vendors/${id}`]) {
    await open(page, path);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(over <= 0, `${path} is ${over} px wider than a phone with a long name`);
  }
  await open(page, "/policies/modes");
  expect(await page.locator("main").getByText("Enforce").first().isVisible(), "a phone shows no modes");
  await page.setViewportSize(WIDE);
  await open(page, "/orders");
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: /^CSV/ }).click();
  const text = await (await saved).createReadStream().then(async (stream) => {
    let all = "";
    for await (const piece of stream) all += piece;
    return all;
  });
  const rows = text.trim().split("\r\n").length - 1;
  const shown = await page.locator("main tbody tr").count();
  const more = (await page.getByRole("button", { name: /^Show more/ }).count()) > 0;
  expect(more ? rows > shown : rows >= shown, `the file has ${rows} rows of more than ${shown}`);
  await page.context().close();
}

/** Once a password is set the second factor is there without a reload, with a code to point a phone at. */
async function secondFactor(browser) {
  const ida = await visit(browser, "it");
  const name = `walk${Date.now() % 1_000_000}`;
  await api(ida, "PUT", `/v1/people/${name}`, { role: "buyer" });
  const link = (await api(ida, "POST", `/v1/people/${name}/link`)).body.path;
  const page = await (await browser.newContext({ viewport: WIDE })).newPage();
  await page.goto(new URL(link, ida.url()).href);
  await page.getByRole("button").first().click();
  await page.locator("main h1").waitFor();
  await open(page, "/settings");
  await page.getByLabel("The new one").fill("a password for a walk");
  await page.getByRole("button", { name: "Change password" }).click();
  await page.getByRole("heading", { name: "Second factor" }).waitFor();
  await page.getByRole("button", { name: "Begin" }).click();
  await page.getByRole("img", { name: /QR code/ }).waitFor();
  await axe(page, "second factor");
  await page.context().close();
  await api(ida, "DELETE", `/v1/people/${name}`);
  await ida.context().close();
}

/** Who may erase the customer's data is asked for the order's number; then it is gone. */
async function erase(browser) {
  const page = await visit(browser, "customer_service");
  const order = (await api(page, "GET", "/v1/orders?status=shipped&limit=1")).body.items[0];
  if (!order) return fault("no order was shipped yet: let the demo live longer");
  await open(page, `/orders/${encodeURIComponent(order.id)}`);
  await page.getByRole("button", { name: "Erase the customer's data" }).click();
  const act = inDialog(page).getByRole("button", { name: "Erase it for ever" });
  expect(await act.isDisabled(), "data is erased without being asked twice");
  await axe(page, "erasing");
  await inDialog(page).getByRole("textbox").fill(order.id);
  await act.click();
  await inDialog(page).waitFor({ state: "detached" });
  const after = (await api(page, "GET", `/v1/orders/${encodeURIComponent(order.id)}`)).body;
  expect(!after.customer, "the customer is still known");
  const vik = await visit(browser, "vendor_manager");
  await open(vik, `/orders/${encodeURIComponent(order.id)}`);
  expect((await vik.getByRole("button", { name: "Erase the customer's data" }).count()) === 0, "who may not erase is offered to");
  await vik.context().close();
  await page.context().close();
}

/** A history so long that a person has time to stop what runs over it. */
function longHistory(orders) {
  const time = (n, hours) => new Date(Date.UTC(2026, 0, 5) + (n * 60 + hours * 3600) * 1000).toISOString();
  const row = (n) => `L${n},1,${time(n, 0)},MUG-${n % 40},1,20.00,vendor-${n % 3},9.00,1.00,${time(n, 0)},${time(n, 72)},${time(n, 1 + (n % 5))},${n % 9 ? 1 : 0},${n % 9 ? time(n, 30) : ""}`;
  const head = "order,line,placed_at,sku,quantity,unit_price,source,unit_cost,shipping_cost,sent_at,ship_by,answered_at,accepted,shipped_at";
  return [head, ...Array.from({ length: orders }, (_, n) => row(n))].join("\n");
}

/** A backtest that is stopped goes on where it was, and comes to its end. */
async function backtest(browser) {
  const page = await visit(browser, "buyer");
  const version = (await api(page, "GET", "/v1/policies")).body.items[0].version;
  const history = await upload(page, "/v1/histories/long", { mapping: readFileSync(PLAIN, "utf8"), "order_lines.csv": longHistory(4_000) });
  expect(history === 200, `a history was answered ${history}`);
  const begun = await api(page, "POST", `/v1/policies/${version}/backtest`, { seeds: 50, history: "long" });
  expect(begun.status === 202, `a backtest was answered ${begun.status}`);
  await open(page, `/policies/${version}/backtests/${begun.body.id}`);
  await page.getByRole("button", { name: "Stop it" }).click();
  await page.getByText("The log knows nothing of it").waitFor();
  await axe(page, "stopped backtest");
  await page.getByRole("button", { name: "Go on with it" }).click();
  await page.getByText("Came out otherwise").first().waitFor({ timeout: 120_000 });
  await api(page, "DELETE", `/v1/backtests/${begun.body.id}`);
  await api(page, "DELETE", "/v1/histories/long");
  await page.context().close();
}

/** A buyer of the demo has questions about goods and costs within minutes. */
async function buyerAsks(browser) {
  const page = await visit(browser, "buyer");
  const list = (await api(page, "GET", "/v1/approvals?open=true&limit=200")).body.items.filter((a) => a.answerable);
  const kinds = new Set(list.map((a) => a.kind));
  for (const kind of ["substitution", "cost_increase"]) expect(kinds.has(kind), `a buyer is asked for ${[...kinds]} only`);
  await open(page, "/approvals?kind=substitution");
  await page.locator("main tbody tr a").first().click();
  await page.getByRole("heading", { name: "In place of what was ordered" }).waitFor();
  await page.context().close();
}

export const CARES = [
  ["wizard", wizard],
  ["grave", grave],
  ["bulk", bulk],
  ["counts", counts],
  ["focus", focus],
  ["whole", whole],
  ["names", names],
  ["second-factor", secondFactor],
  ["erase", erase],
  ["backtest", backtest],
  ["buyer-asks", buyerAsks],
];
