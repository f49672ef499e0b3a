// Walks every screen of a running console in a real browser, then the main path of each role.
//
//   COUNTERSIGN_URL=http://127.0.0.1:8080 node tests/browse.mjs [screen or path …]
//
// On each screen: axe in light, dark and at 360 px, pictures to target/screenshots/. Fails on any axe violation, an error
// in the browser's console (a broken CSP is one), a request to another host, a page wider than a phone, a first load past
// the weight limit, a key that does nothing, a path that does not lead where it should.
import { mkdirSync } from "node:fs";
import { CARES } from "./cares.mjs";
import { PATHS } from "./paths.mjs";
import { pictures } from "./pictures.mjs";
import { BASE, PHONE, WAIT_MS, WIDE, at, axe, fault, launch, open, part, settled, verdict, visit, watch } from "./visitor.mjs";

const ONLY = process.argv.slice(2);
const ROLE = process.env.COUNTERSIGN_ROLE ?? "vendor_manager";
const OUT = new URL("../../target/screenshots/", import.meta.url).pathname;
const WEIGHT_KB_MAX = 300;
/** Screens: the file's name, the path or how to find it from a list, what must be on it, who looks (if not ROLE). */
const SCREENS = [
  ["today", "/", "At stake"],
  ["cases", "/cases", "worst and oldest first"],
  ["case", { from: "/cases", link: "/console/cases/" }, "What may be done"],
  ["approvals", "/approvals", "least time left first"],
  ["approval", { from: "/approvals", link: "/console/approvals/" }, "After"],
  ["orders", "/orders", "Orders"],
  ["order", { from: "/orders?status=confirmed", link: "/console/orders/" }, "What happened"],
  ["order-in-review", { from: "/orders?status=in_review", link: "/console/orders/" }, "Why it went this way"],
  ["purchase-orders", "/purchase-orders", "Purchase orders"],
  ["purchase-order", { from: "/purchase-orders", link: "/console/purchase-orders/" }, "Signatures and clocks"],
  ["vendors", "/vendors", "Connection"],
  ["vendor", "/vendors/acme", "Answered in time"],
  ["vendor-offers", "/vendors/acme/offers", "Import item mapping"],
  ["vendor-connection", "/vendors/acme/connection", "Test exchange"],
  ["vendor-settings", "/vendors/acme/settings", "Calendar and capacity"],
  ["onboarding", "/vendors/new", "Who it is"],
  ["policies", "/policies", "Policies"],
  ["policy", { from: "/policies", link: "/console/policies/" }, "How supply is chosen"],
  ["policy-modes", "/policies/modes", "switch to the legacy path"],
  ["policy-agreement", "/policies/agreement", "compared"],
  ["policy-chances", "/policies/chances", "Brier score"],
  ["policy-editor", "/policies/new", "Clocks"],
  ["reports", "/reports", "SLA adherence"],
  ["reports-latency", "/reports?report=confirmation-latency", "Distribution"],
  ["reports-promise", "/reports?report=promise-accuracy&by=day", "Promise accuracy"],
  ["facts", "/reports/facts?measure=sla&label=acknowledgment:met", "newest first"],
  ["log", "/log", "Journal"],
  ["quarantine", "/quarantine", "Quarantine"],
  ["quarantined", { from: "/quarantine", link: "/console/quarantine/" }, "Arrival"],
  ["settings", "/settings", "How it looks"],
  ["settings-keys", "/settings/keys", "New key", "it"],
  ["settings-people", "/settings/people", "New person", "it"],
  ["settings-webhooks", "/settings/webhooks", "New webhook", "it"],
  ["settings-secrets", "/settings/secrets", "Keep a secret", "it"],
  ["guides", "/guides", "Handling exceptions"],
  ["guide", "/guides/handling-exceptions", "Where to begin"],
  ["kit", "/kit", "Tokens"],
];
const wanted = (name) => ONLY.length === 0 || ONLY.includes(name);

const theme = (page, colorScheme) => page.emulateMedia({ colorScheme, reducedMotion: "reduce" });

async function front(browser) {
  const page = await (await browser.newContext({ viewport: WIDE })).newPage();
  watch(page);
  const answer = await page.goto(`${BASE}/console/`);
  const csp = answer.headers()["content-security-policy"] ?? "";
  if (!csp || /unsafe-(inline|eval)/.test(csp)) fault(`content-security-policy is not strict: ${csp || "absent"}`);
  await page.locator(".logins button").first().waitFor();
  for (const scheme of ["light", "dark"]) {
    await theme(page, scheme);
    await axe(page, scheme);
    await page.screenshot({ path: `${OUT}login-${scheme}.png` });
  }
  await page.locator(".logins button").first().click();
  await page.locator("main h1").waitFor();
  await page.context().close();
}

/** The path of a screen; null if the demo has nothing to show there now. */
async function pathOf(page, place) {
  if (typeof place === "string") return place;
  await page.goto(`${BASE}/console${place.from}`);
  const link = page.locator(`main tbody a[href^="${place.link}"]`).first();
  try {
    await link.waitFor({ timeout: 4000 });
  } catch {
    return null;
  }
  return (await link.getAttribute("href")).replace(/^\/console/, "");
}

async function look(page, name, place, words) {
  await page.setViewportSize(WIDE);
  const path = await pathOf(page, place);
  if (path === null) return console.log("  nothing to show there now");
  await theme(page, "light");
  await page.goto(`${BASE}/console${path}`);
  await settled(page, words);
  if ((await page.locator("main h1").count()) !== 1) fault("not exactly one h1");
  await axe(page, "light");
  await page.screenshot({ path: `${OUT}${name}-light.png` });
  // Loaded anew: Chromium restyles a running page bit by bit after a change of scheme, and axe would see the halves.
  await theme(page, "dark");
  await page.reload();
  await settled(page, words);
  await axe(page, "dark");
  await page.screenshot({ path: `${OUT}${name}-dark.png` });
  await theme(page, "light");
  await page.setViewportSize(PHONE);
  await page.reload();
  await settled(page, words);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (over > 0) fault(`the page is ${over} px wider than a 360 px phone`);
  await axe(page, "360 px");
  await page.screenshot({ path: `${OUT}${name}-360.png` });
}

/** Keys, live update and weight, as a visitor with an empty cache meets them. */
async function behaviour(browser) {
  const page = await (await browser.newContext({ viewport: WIDE })).newPage();
  // The page's own files: how much data a list holds depends on the world it is opened in.
  let bytes = 0;
  const own = new Set();
  const asked = await page.context().newCDPSession(page);
  await asked.send("Network.enable");
  asked.on("Network.responseReceived", (e) => {
    if (new URL(e.response.url).pathname.startsWith("/console/")) own.add(e.requestId);
  });
  asked.on("Network.loadingFinished", (e) => {
    if (own.has(e.requestId)) bytes += e.encodedDataLength;
  });
  watch(page);
  await page.goto(`${BASE}/console/orders`);
  await page.locator(".logins button").first().click();
  await page.locator("main tbody tr").first().waitFor();
  await page.evaluate(() => document.fonts.ready);
  console.log(`  ${(bytes / 1024).toFixed(0)} KB transferred until the first list, limit ${WEIGHT_KB_MAX} KB`);
  if (bytes > WEIGHT_KB_MAX * 1024) fault(`first load transferred ${(bytes / 1024).toFixed(0)} KB`);
  await keys(page);
  const first = () => page.locator("main tbody tr td:first-child").first().innerText();
  await page.locator("main tbody tr").first().waitFor();
  await page.evaluate(() => document.activeElement?.blur());
  await page.mouse.move(5, 5);
  const before = await first();
  await page
    .waitForFunction((old) => document.querySelector("main tbody tr td:first-child")?.innerText !== old, before, { timeout: 60_000 })
    .catch(() => fault("no order arrived on the list within a minute (live updates)"));
  await page.close();
}

async function keys(page) {
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  if ((await page.evaluate(() => document.activeElement?.closest("tbody tr")?.rowIndex)) !== 2) fault("j does not walk the rows");
  const order = await page.evaluate(() => document.activeElement?.textContent);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: /^Order / }).waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("c");
  await page.getByRole("heading", { name: "Cases", exact: true }).waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").getByRole("combobox").fill(order);
  await page.getByRole("option", { name: `Order ${order}` }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: `Order ${order}`, exact: true }).waitFor();
  await open(page, "/");
  await page.keyboard.press("/");
  await page.getByRole("heading", { name: "Orders", exact: true }).waitFor();
}

mkdirSync(OUT, { recursive: true });
const browser = await launch();
try {
  if (wanted("login")) await part("login", () => front(browser));
  const pages = new Map();
  for (const [name, place, words, role = ROLE] of SCREENS.filter(([name]) => wanted(name))) {
    await part(name, async () => {
      if (!pages.has(role)) pages.set(role, await visit(browser, role));
      await look(pages.get(role), name, place, words);
    });
  }
  if (wanted("behaviour")) await part("behaviour", () => behaviour(browser));
  if (ONLY.includes("pictures")) await part("pictures", () => pictures(browser));
  for (const [name, walk] of [...CARES, ...PATHS].filter(([name]) => wanted(name))) await part(name, () => walk(browser, WAIT_MS));
} finally {
  await browser.close();
}
at("end");
process.exit(verdict("All well. Pictures in target/screenshots/"));
