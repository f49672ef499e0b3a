// One case: what happened, what may be done (the recommended first), who takes it on, what people wrote.
import { useEffect, useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { at } from "../api/address";
import { send } from "../api/client";
import { givenReasons, reasonText, sourceName } from "../api/lookups";
import { useResource } from "../api/resource";
import type { Case, Choice, Order, TimelineItem } from "../api/types";
import { Severity, Tag } from "../kit/badge";
import { SelectField } from "../kit/field";
import { Facts, Loaded, Panel, ProblemNote, say } from "../kit/parts";
import { Sentence } from "../kit/sentence";
import { Age, Due, When } from "../kit/when";
import { PageHead } from "../shell/frame";
import { QueueNav, nextAfter } from "../shell/queue";
import { may } from "../shell/session";
import { moneyText } from "../words/money";
import { dayText } from "../words/time";
import { CANCEL_REASONS, actorName, isGrave, plural, spell } from "../words/words";
import { AssignMenu, SnoozeMenu } from "./case-acts";
import { caseHref, Subject, subjectOf } from "./cases";
import { changesBetween } from "./case-changes";
import { Choices, Sure, choiceKey, choiceName, chosenOf, isStated } from "./choices";
import { useSending } from "../kit/asking";
import { MessageDialog, Messages } from "./message";
import { OrderLines } from "./order-lines";
import { orderHref } from "./orders";
import { paperHref, Timeline } from "./timeline";

/** Cases that are about words: they show them. */
const WRITTEN = new Set(["customer_wrote", "vendor_wrote"]);

export function CasePage({ id }: { id: string }) {
  const about = (e: { type: string; order?: string }) =>
    e.type.startsWith("case.") || (e.order !== undefined && id.startsWith(`${e.order}-`));
  const one = useResource(at("/v1/cases/{case}", { case: id }), about);
  const subject = one.data ? subjectOf(one.data) : {};
  const name = subject.order ?? "";
  const mine = (e: { order?: string }) => e.order === name;
  const order = useResource(name ? at("/v1/orders/{order}", { order: name }) : null, mine);
  const timeline = useResource(name ? at("/v1/orders/{order}/timeline", { order: name }) : null, mine);
  const wrote = name && one.data && WRITTEN.has(one.data.kind) && may("read_people");
  const messages = useResource(wrote ? at("/v1/orders/{order}/messages", { order: name }) : null, mine);
  const [writing, setWriting] = useState(false);
  const c = one.data;
  const reload = () => {
    one.reload();
    order.reload();
    timeline.reload();
    messages.reload();
  };
  return (
    <>
      <PageHead
        crumb={["/cases", "Cases"]}
        title={c ? spell(c.kind) : `Case ${id}`}
        tab={c && `${spell(c.kind)}: ${name ? `order ${name}` : sourceName(subject.source)}`}
        end={
          <>
            <QueueNav at={caseHref(id)} />
            {order.data && may("write_to_people") && (
              <button type="button" class="button" onClick={() => setWriting(true)}>
                Write
              </button>
            )}
            {c && !c.resolution && may("work_cases") && (
              <>
                <AssignMenu of={[c]} done={reload} />
                <SnoozeMenu of={[c]} done={reload} />
              </>
            )}
          </>
        }
      >
        {c && <Severity code={c.severity} />}
        {c?.resolution && <Tag ink="theirs">Resolved</Tag>}
        {c?.snoozed_until && (
          <Tag>
            Put aside until <When at={c.snoozed_until} />
          </Tag>
        )}
        {c?.blocks && !c.resolution && <Tag ink="wait">The line waits for it</Tag>}
      </PageHead>
      {writing && order.data && <MessageDialog order={order.data} close={() => setWriting(false)} done={reload} />}
      <Loaded of={one} what="This case">
        {(data) => (
          <div class="order-grid">
            <div class="stack">
              <Panel title="What happened">
                <p class="lead">
                  <Sentence>{data.sentence}</Sentence>
                </p>
                <StakeLine one={data} />
                <p class="quiet">{data.help}</p>
              </Panel>
              {name && WRITTEN.has(data.kind) && messages.data && (
                <Panel title="What people wrote">
                  <Messages items={messages.data.items.filter((m) => (m.purchase_order ?? null) === (data.purchase_order ?? null))} name={sourceName} />
                </Panel>
              )}
              {data.resolution ? <Resolved one={data} /> : <Decide key={data.id} one={data} order={order.data} done={reload} />}
              {order.data && <Lines one={data} order={order.data} />}
            </div>
            <div class="stack">
              <Panel title="Case">
                <CaseFacts one={data} paper={timeline.data?.items.find((e) => isOpening(e, data.id))?.paper} />
              </Panel>
              <Comments one={data} done={one.reload} />
              {name && (
                <Panel title="Before and since">
                  <Loaded of={timeline} what="The timeline">
                    {(t) => <Timeline items={t.items} />}
                  </Loaded>
                </Panel>
              )}
            </div>
          </div>
        )}
      </Loaded>
    </>
  );
}

function StakeLine({ one }: { one: Case }) {
  const s = one.stake;
  if (!s || s.units === 0) return null;
  return (
    <p>
      <b>{moneyText(s.value) || plural(s.units, "unit")}</b> at stake: {plural(s.units, "unit")} of {s.title}
      {s.lines > 1 && ` and ${plural(s.lines - 1, "more line")}`}
      {s.deliver_by && (
        <>
          , {s.confirmed ? "promised for" : "provisionally promised for"} <b>{dayText(s.deliver_by)}</b>
        </>
      )}
      .
    </p>
  );
}

/** True for the event that opened a case: its paper is what the case is about. */
const isOpening = (e: TimelineItem, id: string) => e.type === "case.opened" && (e.event as { case?: { id?: string } }).case?.id === id;

function CaseFacts({ one, paper }: { one: Case; paper: TimelineItem["paper"] | undefined }) {
  return (
    <Facts
      rows={[
        ["About", <Subject of={one} />],
        [
          "Purchase order",
          one.purchase_order && (
            <Link href={`/purchase-orders/${encodeURIComponent(one.purchase_order)}`} class="mono">
              {one.purchase_order}
            </Link>
          ),
        ],
        ["Document", paper && <Link href={paperHref(paper)}>Open it at its place</Link>],
        ["Line", one.line],
        ["Owner", spell(one.role)],
        ["Taken on by", actorName(one.assigned_to) || <span class="muted">Nobody yet</span>],
        [
          "Opened",
          <>
            <When at={one.opened_at} />{" "}
            <span class="muted">
              (<Age at={one.opened_at} />)
            </span>
          </>,
        ],
        ["Escalates", one.escalate_at && !one.resolution && <Due at={one.escalate_at} />],
        ["Reason", <span title={one.reason}>{reasonText(one.reason)}</span>],
      ]}
    />
  );
}

function Lines({ one, order }: { one: Case; order: Order }) {
  return (
    <Panel
      title={one.line ? `Line ${one.line} of order ${order.id}` : `Lines of order ${order.id}`}
      flush
      end={
        <Link href={orderHref(order.id)} class="small" data-key="o">
          Open the order
        </Link>
      }
    >
      <OrderLines order={one.line ? { ...order, lines: order.lines.filter((l) => l.line === one.line) } : order} />
    </Panel>
  );
}

function Resolved({ one }: { one: Case }) {
  const r = one.resolution!;
  return (
    <div class="note ink-theirs">
      <h2>{r.remedy ? choiceName(r.remedy) : "It settled by itself"}</h2>
      <p class="quiet">
        {actorName(r.by)}, <When at={r.at} />
      </p>
      {r.words && <p>{r.words}</p>}
    </div>
  );
}

/** The act is sent with the revision that this person has looked at, never with a newer one that came in meanwhile. */
function useSeen(one: Case) {
  const [seen, setSeen] = useState(one);
  const changes = seen.revision === one.revision ? [] : changesBetween(seen, one);
  useEffect(() => {
    if (seen.revision !== one.revision && changes.length === 0) setSeen(one);
  }, [one.revision]);
  return { seen, changes, accept: () => setSeen(one) };
}

/** The choices, each that speaks of “the source” with the one it means. */
function named(choices: Choice[], one: Case, order: Order | undefined): Choice[] {
  const all = order?.lines.flatMap((l) => l.assignments) ?? [];
  const source = all.find((a) => a.purchase_order && String(a.purchase_order) === one.purchase_order)?.source;
  return choices.map((c) => (c.source || c.action !== "keep_source" || !source ? c : { ...c, source_name: sourceName(source) }));
}

function Decide({ one, order, done }: { one: Case; order: Order | undefined; done: () => void }) {
  const subject = subjectOf(one).order;
  const choices = useResource(at("/v1/cases/{case}/choices", { case: one.id }), (e) => e.order !== undefined && e.order === subject);
  if (!may("work_cases")) return <p class="note">Your role reads cases; it does not resolve them.</p>;
  if (one.options.length === 0) return <p class="note">Nothing has to be decided here; it closes when the matter settles.</p>;
  return (
    <Panel title="What may be done">
      <Loaded of={choices} what="The choices">
        {(list) => <Remedies one={one} of={named(list.items, one, order)} done={done} />}
      </Loaded>
    </Panel>
  );
}

function Remedies({ one, of, done }: { one: Case; of: Choice[]; done: () => void }) {
  const [, go] = useLocation();
  const [picked, pick] = useState("");
  const [words, setWords] = useState("");
  const [reason, setReason] = useState("");
  const [asking, ask] = useState(false);
  const { seen, changes, accept } = useSeen(one);
  const { problem, busy, run } = useSending(() => setWords(""), done);
  const chosen = chosenOf(of, picked);
  const next = nextAfter(caseHref(one.id));
  const reasons = chosen?.action === "cancel_rest" ? CANCEL_REASONS : givenReasons.value;
  const statement = !!chosen && isStated(chosen);
  const ready = !!chosen && changes.length === 0 && !(statement && !words.trim());
  const resolve = () => {
    if (!chosen || !ready) return;
    const why = reason && reasons.some(([code]) => code === reason) ? { reason } : {};
    const body = { remedy: chosen.remedy ?? { action: chosen.action }, words: words.trim() || null, revision: seen.revision, ...why };
    run(
      async () => {
        await send("post", "/v1/cases/{case}/resolve", { case: one.id }, body);
        ask(false);
        if (next) go(next);
      },
      `Done: ${choiceName(chosen)}`,
    );
  };
  return (
    <form
      class="stack"
      onSubmit={(e) => {
        e.preventDefault();
        if (chosen && ready) isGrave(chosen) ? ask(true) : resolve();
      }}
    >
      <Choices of={of} chosen={chosen ? choiceKey(chosen) : ""} choose={pick} />
      {reasons.length > 0 && (
        <SelectField name="case-reason" label="Reason" value={reason} set={setReason} options={[["", "As the case says"], ...reasons]} />
      )}
      <div class="field">
        <label for="case-words">{statement ? "Who said so, when, and in what words" : "Words for the log, if any"}</label>
        <textarea id="case-words" rows={2} value={words} required={statement} onInput={(e) => setWords(e.currentTarget.value)} />
        {statement && <p class="hint">This records what somebody outside has said; only they know it. The log keeps your words with it.</p>}
      </div>
      {changes.length > 0 && <Conflict changes={changes} accept={accept} />}
      {problem && !asking && <ProblemNote problem={problem} />}
      <div class="row">
        <button class={chosen && isGrave(chosen) ? "button grave" : "button main"} disabled={busy || !ready} data-key="d">
          {chosen ? `${choiceName(chosen)}${isGrave(chosen) ? "…" : ""}` : "Choose what was said"}
        </button>
        {next && <span class="small muted">then the next one opens</span>}
      </div>
      {asking && chosen && <Sure of={chosen} busy={busy} problem={problem} close={() => ask(false)} act={resolve} />}
    </form>
  );
}

/** Somebody else was here meanwhile: what they did, and nothing goes out before it is seen. */
function Conflict({ changes, accept }: { changes: string[]; accept: () => void }) {
  return (
    <div class="note ink-wait" role="alert">
      <h3>This case changed while you were looking</h3>
      <ul>
        {changes.map((c) => (
          <li key={c}>{c}</li>
        ))}
      </ul>
      <div>
        <button type="button" class="button small" onClick={accept}>
          I have seen it, go on
        </button>
      </div>
    </div>
  );
}

function Comments({ one, done }: { one: Case; done: () => void }) {
  const [words, setWords] = useState("");
  const { problem, busy, run } = useSending(() => setWords(""), done);
  const submit = (e: Event) => {
    e.preventDefault();
    if (!words.trim()) return say("Write something first", "stamp");
    run(() => send("post", "/v1/cases/{case}/comment", { case: one.id }, { words }), "Comment added");
  };
  return (
    <Panel title="Comments">
      {one.comments.map((m, i) => (
        <blockquote key={i} class="comment">
          <p>{m.words}</p>
          <footer class="small muted">
            {actorName(m.by)}, <When at={m.at} />
          </footer>
        </blockquote>
      ))}
      {may("work_cases") && (
        <form class="stack tight" onSubmit={submit}>
          <label class="only-heard" for="case-comment">
            Comment
          </label>
          <textarea
            id="case-comment"
            rows={2}
            value={words}
            placeholder="What the next person should know"
            onInput={(e) => setWords(e.currentTarget.value)}
          />
          {problem && <ProblemNote problem={problem} />}
          <div>
            <button class="button small" disabled={busy}>
              Comment
            </button>
          </div>
        </form>
      )}
    </Panel>
  );
}
