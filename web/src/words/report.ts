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

/** A figure with its unit; what is unknown is a dash. */
export function figure(name: string, value: unknown): string {
  if (value === undefined || value === null) return "–";
  if (!isNumber(value)) return String(value);
  const n = Number(value);
  if (/_s$|_seconds?(_|$)|^seconds/.test(name)) return span(n);
  return `${n.toLocaleString("en", { maximumFractionDigits: 1 })}${isRate(name) ? " %" : ""}`;
}

/** `seconds_p90` → `p90`; units are said by the figures. */
export const heading = (name: string) => spell(name.replace(/_(s|percent)$|_?seconds_?/, "").replace(/^late_(\d)_(\d)$/, "$1 to $2 days late").replace(/^late_8$/, "8 or more days late").replace(/^late_1$/, "1 day late")) || "Seconds";

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
