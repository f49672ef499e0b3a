// One case: what happened, what may be done (the recommended first), who takes it on, what people wrote.
import { useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { segment } from "../api/client";
import { reasonText, sourceName } from "../api/lookups";
import { useResource } from "../api/resource";
import type { Case, Order, Page, Remedy, TimelineEntry } from "../api/types";
import { Severity, Tag } from "../kit/badge";
import { Facts, Loaded, Panel, ProblemNote, say } from "../kit/parts";
import { Age, Due, When } from "../kit/when";
import { PageHead } from "../shell/frame";
import { may, session } from "../shell/session";
import { moneyText } from "../words/money";
import { dayText } from "../words/time";
import { actorName, remedyHelp, remedyName, spell } from "../words/words";
import { Subject, subjectOf } from "./cases";
import { useSending } from "./order-actions";
import { OrderLines } from "./order-lines";
import { Timeline } from "./timeline";

export function CasePage({ id }: { id: string }) {
  const one = useResource<Case>(
    `/v1/cases/${segment(id)}`,
    (e) => e.type.startsWith("case.") || (e.order !== undefined && id.startsWith(`${e.order}-`)),
  );
  const about = one.data ? subjectOf(one.data) : {};
  const path = about.order ? `/v1/orders/${segment(about.order)}` : null;
  const order = useResource<Order>(path, (e) => e.order === about.order);
  const timeline = useResource<Page<TimelineEntry>>(path && `${path}/timeline`, (e) => e.order === about.order);
  const c = one.data;
  return (
    <>
      <PageHead
        crumb={["/cases", "Cases"]}
        title={
          c ? (
            spell(c.kind)
          ) : (
            <>
              Case <span class="mono">{id}</span>
            </>
          )
        }
      >
        {c && <Severity code={c.severity} />}
        {c?.resolution && <Tag ink="theirs">Resolved</Tag>}
        {c?.blocks && !c.resolution && <Tag ink="wait">The line waits for it</Tag>}
      </PageHead>
      <Loaded of={one} what="This case">
        {(data) => (
          <div class="order-grid">
            <div class="stack">
              <Panel title="What happened">
                <p class="lead">{data.sentence ?? reasonText(data.reason)}</p>
                {data.help && <p class="quiet">{data.help}</p>}
              </Panel>
              {data.resolution ? (
                <Resolved one={data} />
              ) : (
                <Options
                  key={data.id}
                  one={data}
                  order={order.data}
                  done={() => {
                    one.reload();
                    order.reload();
                  }}
                />
              )}
              {order.data && (
                <Panel title={`Lines of order ${order.data.id}`} flush>
                  <OrderLines
                    order={data.line ? { ...order.data, lines: order.data.lines.filter((l) => l.line === data.line) } : order.data}
                  />
                </Panel>
              )}
              {path && (
                <Panel title="Before and since">
                  <Loaded of={timeline} what="The timeline">
                    {(t) => <Timeline items={t.items} />}
                  </Loaded>
                </Panel>
              )}
            </div>
            <div class="stack">
              <Panel title="Case">
                <Facts
                  rows={[
                    ["About", <Subject of={data} />],
                    ["Line", data.line],
                    ["Owner", spell(data.role)],
                    [
                      "Opened",
                      <>
                        <When at={data.opened_at} />{" "}
                        <span class="muted">
                          (<Age at={data.opened_at} />)
                        </span>
                      </>,
                    ],
                    ["Escalates", data.escalate_at && !data.resolution && <Due at={data.escalate_at} />],
                    ["Reason", data.reason && <span class="mono small">{data.reason}</span>],
                  ]}
                />
              </Panel>
              <TakeOn one={data} done={one.reload} />
              <Comments one={data} done={one.reload} />
            </div>
          </div>
        )}
      </Loaded>
    </>
  );
}

function Resolved({ one }: { one: Case }) {
  const r = one.resolution!;
  return (
    <div class="note ink-theirs">
      <h2>{r.remedy ? remedyTitle(r.remedy) : "It settled by itself"}</h2>
      <p class="quiet">
        {actorName(r.by)}, <When at={r.at} />
      </p>
      {r.words && <p>{r.words}</p>}
    </div>
  );
}

const remedyTitle = (r: Remedy) =>
  r.action === "keep_source" && r.source
    ? `Keep ${sourceName(r.source)}`
    : `${remedyName(r.action)}${r.source ? ` ${sourceName(r.source)}` : ""}`;

/** The acts that may be taken; the first is the recommended one and is chosen already. */
function Options({ one, order, done }: { one: Case; order?: Order; done: () => void }) {
  const options = one.options ?? [];
  const [chosen, choose] = useState(0);
  const [words, setWords] = useState("");
  const { problem, busy, send } = useSending(() => setWords(""), done);
  const resolve = () => {
    const remedy = options[chosen];
    if (remedy)
      send(
        `/v1/cases/${segment(one.id)}/resolve`,
        {
          remedy: { action: remedy.action, ...(remedy.source ? { source: remedy.source } : {}) },
          words: words || undefined,
          revision: one.revision,
        },
        `Done: ${remedyTitle(remedy)}`,
      );
  };
  if (!may("work_cases")) return <p class="note">Your role reads cases; it does not resolve them.</p>;
  if (options.length === 0) return <p class="note">Nothing has to be decided here; it closes when the matter settles.</p>;
  return (
    <Panel title="What may be done">
      <form
        class="stack"
        onSubmit={(e) => {
          e.preventDefault();
          resolve();
        }}
      >
        <fieldset class="options">
          <legend class="only-heard">What to do</legend>
          {options.map((o, i) => (
            <label key={i} class={chosen === i ? "option chosen" : "option"}>
              <input type="radio" name="remedy" checked={chosen === i} onChange={() => choose(i)} />
              <span class="option-text">
                <b>{remedyTitle(o)}</b>
                {i === 0 && <Tag ink="ours">Recommended</Tag>}
                <span class="quiet">{o.sentence ?? remedyHelp(o.action)}</span>
              </span>
              <span class="option-facts small quiet">
                {o.cost && <span>{moneyText(o.cost)}</span>}
                {o.deliver_by && <span>arrives {dayText(o.deliver_by)}</span>}
                {o.probability !== undefined && <span>{Math.round(Number(o.probability) * 100)} % likely</span>}
              </span>
            </label>
          ))}
        </fieldset>
        <div class="field">
          <label for="case-words">Words for the log (not needed)</label>
          <textarea id="case-words" rows={2} value={words} onInput={(e) => setWords(e.currentTarget.value)} />
        </div>
        {problem && <ProblemNote problem={problem} />}
        {problem?.status === 409 && (
          <p class="small">
            Somebody changed this case meanwhile.{" "}
            <button type="button" class="button plain small" onClick={done}>
              See what changed
            </button>
          </p>
        )}
        <div class="row">
          <button class="button main" disabled={busy}>
            {remedyTitle(options[chosen] ?? { action: "" })}
          </button>
          {order && (
            <Link href={`/orders/${segment(order.id)}`} class="button">
              See the order
            </Link>
          )}
        </div>
      </form>
    </Panel>
  );
}

function TakeOn({ one, done }: { one: Case; done: () => void }) {
  const { problem, busy, send } = useSending(() => undefined, done);
  const me = session.value;
  const mine = one.assigned_to?.name === me?.name;
  if (one.resolution || !me || !may("work_cases")) return null;
  return (
    <Panel title="Taken on by">
      <p>{one.assigned_to ? actorName(one.assigned_to) : <span class="muted">Nobody yet</span>}</p>
      {problem && <ProblemNote problem={problem} />}
      {!mine && (
        <button
          type="button"
          class="button"
          disabled={busy}
          onClick={() => send(`/v1/cases/${segment(one.id)}/assign`, { name: me.name, role: me.role }, "You took it on")}
        >
          Take it on
        </button>
      )}
    </Panel>
  );
}

function Comments({ one, done }: { one: Case; done: () => void }) {
  const [words, setWords] = useState("");
  const { problem, busy, send } = useSending(() => setWords(""), done);
  const submit = (e: Event) => {
    e.preventDefault();
    if (!words.trim()) {
      say("Write something first", "stamp");
      return;
    }
    send(`/v1/cases/${segment(one.id)}/comment`, { words }, "Comment added");
  };
  return (
    <Panel title="Comments">
      {(one.comments ?? []).map((m, i) => (
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
            <button class="button" disabled={busy}>
              Comment
            </button>
          </div>
        </form>
      )}
    </Panel>
  );
}
