// How far the product acts: the mode of each source in each category as the policy in force says it, and the switch that
// returns to the legacy path at once.
import { useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { at } from "../api/address";
import { send } from "../api/client";
import { sourceName } from "../api/lookups";
import { useResource } from "../api/resource";
import type { LegacySwitch, PolicyModes } from "../api/types";
import { Tag, type Ink } from "../kit/badge";
import { TextField } from "../kit/field";
import { Dialog, Loaded, Panel, ProblemNote } from "../kit/parts";
import { sentence } from "../kit/sentence";
import { Table, type Column } from "../kit/table";
import { Age } from "../kit/when";
import { may } from "../shell/session";
import { actorName, plural, spell } from "../words/words";
import { useSending } from "../kit/asking";
import { isPolicyEvent } from "./policies";

const MODE_INK: Record<string, Ink> = { enforce: "theirs", recommend: "ours", observe: "wait", legacy: "plain" };
type Cell = PolicyModes["sources"][number]["modes"][number];
type Row = PolicyModes["sources"][number];
/** Where the switch is thrown: nothing named is everywhere. */
type Where = { source?: string | null; category?: string | null };

const whereText = (w: Where) => {
  const [source, category] = [w.source && sourceName(w.source), w.category];
  return source && category ? `${source}, ${category}` : source || (category ? `all of ${category}` : "everything");
};
const cellText = (c: Cell) => c.shares.map((s) => `${spell(s.mode)}${c.shares.length > 1 ? ` ${s.percent} %` : ""}`).join(", ");

function ModeCell({ cell }: { cell: Cell }) {
  const title = cell.switched ? "The switch to the legacy path is thrown" : (cell.row ?? "By the lists of the policy");
  return (
    <span class="row nowrap" title={title}>
      {cell.shares.map((s) => (
        <Tag key={s.mode + s.commit_on} ink={MODE_INK[s.mode] ?? "plain"}>
          {spell(s.mode)}
          {cell.shares.length > 1 && ` ${s.percent} %`}
        </Tag>
      ))}
      {cell.switched && <span class="only-heard">by the switch</span>}
    </span>
  );
}

export function Modes() {
  const modes = useResource(at("/v1/policy-modes", {}), (e) => isPolicyEvent(e) || e.type.startsWith("legacy."));
  const state = useResource(at("/v1/legacy/switch", {}), (e) => isPolicyEvent(e) || e.type.startsWith("legacy."));
  const [asked, ask] = useState<{ where: Where; back: boolean } | null>(null);
  const done = () => (modes.reload(), state.reload());
  return (
    <>
      <Loaded of={state} what="The switch">
        {(s) => <Thrown state={s} ask={(where, back) => ask({ where, back })} />}
      </Loaded>
      <Loaded of={modes} what="Modes">
        {(m) => <Matrix of={m} ask={(where) => ask({ where, back: true })} />}
      </Loaded>
      {asked && <SwitchDialog {...asked} close={() => ask(null)} done={done} />}
    </>
  );
}

function Thrown({ state, ask }: { state: LegacySwitch; ask: (where: Where, back: boolean) => void }) {
  return (
    <Panel
      title="The switch to the legacy path"
      end={
        may("switch_to_legacy") && (
          <button type="button" class="button grave" onClick={() => ask({}, true)}>
            Return everything to the legacy path
          </button>
        )
      }
    >
      {state.thrown.length === 0 ? (
        <p class="quiet">It is thrown nowhere: the policy in force says how far the product acts.</p>
      ) : (
        <ul class="stack tight">
          {state.thrown.map((f) => (
            <li key={whereText(f)} class="row">
              <Tag ink="wait">Legacy</Tag>
              <span class="grow">
                {whereText(f)}, since <Age at={f.since} /> by {actorName(f.by)}
                {f.words && `: ${f.words}`}
              </span>
              {may("switch_to_legacy") && (
                <button type="button" class="button small" onClick={() => ask(f, false)}>
                  Come back<span class="only-heard"> with {whereText(f)}</span>
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {state.in_flight.open_orders > 0 && (
        <p class="quiet small">
          {plural(state.in_flight.open_orders, "order")} in flight: {state.in_flight.waiting_for_source} wait for a source,{" "}
          {state.in_flight.waiting_for_person} for a person, {state.in_flight.committed} are committed.
          {!state.in_flight.complete && " Only the newest were counted."}
        </p>
      )}
    </Panel>
  );
}

/** Categories that a source treats alike, together: a narrow page has no room for a column each. */
export function alike(row: Pick<Row, "modes">, categories: string[]): [Cell, string[]][] {
  const groups = new Map<string, [Cell, string[]]>();
  row.modes.forEach((cell, i) => {
    const key = `${cellText(cell)} ${cell.switched}`;
    const group = groups.get(key) ?? [cell, []];
    group[1].push(categories[i]!);
    groups.set(key, group);
  });
  return [...groups.values()].sort((a, b) => b[1].length - a[1].length);
}

function Matrix({ of, ask }: { of: PolicyModes; ask: (where: Where) => void }) {
  const columns: Column<Row>[] = [
    { head: "Source", text: (r) => r.name, cell: (r) => <Link href={`/vendors/${encodeURIComponent(r.source)}`}>{r.name}</Link> },
    ...of.categories.map((category, i): Column<Row> => ({
      head: category,
      text: (r) => cellText(r.modes[i]!),
      cell: (r) => <ModeCell cell={r.modes[i]!} />,
    })),
    ...(may("switch_to_legacy")
      ? [
          {
            head: "Switch", seenOnly: true,
            text: () => "",
            right: true,
            cell: (r: Row) => (
              <button type="button" class="button small" onClick={() => ask({ source: r.source })}>
                To legacy<span class="only-heard"> with {r.name}</span>
              </button>
            ),
          },
        ]
      : []),
  ];
  return (
    <>
      <ul class="modes-narrow" aria-label="Mode of each source in each category">
        {of.sources.map((r) => (
          <li key={r.source}>
            <div class="apart">
              <Link href={`/vendors/${encodeURIComponent(r.source)}`}>{r.name}</Link>
              {may("switch_to_legacy") && (
                <button type="button" class="button small" onClick={() => ask({ source: r.source })}>
                  To legacy<span class="only-heard"> with {r.name}</span>
                </button>
              )}
            </div>
            <ul class="mode-list">
              {alike(r, of.categories).map(([cell, categories]) => (
                <li key={categories[0]}>
                  <span>{categories.length === of.categories.length ? "All categories" : categories.join(", ")}</span>
                  <ModeCell cell={cell} />
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      <div class="modes-wide">
      <Table
        name="modes"
        caption="Mode of each source in each category"
        rows={of.sources}
        columns={columns}
        keyOf={(r) => r.source}
        lead={`Version ${of.version}, ${plural(of.sources.length, "source")}${of.complete ? "" : ", and more"}`}
      />
      </div>
      {may("switch_to_legacy") && (
        <Panel title="Return a category to the legacy path">
          <div class="row">
            {of.categories.map((category) => (
              <button key={category} type="button" class="button small" onClick={() => ask({ category })}>
                {category}
              </button>
            ))}
          </div>
        </Panel>
      )}
      <p class="small muted">
        Legacy passes orders through and records them. Observe decides beside the legacy path and does nothing. Recommend waits for a person
        to release each act. Enforce gates and acts. An order keeps the mode in which it began. Modes are changed by the next version of the
        policy; only the switch acts at once.
      </p>
    </>
  );
}

function SwitchDialog({ where, back, close, done }: { where: Where; back: boolean; close: () => void; done: () => void }) {
  const [words, setWords] = useState("");
  const [after, setAfter] = useState<LegacySwitch | null>(null);
  const { problem, busy, run } = useSending(() => undefined, done);
  const { source = null, category = null } = where;
  const act = () => send("post", "/v1/legacy/switch", {}, { to_legacy: back, source, category, words: words || null }).then(setAfter);
  const title = back ? `Return ${whereText(where)} to the legacy path` : `Come back with ${whereText(where)}`;
  return (
    <Dialog title={title} close={close}>
      {after ? (
        <>
          <p role="status">
            {sentence(after.sentence)} {back ? sentence(after.in_flight.sentence) : "What the legacy path began, it ends."}
          </p>
          <div class="dialog-end">
            <button type="button" class="button main" onClick={close}>
              Good
            </button>
          </div>
        </>
      ) : (
        <form
          class="stack"
          onSubmit={(e) => {
            e.preventDefault();
            run(act, back ? "The legacy path has it" : "The policy has it again");
          }}
        >
          <p>
            {back
              ? "From the next order on. Open orders go on to their end in the mode in which they began: nothing sent is taken back, no clock stops."
              : "From the next order on the policy in force decides again."}
          </p>
          <TextField name="switch-words" label="Why, for the log" value={words} set={setWords} />
          {problem && <ProblemNote problem={problem} />}
          <div class="dialog-end">
            <button type="button" class="button" onClick={close}>
              Leave it
            </button>
            <button class={back ? "button grave" : "button main"} disabled={busy}>
              {back ? "Return at once" : "Come back"}
            </button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

/** The mode of one vendor by category, and which rules of the policy in force name it. */
export function ModesOf({ source }: { source: string }) {
  const modes = useResource(at("/v1/policy-modes", {}), isPolicyEvent);
  const row = modes.data?.sources.find((r) => r.source === source);
  if (!modes.data || !row) return null;
  const { version, categories } = modes.data;
  return (
    <Panel
      title="Mode by category"
      end={
        <Link href={`/policies/${version}`} class="small">
          Version {version}
        </Link>
      }
    >
      <ul class="mode-list">
        {categories.map((category, i) => (
          <li key={category}>
            <span>{category}</span>
            <ModeCell cell={row.modes[i]!} />
          </li>
        ))}
      </ul>
      <p class="small">
        <Link href="/policies/modes">All modes, and the switch to the legacy path</Link>
      </p>
    </Panel>
  );
}
