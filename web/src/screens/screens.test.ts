import { expect, test } from "vitest";
import type { LiveEvent, Source } from "../api/types";
import { addressOf, filterOf, subjectOf } from "./cases";
import { barsOf, medianToCommit } from "./pulse";
import { daysBack, figure, heading, placeOf } from "../words/report";
import { urgency } from "./today";
import { bodyOf, draftOf } from "./vendor-form";

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
  expect(figure("resolved_seconds_median", 7500)).toBe("2 h 05");
  expect(figure("adherence_percent", "97.4")).toBe("97.4 %");
  expect(figure("fill_percent", null)).toBe("–");
  expect([heading("seconds_p90"), heading("late_2_3"), heading("fill_percent")]).toEqual(["P90", "2 to 3 days late", "Fill"]);
  expect(figure("count", 1200)).toBe("1,200");
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
