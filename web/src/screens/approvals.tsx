// Approvals: decisions that the policy reserves for a person. The list, and one with before and after side by side.
import { useState } from "preact/hooks";
import { Link, useLocation, useSearch } from "wouter-preact";
import { segment } from "../api/client";
import { reasonText, sourceName } from "../api/lookups";
import { usePages, useResource } from "../api/resource";
import type { Approval, Decision, Order, Page, Plan } from "../api/types";
import { Tag, type Ink } from "../kit/badge";
import { Facts, Loaded, Panel, ProblemNote } from "../kit/parts";
import { Table, type Column } from "../kit/table";
import { Age, Due, When } from "../kit/when";
import { PageHead } from "../shell/frame";
import { may } from "../shell/session";
import { moneyText, sumMoney } from "../words/money";
import { dayText } from "../words/time";
import { actorName, plural, spell } from "../words/words";
import { Candidates, planSentence } from "./decisions";
import { useSending } from "./order-actions";
import { orderHref } from "./orders";

export const approvalHref = (id: string) => `/approvals/${segment(id)}`;
const orderOf = (a: Approval) => a.order ?? a.id.replace(/-\d+$/, "");
const isOpen = (a: Approval) => !a.outcome || a.outcome.state === "open";
const INK: Record<string, Ink> = { open: "wait", approved: "theirs", rejected: "stamp", lapsed: "stamp" };
export const approvalSentence = (a: Approval) => (a.plan ? planSentence(a.plan) : (a.sentence ?? reasonText(a.reason)));
const costOf = (plan: Plan | null | undefined) => sumMoney((plan?.parts ?? []).map((p) => p.cost));

const COLUMNS: Column<Approval>[] = [
  { head: "Question", text: (a) => spell(a.kind), cell: (a) => <Link href={approvalHref(a.id)}>{spell(a.kind)}</Link> },
  {
    head: "Order",
    text: orderOf,
    cell: (a) => (
      <Link href={orderHref(orderOf(a))} class="mono">
        {orderOf(a)}
      </Link>
    ),
  },
  { head: "The plan", text: approvalSentence, wide: true, rank: 2 },
  {
    head: "Cost",
    text: (a) => costOf(a.plan)?.amount,
    right: true,
    rank: 2,
    cell: (a) => (
      <>
        {moneyText(costOf(a.plan))}
        {a.plan?.cost_increase_percent ? <span class="ink-stamp"> +{a.plan.cost_increase_percent} %</span> : ""}
      </>
    ),
  },
  { head: "Asked", text: (a) => a.asked_at, rank: 3, cell: (a) => <Age at={a.asked_at} /> },
  {
    head: "Answer",
    text: (a) => (isOpen(a) ? a.due : a.outcome?.state),
    cell: (a) => (isOpen(a) ? <Due at={a.due} /> : <Tag ink={INK[a.outcome!.state] ?? "plain"}>{spell(a.outcome!.state)}</Tag>),
  },
];

export function Approvals() {
  const [, go] = useLocation();
  const open = new URLSearchParams(useSearch()).get("open") ?? "true";
  const pages = usePages<Approval>(
    "/v1/approvals",
    { open, limit: "100" },
    (a) => a.id,
    (e) => e.type.startsWith("approval."),
  );
  const pressing = (rows: Approval[]) => (open === "true" ? [...rows].sort((a, b) => (a.due ?? "").localeCompare(b.due ?? "")) : rows);
  return (
    <>
      <PageHead title="Approvals" />
      <form class="filters" onSubmit={(e) => e.preventDefault()}>
        <fieldset class="chips">
          <legend class="only-heard">Open or answered</legend>
          {[
            ["true", "Open"],
            ["false", "Answered"],
          ].map(([v, words]) => (
            <label key={v}>
              <input
                type="radio"
                name="open"
                checked={open === v}
                onChange={() => go(v === "true" ? "/approvals" : "/approvals?open=false", { replace: true })}
              />
              <span>{words}</span>
            </label>
          ))}
        </fieldset>
      </form>
      <Loaded of={pages} what="Approvals">
        {(rows) => (
          <Table
            name="approvals"
            caption="Approvals"
            rows={pressing(rows)}
            columns={COLUMNS}
            keyOf={(a) => a.id}
            hrefOf={(a) => approvalHref(a.id)}
            more={pages.more}
            lead={plural(rows.length, "approval")}
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

export function ApprovalPage({ id }: { id: string }) {
  const orderId = id.replace(/-\d+$/, "");
  const path = `/v1/orders/${segment(orderId)}`;
  const asked = useResource<Approval>(`/v1/approvals/${segment(id)}`, (e) => e.order === orderId || e.type.startsWith("approval."));
  const order = useResource<Order>(path, (e) => e.order === orderId);
  const decisions = useResource<Page<Decision>>(`${path}/decisions`, (e) => e.order === orderId);
  const one = asked.data;
  return (
    <>
      <PageHead
        crumb={["/approvals", "Approvals"]}
        title={
          one ? (
            spell(one.kind)
          ) : (
            <>
              Approval <span class="mono">{id}</span>
            </>
          )
        }
      >
        {one && (isOpen(one) ? <Due at={one.due} /> : <Tag ink={INK[one.outcome!.state] ?? "plain"}>{spell(one.outcome!.state)}</Tag>)}
      </PageHead>
      <Loaded of={asked} what="This approval">
        {(a) => (
          <Loaded of={order} what="The order">
            {(o) => (
              <Question
                one={a}
                order={o}
                decisions={decisions.data?.items ?? []}
                done={() => {
                  asked.reload();
                  order.reload();
                }}
              />
            )}
          </Loaded>
        )}
      </Loaded>
    </>
  );
}

function Question({ one, order, decisions, done }: { one: Approval; order: Order; decisions: Decision[]; done: () => void }) {
  const round = one.plan?.round ?? 0;
  const before =
    one.before ??
    decisions
      .map((d) => d.plan)
      .filter((p): p is Plan => !!p && (p.round ?? 0) < round)
      .at(-1);
  const verdicts = one.plan?.verdicts ?? decisions.find((d) => d.plan?.round === round)?.candidates ?? [];
  const lines = [...new Set(verdicts.map((v) => v.line))];
  return (
    <div class="order-grid">
      <div class="stack">
        <Panel title="The question">
          <p class="lead">{approvalSentence(one)}</p>
          <p class="quiet">{one.plan ? (one.sentence ?? reasonText(one.reason)) : reasonText(one.reason)}</p>
        </Panel>
        <div class="before-after">
          <PlanCard
            title="Before"
            plan={before}
            order={order}
            none={
              <>
                No source was asked. Each line is promised as the customer was told:
                {order.lines.map((l) => (
                  <span key={l.line} class="small">
                    line {l.line}, {dayText(l.promise?.deliver_by) || "no date yet"}
                  </span>
                ))}
              </>
            }
          />
          <PlanCard title="After" plan={one.plan} order={order} compare={before} />
        </div>
        {isOpen(one) && may("answer_approvals") && <Answer one={one} done={done} />}
        {lines.length > 0 && (
          <Panel title="Who else could supply it" flush>
            {lines.map((l) => (
              <Candidates
                key={l}
                line={l}
                title={order.lines.find((x) => x.line === l)?.title}
                rows={verdicts.filter((v) => v.line === l)}
                parts={(one.plan?.parts ?? []).filter((p) => p.line === l)}
                round={round}
                single={lines.length === 1}
              />
            ))}
          </Panel>
        )}
      </div>
      <div class="stack">
        <Panel title="Approval">
          <Facts
            rows={[
              [
                "Order",
                <Link href={orderHref(order.id)} class="mono">
                  {order.id}
                </Link>,
              ],
              ["Asked", <When at={one.asked_at} />],
              [
                "Answer by",
                isOpen(one) && (
                  <>
                    <When at={one.due} />{" "}
                    <span class="muted">
                      (<Due at={one.due} />)
                    </span>
                  </>
                ),
              ],
              ["If nobody does", one.unanswered ? spell(one.unanswered) : isOpen(one) && "The policy's fallback applies"],
              [
                "Answered",
                one.outcome?.by && (
                  <>
                    {actorName(one.outcome.by)}, <When at={one.outcome.at} />
                  </>
                ),
              ],
              ["Words", one.outcome?.words],
              ["Policy", one.plan?.policy],
            ]}
          />
        </Panel>
      </div>
    </div>
  );
}

function PlanCard({
  title,
  plan,
  order,
  compare,
  none,
}: {
  title: string;
  plan: Plan | null | undefined;
  order: Order;
  compare?: Plan | null;
  none?: preact.ComponentChildren;
}) {
  const cost = costOf(plan);
  const old = costOf(compare);
  const more =
    plan?.cost_increase_percent ??
    (cost && old && Number(old.amount) > 0 ? Math.round((Number(cost.amount) / Number(old.amount) - 1) * 100) : 0);
  return (
    <section class="plan-card" aria-label={title}>
      <h2>{title}</h2>
      {!plan?.parts?.length ? (
        <p class="quiet stack tight">{none ?? "Nothing planned."}</p>
      ) : (
        <>
          <ul>
            {plan.parts.map((p, i) => (
              <li key={i}>
                <p>
                  <b>
                    {p.quantity} × {order.lines.find((l) => l.line === p.line)?.title ?? `line ${p.line}`}
                  </b>
                </p>
                <p>
                  from {p.source_name ?? sourceName(p.source)} <span class="muted">{moneyText(p.cost)}</span>
                </p>
                <p class="small quiet">
                  ships {dayText(p.ship_by)}, arrives {dayText(p.deliver_by)}
                </p>
              </li>
            ))}
          </ul>
          <p class="plan-total">
            {moneyText(cost)}
            {more > 0 && <span class="ink-stamp"> +{more} %</span>}{" "}
            <span class="quiet">in {plural(new Set(plan.parts.map((p) => p.source)).size, "parcel")}</span>
          </p>
          {plan.breaks_promise && <p class="ink-stamp">Later than the customer was told</p>}
        </>
      )}
    </section>
  );
}

function Answer({ one, done }: { one: Approval; done: () => void }) {
  const [words, setWords] = useState("");
  const { problem, busy, send } = useSending(() => setWords(""), done);
  const answer = (deed: "approve" | "reject") =>
    send(`/v1/approvals/${segment(one.id)}/${deed}`, { words: words || undefined }, deed === "approve" ? "Approved" : "Rejected");
  return (
    <Panel title="Your answer">
      <div class="field">
        <label for="approval-words">Words for the log (not needed)</label>
        <textarea id="approval-words" rows={2} value={words} onInput={(e) => setWords(e.currentTarget.value)} />
      </div>
      {problem && <ProblemNote problem={problem} />}
      <div class="row">
        <button type="button" class="button main" disabled={busy} onClick={() => answer("approve")}>
          Approve
        </button>
        <button type="button" class="button grave" disabled={busy} onClick={() => answer("reject")}>
          Reject
        </button>
      </div>
    </Panel>
  );
}
