// One word for where a thing stands, with its two strokes; severity, direction and other small labels.
import { StrokeMark } from "./mark";
import { spell } from "../words/words";

const INK: Record<string, string> = {
  captured: "plain",
  in_review: "wait",
  backordered: "wait",
  awaiting_confirmation: "ours",
  confirmed: "theirs",
  shipped: "theirs",
  delivered: "theirs",
  cancelled: "gone",
  planned: "plain",
  held: "plain",
  requested: "ours",
  open: "ours",
  closed: "gone",
  sent: "ours",
  received: "ours",
  acknowledged: "theirs",
  accepted: "theirs",
  committed: "theirs",
  withdrawing: "wait",
  withdrawn: "gone",
  released: "gone",
  overdue: "stamp",
  breached: "stamp",
  rejected: "stamp",
  declined: "stamp",
};

export function Status({ code }: { code: string | undefined }) {
  if (!code) return null;
  return (
    <span class={`status ink-${INK[code] ?? "plain"}`}>
      <StrokeMark state={code} />
      {spell(code)}
    </span>
  );
}

export function Severity({ code }: { code: string | undefined }) {
  const level = code ?? "medium";
  const bars = { low: 1, medium: 2, high: 3, critical: 4 }[level] ?? 2;
  return (
    <span class={`severity s-${level}`}>
      <svg viewBox="0 0 16 12" aria-hidden="true">
        {[0, 1, 2, 3].map((i) => (
          <rect key={i} x={i * 4} y={9 - i * 3} width="3" height={3 + i * 3} class={i < bars ? "on" : "off"} />
        ))}
      </svg>
      {spell(level)}
    </span>
  );
}

export type Ink = "plain" | "ours" | "theirs" | "wait" | "stamp" | "gone";
export function Tag({ ink = "plain", children }: { ink?: Ink; children: preact.ComponentChildren }) {
  return <span class={`tag ink-${ink}`}>{children}</span>;
}
