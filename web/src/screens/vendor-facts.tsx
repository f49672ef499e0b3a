// What stands in a source's record, told for people: its week, its clock, its channel.
import type { Source } from "../api/types";
import { Facts } from "../kit/parts";
import { dayText, now } from "../words/time";
import { plural, spell } from "../words/words";

/** Hours and minutes on the wall of a source. */
export function wall(zone: string | undefined): { text: string; minutes: number } {
  try {
    const text = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
      hour12: false,
    }).format(now.value);
    const [h = 0, m = 0] = (/(\d+):(\d+)/.exec(text) ?? []).slice(1).map(Number);
    return { text, minutes: h * 60 + m };
  } catch {
    return { text: "", minutes: 0 };
  }
}
const shortTime = (t: string | null | undefined) => (t ?? "").slice(0, 5);

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

export function Calendar({ source }: { source: Source }) {
  const here = wall(source.time_zone);
  const work = source.calendar.business_days;
  const [h, m] = shortTime(source.cutoff).split(":").map(Number);
  const left = source.cutoff ? (h ?? 0) * 60 + (m ?? 0) - here.minutes : 0;
  const today = here.text.slice(0, 3).toLowerCase();
  return (
    <>
      <ul class="week" aria-label="Working days">
        {DAYS.map((d) => (
          <li key={d} class={`${work.includes(d) ? "works" : ""} ${d === today ? "today" : ""}`}>
            {spell(d)}
            <span class="only-heard">{work.includes(d) ? " works" : " closed"}</span>
          </li>
        ))}
      </ul>
      <Facts
        rows={[
          [
            "Its time now",
            <>
              {here.text} <span class="muted">{source.time_zone}</span>
            </>,
          ],
          ["Hours", hoursOf(source)],
          [
            "Cut-off",
            source.cutoff && (
              <>
                {shortTime(source.cutoff)}{" "}
                <span class="muted">{left > 0 ? `in ${Math.floor(left / 60)} h ${left % 60} min` : "over for today"}</span>
              </>
            ),
          ],
          ["Handling", plural(source.handling_days ?? 0, "working day")],
          ["Daily capacity", source.daily_capacity && plural(source.daily_capacity, "unit")],
          [
            "Closed on",
            source.calendar?.holidays?.length ? <Closed days={source.calendar.holidays} today={dayIn(source.time_zone)} /> : "",
          ],
          [
            "Ships from",
            source.ships_from &&
              [source.ships_from.postal_code, source.ships_from.region, source.ships_from.country].filter(Boolean).join(", "),
          ],
        ]}
      />
    </>
  );
}

/** The day on the wall of a source. */
function dayIn(zone: string | undefined): string {
  try {
    return new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(now.value);
  } catch {
    return new Date(now.value).toISOString().slice(0, 10);
  }
}

/** Days shown before somebody asks for the rest. */
const CLOSED_SHOWN = 8;

/** Days to come, in order; those that are over are of no use to anybody who plans. */
export const upcoming = (days: string[], today: string) => [...new Set(days)].filter((d) => d >= today).sort();

function Closed({ days, today }: { days: string[]; today: string }) {
  const next = upcoming(days, today);
  const day = (d: string) => <div key={d}>{dayText(d, today.slice(0, 4))}</div>;
  if (next.length === 0) return <span class="muted">No day that is still to come</span>;
  const rest = next.slice(CLOSED_SHOWN);
  return (
    <>
      {next.slice(0, CLOSED_SHOWN).map(day)}
      {rest.length > 0 && (
        <details>
          <summary class="small">and {plural(rest.length, "more day")}</summary>
          {rest.map(day)}
        </details>
      )}
    </>
  );
}

/** Opening hours, where the record has them. */
function hoursOf(source: Source): string {
  const hours = source.calendar.hours as { open?: string; close?: string } | null | undefined;
  return hours?.open && hours.close ? `${shortTime(hours.open)} to ${shortTime(hours.close)}` : "";
}

export function ChannelFacts({ source }: { source: Source }) {
  const { dialect, connector, ...settings } = source.channel;
  const flat = (value: unknown): string =>
    value !== null && typeof value === "object"
      ? Object.entries(value)
          .map(([k, v]) => `${k} ${flat(v)}`)
          .join(", ")
      : String(value);
  return (
    <Facts
      rows={[
        ["Papers", spell(dialect)],
        ...Object.entries((connector ?? {}) as Record<string, unknown>).map(([k, v]): [string, preact.ComponentChildren] => [
          spell(k),
          <span class="mono small">{flat(v)}</span>,
        ]),
        ...Object.entries(settings)
          .filter(([, v]) => v !== null && v !== undefined)
          .map(([k, v]): [string, preact.ComponentChildren] => [spell(k), <span class="mono small">{flat(v)}</span>]),
      ]}
    />
  );
}
