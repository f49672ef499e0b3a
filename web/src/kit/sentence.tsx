// A sentence of the server, made readable: see words/sentences.ts.
import { sources } from "../api/lookups";
import { readable } from "../words/sentences";

const nameOf = (id: string) => sources.value.get(id)?.name;
/** The text alone, for tables and searches. */
export const sentence = (text: string | null | undefined) => readable(text, nameOf);

export function Sentence({ children }: { children: string | null | undefined }) {
  return <>{sentence(children)}</>;
}
