// Units of a line by how far they are, as one bar that is also a sentence.
import type { Tally } from "../api/types";

/** The parts of the bar, furthest first; each unit is counted once, in the furthest part it has reached. */
export function tallyParts(t: Tally): { name: string; units: number }[] {
  const ordered = t.ordered ?? 0;
  let taken = 0;
  const upTo = (units: number | undefined) => {
    const part = Math.max(0, Math.min(units ?? 0, ordered - (t.cancelled ?? 0)) - taken);
    taken += part;
    return part;
  };
  const shipped = upTo(t.shipped);
  const committed = upTo(t.committed);
  const accepted = upTo(t.accepted);
  const held = upTo(t.held);
  const cancelled = Math.min(t.cancelled ?? 0, ordered);
  const open = Math.max(0, ordered - taken - cancelled);
  return [
    { name: "shipped", units: shipped },
    { name: "committed", units: committed },
    { name: "accepted", units: accepted },
    { name: "held", units: held },
    { name: "open", units: open },
    { name: "cancelled", units: cancelled },
  ].filter((p) => p.units > 0);
}

export function TallyBar({ tally, unit }: { tally: Tally | undefined; unit?: string }) {
  if (!tally?.ordered) return null;
  const parts = tallyParts(tally);
  const text = parts.map((p) => `${p.units} ${p.name}`).join(", ");
  return (
    <div class="tally" title={`${tally.ordered} ${unit ?? ""} ordered: ${text}`}>
      <div class="tally-bar" aria-hidden="true">
        {parts.map((p) => (
          <i key={p.name} class={`t-${p.name}`} style={{ flexGrow: p.units }} />
        ))}
      </div>
      <span class="small quiet">
        {text} of {tally.ordered}
      </span>
    </div>
  );
}
