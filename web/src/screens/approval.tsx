// One approval: before and after side by side, what each answer leads to, and what happens if nobody answers.
import { useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { at } from "../api/address";
import { send } from "../api/client";
import { reasonText, sourceName } from "../api/lookups";
import { useResource } from "../api/resource";
import type { Approval, Choice, Decision, Order, OrderLine, Plan, PlanPart } from "../api/types";
import { Tag } from "../kit/badge";
import { Facts, Loaded, Panel, ProblemNote } from "../kit/parts";
import { Due, When } from "../kit/when";
import { PageHead } from "../shell/frame";
import { QueueNav, nextAfter } from "../shell/queue";
import { may } from "../shell/session";
import { moneyText, sumMoney, timesMoney } from "../words/money";
import { dayText } from "../words/time";
import { actorName, approvalHelp, approvalName, isGrave, plural, spell } from "../words/words";
import { OUTCOME_INK, approvalHref, costOf, isOpen } from "./approvals";
import { Choices, Sure, choiceKey, choiceName, chosenOf } from "./choices";
import { Candidates, planSentence } from "./decisions";
import { useSending } from "../kit/asking";
import { orderHref } from "./orders";

/** What the policy does where nobody answers, as a sentence. */
const UNANSWERED: Record<string, string> = {
  ask: "The plan is dropped and a case is opened.",
  approve: "It counts as approved and goes out.",
  reject: "It counts as rejected; the rules look elsewhere.",
};

export function ApprovalPage({ id }: { id: string }) {
  const orderId = id.replace(/-\d+$/, "");
  const mine = (e: { order?: string }) => e.order === orderId;
  const asked = useResource(at("/v1/approvals/{approval}", { approval: id }), mine);
  const order = useResource(at("/v1/orders/{order}", { order: orderId }), mine);
  const decisions = useResource(at("/v1/orders/{order}/decisions", { order: orderId }), mine);
  const one = asked.data;
  const reload = () => {
    asked.reload();
    order.reload();
  };
  return (
    <>
      <PageHead
        crumb={["/approvals", "Approvals"]}
        title={one ? approvalName(one.kind) : `Approval ${id}`}
        tab={one && `${approvalName(one.kind)}: order ${one.order}`}
        end={<QueueNav at={approvalHref(id)} />}
      >
        {one &&
          (isOpen(one) ? <Due at={one.due} /> : <Tag ink={OUTCOME_INK[one.outcome.state] ?? "plain"}>{spell(one.outcome.state)}</Tag>)}
      </PageHead>
      <Loaded of={asked} what="This approval">
        {(a) => (
          <Loaded of={order} what="The order">
            {(o) => <Question one={a} order={o} decisions={decisions.data?.items ?? []} done={reload} />}
          </Loaded>
        )}
      </Loaded>
    </>
  );
}

function Question({ one, order, decisions, done }: { one: Approval; order: Order; decisions: Decision[]; done: () => void }) {
  const { round } = one.plan;
  const before = decisions
    .map((d) => d.plan)
    .filter((p) => p.round < round && p.parts.length > 0)
    .at(-1);
  const candidates = decisions.find((d) => d.plan.round === round)?.candidates ?? [];
  const lines = [...new Set(candidates.map((v) => v.line))];
  return (
    <div class="order-grid">
      <div class="stack">
        <p class="lead">
          {reasonText(one.reason)} {planSentence(one.plan)}.
        </p>
        {approvalHelp(one.kind) && <p class="quiet">{approvalHelp(one.kind)}</p>}
        {one.kind === "substitution" && one.plan.parts.map((p) => <Instead key={p.line} part={p} line={order.lines.find((l) => l.line === p.line)} />)}
        {one.kind !== "substitution" && (
          <div class="before-after">
            <PlanCard title="Before" plan={before} order={order} none={<Told order={order} />} />
            <PlanCard title="After" plan={one.plan} order={order} compare={before} />
          </div>
        )}
        {isOpen(one) && <Answer key={one.id} one={one} order={order} done={done} />}
        {lines.length > 0 && (
          <Panel title="How the rules came to it" flush>
            {lines.map((l) => (
              <Candidates
                key={l}
                line={l}
                title={order.lines.find((x) => x.line === l)?.title}
                rows={candidates.filter((v) => v.line === l)}
                parts={one.plan.parts.filter((p) => p.line === l)}
                round={round}
                single={lines.length === 1}
              />
            ))}
          </Panel>
        )}
      </div>
      <div class="stack">
        <Panel title="Approval">
          <ApprovalFacts one={one} first={decisions.find((d) => d.plan.parts.length > 0)?.plan} />
        </Panel>
      </div>
    </div>
  );
}

/** What was ordered, and what is offered for it. The plan names the item that is offered where else its step stands. */
function Instead({ part, line }: { part: PlanPart; line: OrderLine | undefined }) {
  const item = useResource(part.step === "substitute" ? null : at("/v1/items/{sku}", { sku: part.step }));
  const facts = (attributes: unknown) =>
    Object.entries((attributes ?? {}) as Record<string, unknown>)
      .map(([k, v]) => `${spell(k).toLowerCase()} ${v}`)
      .join(", ");
  return (
    <Panel title="In place of what was ordered">
      <Facts
        rows={[
          ["In place of", line && `${part.quantity} × ${line.title} (${line.sku})`],
          [`${sourceName(part.source)} offers`, `${part.quantity} × ${item.data?.title ?? part.vendor_sku}${item.data ? ` (${item.data.sku})` : ""}`],
          ["It is", item.data && facts(item.data.attributes)],
          ["Its number there", <span class="mono">{part.vendor_sku}</span>],
          ["Costs", part.cost ? moneyText(part.cost) : "Its price is not known here"],
          ["Ships", dayText(part.ship_by)],
          ["Arrives", `${dayText(part.deliver_by)}${line?.promise ? `; the customer was told ${dayText(line.promise.deliver_by)}` : ""}`],
        ]}
      />
    </Panel>
  );
}

function ApprovalFacts({ one, first }: { one: Approval; first: Plan | undefined }) {
  const open = isOpen(one);
  const more = first && first.round < one.plan.round ? sumMoney([costOf(one.plan), timesMoney(costOf(first), -1)]) : undefined;
  const percent = one.plan.cost_increase_percent;
  return (
    <Facts
      rows={[
        [
          "Order",
          <Link href={orderHref(one.order)} class="mono" data-key="o">
            {one.order}
          </Link>,
        ],
        ["At stake", one.stake?.value && `${moneyText(one.stake.value)}, ${plural(one.stake.units, "unit")}`],
        ["Promised", dayText(one.stake?.deliver_by)],
        ["Its supply costs", moneyText(costOf(one.plan))],
        [
          "Against the first plan",
          more && (
            <span class={Number(more.amount) > 0 ? "ink-stamp" : "ink-theirs"}>
              {Number(more.amount) > 0 ? "+" : ""}
              {moneyText(more)}
              {percent ? `, +${percent} %` : ""}
            </span>
          ),
        ],
        ["Asked", <When at={one.asked_at} />],
        [
          "Answer by",
          open && (
            <>
              <When at={one.due} />{" "}
              <span class="muted">
                (<Due at={one.due} />)
              </span>
            </>
          ),
        ],
        ["If nobody does", open && (UNANSWERED[one.unanswered ?? ""] ?? spell(one.unanswered))],
        [
          "Answered",
          one.outcome.by && (
            <>
              {actorName(one.outcome.by)}, <When at={one.outcome.at} />
            </>
          ),
        ],
        ["Words", one.outcome.words],
        ["Policy", <Link href={`/policies/${one.plan.policy}`}>{`Version ${one.plan.policy}`}</Link>],
      ]}
    />
  );
}

function Told({ order }: { order: Order }) {
  return (
    <>
      No source was asked yet. The customer was told:
      {order.lines.map((l) => (
        <span key={l.line} class="small">
          {l.title}: {l.promise ? `arrives ${dayText(l.promise.deliver_by)}` : "no date yet"}
        </span>
      ))}
    </>
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
  plan: Plan | undefined;
  order: Order;
  compare?: Plan;
  none?: preact.ComponentChildren;
}) {
  if (!plan?.parts.length)
    return (
      <section class="plan-card" aria-label={title}>
        <h2>{title}</h2>
        <p class="quiet stack tight">{none ?? "Nothing planned."}</p>
      </section>
    );
  const latest = (p: Plan) =>
    p.parts
      .map((x) => x.deliver_by)
      .sort()
      .at(-1)!;
  const later = compare && latest(plan) > latest(compare);
  return (
    <section class="plan-card" aria-label={title}>
      <h2>{title}</h2>
      <ul>
        {plan.parts.map((p, i) => (
          <li key={i}>
            <p>
              <b>
                {p.quantity} × {order.lines.find((l) => l.line === p.line)?.title ?? `line ${p.line}`}
              </b>
            </p>
            <p>
              from {sourceName(p.source)} <span class="muted">{moneyText(p.cost)}</span>
            </p>
            <p class="small quiet">
              ships {dayText(p.ship_by)}, arrives {dayText(p.deliver_by)}
            </p>
          </li>
        ))}
      </ul>
      <p class="plan-total">
        {moneyText(costOf(plan))}
        {plan.cost_increase_percent ? <span class="ink-stamp"> +{plan.cost_increase_percent} %</span> : ""}{" "}
        <span class="quiet">in {plural(new Set(plan.parts.map((p) => p.source)).size, "parcel")}</span>
        {later && <span class="ink-stamp"> · arrives later</span>}
      </p>
      {plan.breaks_promise && <p class="ink-stamp">Later than the customer was told</p>}
    </section>
  );
}

function Answer({ one, order, done }: { one: Approval; order: Order; done: () => void }) {
  const [, go] = useLocation();
  const choices = useResource(at("/v1/approvals/{approval}/choices", { approval: one.id }), (e) => e.order === one.order);
  const [picked, pick] = useState("");
  const [words, setWords] = useState("");
  const [asking, ask] = useState<Choice | null>(null);
  const { problem, busy, run } = useSending(() => setWords(""), done);
  if (!may("answer_approvals") || one.answerable === false) return <p class="note">Another role answers questions of this kind.</p>;
  const answer = (c: Choice) => {
    const next = nextAfter(approvalHref(one.id));
    const line = one.plan.parts[0]?.line ?? order.lines[0]!.line;
    const another = { to: c.source, reason: "manual_override", words: words || null, approval: one.id };
    const act = () => {
      if (c.action === "approve") return send("post", "/v1/approvals/{approval}/approve", { approval: one.id }, { words: words || null });
      if (c.action === "reject") return send("post", "/v1/approvals/{approval}/reject", { approval: one.id }, { words: words || null });
      return send(
        "post",
        "/v1/orders/{order}/lines/{line}/reroute",
        { order: one.order, line },
        another,
      );
    };
    run(
      async () => {
        await act();
        ask(null);
        if (next) go(next);
      },
      `Done: ${choiceName(c)}`,
    );
  };
  return (
    <Panel title="Your answer">
      <Loaded of={choices} what="The choices">
        {(list) => {
          const chosen = chosenOf(list.items, picked);
          const decide = (c: Choice) => (isGrave(c) ? ask(c) : answer(c));
          const named = (action: string) => list.items.find((c) => c.action === action && !c.impossible);
          return (
            <form
              class="stack"
              onSubmit={(e) => {
                e.preventDefault();
                if (chosen) decide(chosen);
              }}
            >
              <Choices of={list.items} chosen={chosen ? choiceKey(chosen) : ""} choose={pick} />
              <div class="field">
                <label for="approval-words">Words for the log, if any</label>
                <textarea id="approval-words" rows={2} value={words} onInput={(e) => setWords(e.currentTarget.value)} />
              </div>
              {problem && !asking && <ProblemNote problem={problem} />}
              {asking && <Sure of={asking} busy={busy} problem={problem} close={() => ask(null)} act={() => answer(asking)} />}
              <div class="row">
                <button class="button main" disabled={busy || !chosen} data-key="d">
                  {chosen ? choiceName(chosen) : "Nothing can be done now"}
                </button>
                {named("approve") && chosen?.action !== "approve" && (
                  <button type="button" class="button" disabled={busy} data-key="y" onClick={() => decide(named("approve")!)}>
                    Approve
                  </button>
                )}
                {named("reject") && chosen?.action !== "reject" && (
                  <button type="button" class="button grave" disabled={busy} onClick={() => decide(named("reject")!)}>
                    Reject
                  </button>
                )}
              </div>
            </form>
          );
        }}
      </Loaded>
    </Panel>
  );
}
