// How long a vendor has for its answers: what the policy in force says, and other times proposed in a draft.
import { useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { at } from "../api/address";
import { send } from "../api/client";
import { useResource } from "../api/resource";
import type { ClocksOfSource, SourceClocks } from "../api/types";
import { SelectField, TextField, faultAt } from "../kit/field";
import { Loaded, Panel, ProblemNote } from "../kit/parts";
import { useSending } from "../kit/asking";
import { may } from "../shell/session";
import { policyHref } from "./policies";

const CLOCKS = [
  ["receipt", "Confirms that it has the paper"],
  ["acknowledgment", "Answers a purchase order"],
  ["ship_notice", "Tells that goods left, after the promised day"],
  ["cancel_answer", "Answers a cancellation"],
] as const;
type Clock = (typeof CLOCKS)[number][0];
type Limit = NonNullable<SourceClocks["receipt"]>;
type Row = { amount: string; unit: Unit; time: string; then: string };
type Rows = Record<Clock, Row>;

const UNITS = { hours: 3600, minutes: 60, seconds: 1 } as const;
type Unit = keyof typeof UNITS;

/** Seconds in the largest unit that tells them without a fraction. */
export function inUnits(seconds: number): { amount: string; unit: Unit } {
  const unit = (Object.keys(UNITS) as Unit[]).find((u) => seconds % UNITS[u] === 0) ?? "seconds";
  return { amount: String(seconds / UNITS[unit]), unit };
}
const rowOf = (limit: Limit | null | undefined): Row => ({
  ...(limit ? inUnits(limit.within_s) : { amount: "", unit: "hours" as Unit }),
  time: limit?.time ?? "continuous",
  then: limit?.then ?? "ask",
});
const rowsOf = (clocks: SourceClocks) => Object.fromEntries(CLOCKS.map(([c]) => [c, rowOf(clocks[c])])) as Rows;
const limitOf = (row: Row, before: Limit | null | undefined): Limit | null =>
  Number(row.amount) > 0
    ? { within_s: Math.round(Number(row.amount) * UNITS[row.unit]), warn_percent: before?.warn_percent ?? 75, time: row.time, then: row.then }
    : null;

/** What was typed, if it differs from what rules; `undefined` if nothing is to be proposed. */
function wishOf(rows: Rows, clocks: SourceClocks): SourceClocks | undefined {
  const wish = Object.fromEntries(CLOCKS.map(([c]) => [c, limitOf(rows[c], clocks[c])])) as SourceClocks;
  const same = CLOCKS.every(([c]) => JSON.stringify(rowOf(wish[c])) === JSON.stringify(rowOf(clocks[c])));
  return same ? undefined : wish;
}

export function VendorClocks({ source, name }: { source: string; name: string }) {
  const clocks = useResource(at("/v1/sources/{source}/clocks", { source }), (e) => e.type.startsWith("policy."));
  return (
    <Panel title="Answers due (SLAs)">
      <Loaded of={clocks} what="The clocks">
        {(found) => <Times key={`${found.policy}.${found.draft}`} source={source} name={name} found={found} done={clocks.reload} />}
      </Loaded>
    </Panel>
  );
}

function Times({ source, name, found, done }: { source: string; name: string; found: ClocksOfSource; done: () => void }) {
  const shown = found.proposed ?? found.rules;
  const [rows, setRows] = useState(() => rowsOf(shown));
  const { problem, busy, run } = useSending(() => undefined, done);
  const writes = may("write_policies");
  const wish = wishOf(rows, shown);
  const set = (clock: Clock, next: Partial<Row>) => setRows((old) => ({ ...old, [clock]: { ...old[clock], ...next } }));
  const propose = () =>
    wish && run(() => send("put", "/v1/sources/{source}/clocks", { source }, wish), "Written into a draft; a second person approves it");
  return (
    <div class="stack">
      <p class="quiet">
        Policy {found.policy} rules. {found.elsewhere && "It has other times for some categories or orders. "}
        {writes ? `Leave them as they are, or propose times for ${name} alone.` : "Vendor managers and buyers propose other times."}
      </p>
      {found.draft && (
        <p class="note ink-wait">
          Shown is what <Link href={policyHref(found.draft)}>draft {found.draft}</Link> proposes for {name}. It rules once a second person has
          approved it.
        </p>
      )}
      {CLOCKS.map(([clock, what]) => (
        <fieldset key={clock} class="form-grid due-rule" disabled={!writes}>
          <legend>{what}</legend>
          <TextField
            name={`${clock}-within`}
            label="Within"
            type="number"
            min="0"
            step="any"
            value={rows[clock].amount}
            placeholder="no limit"
            fault={faultAt(problem, `/${clock}/within_s`)}
            set={(amount) => set(clock, { amount })}
          />
          <SelectField
            name={`${clock}-unit`}
            label="Unit"
            value={rows[clock].unit}
            set={(unit) => set(clock, { unit: unit as Unit })}
            options={(Object.keys(UNITS) as Unit[]).map((u) => [u, u] as const)}
          />
          <SelectField
            name={`${clock}-time`}
            label="Counting"
            value={rows[clock].time}
            set={(time) => set(clock, { time })}
            options={[
              ["continuous", "All hours"],
              ["business", "Its business hours"],
            ]}
          />
          <SelectField
            name={`${clock}-then`}
            label="When it is late"
            value={rows[clock].then}
            set={(then) => set(clock, { then })}
            options={[
              ["remind", "Remind once, then ask a person"],
              ["reroute", "Take the order elsewhere"],
              ["ask", "Ask a person"],
            ]}
          />
        </fieldset>
      ))}
      {problem && <ProblemNote problem={problem} />}
      {writes && (
        <div>
          <button type="button" class="button" disabled={busy || !wish} onClick={propose}>
            Propose these times
          </button>
        </div>
      )}
    </div>
  );
}
