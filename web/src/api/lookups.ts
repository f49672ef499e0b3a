// Small tables that many screens need: sources (names, zones) and the sentences of reason codes. Fetched once, and again
// when a source changes.
import { signal } from "@preact/signals";
import { spell } from "../words/words";
import { at } from "./address";
import { get } from "./client";
import { subscribe } from "./stream";
import type { Source } from "./types";

export const sources = signal<Map<string, Source>>(new Map());
/** Reasons of holding an order and of letting it go on: no reasons of anything else. */
const OF_HOLDS = new Set(["manual_hold", "manual_release"]);
/** Codes that people may give as the reason of an act of their own, with their sentence; empty where the server does not say which. */
export const givenReasons = signal<[string, string][]>([]);
const sentences = signal<Map<string, string>>(new Map());

async function readSources(): Promise<void> {
  const all = new Map<string, Source>();
  let cursor: string | null = "";
  for (let page = 0; page < 20 && cursor !== null; page++) {
    const answer: { items: Source[]; next: string | null } = await get(at("/v1/sources", {}, { limit: 200, cursor }));
    for (const s of answer.items) all.set(s.id, s);
    cursor = answer.next;
  }
  sources.value = all;
}

export function openLookups(): () => void {
  const read = () => void readSources().catch(() => undefined);
  read();
  get(at("/v1/reasons", {}))
    .then((r) => {
      sentences.value = new Map(r.items.map((i) => [i.code, i.sentence]));
      givenReasons.value = r.items.filter((i) => (i as { given?: boolean }).given && !OF_HOLDS.has(i.code)).map((i) => [i.code, i.sentence.replace(/\.$/, "")]);
    })
    .catch(() => undefined);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const off = subscribe((events) => {
    if (events.some((e) => e.type === "source.recorded")) {
      clearTimeout(timer);
      timer = setTimeout(read, 800);
    }
  });
  return () => {
    off();
    clearTimeout(timer);
  };
}

export const sourceName = (id: string | undefined | null) => (id ? (sources.value.get(id)?.name ?? id) : "");
export const sourceZone = (id: string | undefined | null) => (id ? sources.value.get(id)?.time_zone : undefined);

/** The sentence of a reason code; the code spelled out where the server tells none. */
export const reasonText = (code: string | undefined | null) => (code ? (sentences.value.get(code) ?? `${spell(code)}.`) : "");
/** The same without its full stop, inside a sentence; nothing for what is no reason. */
export const knownReason = (code: string) => sentences.value.get(code)?.replace(/\.$/, "");
