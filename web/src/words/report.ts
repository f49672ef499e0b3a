// What the dashboards are called, what they ask and which figure leads; figures with the unit that their name says.
import { span } from "./time";
import { spell } from "./words";

export interface ReportKind {
  id: string;
  title: string;
  about: string;
  /** The figure that is drawn first. */
  main: string;
  /** Told apart by, if nobody says otherwise. */
  by: string;
  /** Where its bars lead if the figure has no papers of its own: the first of these that the row has. */
  behind: string[];
  /** Its shares are of what should not happen. */
  lowIsGood?: boolean;
}

export const REPORTS: ReportKind[] = [
  { id: "sla-adherence", title: "SLA adherence", about: "Answers in time, by clock. Excused breaches count as kept.", main: "adherence_percent", by: "source", behind: ["breached", "met"] },
  { id: "confirmation-latency", title: "Confirmation latency", about: "From the order to the first commitment of a line.", main: "seconds_median", by: "category", behind: [] },
  { id: "reroutes", title: "Reroutes", about: "Lines taken from a source, and why.", main: "lines", by: "source", behind: ["lines"] },
  { id: "reroute-outcomes", title: "Reroute outcomes", about: "What became of units that were taken from a source.", main: "confirmed_percent", by: "source", behind: ["units_cancelled", "units_confirmed"] },
  { id: "cancellations", title: "Cancellations", about: "Lines that ended without supply, by reason.", main: "lines", by: "nothing", behind: ["lines"] },
  { id: "after-acceptance", title: "Cancelled after acceptance", about: "Acknowledgments that were none: accepted, then taken back.", main: "taken_back_percent", by: "source", behind: ["automatic", "considered"], lowIsGood: true },
  { id: "exception-aging", title: "Exception aging", about: "Cases by kind: opened, resolved, and how old the open ones are.", main: "open", by: "nothing", behind: ["open", "opened"] },
  { id: "promise-accuracy", title: "Promise accuracy", about: "Promised against shipped and delivered.", main: "shipped_kept_percent", by: "source", behind: ["late_1", "late_2_3", "late_4_7", "late_8", "shipped_kept"] },
  { id: "advice", title: "Advice", about: "How fresh advice is when it comes, and whether the source then had what it had said.", main: "accuracy_percent", by: "source", behind: ["short", "as_advised"] },
  { id: "fill-rate", title: "Fill rate", about: "Units shipped of those asked for.", main: "fill_percent", by: "source", behind: ["short", "none", "full"] },
];

export const BY: [string, string][] = [
  ["source", "Vendor"],
  ["category", "Category"],
  ["channel", "Channel"],
  ["day", "Day"],
  ["nothing", "Not told apart"],
];

export const isNumber = (v: unknown) => typeof v === "number" || (typeof v === "string" && /^-?\d+(\.\d+)?$/.test(v));
export const isRate = (name: string) => /percent$/.test(name);

/** True for a figure that the server tells by the upper bound of the bucket in which it lies. */
export const isBound = (name: string) => /seconds_(median|p\d+)$/.test(name);

/** Bounds in seconds of the server's histogram, as far as a first look needs them: a median that the console counts itself is
 * told in the same steps, so that two pages never seem to contradict each other. */
const BOUNDS_S = [1, 5, 15, 30, 60, 120, 300, 600, 900, 1800, 2700, 3600];
export function atMost(seconds: number): string {
  const bound = BOUNDS_S.find((b) => seconds <= b);
  return bound === undefined ? span(seconds) : `at most ${span(bound)}`;
}

/** A figure with its unit; what is unknown is a dash. */
export function figure(name: string, value: unknown): string {
  if (value === undefined || value === null) return "–";
  if (!isNumber(value)) return String(value);
  const n = Number(value);
  // Medians and percentiles are bounds of a histogram: the true one is that or less.
  if (isBound(name)) return `at most ${span(n)}`;
  if (/_s$|_seconds?(_|$)|^seconds/.test(name)) return span(n);
  return `${n.toLocaleString("en", { maximumFractionDigits: 1 })}${isRate(name) ? " %" : ""}`;
}

/** Names of the API that say less to a person than to a program. */
const HEADINGS: Record<string, string> = {
  shipped_kept: "Shipped in time",
  shipped_kept_percent: "Shipped in time",
  delivered_kept: "Delivered in time",
  delivered_kept_percent: "Delivered in time",
};

/** The heading of a figure; a share that stands beside its own count says that it is one. */
export function headingAmong(name: string, all: string[]): string {
  const plain = heading(name);
  return isRate(name) && all.some((n) => n !== name && heading(n) === plain) ? `${plain}, share` : plain;
}

/** `seconds_p90` → `p90`; units are said by the figures. */
export const heading = (name: string) => HEADINGS[name] ?? (spell(name.replace(/_(s|percent)$|_?seconds_?/, "").replace(/^late_(\d)_(\d)$/, "$1 to $2 days late").replace(/^late_8$/, "8 or more days late").replace(/^late_1$/, "1 day late")) || "Seconds");

/** What names a row. */
export const NAMES = ["source", "category", "channel", "day", "clock", "reason", "kind"];

type Named = Record<string, unknown>;
const DAY_MS = 86_400_000;

/**
 * The rows of the period before, each for the row that it is to be compared with: the same names, and of a day the day
 * that stands as far from the beginning of its own period.
 */
export function matched<R extends Named>(rows: R[], from: string, before: { from: string; rows: R[] } | null | undefined): Map<R, R> {
  const key = (row: R, start: string) =>
    NAMES.filter((n) => n in row)
      .map((n) => (n === "day" ? Math.round((Date.parse(String(row[n]).slice(0, 10)) - Date.parse(start.slice(0, 10))) / DAY_MS) : String(row[n] ?? "")))
      .join("\n");
  const then = new Map((before?.rows ?? []).map((r) => [key(r, before!.from), r]));
  const pairs = rows.map((r) => [r, then.get(key(r, from))] as const);
  return new Map(pairs.filter((p): p is readonly [R, R] => p[1] !== undefined));
}

/** A path of the API as the place of the console that shows it. */
export function placeOf(link: string): string | undefined {
  const [path = "", query = ""] = link.split("?");
  if (path.endsWith("/facts")) return `/reports/facts?${query}`;
  if (path === "/v1/cases") return `/cases?${query.replace(/&?open=true/, "").replace(/^&/, "")}`;
  return undefined;
}

/** Days from the first to the last, both included, as the API writes them. */
export function daysBack(days: number, today: Date): { from: string; to: string } {
  const day = (at: Date) => at.toISOString().slice(0, 10);
  return { from: day(new Date(today.getTime() - (days - 1) * 86_400_000)), to: day(today) };
}
