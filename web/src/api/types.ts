// Short names for the shapes of the API. They are the server's own (see schema.d.ts, made by `npm run types`); nothing
// is described a second time here. Words of enumerations are open: one that this build does not know is shown as it came.
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Actor = Schemas["Actor"];
export type Addressee = Schemas["Addressee"];
export type Approval = Schemas["Approval"];
export type Assignment = Schemas["Assignment"];
export type Backtest = Schemas["Backtest"];
export type CalibrationReport = Schemas["CalibrationReport"];
export type Candidate = Schemas["Candidate"];
export type Case = Schemas["Case"];
export type Checkpoint = Schemas["Checkpoint"];
export type Choice = Schemas["Choice"];
export type Clock = Schemas["Clock"];
export type ClocksOfSource = Schemas["ClocksOfSource"];
export type Connection = Schemas["Connection"];
export type ConnectionTest = Schemas["ConnectionTest"];
export type Decision = Schemas["Decision"];
export type DemoLogin = Schemas["DemoLogin"];
export type Document_ = Schemas["PurchaseOrderDocument"];
export type ExplainedDocument = Schemas["ExplainedDocument"];
export type History = Schemas["History"];
export type ImportJob = Schemas["ImportJob"];
export type Key = Schemas["Key"];
export type LegacySwitch = Schemas["LegacySwitch"];
export type Message = Schemas["Message"];
export type MessageSettings = Schemas["MessageSettings"];
export type MessageSettingsView = Schemas["MessageSettingsView"];
export type MessageTemplate = Schemas["MessageTemplate"];
export type Money = Schemas["Money"];
export type Offer = Schemas["Offer"];
export type Order = Schemas["Order"];
export type OrderLine = Schemas["OrderLine"];
export type OrderSummary = Schemas["OrderSummary"];
export type Person = Schemas["Person"];
export type Place = Schemas["Place"];
export type Plan = Schemas["Plan"];
export type PlanPart = Schemas["PlanPart"];
export type PolicyCheck = Schemas["PolicyCheck"];
export type PolicyColumns = Schemas["PolicyColumns"];
export type PolicyModes = Schemas["PolicyModes"];
export type PolicyVersion = Schemas["PolicyVersion"];
export type PurchaseOrder = Schemas["PurchaseOrder"];
export type PurchaseOrderSummary = Schemas["PurchaseOrderSummary"];
export type Quarantined = Schemas["Quarantined"];
export type RemedyBody = Schemas["RemedyBody"];
export type SavedView = Schemas["SavedView"];
export type Scorecard = Schemas["Scorecard"];
export type Session = Schemas["Session"];
export type ShadowAgreement = Schemas["ShadowAgreementReport"];
export type Source = Schemas["Source"];
export type SourceBody = Schemas["SourceBody"];
export type Tally = Schemas["Tally"];
export type SourceClocks = Schemas["SourceClocks"];
export type TimelineItem = Schemas["TimelineItem"];
export type Webhook = Schemas["Webhook"];

/** One event as the stream brings it; `type` without its prefix and version. */
export interface LiveEvent {
  id: string;
  type: string;
  at: string;
  subject?: string;
  order?: string;
  /** Whose deed led to it. */
  by?: Actor;
  /** What happened, as the server says it. */
  sentence?: string;
  data: Record<string, unknown>;
}
