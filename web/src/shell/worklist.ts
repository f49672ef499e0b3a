// What waits for this very person, whole and not by its first page: cases of their role and those that they took on, and
// the approvals that their role answers. Today lists it, the rail counts it.
import { signal } from "@preact/signals";
import { Problem } from "../api/client";
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

export const work = signal<Resource<Work>>({ data: undefined, problem: undefined, loading: true, reload: () => undefined });

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
    read(who, stop.signal)
      .then((data) => {
        work.value = { data, problem: undefined, loading: false, reload };
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
  reload();
  const off = subscribe((events) => {
    if (events.some((e) => e.type === "resync" || /^(case|approval)\./.test(e.type))) soon();
  });
  return () => {
    off();
    clearTimeout(timer);
    stop.abort();
    work.value = { data: undefined, problem: undefined, loading: true, reload: () => undefined };
  };
}
