import { describe, expect, test } from "vitest";
import { unheard } from "../api/client";
import { readEvent, shortType } from "../api/stream";
import { pathOf } from "../kit/qr";
import { tallyParts } from "../kit/tally";
import { csvOf } from "./csv";
import { tableCsv, withColumn, withSheet } from "./decision-table";
import { moneyText, sumMoney, timesMoney } from "./money";
import { onePerLine, pieces } from "./papers";
import { sectionsOf } from "./policy";
import { blank, shapeOf, withField, type Schema } from "./policy-schema";
import { readSheet } from "./table";
import { dayText, inZone, span } from "./time";
import { readable } from "./sentences";
import { placeName, settingSentence } from "./settings";
import { plural, remedyName, spell } from "./words";

const usd = (amount: string) => ({ amount, currency: "USD" });

describe("money", () => {
  test("is added to the cent, never as a float", () => {
    expect(sumMoney([usd("0.10"), usd("0.2"), usd("-0.05")])).toEqual(usd("0.25"));
    expect(timesMoney(usd("41.50"), 3)).toEqual(usd("124.50"));
    expect(timesMoney({ amount: "100", currency: "JPY" }, 2)).toEqual({ amount: "200", currency: "JPY" });
    expect(moneyText(usd("9007199254740993.10"))).toBe("$9,007,199,254,740,993.10");
  });
  test("of two currencies has no sum", () => expect(sumMoney([usd("1"), { amount: "1", currency: "EUR" }])).toBeUndefined());
});

test("CSV quotes what must be quoted and defuses formulas", () => {
  expect(
    csvOf(
      ["a", "b"],
      [
        ["x,y", 'say "hi"'],
        ["=1+1", "-4.5"],
      ],
    ),
  ).toBe('a,b\r\n"x,y","say ""hi"""\r\n\'=1+1,-4.5\r\n');
});

describe("decision tables", () => {
  const table = {
    name: "fragile",
    decides: "sourcing",
    when: ["vendor", "quantity"],
    then: ["exclude"],
    rows: [{ when: ["not(acme)", "-"], then: ["yes"], why: "breaks, often" }],
    otherwise: [""],
  };
  test("come back whole from their CSV", () => {
    expect(withSheet({ ...table, rows: [] }, readSheet(tableCsv(table)))).toEqual(table);
  });
  test("a sheet without a conclusion is refused with what to write", () =>
    expect(withSheet(table, readSheet("row,when vendor\n1,acme\n"))).toContain("then exclude"));
  test("a new column gets its cell in every row", () => {
    const wider = withColumn(table, "when", 2, "category");
    expect([wider.when, wider.rows[0]!.when]).toEqual([
      ["vendor", "quantity", "category"],
      ["not(acme)", "-", "-"],
    ]);
    expect(withColumn(wider, "when", 0, null).rows[0]!.when).toEqual(["-", "-"]);
  });
});

test("a policy's sentences stand under the heading of their place", () => {
  const said = ["/tables/0/rows/0", "/modes/0", "/sensitive/0", "/answers/rest", "/hold_minutes"];
  const found = sectionsOf(said.map((pointer) => ({ pointer, sentence: pointer })), (t) => t);
  expect(found.map((s) => [s.id, s.rules.length])).toEqual([
    ["tables", 1],
    ["modes", 2],
    ["answers", 1],
    ["more", 1],
  ]);
});

describe("papers", () => {
  test("X12 stands on lines by the terminator that its ISA names", () => {
    const isa = "ISA|00|          |00|          |ZZ|RETAILER       |ZZ|ACME           |261123|0915|U|00401|000000042|0|P|>!";
    expect(onePerLine(`${isa}ST|850|0001!BEG|00|DS|1001-1||20261123!`).split("\n").slice(1)).toEqual(["ST|850|0001!", "BEG|00|DS|1001-1||20261123!"]);
  });
  test("JSON is indented, all else is left as it came", () => {
    expect(onePerLine('{"a":1}')).toBe('{\n  "a": 1\n}');
    expect(onePerLine("ISA too short")).toBe("ISA too short");
  });
  test("a segment is cut at its values, by bytes", () => {
    const found = pieces("N1*ST*Köln~", [
      { start: 3, length: 2 },
      { start: 6, length: 5 },
    ]);
    expect(found.map((p) => p.text)).toEqual(["N1*", "ST", "*", "Köln", "~"]);
    expect(found.map((p) => p.value)).toEqual([-1, 0, -1, 1, -1]);
  });
});

test("sentences are told with names, days and money", () => {
  const nameOf = (id: string) => ({ fern: "Fern & Co", "dc-dallas": "Our centre Dallas" })[id];
  expect(readable("fern has not said whether it stops 1001-1.", nameOf)).toBe("Fern & Co has not said whether it stops 1001-1.");
  expect(readable("2 from dc-dallas (41.50 USD, ships by 2026-11-24)", nameOf)).toBe(
    "2 from Our centre Dallas ($41.50, ships by Tue 24 Nov)",
  );
  expect(readable("answer due 2026-11-24T10:00:00Z", () => undefined)).not.toContain("2026");
  expect(readable("fern accepted 9; gale shipped 9 1Z0000000000000001", (id) => ({ fern: "Fern & Co", gale: "Gale Outdoor" })[id])).toBe(
    "Fern & Co accepted 9; Gale Outdoor shipped 9 1Z0000000000000001",
  );
  expect(readable("the role customer_service may not choose the source of a line", () => undefined)).toBe(
    "Your role, customer service, may not choose the source of a line",
  );
  expect(readable("a key with the role vendor needs a source", () => undefined)).toBe("A key with the role vendor needs a source");
});

test("settings are told with the words of the form, without paths and examples", () => {
  expect(settingSentence('channel.x12.receiver needs an id and a qualifier of two characters, as {"qualifier": "ZZ", "id": "ACME"}')).toBe(
    "Its interchange id is missing, or its qualifier is: both stand at the head of every paper.",
  );
  expect(settingSentence("channel.connector/outbound: there is no such folder")).toBe("The folder for our papers: there is no such folder.");
  expect([placeName("/ships_from/postal_code"), placeName("{source}"), placeName("/lines/0/sku")]).toEqual(["Ships from, postal code", "Source", "Lines, 1, sku"]);
});

test("what was sent is never said to be sent again by itself", () => {
  expect(unheard(true)).toContain("tries again by itself");
  expect(unheard(false)).not.toContain("tries again");
});

test("a QR code is drawn as runs", () => expect(pathOf([[true, true, false, true]])).toBe("M0 0h2v1H0zM3 0h1v1H3z"));

describe("tally", () => {
  test("counts each unit once, in the furthest part it reached", () => {
    const parts = tallyParts({ ordered: 6, held: 5, accepted: 4, committed: 2, shipped: 1, cancelled: 1 });
    expect(parts).toEqual([
      { name: "shipped", units: 1 },
      { name: "committed", units: 1 },
      { name: "accepted", units: 2 },
      { name: "held", units: 1 },
      { name: "cancelled", units: 1 },
    ]);
  });
  test("never shows more than was ordered", () =>
    expect(tallyParts({ ordered: 2, held: 2, accepted: 2, committed: 9, shipped: 0, cancelled: 0 }).reduce((n, p) => n + p.units, 0)).toBe(
      2,
    ));
});

test("spans of time read as people say them", () => {
  expect([4, 95, 900, 7500, 190_000].map(span)).toEqual(["4 s", "1 min 35", "15 min", "2 h 05", "2 d 4 h"]);
});

test("days are days, whatever the viewer's zone", () => expect(dayText("2026-11-24")).toBe("Tue 24 Nov"));

test("an unknown zone is passed over", () => {
  expect(inZone(new Date(0), "Mars/Olympus")).toBe("");
  expect(inZone(new Date("2026-11-23T15:00:00Z"), "America/Chicago")).toContain("09:00");
});

test("unknown words are spelled, not refused", () => {
  expect(spell("a_word_of_tomorrow")).toBe("A word of tomorrow");
  expect(remedyName("teleport")).toBe("Teleport");
  expect(plural(1, "unit")).toBe("1 unit");
});

test("events of the stream lose their prefix and version only", () => {
  expect(shortType("countersign.order.captured.v1")).toBe("order.captured");
  expect(
    readEvent('{"id":"7.0","type":"countersign.sla.breached.v1","time":"2026-11-23T15:00:00Z","data":{"order":"1001"}}'),
  ).toMatchObject({ id: "7.0", type: "sla.breached", order: "1001" });
  expect(readEvent('{"id":"evt_412_1","type":"countersign.case.opened.v1","data":{"case":{"id":"1001-2"}}}')).toMatchObject({
    id: "412.1",
    order: "1001",
  });
  expect(readEvent('{"id":"9.0","type":"countersign.case.commented.v1","data":{"case":"@acme-1"}}')?.order).toBeUndefined();
  expect(readEvent("no json")).toBeNull();
});

describe("a schema becomes a form", () => {
  const limit: Schema = { type: "object", properties: { within_s: { type: "integer", minimum: 1 }, warn: { type: "integer", default: 75 } }, required: ["within_s"] };
  const mode: Schema = { oneOf: [{ const: "observe", description: "Only\nwatch." }, { const: "enforce" }] };
  const one: Schema = { properties: { one: { type: "object", properties: {} } } };
  const split: Schema = { properties: { split: { type: "object", properties: { most: { type: "integer" } }, required: ["most"] } } };
  const root: Schema = { $defs: { Limit: limit, Mode: mode, Choose: { oneOf: [one, split] } } };
  const ref = (name: string): Schema => ({ $ref: `#/$defs/${name}` });
  test("what may be left out, and what it is then", () => {
    expect(shapeOf(root, { anyOf: [ref("Limit"), { type: "null" }], description: "The `clock`." })).toMatchObject({ is: "fields", optional: true, about: "The clock." });
    expect(shapeOf(root, { type: ["integer", "null"] })).toMatchObject({ is: "number", optional: true, fallback: undefined });
    expect(shapeOf(root, { anyOf: [{ type: "integer" }, { type: "null" }, { const: "never" }], default: 20 })).toMatchObject({ is: "number", optional: true, fallback: 20 });
    expect(shapeOf(root, { ...ref("Mode"), default: "observe" })).toMatchObject({ is: "choice", optional: true, words: [["observe", "Only watch."], ["enforce", ""]] });
    expect(shapeOf(root, { type: "array", items: { type: "string" } }).is).toBe("words");
  });
  test("a fresh rule has what it needs and no more", () => {
    expect(blank(root, ref("Limit"))).toEqual({ within_s: 1 });
    expect(blank(root, ref("Mode"))).toBe("observe");
    expect(blank(root, ref("Choose"))).toEqual({ one: {} });
    expect(withField({ a: 1, b: 2 }, "a", undefined)).toEqual({ b: 2 });
  });
});
