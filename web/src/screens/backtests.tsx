// Backtests of a policy on a history that is kept, or on this installation's own journal: begun, watched, stopped; the result against what happened and
// against another policy, what rests on observation apart from what is modelled; each order that came out otherwise, opened.
import { useEffect, useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { at } from "../api/address";
import { segment, send } from "../api/client";
import { useResource } from "../api/resource";
import type { Backtest, PolicyVersion } from "../api/types";
import { Tag, type Ink } from "../kit/badge";
import { Chips, SelectField, TextField, faultAt } from "../kit/field";
import { Loaded, Panel, ProblemNote } from "../kit/parts";
import { Sentence } from "../kit/sentence";
import { Stats } from "../kit/stat";
import { Table, type Column } from "../kit/table";
import { Age } from "../kit/when";
import { PageHead } from "../shell/frame";
import { may } from "../shell/session";
import { sourceName } from "../api/lookups";
import { plural, spell } from "../words/words";
import { figureOf, FIGURES, tallyFigure, type Changed, type Changes, type PolicyVerdict, type Tally, type Verdict } from "../words/verdict";
import { useSending } from "../kit/asking";
import { policyHref } from "./policies";

const LOOK_MS = 1000;
const STATE_INK: Record<string, Ink> = { running: "ours", done: "theirs", failed: "stamp", cancelled: "plain", interrupted: "wait" };
const STOPPED: Record<string, string> = { cancelled: "Stopped", interrupted: "Its service was stopped" };
const over = (b: Backtest) => (b.history ? `over ${b.history}` : "over the journal");
const jobHref = (b: Pick<Backtest, "policy" | "id">) => `${policyHref(b.policy)}/backtests/${segment(b.id)}`;

/** Reads again while something runs: a job tells no events. */
function useWatching(running: boolean, reload: () => void): void {
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(reload, LOOK_MS);
    return () => clearInterval(timer);
  }, [running, reload]);
}

function Progress({ of: b }: { of: Backtest }) {
  if (b.state !== "running") return null;
  return (
    <div class="stack tight">
      <progress max={b.of || 1} value={b.done} aria-label={`Backtest ${b.id}`} />
      <p class="small muted" role="status">
        {b.of === 0 ? "The history is being read." : `${b.done.toLocaleString("en")} of ${b.of.toLocaleString("en")} orders, all seeds together.`}
      </p>
    </div>
  );
}

/** Backtests of one policy, and how to begin one. */
export function Backtests({ one, done }: { one: PolicyVersion; done: () => void }) {
  const all = useResource(at("/v1/backtests", {}));
  const mine = (all.data?.items ?? []).filter((b) => b.policy === one.version);
  const running = !!all.data?.items.some((b) => b.state === "running");
  useWatching(running, all.reload);
  useEffect(() => {
    if (!running) done();
  }, [running]);
  return (
    <Panel title="Backtests">
      {may("write_policies") && !running && <Begin one={one} />}
      {running && mine.every((b) => b.state !== "running") && <p class="quiet small">Another policy is being tried; one at a time.</p>}
      {mine.map((b) => (
        <div key={b.id} class="stack tight">
          <p class="row">
            <Link href={jobHref(b)}>
              Backtest {b.id}
              {b.against != null && ` against version ${b.against}`} {over(b)}
            </Link>
            <Tag ink={STATE_INK[b.state] ?? "plain"}>{spell(b.state)}</Tag>
            <span class="small muted">
              begun <Age at={b.started_at} />
            </span>
          </p>
          {b.error && <p class="ink-stamp small">{b.error}</p>}
          {b.not_kept && <p class="ink-wait small">{b.not_kept}</p>}
          <Progress of={b} />
        </div>
      ))}
      {mine.length === 0 && <p class="quiet small">None is kept. They replay a history or this installation's journal, and write nothing but their result.</p>}
    </Panel>
  );
}

function Begin({ one }: { one: PolicyVersion }) {
  const policies = useResource(at("/v1/policies", {}));
  const [, go] = useLocation();
  const others = (policies.data?.items ?? []).filter((p) => p.version !== one.version);
  const inForce = others.find((p) => p.state === "active");
  const [against, setAgainst] = useState<string | null>(null);
  const histories = useResource(at("/v1/histories", {}));
  const [history, setHistory] = useState("");
  const [seeds, setSeeds] = useState("5");
  const { problem, busy, run } = useSending(
    () => undefined,
    () => undefined,
  );
  const chosen = against ?? (inForce ? String(inForce.version) : "");
  const begin = async () => {
    const asked = { against: chosen ? Number(chosen) : null, seeds: Number(seeds), history: history || null };
    const job = await send("post", "/v1/policies/{version}/backtest", { version: String(one.version) }, asked as never);
    go(jobHref(job));
  };
  return (
    <form
      class="stack"
      onSubmit={(e) => {
        e.preventDefault();
        run(begin, "The backtest runs");
      }}
    >
      <div class="form-grid">
        <SelectField
          name="history"
          label="Try it on"
          value={history}
          set={setHistory}
          options={[["", "this installation's journal"], ...(histories.data?.items ?? []).map((h) => [h.name, `${h.name}, ${plural(h.orders, "order")}`] as const)]}
        />
        <SelectField
          name="against"
          label="Beside what happened, compare with"
          value={chosen}
          set={setAgainst}
          options={[["", "no other policy"], ...others.map((p) => [String(p.version), `Version ${p.version}, ${p.name}`] as const)]}
        />
        <TextField
          name="seeds"
          label="Seeds"
          type="number"
          min="1"
          max="50"
          value={seeds}
          set={setSeeds}
          hint="More make the intervals surer"
          fault={faultAt(problem, "/seeds")}
        />
      </div>
      {problem && <ProblemNote problem={problem} />}
      <div>
        <button class="button main" disabled={busy}>
          Try it on what happened
        </button>
      </div>
    </form>
  );
}

/** One backtest. */
export function BacktestPage({ version, job }: { version: string; job: string }) {
  const one = useResource(at("/v1/backtests/{job}", { job }));
  const [, go] = useLocation();
  const running = one.data?.state === "running";
  useWatching(running, one.reload);
  const { problem, busy, run } = useSending(() => undefined, one.reload);
  const forget = useSending(
    () => undefined,
    () => go(policyHref(version)),
  );
  const state = one.data?.state;
  return (
    <>
      <PageHead
        crumb={[policyHref(version), `Version ${version}`]}
        title={`Backtest ${job} of version ${version}`}
        end={
          may("write_policies") && (
            <>
              {running && (
                <button type="button" class="button" disabled={busy} onClick={() => run(() => send("post", "/v1/backtests/{job}/cancel", { job }), "Stopped; it can go on where it was")}>
                  Stop it
                </button>
              )}
              {state && STOPPED[state] && (
                <>
                  <button type="button" class="button main" disabled={busy} onClick={() => run(() => send("post", "/v1/backtests/{job}/resume", { job }), "It goes on")}>
                    Go on with it
                  </button>
                  <button
                    type="button"
                    class="button grave"
                    disabled={forget.busy}
                    onClick={() => forget.run(() => send("delete", "/v1/backtests/{job}", { job }), "Forgotten; the log knows nothing of it")}
                  >
                    Forget it
                  </button>
                </>
              )}
            </>
          )
        }
      >
        {one.data && <Tag ink={STATE_INK[one.data.state] ?? "plain"}>{spell(one.data.state)}</Tag>}
        {one.data && <span class="small muted">{over(one.data)}</span>}
      </PageHead>
      <Loaded of={one} what="This backtest">
        {(b) => (
          <>
            <Progress of={b} />
            {STOPPED[b.state] && (
              <p class="note" role="status">
                {STOPPED[b.state]} {b.of === 0 ? "before the first order" : `after ${b.done.toLocaleString("en")} of ${b.of.toLocaleString("en")} orders`}. The log
                knows nothing of it. It goes on where it was, and comes to the same result; after seven days it is forgotten.
              </p>
            )}
            {(problem ?? forget.problem) && <ProblemNote problem={(problem ?? forget.problem)!} />}
            {b.error && <p class="note ink-stamp">{b.error}</p>}
            {b.not_kept && (
              <p class="note ink-wait">
                The policy does not count as backtested by this: <Sentence>{b.not_kept}</Sentence>
              </p>
            )}
            {b.result && <Result of={b.result as unknown as Verdict} job={b} />}
          </>
        )}
      </Loaded>
    </>
  );
}

function Result({ of, job }: { of: Verdict; job: Backtest }) {
  const [own, other] = of.policies;
  if (!own) return null;
  const broken = own.figures.cancelled_after_commitment!;
  return (
    <>
      <Stats
        label="In short"
        of={[
          { name: "Orders replayed", value: of.orders.toLocaleString("en"), note: `${plural(of.seeds[0], "seed")}, the first is ${of.seeds[1]}; ${of.not_released} never released, ${of.happened.still_open ?? 0} still open at the end of the history` },
          {
            name: "Cancelled after commitment",
            value: broken.middle.toLocaleString("en"),
            note: `${broken.low} to ${broken.high}; it was ${of.happened.cancelled_after_commitment}`,
            ink: broken.middle < of.happened.cancelled_after_commitment ? "theirs" : undefined,
          },
          { name: "Came out otherwise", value: own.against_history.orders.toLocaleString("en"), note: "than what happened" },
          {
            name: "Rests on a model",
            value: (own.by_ground.modelled?.orders ?? 0).toLocaleString("en"),
            note: `${(own.by_ground.observed?.orders ?? 0).toLocaleString("en")} observed, ${(own.by_ground.assumed?.orders ?? 0).toLocaleString("en")} assumed`,
          },
        ]}
      />
      <Comparison of={of} own={own} other={other} />
      <Parts of={own} />
      <ChangedOrders of={of} job={job} />
    </>
  );
}

/** Each figure: what happened, what this policy and the other one would have made of it. */
function Comparison({ of, own, other }: { of: Verdict; own: PolicyVerdict; other?: PolicyVerdict }) {
  type Row = (typeof FIGURES)[number];
  const range = (p: PolicyVerdict, name: string) => {
    const i = p.figures[name];
    if (!i) return "";
    return i.low === i.high ? figureOf(name, i.middle) : `${figureOf(name, i.middle)} (${figureOf(name, i.low)} to ${figureOf(name, i.high)})`;
  };
  const columns: Column<Row>[] = [
    { head: "Figure", text: ([, words]) => words },
    { head: "What happened", text: ([name]) => tallyFigure(name, of.happened), right: true },
    { head: `Version ${own.version}`, text: ([name]) => range(own, name), right: true },
    ...(other ? [{ head: `Version ${other.version}`, text: ([name]: Row) => range(other, name), right: true }] : []),
  ];
  return (
    <Table
      name="backtest"
      caption="Against what happened"
      rows={[...FIGURES]}
      columns={columns}
      keyOf={([name]) => name}
      lead="The middle of all seeds, with the least and the most. History tells the figures of what happened as far as it knows them."
    />
  );
}

const PARTS: [string, string][] = [
  ["by_ground", "Observed and modelled"],
  ["by_source", "By vendor"],
  ["by_category", "By category"],
  ["answers", "How vendors answered"],
];
const GROUNDS: Record<string, string> = {
  observed: "Observed: history tells what the source answered",
  assumed: "Assumed: history tells what was shipped, not what was answered",
  modelled: "Modelled: history did not ask this source",
};
const ANSWERS = ["asked", "observed", "assumed", "modelled", "accepted", "declined", "silent", "taken_back", "shipped"];

/** The figures of the first seed, told apart. */
function Parts({ of }: { of: PolicyVerdict }) {
  const [part, setPart] = useState("by_ground");
  const named = (key: string) => (part === "by_ground" ? (GROUNDS[key] ?? key) : part === "by_category" ? key : sourceName(key));
  const head = part === "by_ground" ? "Rests on" : part === "by_category" ? "Category" : "Source";
  const first = <T,>(): Column<[string, T]> => ({ head, text: ([key]) => named(key), wide: part === "by_ground" });
  const rows = Object.entries(of[part as "by_source"] as Record<string, Tally>);
  const tallies: Column<[string, Tally]>[] = [
    first<Tally>(),
    { head: "Orders", text: ([, t]) => t.orders, right: true },
    ...FIGURES.map(([name, words], i): Column<[string, Tally]> => ({ head: words, text: ([, t]) => tallyFigure(name, t), right: true, rank: i < 3 ? 1 : i < 7 ? 2 : 3 })),
  ];
  const answers: Column<[string, Record<string, number>]>[] = [
    first<Record<string, number>>(),
    ...ANSWERS.map((name): Column<[string, Record<string, number>]> => ({ head: spell(name), text: ([, a]) => a[name], right: true, rank: name === "asked" || name === "accepted" ? 1 : 2 })),
  ];
  const shared = { name: `backtest-${part}`, lead: "Under the first seed, exactly" };
  return (
    <>
      <Chips name="part" legend="Told apart" value={part} set={setPart} options={PARTS} />
      {part === "answers" ? (
        <Table {...shared} caption="How vendors answered" rows={Object.entries(of.answers)} columns={answers} keyOf={([key]) => key} />
      ) : (
        <Table {...shared} caption={PARTS.find(([id]) => id === part)![1]} rows={rows} columns={tallies} keyOf={([key]) => key} />
      )}
    </>
  );
}

function ChangedOrders({ of, job }: { of: Verdict; job: Backtest }) {
  const [other, setOther] = useState("history");
  const [kind, setKind] = useState("");
  const own = of.policies[0]!;
  const changes: Changes = (other === "history" ? own.against_history : of.first_against_second) ?? own.against_history;
  const shown = changes.listed.filter((c) => !kind || c.changes.includes(kind));
  const columns: Column<Changed>[] = [
    { head: "Order", text: (c) => c.order, cell: (c) => <Link href={`${jobHref(job)}/orders/${segment(c.order)}`}>{c.order}</Link> },
    { head: "What came out otherwise", text: (c) => c.changes.join("; "), wide: true },
    { head: "Before", text: (c) => sourceName(c.source[0]), rank: 2 },
    { head: "Then", text: (c) => sourceName(c.source[1]), rank: 2 },
    { head: "Rests on", text: (c) => spell(c.rests_on), cell: (c) => <Tag ink={c.rests_on === "observed" ? "theirs" : "wait"}>{spell(c.rests_on)}</Tag> },
  ];
  return (
    <>
      <div class="filters">
        {of.first_against_second && (
          <Chips
            name="changed-against"
            legend="Compared with"
            value={other}
            set={(v) => (setOther(v), setKind(""))}
            options={[
              ["history", "Against what happened"],
              ["policy", `Against version ${of.policies[1]!.version}`],
            ]}
          />
        )}
        <label class="only-heard" for="changed-kind">
          Kind of change
        </label>
        <select id="changed-kind" value={kind} onChange={(e) => setKind(e.currentTarget.value)}>
          <option value="">All {changes.orders.toLocaleString("en")} orders that changed</option>
          {Object.entries(changes.kinds).map(([k, n]) => (
            <option key={k} value={k}>
              {spell(k)}: {n}
            </option>
          ))}
        </select>
      </div>
      <Table
        name="changed"
        caption="Orders that came out otherwise"
        rows={shown}
        columns={columns}
        keyOf={(c) => c.order}
        hrefOf={(c) => `${jobHref(job)}/orders/${segment(c.order)}`}
        lead={`${plural(shown.length, "order")} of ${changes.orders.toLocaleString("en")}, the first under the first seed; each opens down to why`}
        empty={<strong>No order came out otherwise</strong>}
      />
    </>
  );
}

/** One order of a backtest: what happened, and every decision of the policy with its reasons. */
export function BacktestOrderPage({ version, job, id }: { version: string; job: string; id: string }) {
  const one = useResource(at("/v1/backtests/{job}/orders/{id}", { job, id }));
  return (
    <>
      <PageHead
        crumb={[jobHref({ policy: Number(version), id: job }), `Backtest ${job}`]}
        title={`Order ${id} under version ${version}`}
        end={
          <Link href={`/orders/${segment(id)}`} class="button">
            The order as it is
          </Link>
        }
      />
      <Loaded of={one} what="This order">
        {(o) => (
          <div class="before-after">
            <Told title="What happened" lines={o.happened} />
            <Told title={`What version ${version} would have done`} lines={o.replayed} />
            {o.against && <Told title="What the policy it was tried against would have done" lines={o.against} />}
          </div>
        )}
      </Loaded>
    </>
  );
}

function Told({ title, lines }: { title: string; lines: string[] }) {
  return (
    <Panel title={title}>
      <ol class="told">
        {lines.map((line, i) => {
          const [, day, time, words = line] = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2}) (.*)$/.exec(line) ?? [];
          return (
            <li key={i}>
              <span class="muted small" title={day && `${day} ${time}, by the clock of the history`}>
                {time}
              </span>
              <span>
                <Sentence>{words.trim()}</Sentence>
              </span>
            </li>
          );
        })}
      </ol>
    </Panel>
  );
}
