// The shapes that the API sends, as far as the screens read them. Every enum is open (`string`): a value that this
// build does not know is shown as it came and never breaks a reader. Absent fields stay absent.

export interface Money {
  amount: string;
  currency: string;
}
export interface Page<T> {
  items: T[];
  next?: string | null;
}
export interface Region {
  country?: string;
  region?: string;
  postal_code?: string;
}
export interface Actor {
  kind: string;
  name?: string;
  role?: string;
  source?: string;
}

export interface Session {
  name: string;
  role: string;
  /** What the role may do, as the server names it; all is offered where it does not say. */
  permissions?: string[];
}
export interface DemoLogin {
  name: string;
  role: string;
  title?: string;
}

export interface Tally {
  ordered?: number;
  held?: number;
  accepted?: number;
  committed?: number;
  shipped?: number;
  cancelled?: number;
  delivered?: number;
}
export interface Promise_ {
  state: string;
  ship_by?: string;
  deliver_by?: string;
  reason?: string | null;
}
export interface Assignment {
  ordinal?: number;
  purchase_order?: string | null;
  attempt?: number;
  source: string;
  source_name?: string;
  quantity: number;
  phase: string;
  answer_due?: string | null;
  accepted?: number;
  declined?: number;
  committed?: number;
  shipped?: number;
  ship_by?: string;
  deliver_by?: string;
  ended?: string | null;
  cost?: Money;
}
export interface OrderLine {
  line: string;
  status: string;
  sku?: string;
  title?: string;
  category?: string;
  quantity?: number;
  unit?: string;
  unit_price?: Money;
  tally?: Tally;
  promise?: Promise_ | null;
  assignments?: Assignment[];
  look_again?: string | null;
}
export interface Party {
  name?: string;
  email?: string;
  phone?: string;
  address1?: string;
  address2?: string;
  city?: string;
  region?: string;
  postal_code?: string;
  country?: string;
}
export interface Shipment {
  shipment: string;
  purchase_order?: string | number;
  shipped_at?: string;
  carrier?: string;
  tracking?: string[];
  delivered?: boolean;
}
export interface Order {
  id: string;
  status: string;
  mode?: string;
  placed_at?: string;
  captured_at?: string;
  sales_channel?: string;
  service_level?: string;
  destination?: Region;
  requested_on?: string;
  on_hold?: string | null;
  policy?: number;
  lines: OrderLine[];
  customer?: Party | null;
  ship_to?: Party | null;
  shipments?: Shipment[];
  approvals?: Approval[];
  cases?: (Case | string)[];
}

export interface TimelineEntry {
  position: number | string;
  at: string;
  by?: Actor;
  type: string;
  sentence?: string;
  event?: Record<string, unknown>;
}

export interface Part {
  line: string;
  source: string;
  source_name?: string;
  quantity: number;
  cost?: Money;
  ship_by?: string;
  deliver_by?: string;
  step?: string;
  incoming?: string;
}
export interface Verdict {
  line: string;
  source: string;
  source_name?: string;
  reason: string;
  sentence?: string;
  wanted?: number;
  atp?: number;
  advice_age_s?: number;
  cost?: Money;
  ship_by?: string;
  deliver_by?: string;
  dates?: { ship_by?: string; deliver_by?: string };
}
export interface Plan {
  sentence?: string;
  round?: number;
  reason?: string;
  policy?: number;
  parts?: Part[];
  unsourced?: { line: string; quantity: number; otherwise?: unknown; reason?: string }[];
  verdicts?: Verdict[];
  cost_increase_percent?: number;
  breaks_promise?: boolean;
}
export interface Decision {
  position: number | string;
  at: string;
  policy?: number;
  sentence?: string;
  plan?: Plan;
  candidates?: Verdict[];
  what_if?: string[];
}

export interface Clock {
  kind: string;
  started?: string;
  warn_at?: string | null;
  due?: string;
  then?: string;
  state?: string;
}
export interface Document_ {
  id: string;
  direction: string;
  name?: string;
  media_type?: string;
  at?: string;
  state?: string;
  text?: string;
  error?: string;
}
export interface PurchaseOrderLine {
  line: string;
  sku?: string;
  vendor_sku?: string;
  title?: string;
  quantity?: number;
  unit?: string;
  unit_cost?: Money;
  ship_by?: string;
  deliver_by?: string;
  accepted?: number;
  declined?: number;
  shipped?: number;
  phase?: string;
}
export interface PurchaseOrder {
  number: string;
  order: string;
  source: string;
  source_name?: string;
  attempt?: number;
  state?: string;
  released_at?: string;
  sent_at?: string | null;
  received_at?: string | null;
  acknowledged_at?: string | null;
  answer_due?: string | null;
  vendor_order?: string | null;
  lines?: PurchaseOrderLine[];
  clocks?: Clock[];
  documents?: Document_[];
  cancellation?: { asked_at?: string; reason?: string; accepted?: boolean | null } | null;
  reminders?: number;
}

export type Remedy = {
  action: string;
  source?: string;
  cost?: Money;
  ship_by?: string;
  deliver_by?: string;
  sentence?: string;
  probability?: string | number;
};
export interface Comment_ {
  by: Actor;
  at: string;
  words: string;
}
export interface Case {
  id: string;
  kind: string;
  severity: string;
  role?: string;
  reason?: string;
  sentence?: string;
  opened_at?: string;
  escalate_at?: string | null;
  order?: string;
  line?: string | null;
  purchase_order?: number | string | null;
  blocks?: boolean;
  options?: Remedy[];
  assigned_to?: Actor | null;
  comments?: Comment_[];
  resolution?: { by: Actor; at: string; remedy?: Remedy | null; words?: string | null } | null;
  revision?: number;
  subject?: { order?: string; source?: string; kind?: string; id?: string } | string;
  help?: string;
  value?: Money;
}

export interface Approval {
  id: string;
  kind: string;
  reason?: string;
  sentence?: string;
  asked_at?: string;
  due?: string;
  plan?: Plan;
  outcome?: { state: string; by?: Actor; at?: string; words?: string };
  order?: string;
  before?: Plan | null;
  unanswered?: string;
  value?: Money;
}

export interface Source {
  id: string;
  kind?: string;
  name?: string;
  time_zone?: string;
  ships_from?: Region;
  calendar?: { business_days?: string[]; holidays?: string[]; hours?: { open: string; close: string } };
  cutoff?: string | null;
  handling_days?: number;
  daily_capacity?: number | null;
  taking_orders?: boolean;
  channel?: { dialect?: string; connector?: Record<string, unknown>; [setting: string]: unknown };
  mode?: string;
}
export interface Offer {
  source: string;
  sku: string;
  title?: string;
  vendor_sku?: string;
  pack?: { unit: string; base_units: number };
  unit_cost?: Money;
  shipping_cost?: Money;
  lead_days?: number;
  minimum?: number;
  status?: string;
  advised?: number;
  atp?: number;
  as_of?: string;
  advice?: { quantity?: number; as_of?: string; origin?: string; held?: number } | null;
}

export interface Place {
  byte?: number;
  line?: number;
  segment?: number;
  tag?: string;
  element?: number;
  component?: number;
}
export interface Finding {
  id?: string;
  severity?: string;
  place?: Place | null;
  sentence?: string;
  advice?: string;
  value?: string | null;
}
export interface Quarantined {
  id: string;
  received_at?: string;
  source?: string | null;
  channel?: string;
  name?: string;
  media_type?: string;
  reason?: string | null;
  sentence?: string | null;
  place?: Place | null;
  state?: string;
  text?: string;
  size?: number;
  findings?: Finding[];
}
export interface Checkpoint {
  origin?: string;
  size?: number;
  position?: number;
  root_hash?: string;
  hash?: string;
  head?: string;
  signed_at?: string;
  at?: string;
  signature?: string;
  text?: string;
  checkpoint?: string;
  verifier?: string;
  verified?: boolean;
}

/** One event as the stream brings it; `type` without its prefix and version. */
export interface LiveEvent {
  id: string;
  type: string;
  at: string;
  subject?: string;
  order?: string;
  data: Record<string, unknown>;
}
