// A visitor of a running console: one browser context per role of the demo, and what every page is held to.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

export const BASE = process.env.COUNTERSIGN_URL;
if (!BASE) {
  console.error("Set COUNTERSIGN_URL to the address of a running demo, such as http://127.0.0.1:8080");
  process.exit(2);
}
export const WAIT_MS = 15_000;
export const WIDE = { width: 1440, height: 900 };
export const PHONE = { width: 360, height: 780 };
const NAMES = { customer_service: "cara", vendor_manager: "vik", buyer: "bea", it: "ida", auditor: "ada" };
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const HOST = new URL(BASE).host;

const faults = [];
let where = "login";
export const at = (place) => {
  where = place;
  console.log(place);
};
export const fault = (what) => {
  faults.push(`${where}: ${what}`);
  console.log(`  FAULT ${what}`);
};
/** Runs a part of the walk; whatever throws in it is a fault of that part alone. */
export async function part(place, work) {
  at(place);
  await work().catch((e) => fault(e.message.replace(/\u001b\[\d+m/g, "").split("\n").slice(0, 3).join(" ")));
}
export function verdict(words) {
  console.log(faults.length === 0 ? `\n${words}` : `\n${faults.length} faults:\n${faults.join("\n")}`);
  return faults.length === 0 ? 0 : 1;
}

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });

export function watch(page) {
  page.setDefaultTimeout(WAIT_MS);
  page.on("console", (m) => {
    if (m.type() === "error" && !/status of (401|403|404|409|422|501)/.test(m.text())) fault(`browser says: ${m.text()}`);
  });
  page.on("pageerror", (e) => fault(`script failed: ${e.message}`));
  page.on("request", (r) => {
    const url = new URL(r.url());
    if (url.host !== HOST && !/^(data|blob):$/.test(url.protocol)) fault(`request to another host: ${r.url()}`);
  });
}

/** A page on which somebody of that role is logged in. */
export async function visit(browser, role) {
  const context = await browser.newContext({ viewport: WIDE, reducedMotion: "reduce" });
  const page = await context.newPage();
  watch(page);
  await page.goto(`${BASE}/console/`);
  await api(page, "POST", "/v1/session/demo", { name: NAMES[role] });
  return page;
}

/** A call of the person whose page it is. */
export const api = (page, method, path, body) =>
  page.evaluate(
    async ([method, path, body]) => {
      const answer = await fetch(path, {
        method,
        headers: { "content-type": "application/json", "x-countersign-csrf": "1" },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      const text = await answer.text();
      return { status: answer.status, body: text ? JSON.parse(text) : null };
    },
    [method, path, body],
  );

/** Sends texts as the files of a form; gives the status. */
export const upload = (page, path, files) =>
  page.evaluate(
    async ([path, files]) => {
      const form = new FormData();
      for (const [name, text] of Object.entries(files)) form.append(name, new Blob([text]), name);
      const answer = await fetch(path, { method: "PUT", headers: { "x-countersign-csrf": "1" }, body: form });
      return answer.status;
    },
    [path, files],
  );

export async function open(page, path) {
  await page.goto(`${BASE}/console${path}`);
  await settled(page);
}

export async function settled(page, words) {
  if (words) await page.locator("main").getByText(words, { exact: false }).first().waitFor();
  await page.locator("main h1").first().waitFor();
  await page.waitForFunction(() => !document.querySelector(".loading"), null, { timeout: WAIT_MS });
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(300);
}

export async function axe(page, theme) {
  await page.evaluate(AXE);
  const found = await page.evaluate(() =>
    globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }),
  );
  for (const v of found.violations) {
    const nodes = v.nodes
      .slice(0, 3)
      .map((n) => `${n.target.join(" ")} ${n.any[0]?.data?.contrastRatio ? JSON.stringify(n.any[0].data) : ""}`);
    fault(`axe, ${theme}: ${v.id} (${v.help}) at ${nodes.join(" | ")}`);
  }
}
