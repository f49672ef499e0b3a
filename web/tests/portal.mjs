// Walks the vendor portal of a running demo: at 360 px, light and dark, without scripts, as a small vendor would.
//
//   COUNTERSIGN_URL=http://127.0.0.1:8080 node tests/portal.mjs
//
// Gets in by a one-time link, looks at every page, sends a faulty form and a good one, accepts an order in one touch.
// Fails on: any axe violation (in a second browser with scripts, which axe needs), a request to another host, a page
// wider than the phone, anything that a script would have been needed for. Pictures go to target/screenshots/.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const BASE = process.env.COUNTERSIGN_URL;
if (!BASE) {
  console.error("Set COUNTERSIGN_URL to the address of a running demo, such as http://127.0.0.1:8080");
  process.exit(2);
}
const OUT = new URL("../../target/screenshots/", import.meta.url).pathname;
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const VENDOR = process.env.COUNTERSIGN_VENDOR ?? "moss";
const PHONE = { width: 360, height: 740 };
const faults = [];
const fault = (where, what) => {
  faults.push(`${where}: ${what}`);
  console.log(`  FAULT ${where}: ${what}`);
};

async function call(path, body, cookie) {
  const headers = { "content-type": "application/json", "x-countersign-csrf": "1", ...(cookie ? { cookie } : {}) };
  const answer = await fetch(BASE + path, { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer;
}

async function login(name) {
  const session = await call("/v1/session/demo", { name });
  return session.headers.get("set-cookie").split(";")[0];
}

/** A fresh one-time link, made by the demo's vendor manager. */
async function link() {
  return (await (await call(`/v1/sources/${VENDOR}/portal-link`, {}, await login("vik"))).json()).path;
}

/** The page of a fresh order that waits for the vendor's answer: those of the demo wait for seconds only. */
async function ask() {
  const [cara, vik] = [await login("cara"), await login("vik")];
  const read = async (path) => (await fetch(BASE + path, { headers: { cookie: vik } })).json();
  const person = { name: "Zoë Shopper", address1: "1 Main St", city: "Austin", region: "TX", postal_code: "73301", country: "US" };
  for (const [i, { sku }] of (await read(`/v1/sources/${VENDOR}/offers?limit=20`)).items.entries()) {
    const id = `portal-${Date.now() % 1_000_000_000}-${i}`;
    const line = { line: "1", sku, quantity: 1, unit: "EA", unit_price: { amount: "90.00", currency: "USD" } };
    const body = { id, placed_at: new Date().toISOString(), sales_channel: "web", ship_to: person, lines: [line] };
    await call("/v1/orders", { ...body, customer: { name: person.name, email: "zoe@example.com" } }, cara);
    // Where the rules chose it already, there is nowhere to move the line to.
    await call(`/v1/orders/${id}/lines/1/reroute`, { to: VENDOR }, vik).catch(() => {});
    const mine = (await read(`/v1/orders/${id}`)).lines[0].assignments.find((a) => a.source === VENDOR && a.purchase_order);
    if (mine) return `/portal/purchase-orders/${mine.purchase_order}`;
  }
  throw new Error(`no order could be given to ${VENDOR}`);
}

mkdirSync(OUT, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
const looks = {};
for (const theme of ["light", "dark"])
  looks[theme] = await browser.newContext({ viewport: PHONE, colorScheme: theme, javaScriptEnabled: false, hasTouch: true });
const judge = await browser.newContext({ viewport: PHONE });

async function comeIn(context) {
  const page = await context.newPage();
  page.on("request", (r) => {
    if (new URL(r.url()).host !== new URL(BASE).host) fault(r.url(), "request to another host");
  });
  await page.goto(BASE + (await link()));
  await page.getByRole("button", { name: "Open the portal" }).click();
  return page;
}

async function shoot(name, path, prepare = async () => {}) {
  for (const [theme, context] of Object.entries(looks)) {
    const page = context.pages()[0] ?? (await comeIn(context));
    await page.goto(BASE + path);
    await prepare(page);
    const wide = (await page.locator("html").boundingBox()).width;
    const content = await page.locator("main").evaluate((e) => e.scrollWidth).catch(() => 0);
    if (Math.max(wide, content) > PHONE.width) fault(name, `wider than a phone: ${Math.max(wide, content)} px`);
    await page.screenshot({ path: `${OUT}portal-${name}-${theme}.png`, fullPage: true });
  }
  const page = judge.pages()[0] ?? (await comeIn(judge));
  for (const theme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme: theme });
    await page.goto(BASE + path);
    await prepare(page);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    if (wide > PHONE.width) fault(name, `wider than a phone: ${wide} px`);
    await page.evaluate(AXE);
    const found = await page.evaluate(() =>
      globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }),
    );
    for (const v of found.violations) fault(name, `axe, ${theme}: ${v.id}: ${v.help}: ${v.nodes.map((n) => n.target).join(" ")}`);
  }
  console.log(`ok ${name}`);
}

await shoot("login", "/portal/login");
const phone = looks.light.pages()[0];
await phone.goto(`${BASE}/portal/purchase-orders`);
await shoot("orders", "/portal/purchase-orders");
await shoot("order", await ask());
await shoot("order-faulty", await ask(), async (page) => {
  await page.locator("input[name^='accept.']").first().fill("many");
  await page.getByRole("button", { name: "Send this answer" }).click();
});
const order = await ask();
await phone.goto(`${BASE}/portal/purchase-orders`);
if ((await phone.locator(`.cards a[href="${order}"]`).count()) !== 1) fault("orders", "what waits for an answer is not on the list");
await phone.goto(BASE + order);
await phone.getByRole("button", { name: "Accept all" }).tap();
if (!(await phone.getByRole("status").textContent()).includes("recorded")) fault("order", "accepting all was not told");
await phone.screenshot({ path: `${OUT}portal-accepted-light.png`, fullPage: true });
await shoot("accepted", order);
await shoot("availability", "/portal/availability");
await shoot("availability-faulty", "/portal/availability", async (page) => {
  await page.getByLabel("Pasted lines").fill("Item\tQuantity\nNOTHING-1\t5\n");
  await page.getByRole("button", { name: "Take it in" }).click();
});
await shoot("calendar", "/portal/calendar");
await shoot("scorecard", "/portal/scorecard");
await shoot("absent", "/portal/purchase-orders/nothing-1");
await browser.close();
if (faults.length > 0) {
  console.error(`\n${faults.length} faults:\n${faults.join("\n")}`);
  process.exit(1);
}
console.log("\nthe portal works on a phone, without scripts");
