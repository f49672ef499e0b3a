// Walks every screen of a running console in a real browser, as each role of the demo that is named below.
//
//   COUNTERSIGN_URL=http://127.0.0.1:8080 node tests/browse.mjs [screen…]
//
// Logs in by the demo's ready logins; on each screen runs axe, light and dark, and writes pictures (light, dark, 360 px
// wide) to target/screenshots/. Fails on: any axe violation, an error in the browser's console (a broken CSP is one), a
// request to another host, a page wider than a phone, a first load past the weight limit, a key that does nothing.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const BASE = process.env.COUNTERSIGN_URL;
if (!BASE) {
  console.error("Set COUNTERSIGN_URL to the address of a running demo, such as http://127.0.0.1:8080");
  process.exit(2);
}
const ONLY = process.argv.slice(2);
const ROLE = process.env.COUNTERSIGN_ROLE ?? "customer_service";
const OUT = new URL("../../target/screenshots/", import.meta.url).pathname;
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WEIGHT_KB_MAX = 300;
const WAIT_MS = 15_000;
const HOST = new URL(BASE).host;
/** Screens: the file's name, the path or how to find it from a list, what must be on it. */
const SCREENS = [
  ["today", "/", "The last five minutes"],
  ["orders", "/orders", "Orders"],
  ["order", { from: "/orders?status=confirmed", link: "/console/orders/" }, "What happened"],
  ["order-in-review", { from: "/orders?status=in_review", link: "/console/orders/" }, "Why it went this way"],
  ["purchase-orders", "/purchase-orders", "Purchase orders"],
  ["purchase-order", { from: "/purchase-orders", link: "/console/purchase-orders/" }, "Signatures and clocks"],
  ["cases", "/cases", "Cases"],
  ["case", { from: "/cases", link: "/console/cases/" }, "What happened"],
  ["approvals", "/approvals", "Approvals"],
  ["approval", { from: "/approvals", link: "/console/approvals/" }, "After"],
  ["vendors", "/vendors", "Vendors"],
  ["vendor", { from: "/vendors", link: "/console/vendors/" }, "Calendar"],
  ["quarantine", "/quarantine", "Quarantine"],
  ["quarantined", { from: "/quarantine", link: "/console/quarantine/" }, "Arrival"],
  ["log", "/log", "Journal"],
  ["reports", "/reports", "Reports"],
  ["kit", "/kit", "Tokens"],
].filter(([name]) => ONLY.length === 0 || ONLY.includes(name));

const faults = [];
const fault = (where, what) => {
  faults.push(`${where}: ${what}`);
  console.log(`  FAULT ${what}`);
};

mkdirSync(OUT, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
const wide = { viewport: { width: 1440, height: 900 } };
const context = await browser.newContext(wide);
const fresh = await browser.newContext(wide);
let where = "login";

function watch(page) {
  page.setDefaultTimeout(WAIT_MS);
  page.on("console", (m) => {
    if (m.type() === "error" && !/status of (401|404|501)/.test(m.text())) fault(where, `browser says: ${m.text()}`);
  });
  page.on("pageerror", (e) => fault(where, `script failed: ${e.message}`));
  page.on("request", (r) => {
    const url = new URL(r.url());
    if (url.host !== HOST && !/^(data|blob):$/.test(url.protocol)) fault(where, `request to another host: ${r.url()}`);
  });
}

async function axe(page, theme) {
  await page.evaluate(AXE);
  const found = await page.evaluate(() =>
    globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }),
  );
  for (const v of found.violations)
    fault(
      where,
      `axe, ${theme}: ${v.id} (${v.help}) at ${v.nodes
        .slice(0, 3)
        .map((n) => `${n.target.join(" ")} ${n.any[0]?.data?.contrastRatio ? JSON.stringify(n.any[0].data) : ""}`)
        .join(" | ")}`,
    );
}

async function theme(page, scheme) {
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
}

async function login(page) {
  const front = await page.goto(`${BASE}/console/`);
  const csp = front.headers()["content-security-policy"] ?? "";
  if (!csp || /unsafe-(inline|eval)/.test(csp)) fault(where, `content-security-policy is not strict: ${csp || "absent"}`);
  const button = page.locator(".logins button");
  await button.first().waitFor();
  const names = await page.evaluate(() => fetch("/v1/session/demo").then((r) => r.json()));
  const list = Array.isArray(names) ? names : names.items;
  const at = Math.max(
    0,
    list.findIndex((l) => l.role === ROLE),
  );
  await theme(page, "light");
  await axe(page, "light");
  await page.screenshot({ path: `${OUT}login-light.png` });
  await theme(page, "dark");
  await axe(page, "dark");
  await page.screenshot({ path: `${OUT}login-dark.png` });
  await button.nth(at).click();
  await page.locator("main h1").waitFor();
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

async function settled(page, words) {
  await page.locator("main").getByText(words, { exact: false }).first().waitFor();
  await page.waitForFunction(() => !document.querySelector(".loading"), null, { timeout: WAIT_MS });
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(400);
}

async function look(page, name, place, words) {
  where = name;
  console.log(name);
  const path = await pathOf(page, place);
  if (path === null) return console.log("  nothing to show there now");
  await theme(page, "light");
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`${BASE}/console${path}`);
  await settled(page, words);
  if ((await page.locator("main h1").count()) !== 1) fault(name, "not exactly one h1");
  await axe(page, "light");
  await page.screenshot({ path: `${OUT}${name}-light.png` });
  // Loaded anew: Chromium restyles a running page bit by bit after a change of scheme, and axe would see the halves.
  await theme(page, "dark");
  await page.reload();
  await settled(page, words);
  await axe(page, "dark");
  await page.screenshot({ path: `${OUT}${name}-dark.png` });
  await theme(page, "light");
  await page.setViewportSize({ width: 360, height: 780 });
  await page.reload();
  await settled(page, words);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (over > 0) fault(name, `the page is ${over} px wider than a 360 px phone`);
  await axe(page, "360 px");
  await page.screenshot({ path: `${OUT}${name}-360.png` });
}

/** Keys, live update and weight, as a visitor with an empty cache meets them. */
async function behaviour() {
  where = "behaviour";
  console.log("behaviour");
  const page = await fresh.newPage();
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
  if (bytes > WEIGHT_KB_MAX * 1024) fault(where, `first load transferred ${(bytes / 1024).toFixed(0)} KB`);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  if ((await page.evaluate(() => document.activeElement?.closest("tbody tr")?.rowIndex)) !== 2) fault(where, "j does not walk the rows");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: /^Order / }).waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("c");
  await page.getByRole("heading", { name: "Cases", exact: true }).waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.keyboard.press("/");
  await page.getByRole("heading", { name: "Orders", exact: true }).waitFor();
  const first = () => page.locator("main tbody tr td:first-child").first().innerText();
  await page.locator("main tbody tr").first().waitFor();
  await page.evaluate(() => document.activeElement?.blur());
  await page.mouse.move(5, 5);
  const before = await first();
  await page
    .waitForFunction((old) => document.querySelector("main tbody tr td:first-child")?.innerText !== old, before, { timeout: 60_000 })
    .catch(() => fault(where, "no order arrived on the list within a minute (live updates)"));
  await page.close();
}

try {
  const page = await context.newPage();
  watch(page);
  await login(page);
  for (const [name, place, words] of SCREENS) await look(page, name, place, words).catch((e) => fault(name, e.message.split("\n")[0]));
  if (ONLY.length === 0) await behaviour().catch((e) => fault("behaviour", e.message.split("\n")[0]));
} finally {
  await browser.close();
}
console.log(faults.length === 0 ? `\nAll well. Pictures in target/screenshots/` : `\n${faults.length} faults:\n${faults.join("\n")}`);
process.exit(faults.length === 0 ? 0 : 1);
