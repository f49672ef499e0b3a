// The visual language on one page: tokens and components, for whoever builds the next screen.
import { useState } from "preact/hooks";
import type { Choice, ExplainedDocument } from "../api/types";
import { Severity, Status, Tag } from "../kit/badge";
import { Chips, TextField } from "../kit/field";
import { Menu } from "../kit/menu";
import { Explained } from "../kit/paper";
import { Dialog, Facts, Panel, say } from "../kit/parts";
import { Stats } from "../kit/stat";
import { Table } from "../kit/table";
import { Tabs } from "../kit/tabs";
import { TallyBar } from "../kit/tally";
import { Age, Due, When } from "../kit/when";
import { PageHead } from "../shell/frame";
import { Choices, choiceKey } from "./choices";
import { Clocks } from "./purchase-order";

const TOKENS = [
  "ground",
  "panel",
  "sunk",
  "hover",
  "line",
  "line-strong",
  "ink",
  "ink-2",
  "ink-3",
  "ours",
  "ours-wash",
  "theirs",
  "theirs-wash",
  "wait",
  "wait-wash",
  "stamp",
  "stamp-wash",
  "focus",
];
const STATUSES = ["captured", "in_review", "backordered", "awaiting_confirmation", "confirmed", "shipped", "delivered", "cancelled"];
const PHASES = ["planned", "held", "requested", "acknowledged", "committed", "withdrawing", "withdrawn", "released"];
/** Samples hold what the components show; what else the server tells of such a thing is left out. */
const asWhole = <T,>(sample: object) => sample as T;

const SAMPLE = asWhole<ExplainedDocument>({
  id: "sample",
  name: "sample 855",
  standard: "x12",
  cut: false,
  findings: [],
  sets: [
    {
      id: "855",
      name: "Purchase order acknowledgment",
      heading: "From ACME to RETAILER",
      exact: true,
      segments: [
        {
          number: 1,
          offset: 0,
          depth: 0,
          raw: "ACK*XX*2*EA~",
          tag: "ACK",
          name: "Line item acknowledgment",
          values: [
            { reference: "ACK01", name: "Line item status", value: "XX", meaning: null, start: 4, length: 2 },
            { reference: "ACK02", name: "Quantity", value: "2", meaning: null, start: 7, length: 1 },
            { reference: "ACK03", name: "Unit", value: "EA", meaning: "Each", start: 9, length: 2 },
          ],
          findings: [
            { id: "code", severity: "error", reference: "ACK01", sentence: "XX is no status.", advice: "Send IA to accept.", start: 4, length: 2 },
          ],
        },
      ],
    },
  ],
});

export function Kit() {
  const [asking, ask] = useState(false);
  const soon = new Date(Date.now() + 190_000).toISOString();
  const past = new Date(Date.now() - 95_000).toISOString();
  const later = new Date(Date.now() + 5_000_000).toISOString();
  return (
    <>
      <PageHead title="Kit" />
      <p class="quiet">
        Two inks carry the meaning. Blue is ours: what the retailer asked for. Green is theirs: what the source answered. A tick is complete
        when both strokes stand.
      </p>
      <Panel title="Tokens">
        <ul class="swatches">
          {TOKENS.map((t) => (
            <li key={t}>
              <svg viewBox="0 0 40 24" aria-hidden="true">
                <rect width="40" height="24" rx="4" style={{ fill: `var(--${t})` }} />
              </svg>
              <code>{t}</code>
            </li>
          ))}
        </ul>
      </Panel>
      <Panel title="Status of orders and lines">
        <ul class="kit-row">
          {STATUSES.map((s) => (
            <li key={s}>
              <Status code={s} />
            </li>
          ))}
        </ul>
      </Panel>
      <Panel title="Phases of assignments and purchase orders">
        <ul class="kit-row">
          {PHASES.map((s) => (
            <li key={s}>
              <Status code={s} />
            </li>
          ))}
          <li>
            <Status code="a_word_of_tomorrow" />
          </li>
        </ul>
      </Panel>
      <Panel title="Severity and tags">
        <ul class="kit-row">
          {["low", "medium", "high", "critical"].map((s) => (
            <li key={s}>
              <Severity code={s} />
            </li>
          ))}
          <li>
            <Tag>Plain</Tag>
          </li>
          <li>
            <Tag ink="ours">Ours</Tag>
          </li>
          <li>
            <Tag ink="theirs">Theirs</Tag>
          </li>
          <li>
            <Tag ink="wait">Waits</Tag>
          </li>
          <li>
            <Tag ink="stamp">Breach</Tag>
          </li>
        </ul>
      </Panel>
      <Panel title="Tallies">
        <TallyBar tally={{ ordered: 6, held: 6, accepted: 0, committed: 0, shipped: 0, cancelled: 0 }} />
        <TallyBar tally={{ ordered: 6, held: 6, accepted: 4, committed: 2, shipped: 1, cancelled: 1 }} />
        <TallyBar tally={{ ordered: 6, held: 0, accepted: 6, committed: 6, shipped: 6, cancelled: 0 }} />
      </Panel>
      <Panel title="Time">
        <Facts
          rows={[
            ["Moment", <When at={past} zone="America/Chicago" />],
            ["Age", <Age at={past} />],
            ["Far", <Due at={later} />],
            ["Soon", <Due at={soon} />],
            ["Late", <Due at={past} />],
          ]}
        />
        <Clocks
          clocks={[
            { kind: "receipt", state: "met", started: past, due: soon, then: "ask" },
            { kind: "acknowledgment", state: "running", started: past, due: soon, then: "reroute" },
            { kind: "ship_notice", state: "breached", started: past, due: past, then: "ask" },
          ]}
        />
      </Panel>
      <Panel title="Buttons and fields">
        <div class="row">
          <button type="button" class="button main" onClick={() => say("Saved")}>
            Main act
          </button>
          <button type="button" class="button" onClick={() => ask(true)}>
            Dialog
          </button>
          <button type="button" class="button grave" onClick={() => say("That was refused", "stamp")}>
            Grave act
          </button>
          <button type="button" class="button plain">
            Plain
          </button>
          <button type="button" class="button" disabled>
            Not now
          </button>
        </div>
        <div class="row">
          <div class="field">
            <label for="kit-text">Text</label>
            <input id="kit-text" defaultValue="LAMP-OAK-01" />
          </div>
          <div class="field">
            <label for="kit-select">Choice</label>
            <select id="kit-select">
              <option>First</option>
              <option>Second</option>
            </select>
          </div>
        </div>
      </Panel>
      <Figures />
      <Decisions />
      <Panel title="Notices">
        <div class="note">
          <h2>Plain</h2>
          <p>Said once, calmly.</p>
        </div>
        <div class="note ink-wait">Waits for somebody</div>
        <div class="note ink-stamp">Refused, with what to do</div>
      </Panel>
      <Panel title="A document">
        <Explained of={SAMPLE} />
      </Panel>
      <Table
        name="kit"
        caption="A table"
        rows={STATUSES}
        columns={[
          { head: "Word", text: (s) => s, cell: (s) => <Status code={s} /> },
          { head: "Wire word", text: (s) => s, wide: true, cell: (s) => <code>{s}</code> },
          { head: "Letters", text: (s) => s.length, right: true },
        ]}
        keyOf={(s) => s}
      />
      {asking && (
        <Dialog title="A dialog" close={() => ask(false)}>
          <p>Native, modal, closed by Escape.</p>
          <form method="dialog" class="dialog-end">
            <button class="button main">Close</button>
          </form>
        </Dialog>
      )}
    </>
  );
}

function Figures() {
  const [of, set] = useState("mine");
  return (
    <Panel title="Figures, tabs, pills, menus">
      <Stats
        label="Figures"
        of={[
          { name: "Waits", value: 12, note: "9 cases, 3 approvals" },
          { name: "Due within the hour", value: 3, note: "1 overdue", ink: "wait" },
          { name: "Answered in time", value: "97 %", ink: "theirs" },
        ]}
      />
      <Tabs
        label="Tabs"
        at="kit"
        tabs={[
          { id: "kit", name: "This page", href: "/kit" },
          { id: "guides", name: "Guides", href: "/guides", count: 6 },
        ]}
      />
      <div class="row">
        <Chips
          name="kit-chips"
          legend="Whose"
          value={of}
          set={set}
          options={[
            ["mine", "Mine"],
            ["all", "Everybody"],
          ]}
        />
        <Menu
          label="Menu"
          items={[
            { name: "An act", act: () => say("Done") },
            { name: "A grave act", grave: true, act: () => say("Refused", "stamp") },
          ]}
        />
        <TextField name="kit-faulty" label="Faulty" value="LAMP-OAK-0I" set={() => undefined} fault="No item has this SKU" />
      </div>
    </Panel>
  );
}

const CHOICES = asWhole<Choice[]>([
  {
    action: "reroute_to",
    source: "bolt",
    source_name: "Bolt & Beam",
    sentence: "ask bolt",
    recommended: true,
    why: "It keeps the day the customer was told and costs least.",
    consequences: [{ type: "purchase_order.released", sentence: "Purchase order 1001-2 (attempt 2) goes to Bolt & Beam." }],
    cost: { amount: "95.90", currency: "USD" },
    deliver_by: "2026-11-27",
    keeps_promise: true,
    confidence: "0.970",
    cancels: 0,
  },
  { action: "cancel_rest", sentence: "cancel the rest", recommended: false, consequences: [], cancels: 2 },
  {
    action: "plan_again",
    sentence: "plan again",
    recommended: false,
    consequences: [],
    cancels: 0,
    impossible: "No other source has enough.",
  },
]);

function Decisions() {
  const [chosen, choose] = useState(choiceKey(CHOICES[0]!));
  return (
    <Panel title="Choices, each with what it leads to">
      <Choices of={CHOICES} chosen={chosen} choose={choose} />
    </Panel>
  );
}
