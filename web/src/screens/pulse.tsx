// The pulse: what the world did in the last minutes, one lane per kind of event, the newest at the right edge.
import { Link } from "wouter-preact";
import { recent, streamState, type StreamState } from "../api/stream";
import { reasonText, sourceName } from "../api/lookups";
import type { LiveEvent } from "../api/types";
import { sentence } from "../kit/sentence";
import { When } from "../kit/when";
import { atMost } from "../words/report";
import { instant, now } from "../words/time";
import { approvalName, eventName, plural, spell } from "../words/words";
import { orderHref } from "./orders";
import { inkOf } from "./timeline";

const WINDOW_S = 300;
/** Seconds in one bar. */
const BAR_S = 2.5;
const BARS = WINDOW_S / BAR_S;
const LANE = { width: BARS * 6, height: 34 };

interface Lane {
  name: string;
  ink: string;
  takes: (e: LiveEvent) => boolean;
}
const LANES: Lane[] = [
  { name: "came in", ink: "ours", takes: (e) => e.type === "order.captured" },
  { name: "countersigned", ink: "theirs", takes: (e) => e.type === "line.committed" },
  { name: "breached", ink: "stamp", takes: (e) => e.type === "sla.breached" },
  { name: "rerouted", ink: "wait", takes: (e) => e.type === "line.rerouted" },
];

/** Events of a lane by bar, the last bar being now; an order counts once per bar. */
export function barsOf(events: LiveEvent[], takes: Lane["takes"], at: number): number[] {
  const bars = new Array<number>(BARS).fill(0);
  const end = Math.ceil(at / 1000 / BAR_S);
  const seen = new Set<string>();
  for (const e of events) {
    if (!takes(e)) continue;
    const time = instant(e.at)?.getTime();
    if (time === undefined) continue;
    const bar = BARS - 1 - (end - 1 - Math.floor(time / 1000 / BAR_S));
    const once = `${bar}|${e.order ?? e.subject ?? e.id}`;
    if (bar < 0 || bar >= BARS || seen.has(once)) continue;
    seen.add(once);
    bars[bar] = (bars[bar] ?? 0) + 1;
  }
  return bars;
}

/** Median seconds from the order's capture to its first commitment, over what the window holds. */
export function medianToCommit(events: LiveEvent[], since: number): number | null {
  const captured = new Map<string, number>();
  const took: number[] = [];
  for (const e of events) {
    const time = instant(e.at)?.getTime();
    if (!e.order || time === undefined) continue;
    if (e.type === "order.captured") captured.set(e.order, time);
    const began = captured.get(e.order);
    if (e.type === "line.committed" && began !== undefined) {
      if (time >= since) took.push((time - began) / 1000);
      captured.delete(e.order);
    }
  }
  if (took.length === 0) return null;
  took.sort((a, b) => a - b);
  return took[Math.floor(took.length / 2)]!;
}

export function Pulse() {
  const at = now.value;
  const events = recent.peek();
  const lanes = LANES.map((lane) => ({ ...lane, bars: barsOf(events, lane.takes, at) }));
  const median = medianToCommit(events, at - WINDOW_S * 1000);
  return (
    <section class="pulse" aria-label="The last five minutes">
      <header class="apart">
        <h2>The last five minutes</h2>
        <p class="quiet">
          {median === null ? (
            ""
          ) : (
            <>
              Median from order to countersigned: <b>{atMost(median)}</b>
            </>
          )}
        </p>
      </header>
      <div class="lanes">
        {lanes.map((l) => (
          <LaneRow key={l.name} name={l.name} ink={l.ink} bars={l.bars} />
        ))}
      </div>
      <div class="lane-axis small muted" aria-hidden="true">
        <span>5 min ago</span>
        <span>2½ min</span>
        <span>now</span>
      </div>
    </section>
  );
}

function LaneRow({ name, ink, bars }: { name: string; ink: string; bars: number[] }) {
  const total = bars.reduce((a, b) => a + b, 0);
  const top = Math.max(3, ...bars);
  const path = bars
    .map((n, i) => (n === 0 ? "" : `M${i * 6 + 3} ${LANE.height}v${(-Math.max(5, (n / top) * (LANE.height - 2))).toFixed(1)}`))
    .join("");
  return (
    <div class={`lane ink-${ink}`}>
      <p class="lane-name">
        <b>{streamState.value === "connecting" && total === 0 ? "–" : total.toLocaleString("en")}</b> <span>{name}</span>
      </p>
      <svg viewBox={`0 0 ${LANE.width} ${LANE.height}`} preserveAspectRatio="none" aria-hidden="true">
        <path d={path} />
      </svg>
    </div>
  );
}

const TOLD =
  /^(order\.captured|acknowledgment\.(received|late)|line\.(committed|rerouted|cancelled|waiting|uncommitted)|sla\.breached|case\.(opened|resolved)|approval\.(asked|answered|approved|rejected|lapsed)|shipment\.notified|message\.written|promise\.revised)$/;
const FEED_ROWS = 16;
/** A plain yes is told by the commitment that follows it. */
const isYes = (e: LiveEvent) => e.type === "acknowledgment.received" && Number(e.data.accepted ?? 0) > 0;

/** Why there is nothing to tell yet. */
const SILENCE: Partial<Record<StreamState, string>> = { live: "Waiting for the first event.", connecting: "Reading the last minutes." };

/** What has just happened, in sentences, newest first. */
export function Feed() {
  void now.value; // redrawn once a second at most, however fast events come
  const rows = recent
    .peek()
    .filter((e) => TOLD.test(e.type) && !isYes(e))
    .slice(-FEED_ROWS)
    .reverse();
  if (rows.length === 0)
    return <p class="empty">{SILENCE[streamState.value] ?? "No live line to the server."}</p>;
  return (
    <div role="log" aria-live="off" aria-label="Latest events">
      <ol class="feed">
        {rows.map((e) => (
          <li key={e.id}>
            <When at={e.at} seconds />
            <p class={`ink-${inkOf(e.type)}`}>
              {e.order ? (
                <Link href={orderHref(e.order)} class="mono">
                  {e.order}
                </Link>
              ) : null}
              <span class="feed-words">{eventSentence(e)}</span>
            </p>
          </li>
        ))}
      </ol>
    </div>
  );
}

/** An event in a few words; the server's own sentence where it sends one. */
export function eventSentence(e: LiveEvent): string {
  const d = e.data;
  const text = (key: string) => (typeof d[key] === "string" ? (d[key] as string) : undefined);
  const source = sourceName(text("source"));
  const inner = (key: string) => (d[key] ?? {}) as Record<string, unknown>;
  if (text("sentence")) return sentence(text("sentence"));
  switch (e.type) {
    case "order.captured":
      return `came in from ${text("sales_channel") ?? "the shop"}`;
    case "acknowledgment.received":
      return Number(d.declined ?? 0) > 0
        ? `declined: ${reasonText(text("reason"))}`
        : `accepted, ${plural(Number(d.accepted ?? 0), "unit")}${source ? ` by ${source}` : ""}`;
    case "acknowledgment.late":
      return "answered after the attempt was over; the running one is untouched";
    case "line.committed":
      return `countersigned by ${source || "its source"}, ${plural(Number(d.quantity ?? 0), "unit")}`;
    case "line.uncommitted":
      return "no longer countersigned";
    case "message.written":
      return (inner("message").to as { kind?: string } | undefined)?.kind === "retailer" ? "an answer came in" : "a message went out";
    case "line.rerouted":
      return `taken from ${sourceName(text("from"))}: ${reasonText(text("reason"))}`;
    case "line.cancelled":
      return `cancelled: ${reasonText(text("reason"))}`;
    case "line.waiting":
      return `waits for supply: ${reasonText(text("reason"))}`;
    case "sla.breached":
      return `${source || "The source"} let the ${spell(text("clock")).toLowerCase()} clock run out`;
    case "case.opened":
      return sentence(String(inner("case").sentence ?? "")) || `case: ${spell(String(inner("case").kind ?? ""))}`;
    case "case.resolved":
      return "case resolved";
    case "approval.asked":
      return `${approvalName(String(inner("approval").kind ?? "a decision"))} waits for approval`;
    case "shipment.notified":
      return `shipped${inner("shipment").carrier ? ` by ${inner("shipment").carrier}` : ""}`;
    case "promise.revised":
      return `promise revised: ${reasonText(String(inner("promise").reason ?? ""))}`;
    default:
      return eventName(e.type).toLowerCase();
  }
}
