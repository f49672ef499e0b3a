// What a screen shows of the API: fetched, kept while it is fetched again, and fetched again when a matching event comes.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { at, type Address, type AnswerOf, type Parts, type PathOf, type QueryOf } from "./address";
import { Problem, get } from "./client";
import { subscribe } from "./stream";
import type { LiveEvent } from "./types";

export interface Resource<T> {
  data: T | undefined;
  problem: Problem | undefined;
  loading: boolean;
  reload: () => void;
}

/** Shortest time between two fetches caused by events: calm for the reader and the server. */
const REFRESH_MS_MIN = 1200;
/** Wait before trying again after the server could not be reached. */
const RETRY_MS = 4000;

const asProblem = (cause: unknown) => (cause instanceof Problem ? cause : new Problem(0, "The page stumbled", String(cause)));

export const useResource = <T,>(path: Address<T> | null, wants?: (event: LiveEvent) => boolean): Resource<T> =>
  useReading(path, get as (path: string, stop: AbortSignal) => Promise<T>, wants);

/** What `read` finds for a key; read anew when the key changes, or when a wanted event comes. */
export function useReading<T>(
  path: string | null,
  read: (path: string, stop: AbortSignal) => Promise<T>,
  wants?: (event: LiveEvent) => boolean,
): Resource<T> {
  const reader = useRef(read);
  reader.current = read;
  const [state, set] = useState<{ path: string | null; data?: T; problem?: Problem; loading: boolean }>({
    path: null,
    loading: path !== null,
  });
  const [turn, again] = useState(0);
  const reload = useCallback(() => again((n) => n + 1), []);
  useEffect(() => {
    if (path === null) return;
    const stop = new AbortController();
    let retry: ReturnType<typeof setTimeout> | undefined;
    set((old) => (old.path === path ? { ...old, loading: true } : { path, loading: true }));
    reader
      .current(path, stop.signal)
      .then((data) => set({ path, data, loading: false }))
      .catch((cause) => {
        if (stop.signal.aborted) return;
        const problem = asProblem(cause);
        set((old) => ({ path, data: old.path === path ? old.data : undefined, problem, loading: false }));
        if (problem.status === 0 || problem.status >= 502) retry = setTimeout(reload, RETRY_MS);
      });
    return () => {
      stop.abort();
      clearTimeout(retry);
    };
  }, [path, turn, reload]);
  useRefresh(wants, reload);
  const mine = state.path === path;
  return {
    data: mine ? state.data : undefined,
    problem: mine ? state.problem : undefined,
    loading: mine ? state.loading : path !== null,
    reload,
  };
}

/** Calls `reload` when a wanted event comes, at most once per interval. */
function useRefresh(wants: ((event: LiveEvent) => boolean) | undefined, reload: () => void): void {
  const wanted = useRef(wants);
  wanted.current = wants;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last = 0;
    const off = subscribe((events) => {
      if (timer || !wanted.current || !events.some((e) => e.type === "resync" || wanted.current!(e))) return;
      timer = setTimeout(
        () => {
          timer = undefined;
          last = Date.now();
          reload();
        },
        Math.max(150, last + REFRESH_MS_MIN - Date.now()),
      );
    });
    return () => {
      off();
      clearTimeout(timer);
    };
  }, [reload]);
}

/** Calls that answer a list, and a row of it. */
export type ListPath = { [P in PathOf<"get">]: AnswerOf<P, "get"> extends { items: unknown[] } ? P : never }[PathOf<"get">];
export type RowOf<P extends ListPath> = AnswerOf<P, "get"> extends { items: (infer T)[] } ? T : never;
interface Page<T> {
  items: T[];
  next: string | null;
}

/** Rows on one page where a list is read whole: the most that every list gives. */
const WHOLE_PAGE = 200;
/** Rows at which reading a whole list ends: enough for a spreadsheet, and no day's work for the server. */
const WHOLE_MAX = 20_000;

export interface Whole<T> {
  items: T[];
  /** False if there are more than were read. */
  complete: boolean;
}

/** A whole list, page after page. `tell` hears how many rows there are so far. */
export async function readWhole<P extends ListPath>(
  path: P,
  parts: Parts<P>,
  query: QueryOf<P, "get">,
  keyOf: (row: RowOf<P>) => string,
  tell: (rows: number) => void = () => undefined,
  stop?: AbortSignal,
): Promise<Whole<RowOf<P>>> {
  const rows = new Map<string, RowOf<P>>();
  let cursor: string | null = "";
  while (cursor !== null && rows.size < WHOLE_MAX) {
    const address = at(path, parts, { ...query, limit: WHOLE_PAGE, cursor } as QueryOf<P, "get">) as Address<Page<RowOf<P>>>;
    const page: Page<RowOf<P>> = await get(address, stop);
    for (const row of page.items) rows.set(keyOf(row), row);
    cursor = page.next ?? null;
    tell(rows.size);
  }
  return { items: [...rows.values()], complete: cursor === null };
}

export interface Pages<T> extends Resource<T[]> {
  more: (() => void) | undefined;
  /** Every row that fits, on this page or not. */
  whole: (tell: (rows: number) => void) => Promise<Whole<T>>;
  /** Puts every row on the screen. */
  loadAll: (tell: (rows: number) => void) => Promise<void>;
  arrived: number;
  show: () => void;
  following: boolean;
}

/**
 * A list by pages. With `follow` false, rows on the screen are brought up to date in place and new ones only counted
 * (`arrived`), so that nothing moves under the reader's pointer.
 */
export function usePages<P extends ListPath>(
  path: P,
  parts: Parts<P>,
  query: QueryOf<P, "get">,
  keyOf: (row: RowOf<P>) => string,
  wants?: (event: LiveEvent) => boolean,
  follow = true,
): Pages<RowOf<P>> {
  type T = RowOf<P>;
  const list = (cursor?: string) => at(path, parts, { ...query, cursor } as QueryOf<P, "get">) as Address<Page<T>>;
  const first = list();
  const top = useResource<Page<T>>(first, wants);
  const [rest, setRest] = useState<{ of: string; items: T[]; next: string | null | undefined }>({ of: first, items: [], next: undefined });
  const shown = useRef<{ of: string; keys: string[] }>({ of: "", keys: [] });
  const [, redraw] = useState(0);
  const extra = rest.of === first ? rest : { of: first, items: [], next: undefined };

  const all = new Map<string, T>();
  for (const row of [...(top.data?.items ?? []), ...extra.items]) if (!all.has(keyOf(row))) all.set(keyOf(row), row);
  const known = shown.current.of === first && shown.current.keys.length > 0;
  let keys = [...all.keys()];
  let arrived = 0;
  if (!follow && known) {
    const seen = new Set(shown.current.keys);
    const oldest = keys.findIndex((k) => seen.has(k));
    arrived = keys.slice(0, oldest < 0 ? keys.length : oldest).filter((k) => !seen.has(k)).length;
    keys = keys.filter((k) => seen.has(k) || extra.items.some((row) => keyOf(row) === k));
    if (oldest < 0) keys = [...all.keys()];
  }
  if (top.data) shown.current = { of: first, keys };

  const next = extra.next === undefined ? top.data?.next : extra.next;
  const more = next
    ? () =>
        void get(list(next))
          .then((page) => setRest({ of: first, items: [...extra.items, ...page.items], next: page.next ?? null }))
          .catch(() => top.reload())
    : undefined;
  const whole = (tell: (rows: number) => void) => readWhole(path, parts, query, keyOf, tell);
  const loadAll = (tell: (rows: number) => void) => whole(tell).then((all) => setRest({ of: first, items: all.items, next: all.complete ? null : undefined }));
  const show = () => {
    shown.current = { of: "", keys: [] };
    redraw((n) => n + 1);
  };
  return { ...top, data: top.data ? keys.map((k) => all.get(k)!) : undefined, more, whole, loadAll, arrived, show, following: follow };
}
