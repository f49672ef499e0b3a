// Times: in the viewer's zone, the source's zone told on hover. Dates without a time are days and stay as they are.
import { signal } from "@preact/signals";

/** The present, ticking once a second while the page is seen; countdowns hang on it. */
export const now = signal(Date.now());
if (typeof document !== "undefined")
  setInterval(() => {
    if (!document.hidden) now.value = Date.now();
  }, 1000);

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hour12: false });
const clockExact = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const dayMonth = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const dayMonthYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const weekday = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });

export const shortTime = (at: Date) => {
  const today = new Date(now.peek());
  if (at.toDateString() === today.toDateString()) return clock.format(at);
  return `${(at.getFullYear() === today.getFullYear() ? dayMonth : dayMonthYear).format(at)}, ${clock.format(at)}`;
};
export const exactTime = (at: Date) => `${dayMonthYear.format(at)}, ${clockExact.format(at)}`;
export const secondsTime = (at: Date) => clockExact.format(at);

/** The same instant on the wall of a zone; empty if the zone is unknown here. */
export function inZone(at: Date, zone: string | undefined): string {
  if (!zone) return "";
  try {
    return `${new Intl.DateTimeFormat("en-GB", { timeZone: zone, day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hour12: false }).format(at)} in ${zone.replace(/_/g, " ")}`;
  } catch {
    return "";
  }
}

/** The day on the viewer's wall, as the API writes days. */
export const dayOf = (at: Date) =>
  `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}-${String(at.getDate()).padStart(2, "0")}`;

/** `2026-11-24` → `Tue 24 Nov`; with its year, where that is another than `year`. */
export function dayText(day: string | undefined | null, year?: string): string {
  if (!day) return "";
  const at = new Date(`${day.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(at.getTime())) return day;
  const other = year && !day.startsWith(year) ? ` ${day.slice(0, 4)}` : "";
  return weekday.format(at).replace(",", "") + other;
}

/** Seconds as a person says them: `42 s`, `14 min`, `3 h 05`, `2 d 4 h`. */
export function span(seconds: number): string {
  const s = Math.abs(Math.round(seconds));
  if (s < 60) return `${s} s`;
  const min = Math.floor(s / 60);
  if (min < 10) return `${min} min ${String(s % 60).padStart(2, "0")}`;
  if (min < 60) return `${min} min`;
  const h = Math.floor(min / 60);
  if (h < 24) return `${h} h ${String(min % 60).padStart(2, "0")}`;
  return `${Math.floor(h / 24)} d ${h % 24} h`;
}

/** Parses an instant; `null` for what is none. */
export function instant(text: string | null | undefined): Date | null {
  if (!text) return null;
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? null : at;
}
