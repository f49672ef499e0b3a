// The two doors from outside, in a real browser: login by a real identity provider, and an approval answered from a mail.
//
//   COUNTERSIGN_BIN=../target/debug/countersign node tests/doors.mjs
//
// Starts its own service with a provider and a mail server beside it; both are those of the server's own tests.
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const ROOT = new URL("../../", import.meta.url).pathname;
const BIN = resolve(process.env.COUNTERSIGN_BIN ?? join(ROOT, "target/debug/countersign"));
const TMP = join(ROOT, "target/tmp");
const children = [];

const freePort = () =>
  new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

/** Starts a program and waits until a line of it says `ready`; further lines go to `told`. */
function start(program, args, options, ready, told = () => {}) {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "ignore"], ...options });
  children.push(child);
  return new Promise((done, fail) => {
    child.on("exit", (code) => fail(new Error(`${program} ended with ${code} before it was ready`)));
    createInterface(child.stdout).on("line", (line) => (ready.test(line) ? done(line) : told(line)));
  });
}

async function provider(port, back) {
  const from = join(ROOT, "crates/server/tests/oidc");
  const place = join(TMP, "identity-provider");
  mkdirSync(place, { recursive: true });
  for (const name of ["package.json", "package-lock.json", "provider.mjs"]) copyFileSync(join(from, name), join(place, name));
  if (!existsSync(join(place, "node_modules/oidc-provider"))) execFileSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: place });
  await start(process.execPath, ["provider.mjs", String(port), back], { cwd: place }, /^listening/);
}

async function mailServer(port, mails) {
  const venv = join(TMP, "smtp-sink");
  const python = join(venv, "bin/python");
  const works = () => {
    try {
      execFileSync(python, ["-c", "import aiosmtpd"], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  };
  if (!works()) {
    execFileSync("python3", ["-m", "venv", venv]);
    execFileSync(join(venv, "bin/pip"), ["install", "--quiet", "aiosmtpd==1.4.6"]);
  }
  const script = join(ROOT, "crates/server/tests/binary/sink.py");
  await start(python, [script, String(port)], {}, /^listening/, (line) => mails.push(JSON.parse(line)));
}

async function eventually(what, find) {
  for (let i = 0; i < 150; i++) {
    const found = await find();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 200));
  }
  throw new Error(`${what} did not come`);
}

const data = mkdtempSync(join(tmpdir(), "countersign-doors-"));
const [issuerPort, port, smtpPort] = [await freePort(), await freePort(), await freePort()];
const base = `http://127.0.0.1:${port}`;
const mails = [];
process.env.COUNTERSIGN_URL = base;
const { WIDE, PHONE, at, axe, fault, launch, part, verdict, watch } = await import("./visitor.mjs");

function key(role) {
  const made = execFileSync(BIN, ["admin", "key", "create", "--data", data, "--name", `${role}-of-doors`, "--role", role]);
  return String(made).trim();
}

async function call(bearer, method, path, body) {
  const headers = { authorization: `Bearer ${bearer}`, "content-type": "application/json" };
  const answer = await fetch(base + path, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** A shop with one vendor whose every order waits for a vendor manager. */
async function world() {
  const [it, manager, buyer] = [key("it"), key("vendor_manager"), key("buyer")];
  const usd = (amount) => ({ amount, currency: "USD" });
  await call(it, "PUT", "/v1/items/MUG", { title: "Green mug", category: "kitchen" });
  await call(it, "PUT", "/v1/sources/moss", {
    kind: "vendor",
    name: "Moss Workshop",
    time_zone: "America/Chicago",
    ships_from: { country: "US", postal_code: "60601" },
    handling_days: 1,
    channel: { dialect: "portal" },
  });
  const offer = { vendor_sku: "M-1", pack: { unit: "EA", base_units: 1 }, unit_cost: usd("4.00"), shipping_cost: usd("5.00") };
  await call(it, "PUT", "/v1/sources/moss/offers/MUG", offer);
  await call(it, "PUT", "/v1/sources/moss/advice/MUG", { quantity: 50, as_of: new Date().toISOString() });
  for (const name of ["vera", "vito"])
    await call(it, "PUT", `/v1/people/${name}`, { role: "vendor_manager", mail: `${name}@shop.example`, password: "correct horse battery" });
  await call(buyer, "PUT", "/v1/policies/2", { version: 2, name: "ask first", modes: [{ category: "kitchen", mode: "recommend" }] });
  await call(manager, "POST", "/v1/policies/2/activate", {});
  await call(it, "POST", "/v1/orders", {
    id: "1001",
    placed_at: new Date().toISOString(),
    sales_channel: "web",
    customer: { name: "Zoë Shopper", email: "zoe@example.com" },
    ship_to: { name: "Zoë Shopper", address1: "1 Main St", city: "Austin", region: "TX", postal_code: "73301", country: "US" },
    lines: [{ line: "1", sku: "MUG", quantity: 3, unit: "EA", unit_price: usd("9.00") }],
  });
  return it;
}

/** Somebody whom the directory knows gets in by it, in the role that its groups give, and out again. */
async function directory(browser) {
  const page = await (await browser.newContext({ viewport: WIDE, reducedMotion: "reduce" })).newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(`${base}/console/cases`);
  const way = page.getByRole("link", { name: /Our directory/ }).or(page.getByRole("button", { name: /Our directory/ }));
  await way.waitFor();
  await axe(page, "login by directory");
  await way.click();
  await page.locator("input[name=login]").fill("ines");
  await page.locator("input[name=password]").fill("x");
  await page.getByRole("button").first().click();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.waitForURL(`${base}/console/**`);
  await page.locator("main h1").waitFor();
  const held = await page.evaluate(() => fetch("/v1/session").then((r) => r.json()));
  if (held.role !== "buyer") fault(`the directory's buyer got in as ${held.role}`);
  const cookies = await page.context().cookies(base);
  if (!cookies.some((c) => c.httpOnly && c.sameSite !== "None")) fault("the session's cookie is open to scripts or other sites");
  await page.context().close();

  // Somebody without a group that has a role is told so, in words, and is not let in.
  const guest = await (await browser.newContext({ viewport: WIDE, reducedMotion: "reduce" })).newPage();
  guest.setDefaultTimeout(15_000);
  await guest.goto(`${base}/console/`);
  await guest.getByRole("link", { name: /Our directory/ }).or(guest.getByRole("button", { name: /Our directory/ })).click();
  await guest.locator("input[name=login]").fill("gast");
  await guest.locator("input[name=password]").fill("x");
  await guest.getByRole("button").first().click();
  await guest.getByRole("button", { name: "Continue" }).click();
  await guest.getByText(/role/).first().waitFor();
  const session = await guest.context().request.get(`${base}/v1/session`);
  if (session.status() !== 401) fault("a guest of the directory was let in");
  await guest.context().close();
}

const linkIn = (mail) => mail.text.split(/\s+/).find((word) => word.startsWith("http://"));

/** The link of a mail opens the question, without scripts and on a phone; it is used up by the answer, and says so then. */
async function fromMail(browser, it) {
  const to = (address) => eventually(`the mail to ${address}`, () => mails.find((m) => m.to[0] === address));
  const [vera, vito] = [await to("vera@shop.example"), await to("vito@shop.example")];
  const phone = await (await browser.newContext({ viewport: PHONE, javaScriptEnabled: false })).newPage();
  phone.setDefaultTimeout(15_000);
  const judge = await (await browser.newContext({ viewport: PHONE })).newPage();
  watch(judge);
  await judge.goto(linkIn(vera));
  await axe(judge, "approval from a mail");
  await judge.screenshot({ path: join(ROOT, "target/screenshots/approval-from-mail-360.png"), fullPage: true });
  const wide = await judge.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (wide > 0) fault(`the page of the link is ${wide} px wider than a phone`);
  await phone.goto(linkIn(vera));
  await phone.getByRole("button", { name: /^Approve/ }).click();
  await phone.getByText(/approved|recorded/i).first().waitFor();
  const { items } = await call(it, "GET", "/v1/approvals").catch(() => ({ items: [] }));
  const asked = items[0]?.outcome;
  if (asked?.state !== "approved" || asked.by?.name !== "vera") fault(`the approval stands at ${JSON.stringify(asked)}`);
  await phone.goto(linkIn(vera));
  await phone.getByText(/used|answered|no longer/i).first().waitFor();
  if ((await phone.getByRole("button", { name: /^Approve/ }).count()) > 0) fault("a used link asks again");
  await phone.goto(linkIn(vito));
  await phone.getByText(/answered/i).first().waitFor();
  if ((await phone.getByRole("button", { name: /^Approve/ }).count()) > 0) fault("what vera answered is asked of vito again");
  await phone.context().close();
  await judge.context().close();
}

mkdirSync(join(ROOT, "target/screenshots"), { recursive: true });
let browser;
try {
  at("provider, mail server and service");
  await provider(issuerPort, `${base}/v1/session/oidc/callback`);
  await mailServer(smtpPort, mails);
  const settings = join(data, "settings.toml");
  writeFileSync(
    settings,
    `[oidc]\nissuer = "http://127.0.0.1:${issuerPort}"\nclient_id = "countersign"\nclient_secret = "only-for-tests"\n` +
      `name = "Our directory"\nrole_claim = "groups"\nscopes = ["email"]\n[oidc.roles]\nbuyers = "buyer"\nit = "it"\n`,
  );
  const smtp = ["--smtp-url", `smtp://127.0.0.1:${smtpPort}?tls=none`, "--mail-from", "Shop <orders@shop.example>"];
  const flags = ["--data", data, "--listen", `127.0.0.1:${port}`, "--config", settings, "--allow-private", "http://127.0.0.0/8"];
  await start(BIN, ["serve", ...flags, ...smtp], {}, /http:\/\//);
  const it = await world();
  browser = await launch();
  await part("login by the directory", () => directory(browser));
  await part("approval from a mail", () => fromMail(browser, it));
} catch (error) {
  fault(error.message);
} finally {
  await browser?.close();
  for (const child of children) {
    child.removeAllListeners("exit");
    child.kill();
  }
  rmSync(data, { recursive: true, force: true });
}
process.exit(verdict("Both doors open and shut as they should."));
