// The pictures of the guides (docs/guides/pictures), taken of the running demo: `npm run browse -- pictures`.
import { mkdirSync } from "node:fs";
import { api, open, visit } from "./visitor.mjs";

const OUT = new URL("../../docs/guides/pictures/", import.meta.url).pathname;
const SIZE = { width: 1200, height: 720 };

/** File, and where; a path may depend on what the demo holds now. */
const PICTURES = [
  ["today", async () => "/"],
  ["case", async (page) => `/cases/${encodeURIComponent(await worthShowing(page))}`],
  [
    "approval",
    async (page) => `/approvals/${encodeURIComponent((await first(page, "/v1/approvals?open=true&limit=50", (a) => a.answerable)).id)}`,
  ],
  ["scorecard", async () => "/vendors/fern"],
  ["onboarding", async () => "/vendors/new"],
];

async function first(page, path, fits) {
  const items = (await api(page, "GET", path)).body.items;
  return items.findLast(fits) ?? items[0];
}

/** A case whose recommended choice plans something. */
async function worthShowing(page) {
  const items = (await api(page, "GET", "/v1/cases?open=true&limit=60")).body.items;
  for (const c of items) {
    const choices = (await api(page, "GET", `/v1/cases/${encodeURIComponent(c.id)}/choices`)).body.items;
    if (choices.some((x) => x.recommended && x.cost)) return c.id;
  }
  return items[0].id;
}

export async function pictures(browser) {
  mkdirSync(OUT, { recursive: true });
  const page = await visit(browser, "vendor_manager");
  await page.setViewportSize(SIZE);
  for (const [name, place] of PICTURES) {
    await open(page, await place(page));
    await page.screenshot({ path: `${OUT}${name}.jpg`, type: "jpeg", quality: 70 });
  }
  await page.context().close();
}
