// Words for codes. The server's sentences come first; these only spell a code that came without one.
import type { Actor } from "../api/types";

const SPELLED: Record<string, string> = {
  awaiting_confirmation: "Awaiting confirmation",
  in_review: "In review",
  customer_service: "Customer service",
  vendor_manager: "Vendor manager",
  it: "IT",
  dc: "Distribution centre",
  api: "API",
  x12: "X12",
  eancom: "EANCOM",
  wms: "WMS",
  sftp: "SFTP",
  as2: "AS2",
  http: "HTTP",
  countersign: "Countersign",
  po: "PO",
  csv: "CSV",
  in: "Received",
  out: "Sent",
  acknowledgment: "Acknowledgment",
  receipt: "Receipt",
  ship_notice: "Ship notice",
  replaced: "Another source taken",
  cancel_answer: "Cancel answer",
};

/** `awaiting_confirmation` → `Awaiting confirmation` */
export function spell(code: string | null | undefined): string {
  if (!code) return "";
  const known = SPELLED[code];
  if (known) return known;
  const words = code.replace(/[_.]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const REMEDIES: Record<string, string> = {
  plan_again: "Plan again",
  reroute_to: "Reroute to",
  cancel_rest: "Cancel the rest",
  wait_longer: "Wait longer",
  send_again: "Send again",
  source_has_it: "The source has it",
  source_will_not_ship: "The source will not ship",
  keep_source: "Keep this source",
  accept_date: "Accept the date",
  dismiss: "Dismiss",
  approve: "Approve",
  reject: "Reject",
  reroute: "Reroute by the rules",
  cancel: "Cancel the line",
  excuse_breach: "Excuse it",
  uphold_breach: "Uphold it",
};
const REMEDY_HELP: Record<string, string> = {
  plan_again: "Look for supply again among all sources, those asked before included.",
  reroute_to: "Take the quantity away and ask this source.",
  cancel_rest: "Cancel what nobody supplies; the customer is told.",
  wait_longer: "Give the source the same time once more.",
  send_again: "Send the purchase order again under the same number.",
  source_has_it: "The source confirmed by phone that it has the paper; nothing is sent.",
  source_will_not_ship: "The source said by phone that it will not ship; the quantity is free to be planned again.",
  keep_source: "The source ships all the same: keep it and stop the other.",
  accept_date: "Take the later date and tell the customer.",
  dismiss: "Leave things as they are and close the case.",
  approve: "Release the plan as it is.",
  reject: "Drop the plan.",
  reroute: "Ask the best source that the rules find.",
  cancel: "Cancel the whole line; the customer is told.",
  excuse_breach: "The source is right: the breach no longer counts against it.",
  uphold_breach: "The breach counts, whatever the source said.",
};
/** Statements of fact: only what somebody outside has said makes them true, so no rule recommends them. */
const SAID_BY_SOMEBODY = new Set(["source_has_it", "source_will_not_ship", "keep_source"]);
export const isStatement = (action: string) => SAID_BY_SOMEBODY.has(action);
const NOT_UNDONE = new Set(["cancel", "cancel_rest", ...SAID_BY_SOMEBODY, "excuse_breach", "uphold_breach"]);
/** True for what cannot be taken back: it asks once more. */
export const isGrave = (c: { action: string; cancels?: number }) => NOT_UNDONE.has(c.action) || (c.cancels ?? 0) > 0;

export const remedyName = (action: string) => REMEDIES[action] ?? spell(action);
export const remedyHelp = (action: string) => REMEDY_HELP[action] ?? "";

/** Questions that the policy reserves for people: their name, and what is asked. */
const APPROVALS: Record<string, [string, string]> = {
  split: ["Split shipment", "Several sources would ship one line: the customer gets several parcels."],
  substitution: ["Substitute offered", "The source offers another item in place of the one that was ordered."],
  cost_increase: ["Higher cost", "The new supply costs more than the first plan, by more than the policy lets pass."],
  expedite: ["Faster way", "The promise is kept only if the goods go by a faster way, which costs more."],
  late_promise: ["Later promise", "The goods would arrive after the day that the customer was told."],
  release: ["Go-ahead for a plan", "The policy only recommends here: the plan is made, and nothing is sent before a person lets it go."],
};
export const APPROVAL_KINDS = Object.keys(APPROVALS);
export const approvalName = (kind: string) => APPROVALS[kind]?.[0] ?? spell(kind);
export const approvalHelp = (kind: string) => APPROVALS[kind]?.[1] ?? "";

/** Reasons a person may give for an act of their own. */
export const CANCEL_REASONS = [
  ["cancel_customer", "The customer cancelled"],
  ["cancel_fraud", "Suspicion of fraud"],
  ["cancel_no_source", "No source is left"],
  ["manual_override", "Another reason"],
] as const;

export const HOLD_REASONS = [
  ["manual_hold", "A person looks at it first"],
  ["cancel_fraud", "Suspicion of fraud"],
  ["manual_override", "Another reason"],
] as const;

/** Codes that the log tells, in people's words: what happened to what. */
const EVENTS: Record<string, string> = {
  "acknowledgment.late": "Answered too late",
  "acknowledgment.received": "Source answered",
  "advice.recorded": "Availability told",
  "answers.learnt": "Answers learnt from",
  "approval.answered": "Approval answered",
  "approval.asked": "Approval asked",
  "assignment.kept": "Source kept",
  "assignment.made": "Source chosen",
  "assignment.withdrawn": "Taken from the source",
  "breach.contest_answered": "Dispute answered",
  "breach.contested": "Breach disputed",
  "case.assigned": "Case given to somebody",
  "case.commented": "Case commented on",
  "case.escalated": "Case went up",
  "case.opened": "Case opened",
  "case.resolved": "Case resolved",
  "feed.completed": "Feed completed",
  "history.kept": "History kept",
  "history.removed": "History removed",
  "hold.consumed": "Stock used up",
  "hold.firmed": "Stock held firmly",
  "hold.placed": "Stock held",
  "hold.released": "Stock let go",
  "item.recorded": "Item recorded",
  "legacy.recorded": "Legacy path told",
  "line.cancellation_failed": "Line could not be cancelled",
  "line.cancellation_requested": "Cancellation of a line asked for",
  "line.cancelled": "Line cancelled",
  "line.committed": "Line countersigned",
  "line.costed": "Line costed",
  "line.rerouted": "Line taken elsewhere",
  "line.resumed": "Line goes on",
  "line.uncommitted": "Line no longer countersigned",
  "line.waiting": "Line waits for supply",
  "message.written": "Message written",
  "offer.recorded": "Offer recorded",
  "order.captured": "Order came in",
  "order.held": "Order put on hold",
  "order.released": "Order let go on",
  "plan.made": "Plan made",
  "policy.activated": "Policy put in force",
  "policy.approved": "Policy approved",
  "policy.backtested": "Policy tried out",
  "policy.fallback_switched": "Switch to the legacy path",
  "policy.saved": "Policy saved",
  "policy.scheduled": "Policy scheduled",
  "policy.unscheduled": "Takeover of a policy withdrawn",
  "promise.confirmed": "Promise confirmed",
  "promise.made": "Promise made",
  "promise.revised": "Promise changed",
  "purchase_order.cancellation_answered": "Cancellation answered",
  "purchase_order.cancellation_requested": "Cancellation asked for",
  "purchase_order.received": "Purchase order received",
  "purchase_order.released": "Purchase order released",
  "purchase_order.reminded": "Source reminded",
  "purchase_order.sent": "Purchase order sent",
  "shipment.delivered": "Delivered",
  "shipment.notified": "Shipped",
  "sla.breached": "Answer overdue",
  "sla.met": "Answer in time",
  "sla.started": "Clock started",
  "sla.stopped": "Clock stopped",
  "sla.warned": "Answer nearly due",
  "source.recorded": "Source recorded",
};
export const eventName = (type: string) => EVENTS[type] ?? spell(type);

export function actorName(by: Actor | null | undefined): string {
  if (!by) return "";
  if (by.kind === "engine") return "Countersign";
  return by.name ?? by.source ?? spell(by.kind);
}

export const ROLES = ["customer_service", "vendor_manager", "buyer", "it", "auditor"];
const SEVERITIES = ["low", "medium", "high", "critical"];
/** Higher is worse; an unknown word counts as medium. */
export const gravity = (severity: string | undefined) => {
  const at = SEVERITIES.indexOf(severity ?? "");
  return at < 0 ? 1 : at;
};

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
}
