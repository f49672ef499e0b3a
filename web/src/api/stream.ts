// The live line: one stream of all events, read with fetch (so that any event name, a refusal and a resume from the last
// id can be seen), given to whoever subscribed. It rests while the page is hidden: browsers allow six connections a host.
import { signal } from "@preact/signals";
import { at, join } from "./address";
import { get, problemOf } from "./client";
import type { Actor, LiveEvent } from "./types";

export type StreamState = "connecting" | "live" | "resting" | "lost" | "absent";
export const streamState = signal<StreamState>("connecting");

/** Events seen lately, newest last; what the pulse on Today draws. */
export const recent = signal<LiveEvent[]>([]);
/** Events kept for the pulse: twenty minutes of a busy demo. */
const RECENT_MAX = 4000;
/** Journal entries read back on arrival, so that the pulse is not empty. */
const LOOK_BACK = 1500;
/** Longest silence before the line counts as broken; servers send a comment every 15 s or so. */
const SILENCE_MS_MAX = 45_000;

type Listener = (events: LiveEvent[]) => void;
const listeners = new Set<Listener>();
export function subscribe(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Told to listeners when events may have been missed: whoever shows something fetches it again. */
const RESYNC: LiveEvent = { id: "", type: "resync", at: "", data: {} };
const resync = () => {
  for (const listener of listeners) listener([RESYNC]);
};

let lastId = "";
let stop: AbortController | null = null;
let waiting: LiveEvent[] = [];
let flushing = false;

/** Opens the line; call once after login. Returns how to close it. */
export function openStream(): () => void {
  let closed = false;
  let failures = 0;
  const run = async () => {
    while (!closed) {
      if (document.hidden) {
        streamState.value = "resting";
        await new Promise<void>((go) => document.addEventListener("visibilitychange", () => go(), { once: true }));
        continue;
      }
      stop = new AbortController();
      const outcome = await listen(stop).catch(() => "lost" as const);
      if (closed) return;
      if (outcome === "absent") {
        streamState.value = "absent";
        await pause(30_000);
        continue;
      }
      if (document.hidden) continue;
      failures = streamState.value === "live" ? 0 : failures + 1;
      streamState.value = "lost";
      await pause(Math.min(15_000, 500 * 2 ** failures));
    }
  };
  const onHide = () => {
    if (document.hidden) stop?.abort();
  };
  document.addEventListener("visibilitychange", onHide);
  void run();
  return () => {
    closed = true;
    stop?.abort();
    document.removeEventListener("visibilitychange", onHide);
  };
}

const pause = (ms: number) => new Promise<void>((go) => setTimeout(go, ms));

/** Where the stream begins; on the way the last minutes are read back, so that the pulse is not empty. */
async function firstPosition(): Promise<string> {
  try {
    const head = await get(at("/v1/audit/checkpoint", {}));
    const size = head.size;
    await readBack(Math.max(0, size - LOOK_BACK));
    return String(size);
  } catch {
    return "";
  }
}

/** The types that the pulse and the feed tell; the rest of the past is read by the screens themselves. */
const TOLD_BACK =
  "order.captured acknowledgment.received line.committed line.rerouted line.cancelled sla.breached case.opened approval.asked shipment.notified";

async function readBack(after: number): Promise<void> {
  const events = await readPast(after, LOOK_BACK, TOLD_BACK.split(" "));
  recent.value = events.concat(recent.peek()).slice(-RECENT_MAX);
}

/** The events of so many journal entries after a position; only these types, if any are named. */
export async function readPast(after: number, entries: number, types: string[], stop?: AbortSignal): Promise<LiveEvent[]> {
  const wanted = types.map((type) => `countersign.${type}.v1`).join(",");
  const path = join("/v1/events", {}, { after, limit: entries, types: wanted });
  const answer = await fetch(path, { headers: { Accept: "application/x-ndjson" }, credentials: "same-origin", signal: stop });
  if (!answer.ok || !(answer.headers.get("content-type") ?? "").includes("ndjson")) throw await problemOf(answer);
  const events = (await answer.text()).split("\n").filter(Boolean).map(readEvent);
  return events.filter((e): e is LiveEvent => e !== null);
}

async function listen(control: AbortController): Promise<"lost" | "absent"> {
  const after = lastId || (await firstPosition());
  const headers: Record<string, string> = { Accept: "text/event-stream" };
  if (lastId) headers["Last-Event-ID"] = lastId;
  const answer = await fetch(after ? `/v1/events?after=${encodeURIComponent(after)}` : "/v1/events", {
    headers,
    credentials: "same-origin",
    signal: control.signal,
  });
  const type = answer.headers.get("content-type") ?? "";
  if (!answer.ok || !answer.body || !type.includes("event-stream")) {
    await answer.body?.cancel();
    return answer.status >= 500 && answer.status !== 501 ? "lost" : "absent";
  }
  const returning = streamState.value === "lost" || streamState.value === "resting";
  streamState.value = "live";
  if (returning) resync();
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const watchdog = setTimeout(() => control.abort(), SILENCE_MS_MAX);
    const { value, done } = await reader.read().finally(() => clearTimeout(watchdog));
    if (done) return "lost";
    const blocks = (text + value).split(/\r?\n\r?\n/);
    text = blocks.pop() ?? "";
    for (const block of blocks) take(block);
  }
}

/** Reads one block of the stream (fields `id`, `event`, `data`); comments and unknown fields are passed over. */
function take(block: string): void {
  let data = "";
  for (const line of block.split(/\r?\n/)) {
    const colon = line.indexOf(":");
    if (colon <= 0) continue;
    const field = line.slice(0, colon);
    const value = line.slice(colon + 1).replace(/^ /, "");
    if (field === "id") lastId = value;
    else if (field === "data") data += (data ? "\n" : "") + value;
    else if (field === "event" && value === "resync") {
      lastId = "";
      resync();
    }
  }
  if (!data) return;
  const event = readEvent(data);
  if (!event) return;
  waiting.push(event);
  if (flushing) return;
  flushing = true;
  setTimeout(flush, 120); // a burst redraws once
}

export function readEvent(text: string): LiveEvent | null {
  try {
    const e = JSON.parse(text);
    const data = (e.data ?? {}) as Record<string, unknown>;
    const id = String(e.id ?? lastId).replace(/^evt_(\d+)_(\d+)$/, "$1.$2");
    return { id, type: shortType(String(e.type ?? "")), at: String(e.time ?? ""), subject: e.subject, order: orderOf(data), by: actorOf(e), sentence: e.sentence, data };
  } catch {
    return null;
  }
}

/** Whose deed led to it. */
function actorOf({ by, bykind }: { by?: string; bykind?: Actor["kind"] }): Actor | undefined {
  if (!by || !bykind) return undefined;
  return bykind === "source" ? { kind: bykind, source: by } : { kind: bykind, name: by };
}

/** The order an event is about: said, or read from the id of the case (`1001-2`; `@acme-1` belongs to a source). */
function orderOf(data: Record<string, unknown>): string | undefined {
  if (typeof data.order === "string") return data.order;
  const named = data.case as { id?: unknown } | string | undefined;
  const id = typeof named === "string" ? named : named?.id;
  return typeof id === "string" && !id.startsWith("@") ? id.replace(/-\d+$/, "") : undefined;
}

/** `countersign.order.captured.v1` → `order.captured` */
export const shortType = (type: string) => type.replace(/^countersign\./, "").replace(/\.v\d+$/, "");

function flush(): void {
  flushing = false;
  const events = waiting;
  waiting = [];
  recent.value = [...recent.value, ...events].slice(-RECENT_MAX);
  for (const listener of listeners) listener(events);
}
