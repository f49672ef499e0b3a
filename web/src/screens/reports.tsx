// Dashboards: the rows of a report as bars beside those of the period before, as a table and as CSV; every bar opens the
// orders behind it. A figure that the server adds needs nothing here.
import { useState } from "preact/hooks";
import { Link, useLocation, useSearch } from "wouter-preact";
import { at, join, type Address } from "../api/address";
import { reasonText, sourceName, sources } from "../api/lookups";
import { useResource } from "../api/resource";
import { Chips } from "../kit/field";
import { Loaded, Panel } from "../kit/parts";
import { Table, type Column } from "../kit/table";
import { Tabs } from "../kit/tabs";
import { PageHead } from "../shell/frame";
import { BY, NAMES, REPORTS, daysBack, figure, headingAmong, isBound, isNumber, isRate, matched, placeOf, type ReportKind } from "../words/report";
import { csvOf, saveText } from "../words/csv";
import { dayText } from "../words/time";
import { plural, spell } from "../words/words";

type Row = Record<string, unknown>;
interface Report {
  from: string;
  to: string;
  position: number;
  rows: Row[];
  before?: { from: string; to: string; rows: Row[] };
}
interface Bar {
  up_to_s: number | null;
  count: number;
}

const RANGES: [string, string][] = [
  ["1", "Today"],
  ["7", "7 days"],
  ["30", "30 days"],
  ["90", "90 days"],
  ["365", "A year"],
];

/** What is asked stands in the address, so that it can be sent to a colleague. */
function useAsked() {
  const [, go] = useLocation();
  const query = new URLSearchParams(useSearch());
  const of = (name: string) => query.get(name) ?? "";
  const kind = REPORTS.find((r) => r.id === of("report")) ?? REPORTS[0]!;
  const days = of("days") || "7";
  const range = of("from") && of("to") ? { from: of("from"), to: of("to") } : daysBack(Number(days), new Date());
  const by = of("by") || kind.by;
  const filters = { source: of("source"), category: of("category"), channel: of("channel") };
  const set = (next: Record<string, string>) => {
    const all = { report: kind.id, days, by: of("by"), from: of("from"), to: of("to"), ...filters, ...next };
    go(join("/reports", {}, all), { replace: true });
  };
  return { kind, days: of("from") ? "" : days, range, by, filters, set };
}
type Asked = ReturnType<typeof useAsked>;

export function Reports() {
  const asked = useAsked();
  const { kind, range, by, filters } = asked;
  const query = { ...range, by, ...filters, compare: true };
  const path = at("/v1/reports/{report}", { report: kind.id }, query) as Address<unknown> as Address<Report>;
  const report = useResource(path);
  return (
    <>
      <PageHead
        title="Reports"
        tab={`Report: ${kind.title}`}
        end={
          <>
            {report.data && report.data.rows.length > 0 && (
              <button type="button" class="button" onClick={() => saveReport(kind, report.data!)}>
                CSV
              </button>
            )}
            <button type="button" class="button" onClick={() => window.print()}>
              Print
            </button>
          </>
        }
      />
      <Tabs label="Reports" at={kind.id} tabs={REPORTS.map((r) => ({ id: r.id, name: r.title, href: join("/reports", {}, { report: r.id, days: asked.days, ...(asked.days ? {} : range), ...filters }) }))} />
      <Controls asked={asked} />
      <Loaded of={report} what={kind.title}>
        {(data) => <Shown key={`${kind.id} ${by}`} kind={kind} by={by} report={data} />}
      </Loaded>
    </>
  );
}

function Controls({ asked: { days, range, by, filters, set } }: { asked: Asked }) {
  const day = (name: "from" | "to", words: string) => (
    <label class="row small">
      {words}
      <input type="date" value={range[name]} max={name === "from" ? range.to : undefined} onChange={(e) => set({ ...range, [name]: e.currentTarget.value })} />
    </label>
  );
  return (
    <div class="filters no-print">
      <Chips name="days" legend="Time range" value={days} set={(d) => set({ days: d, from: "", to: "" })} options={RANGES} />
      {day("from", "From")}
      {day("to", "to")}
      <label class="row small">
        Told apart by
        <select value={by} onChange={(e) => set({ by: e.currentTarget.value })}>
          {BY.map(([id, words]) => (
            <option key={id} value={id}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <label class="row small">
        Only
        <select value={filters.source} onChange={(e) => set({ source: e.currentTarget.value })}>
          <option value="">all vendors</option>
          {[...sources.value.values()].map((s) => (
            <option key={s.id} value={s.id}>
              {s.name}
            </option>
          ))}
        </select>
      </label>
      {(["category", "channel"] as const).map(
        (name) =>
          filters[name] && (
            <button key={name} type="button" class="button small" onClick={() => set({ [name]: "" })}>
              {spell(name)}: {filters[name]} <span aria-hidden="true">×</span>
              <span class="only-heard">, no longer only this</span>
            </button>
          ),
      )}
    </div>
  );
}

const told = (name: string, value: unknown): string => {
  const text = String(value ?? "");
  if (name === "source") return sourceName(text) || "nobody";
  if (name === "day") return dayText(text);
  if (name === "reason") return text ? reasonText(text).replace(/\.$/, "") : "none";
  return name === "category" || name === "channel" ? text || "none" : spell(text);
};
const labelOf = (row: Row) => NAMES.filter((n) => n in row).map((n) => told(n, row[n])).join(", ") || "All";
const linksOf = (row: Row) => (row.links ?? {}) as Record<string, string>;
const place = (row: Row, name: string) => placeOf(linksOf(row)[name] ?? "");

/** Where the papers behind one figure of a row are. */
function behind(kind: ReportKind, row: Row, measure: string): string | undefined {
  const named = place(row, measure);
  if (named) return named;
  const fallback = kind.behind.find((name) => linksOf(row)[name] && Number(row[name] ?? 1) > 0) ?? Object.keys(linksOf(row)).at(-1);
  return fallback && place(row, fallback);
}

/** The figures of the rows, names first. */
function figuresOf(rows: Row[]) {
  const names = [...new Set(rows.flatMap((r) => Object.keys(r)))].filter((n) => n !== "links" && rows.every((r) => typeof r[n] !== "object" || r[n] === null));
  return { labels: NAMES.filter((n) => names.includes(n)), numbers: names.filter((n) => !NAMES.includes(n)) };
}

/** As a spreadsheet: each figure, and beside it what it was in the period before. */
function saveReport(kind: ReportKind, { rows, before, from }: Report): void {
  const { labels, numbers } = figuresOf(rows);
  const then = matched(rows, from, before);
  const plain = (row: Row | undefined, n: string) => (row && isNumber(row[n]) ? String(row[n]) : "");
  const head = (n: string) => `${headingAmong(n, numbers)}${isBound(n) ? ", s at most" : ""}`;
  saveText(
    `countersign-${kind.id}.csv`,
    csvOf(
      [...labels.map(spell), ...numbers.flatMap((n) => (before ? [head(n), `${head(n)}, before`] : [head(n)]))],
      rows.map((r) => [
        ...labels.map((n) => (n === "day" ? String(r[n] ?? "") : told(n, r[n]))),
        ...numbers.flatMap((n) => (before ? [plain(r, n), plain(then.get(r), n)] : [plain(r, n)])),
      ]),
    ),
  );
}

function Shown({ kind, by, report }: { kind: ReportKind; by: string; report: Report }) {
  const { rows, before } = report;
  const { labels, numbers } = figuresOf(rows);
  const [picked, setMeasure] = useState(kind.main);
  const measure = numbers.includes(picked) ? picked : (numbers[0] ?? "");
  if (rows.length === 0) return <p class="note">Nothing of this kind happened in this time.</p>;
  const then = matched(rows, report.from, before);
  const columns: Column<Row>[] = [
    ...labels.map((n): Column<Row> => ({ head: spell(n), text: (r) => told(n, r[n]) })),
    ...numbers.map((n, i): Column<Row> => ({
      head: headingAmong(n, numbers),
      right: true,
      rank: n === kind.main || i < 2 ? 1 : i < 6 ? 2 : 3,
      text: (r) => (isNumber(r[n]) ? Number(r[n]) : ""),
      cell: (r) => {
        const to = Number(r[n]) > 0 ? place(r, n) : undefined;
        return to ? <Link href={to}>{figure(n, r[n])}</Link> : figure(n, r[n]);
      },
    })),
    ...(before
      ? numbers.map((n): Column<Row> => ({ head: `${headingAmong(n, numbers)}, before`, savedOnly: true, text: (r) => (isNumber(then.get(r)?.[n]) ? Number(then.get(r)![n]) : "") }))
      : []),
  ];
  const spans = ["distribution", "open_ages"].find((n) => rows.some((r) => Array.isArray(r[n]) && (r[n] as Bar[]).length > 0));
  return (
    <>
      <Panel
        title={kind.title}
        end={
          <label class="row small no-print">
            Show{" "}
            <select value={measure} onChange={(e) => setMeasure(e.currentTarget.value)}>
              {numbers.map((n) => (
                <option key={n} value={n}>
                  {headingAmong(n, numbers)}
                </option>
              ))}
            </select>
          </label>
        }
      >
        <p class="quiet">
          {kind.about} {dayText(report.from)} to {dayText(report.to)}, days of UTC{before && `, beside ${dayText(before.from)} to ${dayText(before.to)}`}.
        </p>
        <Bars kind={kind} rows={rows} before={then} measure={measure} inOrder={inOrder(by)} />
        <p class="small muted">{by === "day" ? "The thin mark is the day that stands at the same place of the period before." : "The thin mark is the period before."} A bar opens the orders behind it.{!inOrder(by) && " The worst come first."}</p>
      </Panel>
      {spans && <Distribution rows={rows} name={spans} />}
      <Table
        name={kind.id}
        caption={`${kind.title}, figures`}
        rows={rows}
        columns={columns}
        keyOf={labelOf}
        lead={`${plural(rows.length, "row")}, exact as of entry ${report.position.toLocaleString("en")} of the journal`}
      />
    </>
  );
}

/** Bars drawn before somebody asks for all: more are no picture but a list. */
const BARS_MAX = 40;
/** Days stand in their order, all else by what is worst. */
const inOrder = (by: string) => by === "day";

function Bars({ kind, rows, before, measure, inOrder: ordered }: { kind: ReportKind; rows: Row[]; before: Map<Row, Row>; measure: string; inOrder: boolean }) {
  const [all, setAll] = useState(false);
  const value = (r: Row | undefined) => Number(r?.[measure] ?? 0);
  // The worst first: of a share that should be high the lowest, else the largest.
  const sign = isRate(measure) && !kind.lowIsGood ? 1 : -1;
  const sorted = ordered ? rows : [...rows].sort((a, b) => sign * (value(a) - value(b)));
  // Of days the latest are drawn, of all else the worst.
  const drawn = all ? sorted : ordered ? sorted.slice(-BARS_MAX) : sorted.slice(0, BARS_MAX);
  const top = isRate(measure) ? 100 : Math.max(...[...drawn, ...drawn.map((r) => before.get(r))].map(value), 0) || 1;
  return (
    <>
      <ul class="bars">
        {drawn.map((r) => (
          <OneBar key={labelOf(r)} row={r} before={before.get(r)} measure={measure} top={top} href={behind(kind, r, measure)} />
        ))}
      </ul>
      {drawn.length < sorted.length && (
        <p class="small">
          {drawn.length} of {sorted.length} are drawn, the {ordered ? "latest" : "worst"}; the table below has them all.{" "}
          <button type="button" class="button plain small no-print" onClick={() => setAll(true)}>
            Draw all
          </button>
        </p>
      )}
    </>
  );
}

function OneBar({ row, before, measure, top, href }: { row: Row; before?: Row; measure: string; top: number; href?: string }) {
  const name = labelOf(row);
  const [now, then] = [Number(row[measure] ?? 0), before && isNumber(before[measure]) ? Number(before[measure]) : null];
  const words = `${name}: ${figure(measure, row[measure])}${then === null ? "" : `, ${figure(measure, then)} in the period before`}`;
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
      <span class="only-heard">{words}</span>
    </>
  );
  return (
    <li title={words}>
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

/** How spans are spread, per row: columns by their bounds, each opening its orders where the server says which. */
function Distribution({ rows, name }: { rows: Row[]; name: string }) {
  return (
    <Panel title={name === "open_ages" ? "How old the open ones are" : "Distribution"}>
      <div class="spreads">
        {rows
          .filter((r) => (r[name] as Bar[]).length > 0)
          .map((r) => (
            <Spread key={labelOf(r)} row={r} bars={r[name] as Bar[]} byBound={name === "distribution"} />
          ))}
      </div>
    </Panel>
  );
}

function Spread({ row, bars, byBound }: { row: Row; bars: Bar[]; byBound: boolean }) {
  const most = Math.max(1, ...bars.map((b) => b.count));
  const bound = (b: Bar) => (b.up_to_s === null || b.up_to_s === undefined ? "more" : figure("up_to_s", b.up_to_s));
  return (
    <figure class="spread">
      <figcaption>{labelOf(row)}</figcaption>
      <ol>
        {bars.map((b) => {
          const words = `${b.count} up to ${bound(b)}`;
          const to = byBound && b.count > 0 ? place(row, String(b.up_to_s ?? "more")) : undefined;
          const column = (
            <>
              <svg viewBox="0 0 10 40" preserveAspectRatio="none" aria-hidden="true">
                <rect width="10" height="40" class="bar-bed" />
                <rect y={40 - (b.count / most) * 40} width="10" height={(b.count / most) * 40} />
              </svg>
              <span class="small muted" aria-hidden="true">
                {bound(b)}
              </span>
              <span class="only-heard">{words}</span>
            </>
          );
          return (
            <li key={b.up_to_s} title={words}>
              {to ? <Link href={to}>{column}</Link> : column}
            </li>
          );
        })}
      </ol>
    </figure>
  );
}
