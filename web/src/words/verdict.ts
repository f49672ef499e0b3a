// The verdict of a backtest as the server tells it (an open object in its document), and how its figures are said.

export interface Interval {
  low: number;
  middle: number;
  high: number;
}
interface Share {
  count: number;
  of: number;
}
export interface Tally {
  orders: number;
  units_shipped: number;
  cancelled_after_commitment: number;
  still_open?: number;
  /** A history does not tell these. */
  confirmed: number | null;
  confirmed_seconds: number | null;
  own_promise_kept: Share | null;
  told_promise_kept: Share;
}
export interface Changed {
  order: string;
  rests_on: string;
  changes: string[];
  source: [string | null, string | null];
}
export interface Changes {
  orders: number;
  kinds: Record<string, number>;
  listed: Changed[];
}
export interface PolicyVerdict {
  name: string;
  version: number;
  figures: Record<string, Interval>;
  by_ground: Record<string, Tally>;
  by_source: Record<string, Tally>;
  by_category: Record<string, Tally>;
  answers: Record<string, Record<string, number>>;
  against_history: Changes;
}
export interface Verdict {
  seeds: [number, number];
  orders: number;
  not_released: number;
  happened: Tally;
  policies: PolicyVerdict[];
  first_against_second: Changes | null;
}

/** Figures in the order in which people ask for them. */
export const FIGURES: readonly (readonly [string, string])[] = [
  ["cancelled_after_commitment", "Cancelled after commitment"],
  ["cancelled_before_commitment", "Given up before commitment"],
  ["told_promise_kept_permille", "Promise kept"],
  ["own_promise_kept_permille", "Own promise kept"],
  ["reroutes", "Reroutes"],
  ["splits", "Splits"],
  ["approvals", "Approvals asked"],
  ["cases", "Cases"],
  ["sla_breaches", "SLA breaches"],
  ["minutes_to_confirmation", "Minutes to confirmation"],
  ["units_shipped", "Units shipped"],
  ["never_shipped", "Firm and never shipped"],
  ["cost_minor", "Cost, in minor units"],
];

export function figureOf(name: string, n: number): string {
  return name.endsWith("_permille") ? `${(n / 10).toLocaleString("en")} %` : n.toLocaleString("en");
}

/** The same figure out of a sum; a share of nothing is no figure, nor is what a history does not tell. */
export function tallyFigure(name: string, t: Tally): string {
  if (name.endsWith("_permille")) {
    const share = t[name.replace("_permille", "") as "told_promise_kept"];
    return share && share.of > 0 ? figureOf(name, Math.floor((share.count * 1000) / share.of)) : "–";
  }
  if (name === "minutes_to_confirmation") return t.confirmed && t.confirmed_seconds !== null ? figureOf(name, Math.floor(t.confirmed_seconds / (60 * t.confirmed))) : "–";
  const figure = (t as unknown as Record<string, number | null>)[name];
  return figure === null || figure === undefined ? "–" : figureOf(name, figure);
}
