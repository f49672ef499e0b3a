// What waits for this very person, whole and not by its first page: cases of their role and those that they took on, and
// the approvals that their role answers. The rail counts it, by the server's own count where there is one; while Today is
// open the lists themselves are read.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Address } from "../api/address";
import { Problem, get } from "../api/client";
import { readWhole, type Resource } from "../api/resource";
import { subscribe } from "../api/stream";
import type { Approval, Case, Session } from "../api/types";
import { session } from "./session";

export interface Work {
  cases: Case[];
  approvals: Approval[];
  /** False if there is more than can be counted. */
  complete: boolean;
}

/** Between two readings: lists of hundreds are no reason to keep the server busy. */
const REFRESH_MS_MIN = 2500;
/** Roles that own cases. */
export const OWNERS = ["customer_service", "vendor_manager", "buyer", "it"];

type Who = Pick<Session, "name" | "role" | "permissions">;
const allowed = (who: Who, permission: string) => who.permissions?.includes(permission) ?? true;

/** True for a case that this person should look at: what they took on, and what nobody of their role has yet. */
export const isMine = (c: Pick<Case, "assigned_to" | "role">, who: Who): boolean =>
  allowed(who, "work_cases") && (c.assigned_to ? c.assigned_to.name === who.name : c.role === who.role);

/** True for a question that this person may answer. */
export const mayAnswer = (a: Pick<Approval, "answerable">, who: Who): boolean => allowed(who, "answer_approvals") && a.answerable !== false;

/** Asks for those alone that this role may answer; a server that does not know the word tells all, and they are sifted here. */
const ANSWERABLE = { answerable: true };

async function read(who: Who, stop: AbortSignal): Promise<Work> {
  const cases = (query: { role: string } | { assigned: string }) =>
    readWhole("/v1/cases", {}, { open: true, ...query }, (c) => c.id, undefined, stop);
  const owns = OWNERS.includes(who.role) && allowed(who, "work_cases");
  const [ofRole, taken, asked] = await Promise.all([
    owns ? cases({ role: who.role }) : null,
    owns ? cases({ assigned: "me" }) : null,
    allowed(who, "answer_approvals") ? readWhole("/v1/approvals", {}, { open: true, ...ANSWERABLE }, (a) => a.id, undefined, stop) : null,
  ]);
  const all = new Map([...(ofRole?.items ?? []), ...(taken?.items ?? [])].map((c) => [c.id, c]));
  return {
    cases: [...all.values()].filter((c) => isMine(c, who)),
    approvals: (asked?.items ?? []).filter((a) => mayAnswer(a, who)),
    complete: [ofRole, taken, asked].every((list) => list?.complete ?? true),
  };
}

/** How much it is. */
export interface Count {
  cases: number;
  approvals: number;
  complete: boolean;
}
export const counted = signal<Count | undefined>(undefined);
const UNREAD: Resource<Work> = { data: undefined, problem: undefined, loading: true, reload: () => undefined };
const work = signal<Resource<Work>>(UNREAD);

/** The server's count of what waits, as far as it is needed here. */
interface DeskCounts {
  cases: { mine: number; unclaimed: number };
  approvals: { answerable: number };
}
/** False once the server was found to have no count of its own. */
let counts = true;
let listed = 0;

/** Only the count; nothing where the server has none. */
async function readCount(who: Who, stop: AbortSignal): Promise<Count | undefined> {
  try {
    const told = await get("/v1/desk/counts" as Address<DeskCounts>, stop);
    const works = OWNERS.includes(who.role) && allowed(who, "work_cases");
    return { cases: works ? told.cases.mine + told.cases.unclaimed : 0, approvals: allowed(who, "answer_approvals") ? told.approvals.answerable : 0, complete: true };
  } catch (cause) {
    if (!(cause instanceof Problem && cause.isAbsent)) throw cause;
    counts = false;
    return undefined;
  }
}

/** The lists, kept up to date as long as somebody looks at them. */
export function useWork(): Resource<Work> {
  useEffect(() => {
    listed += 1;
    reloadWork();
    return () => {
      listed -= 1;
    };
  }, []);
  return work.value;
}

/** Reads it again, after an act that no event tells. */
export const reloadWork = () => work.peek().reload();

/** Keeps it up to date while somebody is logged in; how to stop. */
export function openWorklist(): () => void {
  const stop = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let [last, busy, again] = [0, false, false];
  const soon = () => {
    timer ??= setTimeout(reload, Math.max(200, last + REFRESH_MS_MIN - Date.now()));
  };
  const reload = () => {
    clearTimeout(timer);
    timer = undefined;
    again = busy;
    const who = session.peek();
    if (busy || !who) return;
    [last, busy] = [Date.now(), true];
    const short = listed === 0 && counts ? readCount(who, stop.signal) : Promise.resolve(undefined);
    short
      .then(async (count) => {
        if (count && !stop.signal.aborted) {
          counted.value = count;
          return;
        }
        const data = await read(who, stop.signal);
        if (stop.signal.aborted) return;
        work.value = { data, problem: undefined, loading: false, reload };
        counted.value = { cases: data.cases.length, approvals: data.approvals.length, complete: data.complete };
      })
      .catch((cause) => {
        if (stop.signal.aborted) return;
        const problem = cause instanceof Problem ? cause : new Problem(0, "The page stumbled", String(cause));
        work.value = { ...work.peek(), problem, loading: false, reload };
        again ||= problem.status === 0 || problem.status >= 502;
      })
      .finally(() => {
        busy = false;
        if (again && !stop.signal.aborted) soon();
      });
  };
  work.value = { ...UNREAD, reload };
  reload();
  const off = subscribe((events) => {
    if (events.some((e) => e.type === "resync" || /^(case|approval)\./.test(e.type))) soon();
  });
  return () => {
    off();
    clearTimeout(timer);
    stop.abort();
    work.value = UNREAD;
    counted.value = undefined;
  };
}
