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
  cost_increase: "Higher cost",
  late_promise: "Later promise",
  split: "Split shipment",
  release: "Release of an act",
  acknowledgment: "Acknowledgment",
  receipt: "Receipt",
  ship_notice: "Ship notice",
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
};
export const remedyName = (action: string) => REMEDIES[action] ?? spell(action);
export const remedyHelp = (action: string) => REMEDY_HELP[action] ?? "";

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
