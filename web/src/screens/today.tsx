// Today: what needs this person now, and the pulse of the world around it.
import { Link } from "wouter-preact";
import { useState } from "preact/hooks";
import { reasonText } from "../api/lookups";
import { useResource } from "../api/resource";
import type { Approval, Case, Page } from "../api/types";
import { Severity, Tag } from "../kit/badge";
import { Loaded, Panel } from "../kit/parts";
import { Table, type Column } from "../kit/table";
import { Age, Due } from "../kit/when";
import { PageHead } from "../shell/frame";
import { may, session } from "../shell/session";
import { instant, now } from "../words/time";
import { gravity, plural, spell } from "../words/words";
import { approvalHref, approvalSentence } from "./approvals";
import { caseHref, subjectOf } from "./cases";
import { Feed, Pulse } from "./pulse";

interface Task {
  key: string;
  href: string;
  what: string;
  sentence: string;
  severity: string;
  approval: boolean;
  about: string;
  role?: string;
  since?: string;
  due?: string | null;
}

const fromCase = (c: Case): Task => ({
  key: `case ${c.id}`,
  href: caseHref(c.id),
  what: spell(c.kind),
  sentence: c.sentence ?? reasonText(c.reason),
  severity: c.severity,
  approval: false,
  about: subjectOf(c).order ?? subjectOf(c).source ?? "",
  role: c.role,
  since: c.opened_at,
  due: c.escalate_at,
});
const fromApproval = (a: Approval): Task => ({
  key: `approval ${a.id}`,
  href: approvalHref(a.id),
  what: spell(a.kind),
  sentence: approvalSentence(a),
  severity: "high",
  approval: true,
  about: a.order ?? a.id.replace(/-\d+$/, ""),
  since: a.asked_at,
  due: a.due,
});

/** Minutes of grace that each severity takes away; what is critical comes before all else. */
const GRAVITY_MIN = [0, 20, 60, 100_000];
/** Smaller is more pressing: time left on the clock, less for what is graver. */
export function urgency(task: { severity: string; due?: string | null; since?: string }, at: number): number {
  const due = instant(task.due)?.getTime() ?? at + 8 * 3_600_000;
  return (due - at) / 60_000 - (GRAVITY_MIN[gravity(task.severity)] ?? 0);
}

const COLUMNS: Column<Task>[] = [
  { head: "What", text: (t) => t.what, cell: (t) => <Link href={t.href}>{t.what}</Link> },
  {
    head: "Severity",
    text: (t) => gravity(t.severity),
    cell: (t) => (t.approval ? <Tag ink="ours">Approval</Tag> : <Severity code={t.severity} />),
  },
  { head: "Why", text: (t) => t.sentence, wide: true, rank: 2 },
  { head: "About", rank: 2, text: (t) => t.about, cell: (t) => <span class="mono">{t.about}</span> },
  { head: "Age", text: (t) => t.since, rank: 3, cell: (t) => <Age at={t.since} /> },
  { head: "Time left", text: (t) => t.due, cell: (t) => (t.due ? <Due at={t.due} /> : <span class="muted">–</span>) },
];

export function Today() {
  const role = session.value?.role;
  const owns = role === "customer_service" || role === "vendor_manager" || role === "buyer" || role === "it";
  const [mine, setMine] = useState(owns);
  const cases = useResource<Page<Case>>("/v1/cases?open=true&limit=100", (e) => e.type.startsWith("case."));
  const approvals = useResource<Page<Approval>>("/v1/approvals?open=true&limit=100", (e) => e.type.startsWith("approval."));
  const at = Math.floor(now.value / 10_000) * 10_000; // the order of the rows changes at most every ten seconds
  const all = [...(approvals.data?.items ?? []).map(fromApproval), ...(cases.data?.items ?? []).map(fromCase)];
  const tasks = all
    .filter((t) => !mine || (t.approval ? may("answer_approvals") : t.role === role))
    .sort((a, b) => urgency(a, at) - urgency(b, at));
  const both = { ...cases, data: cases.data || approvals.data ? tasks : undefined };
  return (
    <>
      <PageHead title="Today" />
      <Pulse />
      <div class="today-grid">
        <section class="stack tight" aria-labelledby="needs">
          <div class="apart">
            <h2 id="needs">{mine ? "What needs you" : "What needs somebody"}</h2>
            {owns && (
              <fieldset class="chips">
                <legend class="only-heard">Whose</legend>
                <label>
                  <input type="radio" name="whose" checked={mine} onChange={() => setMine(true)} />
                  <span>{spell(role)}</span>
                </label>
                <label>
                  <input type="radio" name="whose" checked={!mine} onChange={() => setMine(false)} />
                  <span>Everybody ({all.length})</span>
                </label>
              </fieldset>
            )}
          </div>
          <Loaded of={both} what="Cases and approvals">
            {(rows) => (
              <Table
                name="today"
                caption="What needs attention, most pressing first"
                rows={rows}
                columns={COLUMNS}
                keyOf={(t) => t.key}
                hrefOf={(t) => t.href}
                lead={`${plural(rows.filter((t) => !t.approval).length, "case")}, ${plural(rows.filter((t) => t.approval).length, "approval")}`}
                empty={
                  <>
                    <strong>Nothing needs you</strong>
                    {all.length > 0
                      ? `${plural(all.length, "matter")} of other roles ${all.length === 1 ? "is" : "are"} open.`
                      : "Orders are countersigned by themselves."}
                  </>
                }
              />
            )}
          </Loaded>
        </section>
        <Panel title="Just now" flush>
          <Feed />
        </Panel>
      </div>
    </>
  );
}
