// Approvals: decisions that the policy reserves for a person. The list.
import { Link, useLocation, useSearch } from "wouter-preact";
import { segment } from "../api/client";
import { reasonText } from "../api/lookups";
import { readWhole, usePages, useReading, type Pages, type Resource } from "../api/resource";
import type { Approval, Plan } from "../api/types";
import { Tag, type Ink } from "../kit/badge";
import { Chips } from "../kit/field";
import { Choice, Filters } from "../kit/filters";
import { Loaded } from "../kit/parts";
import { Table, type Column } from "../kit/table";
import { Age, Due } from "../kit/when";
import { PageHead } from "../shell/frame";
import { useQueue } from "../shell/queue";
import { moneyText, sumMoney } from "../words/money";
import { dayText } from "../words/time";
import { APPROVAL_KINDS, actorName, approvalHelp, approvalName, plural, spell } from "../words/words";
import { planSentence } from "./decisions";
import { orderHref } from "./orders";
import { policyHref } from "./policies";
import { useWaitingPolicies } from "./policy";

export const approvalHref = (id: string) => `/approvals/${segment(id)}`;
export const isOpen = (a: Approval) => a.outcome.state === "open";
export const OUTCOME_INK: Record<string, Ink> = { open: "wait", approved: "theirs", rejected: "stamp", lapsed: "stamp", replaced: "ours" };
/** What would go out; of a substitute, which item stands in for the one that was ordered. */
export const questionText = (a: Approval) =>
  a.kind === "substitution" && a.plan.parts[0]?.step !== "substitute"
    ? `${a.plan.parts.map((p) => p.step).join(", ")} in place of ${a.stake?.title ?? "what was ordered"}: ${planSentence(a.plan)}`
    : planSentence(a.plan);
export const approvalSentence = (a: Approval) => `${questionText(a)}. ${reasonText(a.reason)}`;
export const costOf = (plan: Plan | null | undefined) => sumMoney((plan?.parts ?? []).map((p) => p.cost ?? undefined));

const COLUMNS: Column<Approval>[] = [
  {
    head: "Question",
    text: (a) => `${approvalName(a.kind)}: ${questionText(a)}`,
    wide: true,
    cell: (a) => (
      <div class="two-lines">
        <span class="row nowrap">
          <Link href={approvalHref(a.id)} title={approvalHelp(a.kind)}>
            {approvalName(a.kind)}
          </Link>
          {a.answerable === false && isOpen(a) && <Tag>Another role answers</Tag>}
        </span>
        <span class="quiet small cut" title={questionText(a)}>
          {questionText(a)}
        </span>
      </div>
    ),
  },
  {
    head: "Order",
    text: (a) => a.order,
    rank: 2,
    cell: (a) => (
      <Link href={orderHref(a.order)} class="mono">
        {a.order}
      </Link>
    ),
  },
  {
    head: "Cost",
    text: (a) => Number(costOf(a.plan)?.amount ?? 0),
    right: true,
    rank: 2,
    cell: (a) => (
      <>
        {moneyText(costOf(a.plan))}
        {a.plan.cost_increase_percent ? <span class="ink-stamp"> +{a.plan.cost_increase_percent} %</span> : ""}
      </>
    ),
  },
  { head: "At stake", text: (a) => Number(a.stake?.value?.amount ?? 0), right: true, rank: 2, cell: (a) => moneyText(a.stake?.value) },
  { head: "Promised", text: (a) => a.stake?.deliver_by, rank: 3, cell: (a) => dayText(a.stake?.deliver_by) },
  { head: "Asked", text: (a) => a.asked_at, rank: 3, cell: (a) => <Age at={a.asked_at} /> },
  {
    head: "Answer",
    text: (a) => (isOpen(a) ? a.due : a.outcome.state),
    cell: (a) => (isOpen(a) ? <Due at={a.due} /> : <Tag ink={OUTCOME_INK[a.outcome.state] ?? "plain"}>{spell(a.outcome.state)}</Tag>),
  },
];

const FIELDS = ["open", "kind", "q", "sort"] as const;
type Asked = Record<(typeof FIELDS)[number], string>;

/** What may come first. */
const SORTS: Record<string, [string, (a: Approval) => string | number]> = {
  due: ["Least time left", (a) => a.due],
  stake: ["Most at stake", (a) => -Number(a.stake?.value?.amount ?? 0)],
  increase: ["Highest increase in cost", (a) => -(a.plan.cost_increase_percent ?? 0)],
  promised: ["Soonest promise", (a) => a.stake?.deliver_by ?? "9"],
  newest: ["Newest", (a) => -Date.parse(a.asked_at)],
};

/** Those that fit the words, in the order that was asked for. */
export function approvalsShown(all: Approval[], q: string, sort: string): Approval[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const told = (a: Approval) => `${a.order} ${a.id} ${approvalName(a.kind)} ${approvalSentence(a)} ${a.stake?.title ?? ""}`.toLowerCase();
  const fits = (a: Approval) => words.every((w) => told(a).includes(w));
  const by = SORTS[sort]?.[1];
  const found = words.length > 0 ? all.filter(fits) : all;
  const less = (x: string | number, y: string | number) => (x < y ? -1 : x > y ? 1 : 0);
  return by ? [...found].sort((a, b) => less(by(a), by(b))) : found;
}

export function Approvals() {
  const [, go] = useLocation();
  const query = new URLSearchParams(useSearch());
  const asked = Object.fromEntries(FIELDS.map((f) => [f, query.get(f) ?? ""])) as Asked;
  const open = asked.open !== "false";
  const set = (next: Partial<Asked>) => {
    const to = new URLSearchParams(Object.entries({ ...asked, ...next }).filter(([name, v]) => v && !(name === "open" && v === "true")));
    go(`/approvals${to.size ? `?${to}` : ""}`, { replace: true });
  };
  return (
    <>
      <PageHead title="Approvals" />
      <Asking asked={asked} open={open} set={set} />
      {open && <WaitingPolicies />}
      {open || asked.q ? <WholeList key={`${open} ${asked.kind}`} asked={asked} open={open} /> : <Answered key={asked.kind} asked={asked} />}
    </>
  );
}

function Asking({ asked, open, set }: { asked: Asked; open: boolean; set: (next: Partial<Asked>) => void }) {
  const orders = Object.entries(SORTS).map(([id, [title]]) => [id, title] as const);
  return (
    <Filters find={{ id: "approval-search", label: "Search approvals", placeholder: "Order, item, source, words", value: asked.q, set: (q) => set({ q }) }}>
      <Choice
        id="approval-kind"
        label="Kind"
        value={asked.kind}
        set={(kind) => set({ kind })}
        options={[["", "All kinds"], ...APPROVAL_KINDS.map((k) => [k, approvalName(k)] as const)]}
      />
      <Choice
        id="approval-sort"
        label="First"
        value={asked.sort || (open ? "due" : "")}
        set={(sort) => set({ sort })}
        options={open ? orders : [["", "As they were asked"], ...orders]}
      />
      <Chips
        name="open"
        legend="Open or answered"
        value={open ? "true" : "false"}
        set={(v) => set({ open: v, sort: "" })}
        options={[
          ["true", "Open"],
          ["false", "Answered"],
        ]}
      />
    </Filters>
  );
}

interface ListProps {
  asked: Asked;
  open: boolean;
}

/** All of them, because what presses most may stand on any page. */
function WholeList({ asked, open }: ListProps) {
  const { kind } = asked;
  const all = useReading(
    `${open} ${kind}`,
    (_, stop) => readWhole("/v1/approvals", {}, { open, kind }, (a) => a.id, undefined, stop),
    (e) => e.type.startsWith("approval."),
  );
  return <List asked={asked} open={open} of={{ ...all, data: all.data?.items }} />;
}

function Answered({ asked }: { asked: Asked }) {
  const pages = usePages(
    "/v1/approvals",
    {},
    { open: false, kind: asked.kind, limit: 100 },
    (a) => a.id,
    (e) => e.type.startsWith("approval."),
  );
  return <List asked={asked} open={false} of={pages} pages={pages} />;
}

function List({ asked, open, of, pages }: ListProps & { of: Resource<Approval[]>; pages?: Pages<Approval> }) {
  const sort = asked.sort || (open ? "due" : "");
  const rows = approvalsShown(of.data ?? [], asked.q, sort);
  useQueue(
    "Approvals",
    rows.map((a) => approvalHref(a.id)),
  );
  return (
    <Loaded of={of} what="Approvals">
      {() => (
        <Table
          name="approvals"
          caption="Approvals"
          rows={rows}
          columns={COLUMNS}
          keyOf={(a) => a.id}
          hrefOf={(a) => approvalHref(a.id)}
          pages={pages}
          lead={`${plural(rows.length, "approval")}${SORTS[sort] ? `, ${SORTS[sort][0].toLowerCase()} first` : ""}`}
          empty={<Empty asked={asked} open={open} />}
        />
      )}
    </Loaded>
  );
}

function Empty({ asked, open }: ListProps) {
  if (asked.q || asked.kind) return <strong>No approval fits</strong>;
  if (!open) return <strong>No answers yet</strong>;
  return (
    <>
      <strong>Nothing waits for approval</strong>The policy decides all by itself at the moment.
    </>
  );
}

function WaitingPolicies() {
  return (
    <>
      {useWaitingPolicies().map((p) => (
        <div key={p.version} class="note ink-ours">
          <h2>
            <Link href={policyHref(p.version)}>
              Policy version {p.version}, {p.name}, waits for a second person
            </Link>
          </h2>
          <p class="quiet">
            Written by {p.authors.map(actorName).join(", ")}. {p.backtest?.summary}
          </p>
        </div>
      ))}
    </>
  );
}
