// Acts on one case or on many: take on, give, put aside, resolve as recommended, comment. Each case answers for itself.
import { useEffect, useState } from "preact/hooks";
import { at } from "../api/address";
import { useAssignees } from "../api/assignees";
import { Problem, get, send } from "../api/client";
import type { Case, Choice } from "../api/types";
import { SelectField, TextField } from "../kit/field";
import { Menu } from "../kit/menu";
import { Dialog, say } from "../kit/parts";
import { sentence } from "../kit/sentence";
import { session } from "../shell/session";
import { reloadWork } from "../shell/worklist";
import { ROLES, isGrave, plural, spell } from "../words/words";
import { choiceKey, choiceName, recommendedOf } from "./choices";

/** Calls under way at once when many cases are acted on. */
const AT_ONCE = 4;

/** Acts on each; says how many went well, and gives back what did not. */
export async function onEach(of: Case[], act: (c: Case) => Promise<unknown>, words: string): Promise<[Case, Problem][]> {
  const waiting = [...of];
  const refused: [Case, Problem][] = [];
  const work = async () => {
    for (let c = waiting.shift(); c; c = waiting.shift()) {
      try {
        await act(c);
      } catch (p) {
        refused.push([c, p instanceof Problem ? p : new Problem(0, String(p))]);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, of.length) }, work));
  const went = of.length - refused.length;
  if (of.length === 1) say(refused[0]?.[1].message ?? words, refused.length ? "stamp" : "theirs");
  else say(`${words}: ${plural(went, "case")}${refused.length ? `, ${refused.length} refused` : ""}`, refused.length ? "stamp" : "theirs");
  return refused;
}

interface Props {
  of: Case[];
  done: () => void;
  small?: boolean;
}

const assign = (c: Case, name: string, role?: string) =>
  send("post", "/v1/cases/{case}/assign", { case: c.id }, { name, role: role || null, revision: c.revision });

export function AssignMenu({ of, done, small }: Props) {
  const [asking, ask] = useState(false);
  const me = session.value;
  const mine = of.every((c) => c.assigned_to?.name === me?.name);
  return (
    <>
      <Menu
        label="Assign"
        small={small}
        end
        items={[
          !mine && {
            name: "Take it on",
            hint: "to yourself",
            act: () => void onEach(of, (c) => assign(c, me!.name, me!.role), "You took it on").then(done),
          },
          { name: "Give to somebody…", act: () => ask(true) },
        ]}
      />
      {asking && (
        <GiveDialog
          of={of}
          close={() => ask(false)}
          give={(name, role) => {
            ask(false);
            void onEach(of, (c) => assign(c, name, role), `Given to ${name}`).then(done);
          }}
        />
      )}
    </>
  );
}

/** To whom: one of those who exist, or a login that the server checks where it does not tell who does. */
function GiveDialog({ of, close, give }: { of: Case[]; close: () => void; give: (name: string, role: string) => void }) {
  const known = useAssignees();
  const [name, setName] = useState("");
  const [role, setRole] = useState<string>(of[0]?.role ?? "");
  const one = known?.find((a) => a.name === name);
  const first = [...(known ?? [])].sort((a, b) => Number(b.role === of[0]?.role) - Number(a.role === of[0]?.role) || a.name.localeCompare(b.name));
  return (
    <Dialog title={`Give ${plural(of.length, "case")} to`} close={close}>
      <form
        class="stack"
        onSubmit={(e) => {
          e.preventDefault();
          give(name.trim(), one?.role ?? role);
        }}
      >
        {known ? (
          <SelectField
            name="give-name"
            label="Person"
            value={name}
            set={setName}
            options={[["", "Choose somebody"], ...first.map((a) => [a.name, `${a.name}, ${spell(a.role).toLowerCase()}`] as const)]}
          />
        ) : (
          known === null && (
            <>
              <TextField name="give-name" label="Login" value={name} set={setName} hint="As they log in; the server knows who there is" required />
              <SelectField name="give-role" label="Role" value={role} set={setRole} options={ROLES.slice(0, 4).map((r) => [r, spell(r)] as const)} />
            </>
          )
        )}
        <div class="dialog-end">
          <button type="button" class="button" onClick={close}>
            Leave it
          </button>
          <button class="button main" disabled={!name.trim()}>
            Give
          </button>
        </div>
      </form>
    </Dialog>
  );
}

const inHours = (h: number) => new Date(Date.now() + h * 3_600_000);
function tomorrowMorning(): Date {
  const at = new Date();
  at.setDate(at.getDate() + 1);
  at.setHours(8, 0, 0, 0);
  return at;
}

export function SnoozeMenu({ of, done: settle, small }: Props) {
  // What is put aside leaves the list of this person alone: no event tells it.
  const done = () => {
    reloadWork();
    settle();
  };
  const until = (when: Date) => () =>
    void onEach(of, (c) => send("put", "/v1/cases/{case}/snooze", { case: c.id }, { until: when.toISOString() }), "Put aside").then(done);
  const aside = of.some((c) => c.snoozed_until);
  return (
    <Menu
      label="Put aside"
      small={small}
      end
      items={[
        { name: "One hour", act: until(inHours(1)) },
        { name: "Three hours", act: until(inHours(3)) },
        { name: "Tomorrow at eight", act: until(tomorrowMorning()) },
        { name: "One week", act: until(inHours(24 * 7)) },
        aside && {
          name: "Take it up again",
          act: () => void onEach(of, (c) => send("delete", "/v1/cases/{case}/snooze", { case: c.id }), "Taken up again").then(done),
        },
      ]}
    />
  );
}

/** The bar above a list while rows are chosen. */
export function BulkBar({ of, clear, done }: { of: Case[]; clear: () => void; done: () => void }) {
  const [ask, setAsk] = useState<"resolve" | "comment" | null>(null);
  const [refused, setRefused] = useState<[Case, Problem][]>([]);
  if (of.length === 0 && refused.length === 0) return null;
  const after = (all: [Case, Problem][]) => {
    setRefused(all);
    setAsk(null);
    clear();
    done();
  };
  return (
    <div class="bulk" role="region" aria-label="Chosen cases">
      {of.length > 0 && (
        <div class="row">
          <b>{plural(of.length, "case")} chosen</b>
          <button type="button" class="button small main" onClick={() => setAsk("resolve")}>
            Resolve…
          </button>
          <AssignMenu of={of} done={() => after([])} small />
          <SnoozeMenu of={of} done={() => after([])} small />
          <button type="button" class="button small" onClick={() => setAsk("comment")}>
            Comment…
          </button>
          <button type="button" class="button small plain" onClick={clear}>
            Choose none
          </button>
        </div>
      )}
      {refused.length > 0 && <Refused all={refused} close={() => setRefused([])} />}
      {ask === "resolve" && <ResolveMany of={of} close={() => setAsk(null)} done={after} />}
      {ask === "comment" && <CommentMany of={of} close={() => setAsk(null)} done={after} />}
    </div>
  );
}

function Refused({ all, close }: { all: [Case, Problem][]; close: () => void }) {
  return (
    <div class="note ink-stamp" role="alert">
      <p>
        <b>{all.length === 1 ? "1 case stayed as it was." : `${all.length} cases stayed as they were.`}</b>{" "}
        <button type="button" class="button plain small" onClick={close}>
          Close
        </button>
      </p>
      <ul class="small">
        {all.slice(0, 8).map(([c, p]) => (
          <li key={c.id}>
            <span class="mono">{c.id}</span> {sentence(p.message)}
          </li>
        ))}
        {all.length > 8 && <li>and {all.length - 8} more</li>}
      </ul>
    </div>
  );
}

type Ask = { of: Case[]; close: () => void; done: (refused: [Case, Problem][]) => void };

/** What the server recommends for a case at this moment, or why there is nothing to do by many. */
type Advised = { one: Case; choice?: Choice; not?: string };

async function advise(one: Case): Promise<Advised> {
  if (one.options.length === 0) return { one, not: "Nothing has to be decided here." };
  const all = (await get(at("/v1/cases/{case}/choices", { case: one.id }))).items;
  const choice = recommendedOf(all);
  if (choice) return { one, choice };
  return { one, not: all.some((c) => !c.impossible) ? "The rules recommend nothing here that can be done by many: open it." : "Nothing can be done now." };
}

/** The advice on many, a few at a time. */
function useAdvice(of: Case[]) {
  const [found, set] = useState<Advised[]>([]);
  useEffect(() => {
    let gone = false;
    const waiting = [...of];
    const ask = async () => {
      for (let c = waiting.shift(); c && !gone; c = waiting.shift()) {
        const one = c;
        const advised = await advise(one).catch((p: Error): Advised => ({ one, not: p.message }));
        if (!gone) set((old) => [...old, advised]);
      }
    };
    void Promise.all(Array.from({ length: AT_ONCE }, ask));
    return () => {
      gone = true;
    };
  }, []);
  return found;
}

/** Cases by what would be done to them, most first. */
export function groupsOf(found: Advised[]): { name: string; grave: boolean; of: Advised[] }[] {
  const groups = new Map<string, Advised[]>();
  for (const a of found) if (a.choice) groups.set(choiceName(a.choice), [...(groups.get(choiceName(a.choice)) ?? []), a]);
  return [...groups].map(([name, of]) => ({ name, grave: of.some((a) => isGrave(a.choice!)), of })).sort((a, b) => b.of.length - a.of.length);
}

/** Each case by what the server recommends for it. What that is stands here first; a case for which it is another by then is left alone. */
function ResolveMany({ of, close, done }: Ask) {
  const [words, setWords] = useState("");
  const [off, setOff] = useState<Set<string>>(new Set());
  const [busy, setBusy] = useState(false);
  const found = useAdvice(of);
  const groups = groupsOf(found);
  const able = groups.filter((g) => !off.has(g.name)).flatMap((g) => g.of);
  const left = found.filter((a) => a.not);
  const resolve = async (c: Case) => {
    const shown = able.find((a) => a.one.id === c.id)!.choice!;
    const { choice: now } = await advise(c);
    if (!now || choiceKey(now) !== choiceKey(shown)) throw new Problem(409, "Something else is recommended for it by now: look at it again.");
    const remedy = shown.remedy ?? { action: shown.action };
    return send("post", "/v1/cases/{case}/resolve", { case: c.id }, { remedy, words: words || null, revision: c.revision });
  };
  const act = () => {
    setBusy(true);
    void onEach(able.map((a) => a.one), resolve, "Resolved").then((refused) =>
      done([...refused, ...left.map((a): [Case, Problem] => [a.one, new Problem(0, a.not!)])]),
    );
  };
  return (
    <Dialog title={`Resolve ${plural(of.length, "case")} as recommended`} close={close}>
      {found.length < of.length && (
        <p class="quiet" role="status">
          Looking at {found.length + 1} of {of.length}.
        </p>
      )}
      <ul class="stack tight">
        {groups.map((g) => (
          <li key={g.name}>
            <label class="check">
              <input
                type="checkbox"
                checked={!off.has(g.name)}
                onChange={(e) => {
                  const next = new Set(off);
                  e.currentTarget.checked ? next.delete(g.name) : next.add(g.name);
                  setOff(next);
                }}
              />
              <span>
                <b>{g.of.length}</b> × <span class={g.grave ? "ink-stamp" : ""}>{g.name}</span>
                {g.grave && <span class="muted small"> cannot be undone</span>}
              </span>
            </label>
          </li>
        ))}
      </ul>
      {left.length > 0 && (
        <details>
          <summary class="small muted">{left.length === 1 ? "1 case stays as it is" : `${left.length} cases stay as they are`}</summary>
          <ul class="small">
            {left.slice(0, 20).map((a) => (
              <li key={a.one.id}>
                <span class="mono">{a.one.id}</span> {sentence(a.not)}
              </li>
            ))}
          </ul>
        </details>
      )}
      <p class="quiet">A case that somebody changed meanwhile, or for which something else is recommended by then, is left alone and named.</p>
      <div class="field">
        <label for="bulk-words">Words for the log, if any</label>
        <textarea id="bulk-words" rows={2} value={words} onInput={(e) => setWords(e.currentTarget.value)} />
      </div>
      <div class="dialog-end">
        <button type="button" class="button" onClick={close}>
          Leave them
        </button>
        <button type="button" class="button main" disabled={busy || found.length < of.length || able.length === 0} onClick={act}>
          Resolve {able.length}
        </button>
      </div>
    </Dialog>
  );
}

function CommentMany({ of, close, done }: Ask) {
  const [words, setWords] = useState("");
  const write = (c: Case) => send("post", "/v1/cases/{case}/comment", { case: c.id }, { words });
  return (
    <Dialog title={`Comment on ${plural(of.length, "case")}`} close={close}>
      <div class="field">
        <label for="bulk-comment">Comment</label>
        <textarea id="bulk-comment" rows={3} value={words} onInput={(e) => setWords(e.currentTarget.value)} />
      </div>
      <div class="dialog-end">
        <button type="button" class="button" onClick={close}>
          Leave it
        </button>
        <button type="button" class="button main" disabled={!words.trim()} onClick={() => void onEach(of, write, "Commented").then(done)}>
          Comment
        </button>
      </div>
    </Dialog>
  );
}
