// Calls to the API. One place adds the CSRF header, the idempotency key and reads problem details.
import { signal } from "@preact/signals";
import { join, type Address, type AnswerOf, type BodyOf, type Parts, type PathOf } from "./address";

/** A refusal or a failure of the API, in its own words (RFC 9457). */
export class Problem extends Error {
  status: number;
  title: string;
  detail: string;
  errors: { pointer?: string; value?: unknown; reason?: string; detail?: string }[];
  type: string;
  constructor(status: number, title: string, detail = "", errors: Problem["errors"] = [], type = "") {
    super(detail || title);
    this.type = type;
    this.status = status;
    this.title = title;
    this.detail = detail;
    this.errors = errors;
  }
  /** True if there is one of that name already, and only a new one was to be made. */
  get isTaken(): boolean {
    return this.status === 412;
  }
  /** True if this server does not have that part (yet); a thing that it does not know is another matter. */
  get isAbsent(): boolean {
    return this.status === 501 || this.status === 405 || (this.status === 404 && !/\/unknown-/.test(this.type));
  }
}

/** Set when a call met 401: the shell shows the login page. */
export const loggedOut = signal(false);

function freshKey(): string {
  // randomUUID exists only in secure contexts; a plain-http intranet address is none.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

/** Makes a thing only where there is none of that name: a server that has one answers 412. */
export const ONLY_NEW = { "If-None-Match": "*" };

/** What is said where nothing was heard: a page reads again by itself, but nothing that was sent is sent again. */
export const unheard = (safe: boolean) =>
  safe
    ? "Check the connection; this page tries again by itself."
    : "Check the connection, look whether it was done, and send it again if it was not: nothing is sent twice by itself.";

export async function call<T>(
  method: string,
  path: string,
  body?: unknown,
  stop?: AbortSignal,
  more: Record<string, string> = {},
): Promise<T> {
  const safe = method === "GET";
  const headers: Record<string, string> = { Accept: "application/json", ...more };
  if (!safe) {
    headers["X-Countersign-Csrf"] = "1";
    headers["Idempotency-Key"] = freshKey();
  }
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      headers,
      credentials: "same-origin",
      signal: stop,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (cause) {
    if (stop?.aborted) throw cause;
    throw new Problem(0, "The server cannot be reached", unheard(safe));
  }
  if (answer.status === 401 && path !== "/v1/session") loggedOut.value = true;
  if (!answer.ok) throw await problemOf(answer);
  const text = await answer.text();
  if (!text) return undefined as T;
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new Problem(501, "Not available on this server", "The server answered with something that is not JSON.");
  }
}

export async function problemOf(answer: Response): Promise<Problem> {
  try {
    const p = await answer.json();
    return new Problem(answer.status, p.title ?? answer.statusText, p.detail ?? "", p.errors ?? [], p.type ?? "");
  } catch {
    return new Problem(answer.status, answer.statusText || `Status ${answer.status}`);
  }
}

/** Reads what stands at an address. */
export const get = <T>(address: Address<T>, stop?: AbortSignal) => call<T>("GET", address, undefined, stop);

/** Makes a call that changes something. */
export const send = <M extends "put" | "post" | "delete", P extends PathOf<M>>(
  method: M,
  path: P,
  parts: Parts<P>,
  body?: BodyOf<P, M>,
  headers?: Record<string, string>,
): Promise<AnswerOf<P, M>> => call(method.toUpperCase(), join(path, parts as Record<string, string>), body, undefined, headers);

/** An id as a segment of a path of the console. */
export const segment = (id: string) => encodeURIComponent(id);
