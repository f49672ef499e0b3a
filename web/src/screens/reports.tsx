// Reports: whatever rows the server sends, as bars with their numbers beside them and as a table. The first column of
// words names a row, columns of numbers can be drawn; so a new figure on the server needs nothing here.
import { useState } from "preact/hooks";
import { useLocation, useSearch } from "wouter-preact";
import { useResource } from "../api/resource";
import { sourceName } from "../api/lookups";
import { Loaded, Panel } from "../kit/parts";
import { Table, type Column } from "../kit/table";
import { PageHead } from "../shell/frame";
import { span } from "../words/time";
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
  if (/_s$/.test(name)) return span(n);
  if (isRate(name)) return `${(n <= 1 && !/percent/.test(name) ? n * 100 : n).toLocaleString("en", { maximumFractionDigits: 1 })} %`;
  return n.toLocaleString("en", { maximumFractionDigits: 2 });
}

/** `p50_s` → `p50`; units are said by the figures. */
const heading = (name: string) => spell(name.replace(/_(s|percent)$/, ""));

export function Reports() {
  const [, go] = useLocation();
  const name = new URLSearchParams(useSearch()).get("report") ?? REPORTS[0]![0];
  const [, title, about, main] = REPORTS.find(([n]) => n === name) ?? REPORTS[0]!;
  const report = useResource<Report>(`/v1/reports/${encodeURIComponent(name)}`);
  return (
    <>
      <PageHead title="Reports" />
      <form class="filters" onSubmit={(e) => e.preventDefault()}>
        <fieldset class="chips">
          <legend class="only-heard">Report</legend>
          {REPORTS.map(([n, t]) => (
            <label key={n}>
              <input type="radio" name="report" checked={n === name} onChange={() => go(`/reports?report=${n}`, { replace: true })} />
              <span>{t}</span>
            </label>
          ))}
        </fieldset>
      </form>
      <Loaded of={report} what={title}>
        {(data) => (
          <Shown
            key={name}
            title={title}
            about={about}
            name={name}
            main={main}
            rows={Array.isArray(data) ? data : (data.items ?? data.rows ?? [])}
          />
        )}
      </Loaded>
    </>
  );
}

function Shown({ title, about, name, main, rows }: { title: string; about: string; name: string; main: string; rows: Row[] }) {
  const names = [...new Set(rows.flatMap((r) => Object.keys(r)))].filter((n) =>
    rows.every((r) => typeof r[n] !== "object" || r[n] === null),
  );
  const numbers = names.filter(
    (n) => rows.some((r) => isNumber(r[n])) && rows.every((r) => r[n] === undefined || r[n] === null || isNumber(r[n])),
  );
  const labels = names.filter((n) => !numbers.includes(n));
  const [measure, setMeasure] = useState(numbers.includes(main) ? main : (numbers[0] ?? ""));
  if (rows.length === 0) return <p class="note">Nothing to report in this time.</p>;
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
        <Bars rows={rows} measure={measure} label={label} />
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

function Bars({ rows, measure, label }: { rows: Row[]; measure: string; label: (r: Row) => string }) {
  const value = (r: Row) => Number(r[measure] ?? 0);
  const sorted = [...rows].sort((a, b) => value(b) - value(a)).slice(0, BARS_MAX);
  const top = isRate(measure) && sorted.every((r) => value(r) <= 1) ? 1 : Math.max(...sorted.map(value), 0) || 1;
  return (
    <ul class="bars">
      {sorted.map((r) => (
        <li key={JSON.stringify(r)}>
          <span class="bar-name">{label(r)}</span>
          <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
            <rect width="100" height="10" class="bar-bed" />
            <rect width={Math.max(0.6, (value(r) / top) * 100)} height="10" />
          </svg>
          <span class="bar-figure">{figure(measure, r[measure])}</span>
        </li>
      ))}
    </ul>
  );
}
