import { expect, test } from "vitest";
import type { Approval, Case, Choice, LiveEvent, Source } from "../api/types";
import { addressOf, filterOf, subjectOf } from "./cases";
import { barsOf, medianToCommit } from "./pulse";
import { atMost, daysBack, figure, heading, headingAmong, matched, placeOf } from "../words/report";
import { isGrave, isStatement } from "../words/words";
import { isMine, mayAnswer } from "../shell/worklist";
import { approvalsShown } from "./approvals";
import { groupsOf } from "./case-acts";
import { choiceKey, chosenOf, recommendedOf, usualOf } from "./choices";
import { faultsLead } from "./mapping-import";
import { stepGaps } from "./onboard";
import { alike } from "./policy-modes";
import { sameLogin } from "./settings-people";
import { inUnits } from "./vendor-clocks";
import { upcoming } from "./vendor-facts";
import { urgency } from "./today";
import { EMPTY, bodyOf, channelGaps, draftOf, stepOf } from "./vendor-form";

const at = Date.parse("2026-11-23T15:00:00Z");
const event = (type: string, order: string, secondsAgo: number): LiveEvent => ({
  id: `${type}${order}${secondsAgo}`,
  type,
  order,
  at: new Date(at - secondsAgo * 1000).toISOString(),
  data: {},
});

test("the pulse counts an order once per bar and drops what is past", () => {
  const bars = barsOf([event("x", "1", 1), event("x", "1", 0.5), event("x", "2", 1), event("x", "3", 9999)], () => true, at);
  expect(bars.at(-1)).toBe(2);
  expect(bars.reduce((a, b) => a + b, 0)).toBe(2);
});

test("the median runs from capture to the first commitment", () => {
  const events = [
    event("order.captured", "1", 60),
    event("order.captured", "2", 50),
    event("line.committed", "1", 50),
    event("line.committed", "2", 10),
    event("line.committed", "2", 5),
  ];
  expect(medianToCommit(events, at - 300_000)).toBe(40);
  expect(medianToCommit([], 0)).toBeNull();
});

test("what is critical comes before what is merely late", () => {
  const late = urgency({ severity: "high", due: new Date(at - 600_000).toISOString() }, at);
  expect(urgency({ severity: "critical", due: new Date(at + 6_000_000).toISOString() }, at)).toBeLessThan(late);
  expect(late).toBeLessThan(urgency({ severity: "low" }, at));
});

test("a case names its order or its source", () => {
  expect(subjectOf({ subject: { order: "web-1001" } })).toEqual({ order: "web-1001", source: undefined });
  expect(subjectOf({ subject: { source: "acme" } })).toEqual({ order: undefined, source: "acme" });
});

test("money and a near promise make a task more pressing", () => {
  const task = { severity: "high", due: new Date(at + 6_000_000).toISOString() };
  const dear = { ...task, value: { amount: "2000.00", currency: "USD" } };
  expect(urgency(dear, at)).toBeLessThan(urgency(task, at));
  expect(urgency({ ...task, promised: "2026-11-24" }, at)).toBeLessThan(urgency({ ...task, promised: "2026-11-30" }, at));
});

test("a filter of cases survives its own address", () => {
  const filter = filterOf("role=buyer&severity=high&q=a%40b.example");
  expect(filter).toMatchObject({ open: "true", role: "buyer", severity: "high", q: "a@b.example" });
  expect(filterOf(addressOf(filter))).toEqual(filter);
  expect(addressOf(filterOf(""))).toBe("");
});

test("figures carry the unit that their name says", () => {
  expect(figure("p50_s", 95)).toBe("1 min 35");
  expect(figure("resolved_seconds_median", 7500)).toBe("at most 2 h 05");
  expect(figure("adherence_percent", "97.4")).toBe("97.4 %");
  expect(figure("fill_percent", null)).toBe("–");
  expect([heading("seconds_p90"), heading("late_2_3"), heading("fill_percent")]).toEqual(["P90", "2 to 3 days late", "Fill"]);
  expect(figure("count", 1200)).toBe("1,200");
  expect([6.2, 15, 16, 9000].map(atMost)).toEqual(["at most 15 s", "at most 15 s", "at most 30 s", "2 h 30"]);
  const kept = ["shipped_kept", "shipped_kept_percent", "delivered_kept", "delivered_kept_percent", "fill_percent"];
  expect(new Set(kept.map((n) => headingAmong(n, kept))).size).toBe(kept.length);
});

test("a period is compared with the one before, a day with the day at the same place of it", () => {
  const rows = [{ day: "2026-03-08", clock: "receipt", n: 1 }, { day: "2026-03-10", clock: "receipt", n: 2 }];
  const before = { from: "2026-03-01", rows: [{ day: "2026-03-03", clock: "receipt", n: 7 }, { day: "2026-03-08", clock: "receipt", n: 9 }] };
  const then = matched(rows, "2026-03-08", before);
  expect(then.get(rows[1]!)).toBe(before.rows[0]);
  expect(then.has(rows[0]!)).toBe(false);
  const named = [{ source: "acme", n: 1 }];
  expect(matched(named, "2026-03-08", { from: "2026-03-01", rows: [{ source: "acme", n: 4 }] }).get(named[0]!)?.n).toBe(4);
});

const choice = (action: string, more = {}): Choice => ({ action, sentence: action, recommended: false, cancels: 0, consequences: [], ...more }) as unknown as Choice;

test("a statement of fact is never what the rules would do, and asks for words", () => {
  const all = [choice("source_will_not_ship", { recommended: true }), choice("plan_again", { impossible: "no" }), choice("wait_longer")];
  expect(usualOf(all)?.action).toBe("wait_longer");
  expect(recommendedOf(all)).toBeUndefined();
  expect(recommendedOf([choice("plan_again", { recommended: true })])?.action).toBe("plan_again");
  expect(usualOf([all[0]!, all[1]!])).toBeUndefined();
  expect(chosenOf(all, choiceKey(all[0]!))?.action).toBe("source_will_not_ship");
  expect(chosenOf(all, choiceKey(all[1]!))?.action).toBe("wait_longer");
  expect([isStatement("source_has_it"), isStatement("plan_again")]).toEqual([true, false]);
});

test("what cannot be undone asks first", () => {
  expect(["cancel", "cancel_rest", "keep_source", "source_will_not_ship"].every((action) => isGrave({ action }))).toBe(true);
  expect([isGrave({ action: "plan_again" }), isGrave({ action: "reject", cancels: 2 })]).toEqual([false, true]);
});

test("many cases are shown by what would be done to each, those without advice apart", () => {
  const one = (id: string) => ({ id }) as Case;
  const found = [
    { one: one("1"), choice: choice("cancel_rest") },
    { one: one("2"), choice: choice("plan_again") },
    { one: one("3"), choice: choice("cancel_rest") },
    { one: one("4"), not: "no" },
  ];
  expect(groupsOf(found).map((g) => [g.name, g.of.length, g.grave])).toEqual([
    ["Cancel the rest", 2, true],
    ["Plan again", 1, false],
  ]);
});

test("work is what this very person may do", () => {
  const vik = { name: "vik", role: "vendor_manager", permissions: ["work_cases", "answer_approvals"] };
  const of = (role: string, assigned?: string) => ({ role, assigned_to: assigned ? { kind: "person", name: assigned } : null });
  expect(isMine(of("vendor_manager"), vik)).toBe(true);
  expect(isMine(of("vendor_manager", "mia"), vik)).toBe(false);
  expect(isMine(of("buyer", "vik"), vik)).toBe(true);
  expect(isMine(of("vendor_manager"), { ...vik, permissions: [] })).toBe(false);
  expect(mayAnswer({ answerable: false }, vik)).toBe(false);
});

test("a channel says what it lacks before anything is sent", () => {
  const draft = { ...EMPTY, dialect: "x12", carrier: "folder", outbound: "edi/pine/out", inbound: "edi/pine/in" };
  expect(Object.keys(channelGaps(draft))).toEqual(["receiver"]);
  expect(channelGaps({ ...draft, receiver: "PINE POTTERY & SONS" })).toMatchObject({ receiver: "At most 15 characters" });
  expect(channelGaps({ ...draft, receiver: "PINE" })).toEqual({});
  expect(stepGaps({ d: EMPTY, step: 2, mail: "" })).toHaveProperty("mail");
  expect(stepGaps({ d: EMPTY, step: 2, mail: "a@b.example\nnobody" }).mail).toContain("nobody");
  expect(stepGaps({ d: EMPTY, step: 2, mail: "a@b.example" })).toEqual({});
  expect([stepOf("/channel/x12/receiver/id"), stepOf("/time_zone"), stepOf("/name")]).toEqual([2, 1, 0]);
});

test("what an interchange id is can be chosen, and stays as it was chosen", () => {
  const source = vendor({ type: "folder", outbound: "o", inbound: "i" });
  const x12 = (change = {}) => (bodyOf({ ...draftOf(source), ...change }, source).channel as unknown as { x12: { sender: unknown; receiver: unknown } }).x12;
  expect(x12().receiver).toEqual({ qualifier: "ZZ", id: "B" });
  expect(x12({ receiverQualifier: "01" }).receiver).toEqual({ qualifier: "01", id: "B" });
});

test("a login is known however it is written", () => {
  const all = [{ name: "cara" }];
  expect([sameLogin(all, " Cara ")?.name, sameLogin(all, "carla")]).toEqual(["cara", undefined]);
});

test("limits read in the unit that tells them", () => {
  expect([35, 900, 5400, 36 * 3600].map(inUnits)).toEqual([
    { amount: "35", unit: "seconds" },
    { amount: "15", unit: "minutes" },
    { amount: "90", unit: "minutes" },
    { amount: "36", unit: "hours" },
  ]);
});

test("days that are over are not listed", () => expect(upcoming(["2026-12-25", "2026-01-01", "2026-12-24", "2026-12-24"], "2026-12-01")).toEqual(["2026-12-24", "2026-12-25"]));

test("the list of faults says what it leaves out", () => {
  const fault = (row: number, column: string) => ({ row, column, value: "", reason: "wrong" });
  const faults = [fault(2, "sku"), fault(2, "pack.unit"), fault(3, "sku")];
  expect(faultsLead({ faults, rejected: 2 })).toContain("3 faults in 2 rows; mend them");
  expect(faultsLead({ faults, rejected: 40 })).toContain("the first of 40 rejected rows");
});

test("approvals are found by words and put in the order that was asked for", () => {
  const asked = (order: string, kind: string, due: string, percent?: number): Approval =>
    ({ id: `${order}-1`, order, kind, due, asked_at: due, reason: "x", plan: { parts: [], reason: "x", cost_increase_percent: percent } }) as unknown as Approval;
  const all = [asked("1001", "split", "2026-03-02", 4), asked("1002", "cost_increase", "2026-03-01", 30)];
  const ids = (q: string, sort: string) => approvalsShown(all, q, sort).map((a) => a.order);
  expect(ids("", "due")).toEqual(["1002", "1001"]);
  expect(ids("", "increase")).toEqual(["1002", "1001"]);
  expect(ids("split 1001", "")).toEqual(["1001"]);
  expect(ids("nothing", "due")).toEqual([]);
});

test("categories that are treated alike stand together", () => {
  const cell = (mode: string) => ({ shares: [{ mode, percent: 100 }], switched: false });
  const row = { modes: [cell("enforce"), cell("recommend"), cell("enforce")] } as unknown as Parameters<typeof alike>[0];
  expect(alike(row, ["a", "b", "c"]).map(([, categories]) => categories)).toEqual([["a", "c"], ["b"]]);
});

test("what stands behind a figure is a place of the console", () => {
  expect(placeOf("/v1/reports/facts?measure=sla&label=x")).toBe("/reports/facts?measure=sla&label=x");
  expect(placeOf("/v1/cases?open=true&kind=po_late")).toBe("/cases?kind=po_late");
  expect(placeOf("")).toBeUndefined();
});

test("a range of days ends with today", () =>
  expect(daysBack(7, new Date("2026-03-03T23:30:00Z"))).toEqual({ from: "2026-02-25", to: "2026-03-03" }));

const vendor = (connector: Record<string, unknown>): Source =>
  ({
    id: "acme",
    name: "Acme",
    kind: "vendor",
    time_zone: "UTC",
    ships_from: { country: "US", postal_code: null },
    calendar: { business_days: ["mon"] },
    handling_days: 1,
    taking_orders: true,
    channel: { dialect: "x12", connector, x12: { version: "004010", sender: { id: "A" }, receiver: { id: "B" } } },
  }) as unknown as Source;
const saved = (source: Source, change = {}) =>
  (bodyOf({ ...draftOf(source), ...change }, source).channel as unknown as { connector: Record<string, unknown> }).connector;

test("saving a vendor's form leaves a wire as it was, whatever carries it", () => {
  const turns = [{ certificate: "PEM 1" }, { certificate: "PEM 2", from: "2027-01-01T00:00:00Z" }];
  const as2 = { type: "as2", url: "https://a.example/as2", as2_from: "US", as2_to: "A", identity: "secret:ours", certificates: turns, mdn: "async" };
  expect(saved(vendor(as2))).toEqual(as2);
  expect(saved(vendor({ ...as2, certificates: ["PEM 1"] }), { certificate: "PEM 3" })).toEqual({ ...as2, certificates: ["PEM 3"] });
  const pigeon = { type: "pigeon", loft: "north" };
  expect(saved(vendor(pigeon), { handling: "3" })).toEqual(pigeon);
  expect(saved(vendor(pigeon), { carrier: "folder", outbound: "o", inbound: "i" })).toEqual({ type: "folder", outbound: "o", inbound: "i" });
});
