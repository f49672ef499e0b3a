// Documents as they went over the wire, made a little easier to look at: EDI one segment per line, JSON indented. What a
// segment means, and what was found in it, is the server's to say.

/** The text with its segments on lines of their own. */
export function onePerLine(text: string): string {
  const start = text.trimStart();
  if (/^[[{]/.test(start)) {
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text; // shown as it is
    }
  }
  const end = start.startsWith("ISA") && start.length > 106 ? start[105] : start.startsWith("UNA") ? start[8] : start.startsWith("UNB") ? "'" : "";
  if (!end || start.split(end, 3).some((s) => /\n\S/.test(s.slice(1)))) return text;
  return start
    .split(end)
    .map((s) => s.trim())
    .filter(Boolean)
    .map((s) => s + end)
    .join("\n");
}

/** A value of a segment and what stands between values; `value` is its index, -1 for delimiters. */
export interface Piece {
  text: string;
  value: number;
}

/** A segment cut at its values, whose places are told in bytes. */
export function pieces(raw: string, values: { start: number; length: number }[]): Piece[] {
  const bytes = new TextEncoder().encode(raw);
  const text = (from: number, to: number) => new TextDecoder().decode(bytes.slice(from, to));
  const found: Piece[] = [];
  let at = 0;
  values.forEach((v, value) => {
    if (v.start < at || v.length === 0) return;
    if (v.start > at) found.push({ text: text(at, v.start), value: -1 });
    found.push({ text: text(v.start, v.start + v.length), value });
    at = v.start + v.length;
  });
  if (at < bytes.length) found.push({ text: text(at, bytes.length), value: -1 });
  return found;
}
