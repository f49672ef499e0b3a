// Today: what needs this person now, by urgency; beside it, small, the pulse of the world.
import { Link } from "wouter-preact";
import { useState } from "preact/hooks";
import { readWhole, useReading } from "../api/resource";
import type { Approval, Case, Money, PolicyVersion } from "../api/types";
import { Severity, Tag } from "../kit/badge";
import { Chips } from "../kit/field";
import { Loaded, Panel } from "../kit/parts";
import { sentence } from "../kit/sentence";
import { Stats, type Stat } from "../kit/stat";
import { Table, type Column } from "../kit/table";
import { Age, Due } from "../kit/when";
import { PageHead } from "../shell/frame";
import { useQueue } from "../shell/queue";
import { session } from "../shell/session";
import { OWNERS, useWork, type Work } from "../shell/worklist";
import { moneyText, sumMoney } from "../words/money";
import { dayText, instant, now, span } from "../words/time";
import { actorName, approvalName, gravity, plural, spell } from "../words/words";
import { approvalHref, approvalSentence } from "./approvals";
import { caseHref, subjectOf } from "./cases";
import { policyHref } from "./policies";
import { useWaitingPolicies } from "./policy";
import { Feed, Pulse } from "./pulse";

export interface Task {
  key: string;
  href: string;
  what: string;
  sentence: string;
  severity: string;
  approval: boolean;
  about: string;
  role?: string;
  since: string;
  due?: string | null;
  value?: Money | null;
  promised?: string | null;
}

const fromCase = (c: Case): Task => ({
  key: `case ${c.id}`,
  href: caseHref(c.id),
  what: spell(c.kind),
  sentence: sentence(c.sentence),
  severity: c.severity,
  approval: false,
  about: subjectOf(c).order ?? subjectOf(c).source ?? "",
  role: c.role,
  since: c.opened_at,
  due: c.escalate_at,
  value: c.stake?.value,
  promised: c.stake?.deliver_by,
});
const fromPolicy = (p: PolicyVersion): Task => ({
  key: `policy ${p.version}`,
  href: policyHref(p.version),
  what: "Policy to approve",
  sentence: `Version ${p.version}, ${p.name}, by ${p.authors.map(actorName).join(", ")}. ${p.backtest?.summary ?? ""}`,
  severity: "medium",
  approval: true,
  about: `version ${p.version}`,
  since: p.saved_at ?? "",
});
const fromApproval = (a: Approval): Task => ({
  key: `approval ${a.id}`,
  href: approvalHref(a.id),
  what: approvalName(a.kind),
  sentence: approvalSentence(a),
  severity: "high",
  approval: true,
  about: a.order,
  since: a.asked_at,
  due: a.due,
  value: a.stake?.value,
  promised: a.stake?.deliver_by,
});

/** Minutes that each severity takes off the clock; what is critical comes before all else. */
const GRAVITY_MIN = [0, 20, 60, 100_000];
/** Minutes that a promise of tomorrow or earlier takes off. */
const PROMISE_MIN = 60;
/** Minutes that each power of ten of money at stake takes off: 1,000 is two hours ahead of 10. */
const MONEY_MIN = 60;
/** Smaller is more pressing: time left on the clock, less for what is graver, dearer or promised sooner. */
export function urgency(task: Pick<Task, "severity" | "due" | "value" | "promised">, at: number): number {
  const due = instant(task.due)?.getTime() ?? at + 8 * 3_600_000;
  const promised = instant(task.promised)?.getTime() ?? Infinity;
  const worth = Math.log10(Math.max(1, Number(task.value?.amount ?? 0)));
  const soon = promised - at < 36 * 3_600_000 ? PROMISE_MIN : 0;
  return (due - at) / 60_000 - (GRAVITY_MIN[gravity(task.severity)] ?? 0) - soon - MONEY_MIN * worth;
}

const COLUMNS: Column<Task>[] = [
  {
    head: "Task",
    text: (t) => `${t.what}: ${t.sentence}`,
    wide: true,
    cell: (t) => (
      <div class="two-lines">
        <span class="row nowrap">
          <Link href={t.href}>{t.what}</Link>
          {t.approval ? <Tag ink="ours">Approval</Tag> : t.severity === "critical" && <Severity code={t.severity} />}
          <span class="mono muted small">{t.about}</span>
        </span>
        <span class="quiet small cut" title={t.sentence}>
          {t.sentence}
        </span>
      </div>
    ),
  },
  {
    head: "At stake",
    text: (t) => Number(t.value?.amount ?? 0),
    right: true,
    rank: 2,
    cell: (t) => (Number(t.value?.amount) > 0 ? moneyText(t.value) : <span class="muted">–</span>),
  },
  { head: "Promised", text: (t) => t.promised, rank: 2, cell: (t) => dayText(t.promised) || <span class="muted">–</span> },
  { head: "Waiting", text: (t) => t.since, rank: 2, cell: (t) => <Age at={t.since} /> },
  { head: "Time left", text: (t) => t.due, cell: (t) => (t.due ? <Due at={t.due} /> : <span class="muted">–</span>) },
];

/** What the tasks come to, as figures. */
function figures(tasks: Task[], at: number): Stat[] {
  const left = (t: Task) => ((instant(t.due)?.getTime() ?? Infinity) - at) / 1000;
  const soon = tasks.filter((t) => left(t) < 3600).length;
  const late = tasks.filter((t) => left(t) < 0).length;
  const worth = sumMoney(tasks.map((t) => t.value ?? undefined));
  const oldest = tasks.map((t) => instant(t.since)?.getTime() ?? at).sort((a, b) => a - b)[0];
  const cases = tasks.filter((t) => !t.approval).length;
  return [
    { name: "To do", value: tasks.length, note: `${plural(cases, "case")}, ${plural(tasks.length - cases, "approval")}` },
    { name: "At stake", value: moneyText(worth) || "–", note: "what customers pay for it" },
    { name: "Due within the hour", value: soon, note: late > 0 ? `${late} overdue` : undefined, ink: soon > 0 ? "wait" : undefined },
    { name: "Oldest", value: oldest === undefined ? "–" : span((at - oldest) / 1000) },
  ];
}

/** Everything that is open, whoever it waits for; read only when somebody wants to see it. */
async function readEverything(stop: AbortSignal): Promise<Work> {
  const [cases, approvals] = await Promise.all([
    readWhole("/v1/cases", {}, { open: true }, (c) => c.id, undefined, stop),
    readWhole("/v1/approvals", {}, { open: true }, (a) => a.id, undefined, stop),
  ]);
  return { cases: cases.items, approvals: approvals.items, complete: cases.complete && approvals.complete };
}

export function Today() {
  const role = session.value?.role;
  const owns = OWNERS.includes(role ?? "");
  const [whose, setWhose] = useState(owns ? "mine" : "all");
  const everything = useReading(whose === "all" ? "everything" : null, (_, stop) => readEverything(stop), (e) => /^(case|approval)\./.test(e.type));
  const time = Math.floor(now.value / 10_000) * 10_000; // the order of the rows changes at most every ten seconds
  const policies = useWaitingPolicies();
  const mine = useWork();
  const open = whose === "all" ? everything : mine;
  const tasks = open.data
    ? [...policies.map(fromPolicy), ...open.data.approvals.map(fromApproval), ...open.data.cases.map(fromCase)].sort(
        (a, b) => urgency(a, time) - urgency(b, time),
      )
    : undefined;
  useQueue(
    "Today",
    (tasks ?? []).map((t) => t.href),
  );
  const both = { ...open, data: tasks };
  return (
    <>
      <PageHead
        title="Today"
        end={
          owns && (
            <Chips
              name="whose"
              legend="Whose work"
              value={whose}
              set={setWhose}
              options={[
                ["mine", spell(role)],
                ["all", "Everybody"],
              ]}
            />
          )
        }
      />
      <div class="today-grid">
        <div class="stack">
          <Loaded of={both} what="Cases and approvals">
            {(rows) => (
              <>
                {rows.length > 0 && <Stats label="What waits" of={figures(rows, time)} />}
                <Table
                  name="today"
                  caption="What needs attention, most pressing first"
                  rows={rows}
                  columns={COLUMNS}
                  keyOf={(t) => t.key}
                  hrefOf={(t) => t.href}
                  lead={`${open.data?.complete ? "" : "The first of more than can be shown. "}Most pressing first: time left, severity, money, promise`}
                  empty={
                    <>
                      <strong>Nothing needs you now</strong>
                      {whose === "mine"
                        ? "New work appears here by itself. What waits for others is under Everybody."
                        : "Orders are being countersigned by themselves. New work appears here by itself."}
                    </>
                  }
                />
              </>
            )}
          </Loaded>
        </div>
        <div class="stack">
          <Pulse />
          <Panel title="Just now" flush>
            <Feed />
          </Panel>
        </div>
      </div>
    </>
  );
}
