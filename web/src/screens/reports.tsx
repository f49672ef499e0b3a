// Reports: whatever rows the server sends, as bars with their numbers beside them and as a table. The first column of
// words names a row, columns of numbers can be drawn; so a new figure on the server needs nothing here.
import { useState } from "preact/hooks";
import { Link, useLocation, useSearch } from "wouter-preact";
import { at, type Address } from "../api/address";
import { useResource } from "../api/resource";
import { sourceName } from "../api/lookups";
import { Chips } from "../kit/field";
import { Loaded, Panel } from "../kit/parts";
import { Table, type Column } from "../kit/table";
import { Tabs } from "../kit/tabs";
import { PageHead } from "../shell/frame";
import { now, span } from "../words/time";
import { plural, spell } from "../words/words";

type Row = Record<string, unknown>;
type Report = { items?: Row[]; rows?: Row[]; from?: string; to?: string } | Row[];

const REPORTS: [string, string, string, string][] = [
  ["sla-adherence", "SLA adherence", "Answers in time, by source and clock", "adherence"],
  ["confirmation-latency", "Confirmation latency", "From order to countersigned, by category", "p50_s"],
  ["reroutes", "Reroutes", "From whom, why, and how they ended", "count"],
  ["cancellations", "Cancellations", "By reason", "count"],
  ["exception-aging", "Exception aging", "Open cases by kind and age", "open"],
];
const isNumber = (v: unknown) => typeof v === "number" || (typeof v === "string" && /^-?\d+(\.\d+)?$/.test(v));
const isRate = (name: string) => /(rate|adherence|share|percent)$/.test(name);

export function figure(name: string, value: unknown): string {
  if (value === undefined || value === null) return "";
  if (!isNumber(value)) return String(value);
  const n = Number(value);
  if (/_s$|_seconds(_|$)/.test(name)) return span(n);
  if (isRate(name)) return `${(n <= 1 && !/percent/.test(name) ? n * 100 : n).toLocaleString("en", { maximumFractionDigits: 1 })} %`;
  return n.toLocaleString("en", { maximumFractionDigits: 2 });
}

/** `p50_s` → `p50`; units are said by the figures. */
const heading = (name: string) => spell(name.replace(/_(s|percent)$|_seconds/, ""));

const RANGES: [string, string, number][] = [
  ["1h", "Last hour", 3_600],
  ["1d", "Last day", 86_400],
  ["7d", "7 days", 7 * 86_400],
  ["30d", "30 days", 30 * 86_400],
];

/** A report over the range that ends `back` ranges ago; the ends stand still for a minute, so that it is asked once. */
function useReport(name: string, seconds: number, back: number) {
  const minute = Math.floor(now.value / 60_000) * 60_000;
  const to = minute - back * seconds * 1000 + 60_000;
  const range = { from: new Date(to - seconds * 1000).toISOString(), to: new Date(to).toISOString() };
  const path = at("/v1/reports/{report}", { report: name }, range) as Address<unknown> as Address<Report>;
  return { path, report: useResource(path) };
}
const rowsOf = (data: Report | undefined): Row[] => (Array.isArray(data) ? data : (data?.items ?? data?.rows ?? []));

export function Reports() {
  const [, go] = useLocation();
  const query = new URLSearchParams(useSearch());
  const name = query.get("report") ?? REPORTS[0]![0];
  const range = query.get("range") ?? "7d";
  const seconds = RANGES.find(([id]) => id === range)?.[2] ?? 7 * 86_400;
  const [, title, about, main] = REPORTS.find(([n]) => n === name) ?? REPORTS[0]!;
  const set = (next: Record<string, string>) => go(`/reports?${new URLSearchParams({ report: name, range, ...next })}`, { replace: true });
  const { path, report } = useReport(name, seconds, 0);
  const before = useReport(name, seconds, 1).report;
  return (
    <>
      <PageHead
        title="Reports"
        end={
          <>
            <a class="button" href={`${path}&format=csv`} download={`${name}.csv`}>
              CSV
            </a>
            <button type="button" class="button" onClick={() => window.print()}>
              Print
            </button>
          </>
        }
      />
      <Tabs label="Reports" at={name} tabs={REPORTS.map(([n, t]) => ({ id: n, name: t, href: `/reports?report=${n}&range=${range}` }))} />
      <Chips
        name="range"
        legend="Time range"
        value={range}
        set={(r) => set({ range: r })}
        options={RANGES.map(([id, words]) => [id, words] as const)}
      />
      <Loaded of={report} what={title}>
        {(data) => (
          <Shown key={name} title={title} about={about} name={name} main={main} rows={rowsOf(data)} before={rowsOf(before.data)} />
        )}
      </Loaded>
    </>
  );
}

/** Where the papers behind a row are. */
function behind(row: Row): string | undefined {
  const source = row.source ?? row.from ?? row.vendor;
  if (typeof source === "string" && source) return `/vendors/${encodeURIComponent(source)}`;
  if (typeof row.kind === "string" && "open" in row) return `/cases?kind=${encodeURIComponent(row.kind)}`;
  if (typeof row.order === "string") return `/orders/${encodeURIComponent(row.order)}`;
  return undefined;
}

interface ShownProps {
  title: string;
  about: string;
  name: string;
  main: string;
  rows: Row[];
  /** The same report over the period before. */
  before: Row[];
}

function Shown({ title, about, name, main, rows, before }: ShownProps) {
  const names = [...new Set(rows.flatMap((r) => Object.keys(r)))].filter((n) =>
    rows.every((r) => typeof r[n] !== "object" || r[n] === null),
  );
  const numbers = names.filter(
    (n) => rows.some((r) => isNumber(r[n])) && rows.every((r) => r[n] === undefined || r[n] === null || isNumber(r[n])),
  );
  const labels = names.filter((n) => !numbers.includes(n));
  const [measure, setMeasure] = useState(numbers.includes(main) ? main : (numbers[0] ?? ""));
  if (rows.length === 0) return <p class="note">Nothing of this kind happened in this time.</p>;
  const label = (r: Row) =>
    labels
      .map((l) => (l === "source" || l === "from" ? sourceName(String(r[l])) : spell(String(r[l] ?? ""))))
      .filter((t, i, all) => all.indexOf(t) === i)
      .join(", ");
  const columns: Column<Row>[] = [
    ...labels.map((l): Column<Row> => ({
      head: heading(l),
      text: (r) => (l === "source" || l === "from" ? sourceName(String(r[l] ?? "")) : spell(String(r[l] ?? ""))),
    })),
    ...numbers.map((n): Column<Row> => ({
      head: heading(n),
      right: true,
      text: (r) => (r[n] === undefined || r[n] === null ? "" : Number(r[n])),
      cell: (r) => figure(n, r[n]),
    })),
  ];
  return (
    <>
      <Panel
        title={title}
        end={
          numbers.length > 1 && (
            <label class="row small">
              Show{" "}
              <select value={measure} onChange={(e) => setMeasure(e.currentTarget.value)}>
                {numbers.map((n) => (
                  <option key={n} value={n}>
                    {heading(n)}
                  </option>
                ))}
              </select>
            </label>
          )
        }
      >
        <p class="quiet">{about}</p>
        <Bars rows={rows} before={new Map(before.map((r) => [label(r), r]))} measure={measure} label={label} />
        <p class="small muted">The thin mark is the period before. A bar opens what stands behind it.</p>
      </Panel>
      <Table
        name={name}
        caption={`${title}, figures`}
        rows={rows}
        columns={columns}
        keyOf={(r) => JSON.stringify(r)}
        lead={plural(rows.length, "row")}
      />
    </>
  );
}

const BARS_MAX = 30;

function Bars({ rows, before, measure, label }: { rows: Row[]; before: Map<string, Row>; measure: string; label: (r: Row) => string }) {
  const value = (r: Row | undefined) => Number(r?.[measure] ?? 0);
  const sorted = [...rows].sort((a, b) => value(b) - value(a)).slice(0, BARS_MAX);
  const all = [...sorted, ...sorted.map((r) => before.get(label(r)))].map(value);
  const top = isRate(measure) && all.every((n) => n <= 1) ? 1 : Math.max(...all, 0) || 1;
  return (
    <ul class="bars">
      {sorted.map((r) => (
        <Bar key={JSON.stringify(r)} row={r} before={before.get(label(r))} name={label(r)} measure={measure} top={top} />
      ))}
    </ul>
  );
}

function Bar({ row, before, name, measure, top }: { row: Row; before?: Row; name: string; measure: string; top: number }) {
  const [now, then] = [Number(row[measure] ?? 0), before ? Number(before[measure] ?? 0) : null];
  const href = behind(row);
  const told = `${name}: ${figure(measure, row[measure])}${before ? `, ${figure(measure, before[measure]) || "nothing"} in the period before` : ""}`;
  const inside = (
    <>
      <span class="bar-name">{name}</span>
      <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
        <rect width="100" height="10" class="bar-bed" />
        <rect width={now > 0 ? Math.max(0.6, (now / top) * 100) : 0} height="10" />
        {then !== null && <rect x={Math.min(99.3, (then / top) * 100)} width="0.7" height="10" class="bar-before" />}
      </svg>
      <span class="bar-figure">
        {figure(measure, row[measure])}
        {then !== null && then !== now && (
          <span class="small muted" aria-hidden="true">
            {" "}
            {now > then ? "▲" : "▼"}
          </span>
        )}
      </span>
      <span class="only-heard">{told}</span>
    </>
  );
  return (
    <li title={told}>
      {href ? (
        <Link href={href} class="bar">
          {inside}
        </Link>
      ) : (
        <span class="bar">{inside}</span>
      )}
    </li>
  );
}
