// Addresses of the API, typed by its own OpenAPI document: a path that does not exist, a query that is not understood, a
// body or an answer read wrongly does not pass `npm run check`. Costs nothing at run time.
import type { paths } from "./schema";

type Method = "get" | "put" | "post" | "delete";
type Op<P extends keyof paths, M extends Method> = Exclude<paths[P][M], undefined>;
/** Paths that answer a method. */
export type PathOf<M extends Method> = { [P in keyof paths]: Op<P, M> extends { responses: unknown } ? P : never }[keyof paths];

type Names<P extends string> = P extends `${string}{${infer N}}${infer Rest}` ? N | Names<Rest> : never;
/** What stands for the names in braces. */
export type Parts<P extends string> = [Names<P>] extends [never] ? Record<never, string> : Record<Names<P>, string>;

type QueryIn<O> = O extends { parameters: { query?: infer Q } } ? NonNullable<Q> : Record<never, never>;
/** The query of a call; every field may be left out or empty. */
export type QueryOf<P extends keyof paths, M extends Method> = { [K in keyof QueryIn<Op<P, M>>]?: QueryIn<Op<P, M>>[K] | "" | null };

type JsonOf<R> = R extends { content: { "application/json": infer J } } ? J : undefined;
type Good = 200 | 201 | 202 | 204;
/** What a call answers when all is well. */
export type AnswerOf<P extends keyof paths, M extends Method> = Op<P, M> extends { responses: infer R } ? JsonOf<R[keyof R & Good]> : never;
/** What a call takes. */
export type BodyOf<P extends keyof paths, M extends Method> =
  Op<P, M> extends { requestBody?: infer B } ? JsonOf<NonNullable<B>> : undefined;

/** An address that answers `T`. */
export type Address<T> = string & { readonly answers?: T };

/** Fills the names of a path and joins a query, leaving out what is empty. Ids may hold `#`, `&`, `@`. */
export function join(path: string, parts: Record<string, string>, query: Record<string, unknown> = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parts[name] ?? ""));
  const q = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== null && value !== "") q.set(name, String(value));
  const text = q.toString();
  return text ? `${filled}?${text}` : filled;
}

/** The address of a reading call. */
export const at = <P extends PathOf<"get">>(path: P, parts: Parts<P>, query?: QueryOf<P, "get">): Address<AnswerOf<P, "get">> =>
  join(path, parts as Record<string, string>, query);
