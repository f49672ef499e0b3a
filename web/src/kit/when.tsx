// Instants and deadlines. Shown in the viewer's zone; the exact time, the source's zone and UTC on hover.
import { exactTime, inZone, instant, now, secondsTime, shortTime, span } from "../words/time";

function hover(at: Date, zone?: string): string {
  return [exactTime(at), inZone(at, zone), at.toISOString().replace(/\.\d+Z$/, "Z")].filter(Boolean).join(" · ");
}

/** A moment: `14:05`, or `3 Nov, 14:05` on another day. */
export function When({ at, zone, seconds }: { at: string | null | undefined; zone?: string; seconds?: boolean }) {
  const moment = instant(at);
  if (!moment) return <span class="muted">{at || "–"}</span>;
  return (
    <time class="nowrap" dateTime={moment.toISOString()} title={hover(moment, zone)}>
      {seconds ? secondsTime(moment) : shortTime(moment)}
    </time>
  );
}

/** How long ago. */
export function Age({ at, zone }: { at: string | null | undefined; zone?: string }) {
  const moment = instant(at);
  if (!moment) return <span class="muted">–</span>;
  const age = (now.value - moment.getTime()) / 1000;
  return (
    <time class="nowrap" dateTime={moment.toISOString()} title={hover(moment, zone)}>
      {age < 5 ? "just now" : `${span(age)} ago`}
    </time>
  );
}

/** Time left until a deadline, or how long past it. `over` says that it no longer matters. */
export function Due({ at, zone, over }: { at: string | null | undefined; zone?: string; over?: boolean }) {
  const moment = instant(at);
  if (!moment) return <span class="muted">–</span>;
  if (over) return <When at={at} zone={zone} />;
  const left = (moment.getTime() - now.value) / 1000;
  const ink = left < 0 ? "late" : left < 300 ? "soon" : "";
  return (
    <time class={`due nowrap ${ink}`} dateTime={moment.toISOString()} title={hover(moment, zone)}>
      {left < 0 ? `${span(left)} late` : `in ${span(left)}`}
    </time>
  );
}
