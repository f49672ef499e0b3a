// How far this product, only watching, agreed with the legacy path: per vendor and category, a verdict per category with
// its evidence, and each disagreement with both reasons.
import { useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { at } from "../api/address";
import { segment } from "../api/client";
import { sourceName } from "../api/lookups";
import { useResource } from "../api/resource";
import type { ShadowAgreement } from "../api/types";
import { Tag } from "../kit/badge";
import { Chips } from "../kit/field";
import { Loaded, Panel } from "../kit/parts";
import { Sentence, sentence } from "../kit/sentence";
import { Table, type Column } from "../kit/table";
import { now, span } from "../words/time";
import { plural, spell } from "../words/words";

type Row = ShadowAgreement["rows"][number];
type Disagreement = ShadowAgreement["disagreements"][number];
const DAYS: [string, string][] = [
  ["1", "Last day"],
  ["7", "7 days"],
  ["30", "30 days"],
];
const DAY_MS = 86_400_000;
const share = (part: number, whole: number) => (whole > 0 ? `${Math.floor((part * 1000) / whole) / 10} %` : "–");

const COLUMNS: Column<Row>[] = [
  { head: "Vendor", text: (r) => sourceName(r.source) },
  { head: "Category", text: (r) => r.category },
  { head: "Compared", text: (r) => r.compared, right: true },
  { head: "Same source", text: (r) => share(r.same_source, r.compared), right: true },
  { head: "Same day", text: (r) => share(r.same_promise, r.promises), right: true, rank: 2 },
  { head: "Cancelled after commitment", text: (r) => r.cancelled_after_commitment, right: true },
  { head: "Caught by availability", text: (r) => r.caught_by_availability, right: true, rank: 2 },
  { head: "Caught by acknowledgment", text: (r) => r.caught_by_acknowledgment, right: true, rank: 2 },
  { head: "Answer known", text: (r) => share(r.answered, r.compared), right: true, rank: 3 },
  { head: "Rejected after commitment", text: (r) => r.rejected_after_commitment, right: true, rank: 3 },
  { head: "Held needlessly", text: (r) => r.held_needlessly, right: true },
  {
    head: "Confirmed after",
    text: (r) => r.confirmation_seconds_median,
    right: true,
    rank: 3,
    cell: (r) => (r.confirmation_seconds_median == null ? "–" : span(r.confirmation_seconds_median)),
  },
];

export function Agreement() {
  const [days, setDays] = useState("7");
  const minute = Math.floor(now.peek() / 60_000) * 60_000;
  const [to] = useState(minute + 60_000);
  const range = { from: new Date(to - Number(days) * DAY_MS).toISOString(), to: new Date(to).toISOString() };
  const report = useResource(at("/v1/reports/shadow-agreement", {}, range));
  return (
    <>
      <Chips name="days" legend="Time range" value={days} set={setDays} options={DAYS} />
      <Loaded of={report} what="The agreement">
        {(found) => <Found of={found} />}
      </Loaded>
    </>
  );
}

function Found({ of }: { of: ShadowAgreement }) {
  const [kind, setKind] = useState("");
  if (of.rows.length === 0)
    return (
      <div class="note">
        <h2>Nothing was compared in this time</h2>
        <p class="quiet">
          Orders in the mode “observe” are decided beside the legacy path. What that path did comes in by the API, a webhook, EDI copies or a
          file; from then on both are compared here.
        </p>
      </div>
    );
  const shown = of.disagreements.filter((d) => !kind || d.kind === kind);
  const kinds = [...new Set(of.disagreements.map((d) => d.kind))];
  return (
    <>
      {of.cut && <p class="note ink-wait">The range holds more than one report reads; the figures are of its first part. Choose a shorter one.</p>}
      <div class="policy-grid">
        {of.readiness.map((r) => (
          <Panel key={r.category} title={r.category} end={<Tag ink={r.ready ? "theirs" : "wait"}>{r.ready ? "Ready to enforce" : "Not yet"}</Tag>}>
            <p>
              <Sentence>{r.verdict}</Sentence>
            </p>
            <ul class="checks">
              {r.because.map((b) => (
                <li key={b} class={b.startsWith("not yet") ? "ink-wait" : undefined}>
                  <Sentence>{b}</Sentence>
                </li>
              ))}
            </ul>
          </Panel>
        ))}
      </div>
      <Table
        name="agreement"
        caption="Agreement by vendor and category"
        rows={of.rows}
        columns={COLUMNS}
        keyOf={(r) => `${r.source} ${r.category}`}
        lead={plural(of.rows.length, "row")}
      />
      <Panel title={`${plural(of.disagreements_total, "disagreement")}${of.disagreements_total > of.disagreements.length ? `, the first ${of.disagreements.length}` : ""}`}>
        <Chips name="kind" legend="Kind of disagreement" value={kind} set={setKind} options={[["", "All"], ...kinds.map((k) => [k, spell(k)] as [string, string])]} />
        {shown.map((d) => (
          <One key={`${d.order} ${d.line} ${d.kind}`} of={d} />
        ))}
      </Panel>
    </>
  );
}

/** One disagreement, open down to both reasons. */
function One({ of: d }: { of: Disagreement }) {
  return (
    <details class="decision">
      <summary>
        <Tag ink={d.kind === "caught" ? "theirs" : d.kind === "held_needlessly" ? "stamp" : "wait"}>{spell(d.kind)}</Tag>
        <span class="mono">
          {d.order}, line {d.line}
        </span>
        <span class="grow quiet cut">{sentence(d.theirs)}</span>
      </summary>
      <div class="decision-body">
        <div class="before-after panel-body">
          <div>
            <h3>The legacy path</h3>
            <p>
              <Sentence>{d.theirs}</Sentence>
            </p>
          </div>
          <div>
            <h3>Countersign</h3>
            <p>
              <Sentence>{d.ours}</Sentence>
            </p>
            {d.verdict && (
              <p class="quiet">
                <Sentence>{d.verdict}</Sentence>
              </p>
            )}
            <p class="small">
              <Link href={`/orders/${segment(d.order)}`}>The order and its decision</Link>
            </p>
          </div>
        </div>
      </div>
    </details>
  );
}
