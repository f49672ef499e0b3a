// Approvals: decisions that the policy reserves for a person. The list.
import { Link, useLocation, useSearch } from "wouter-preact";
import { segment } from "../api/client";
import { reasonText } from "../api/lookups";
import { usePages } from "../api/resource";
import type { Approval, Plan } from "../api/types";
import { Tag, type Ink } from "../kit/badge";
import { Chips } from "../kit/field";
import { Loaded } from "../kit/parts";
import { Table, type Column } from "../kit/table";
import { Age, Due } from "../kit/when";
import { PageHead } from "../shell/frame";
import { useQueue } from "../shell/queue";
import { moneyText, sumMoney } from "../words/money";
import { dayText } from "../words/time";
import { actorName, plural, spell } from "../words/words";
import { planSentence } from "./decisions";
import { orderHref } from "./orders";
import { policyHref } from "./policies";
import { useWaitingPolicies } from "./policy";

export const approvalHref = (id: string) => `/approvals/${segment(id)}`;
export const isOpen = (a: Approval) => a.outcome.state === "open";
export const OUTCOME_INK: Record<string, Ink> = { open: "wait", approved: "theirs", rejected: "stamp", lapsed: "stamp" };
export const approvalSentence = (a: Approval) => `${planSentence(a.plan)}. ${reasonText(a.reason)}`;
export const costOf = (plan: Plan | null | undefined) => sumMoney((plan?.parts ?? []).map((p) => p.cost));

const COLUMNS: Column<Approval>[] = [
  {
    head: "Question",
    text: (a) => `${spell(a.kind)}: ${planSentence(a.plan)}`,
    wide: true,
    cell: (a) => (
      <div class="two-lines">
        <span class="row nowrap">
          <Link href={approvalHref(a.id)}>{spell(a.kind)}</Link>
          {a.answerable === false && isOpen(a) && <Tag>Another role answers</Tag>}
        </span>
        <span class="quiet small cut" title={planSentence(a.plan)}>
          {planSentence(a.plan)}
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
  { head: "At stake", text: (a) => Number(a.stake?.value?.amount ?? 0), right: true, rank: 3, cell: (a) => moneyText(a.stake?.value) },
  { head: "Promised", text: (a) => a.stake?.deliver_by, rank: 3, cell: (a) => dayText(a.stake?.deliver_by) },
  { head: "Asked", text: (a) => a.asked_at, rank: 3, cell: (a) => <Age at={a.asked_at} /> },
  {
    head: "Answer",
    text: (a) => (isOpen(a) ? a.due : a.outcome.state),
    cell: (a) => (isOpen(a) ? <Due at={a.due} /> : <Tag ink={OUTCOME_INK[a.outcome.state] ?? "plain"}>{spell(a.outcome.state)}</Tag>),
  },
];

export function Approvals() {
  const [, go] = useLocation();
  const open = new URLSearchParams(useSearch()).get("open") ?? "true";
  const pages = usePages(
    "/v1/approvals",
    {},
    { open: open === "true", limit: 100 },
    (a) => a.id,
    (e) => e.type.startsWith("approval."),
  );
  const rows = open === "true" ? [...(pages.data ?? [])].sort((a, b) => a.due.localeCompare(b.due)) : (pages.data ?? []);
  useQueue(
    "Approvals",
    rows.map((a) => approvalHref(a.id)),
  );
  return (
    <>
      <PageHead title="Approvals" />
      <Chips
        name="open"
        legend="Open or answered"
        value={open}
        set={(v) => go(v === "true" ? "/approvals" : "/approvals?open=false", { replace: true })}
        options={[
          ["true", "Open"],
          ["false", "Answered"],
        ]}
      />
      {open === "true" && <WaitingPolicies />}
      <Loaded of={pages} what="Approvals">
        {() => (
          <Table
            name="approvals"
            caption="Approvals"
            rows={rows}
            columns={COLUMNS}
            keyOf={(a) => a.id}
            hrefOf={(a) => approvalHref(a.id)}
            more={pages.more}
            lead={`${plural(rows.length, "approval")}${open === "true" ? ", least time left first" : ""}`}
            empty={
              open === "true" ? (
                <>
                  <strong>Nothing waits for approval</strong>The policy decides all by itself at the moment.
                </>
              ) : (
                <strong>No answers yet</strong>
              )
            }
          />
        )}
      </Loaded>
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
