// The mark: a tick made of two strokes in two inks. The first is ours (we asked), the second theirs (they accepted).
// A line is committed when both stand. The same two strokes are the status of every order and line.

type Stroke = "none" | "signed" | "awaited" | "late" | "refused";

const STROKES: Record<string, [Stroke, Stroke, string?]> = {
  captured: ["awaited", "none"],
  in_review: ["late", "none"],
  backordered: ["signed", "late"],
  awaiting_confirmation: ["signed", "awaited"],
  confirmed: ["signed", "signed"],
  shipped: ["signed", "signed", "shipped"],
  delivered: ["signed", "signed", "delivered"],
  cancelled: ["none", "none", "cancelled"],
  // purchase orders and assignments
  planned: ["awaited", "none"],
  held: ["awaited", "none"],
  released: ["none", "none", "cancelled"],
  requested: ["signed", "awaited"],
  open: ["signed", "awaited"],
  closed: ["none", "none"],
  sent: ["signed", "awaited"],
  received: ["signed", "awaited"],
  acknowledged: ["signed", "signed"],
  accepted: ["signed", "signed"],
  committed: ["signed", "signed"],
  overdue: ["signed", "refused"],
  breached: ["signed", "refused"],
  rejected: ["signed", "refused"],
  declined: ["signed", "refused"],
  withdrawing: ["signed", "late"],
  withdrawn: ["none", "none", "cancelled"],
};

export function StrokeMark({ state }: { state: string }) {
  const [ours, theirs, under] = STROKES[state] ?? ["none", "none"];
  return (
    <svg class="mark" viewBox="0 0 22 16" aria-hidden="true">
      <path class={`stroke ours ${ours}`} d="M2.5 7.2c1.8.7 3.7 2.8 4.8 5.6" />
      <path class={`stroke theirs ${theirs}`} d="M7.3 12.8c2-5 5.6-8.9 11.2-11.3" />
      {under === "shipped" && <path class="under" d="M11 14.7h5" />}
      {under === "delivered" && <path class="under" d="M10 14.7h10" />}
      {under === "cancelled" && <path class="under gone" d="M3 8h16" />}
    </svg>
  );
}

export function BrandMark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#1b2840" />
      <path d="M6.5 16.5c2 .6 4.3 3.2 5.7 7" fill="none" stroke="#9db3ff" stroke-width="4" stroke-linecap="round" />
      <path d="M12.2 23.5c2.3-6.5 6.4-12 13.3-16" fill="none" stroke="#57cdb4" stroke-width="4" stroke-linecap="round" />
    </svg>
  );
}
