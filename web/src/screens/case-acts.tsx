// Acts on one case or on many: take on, give, put aside, resolve as recommended, comment. Each case answers for itself.
import { useState } from "preact/hooks";
import { Problem, send } from "../api/client";
import type { Case } from "../api/types";
import { Menu } from "../kit/menu";
import { Dialog, say } from "../kit/parts";
import { session } from "../shell/session";
import { ROLES, plural, spell } from "../words/words";
import { choiceName } from "./choices";

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
        <Dialog title={`Give ${plural(of.length, "case")} to`} close={() => ask(false)}>
          <form
            class="stack"
            onSubmit={(e) => {
              e.preventDefault();
              const form = new FormData(e.currentTarget);
              const name = String(form.get("name"));
              ask(false);
              void onEach(of, (c) => assign(c, name, String(form.get("role"))), `Given to ${name}`).then(done);
            }}
          >
            <div class="field">
              <label for="give-name">Login</label>
              <input id="give-name" name="name" required autocomplete="off" />
            </div>
            <div class="field">
              <label for="give-role">Role</label>
              <select id="give-role" name="role" defaultValue={of[0]?.role}>
                {ROLES.slice(0, 4).map((r) => (
                  <option key={r} value={r} selected={r === of[0]?.role}>
                    {spell(r)}
                  </option>
                ))}
              </select>
            </div>
            <div class="dialog-end">
              <button type="button" class="button" onClick={() => ask(false)}>
                Leave it
              </button>
              <button class="button main">Give</button>
            </div>
          </form>
        </Dialog>
      )}
    </>
  );
}

const inHours = (h: number) => new Date(Date.now() + h * 3_600_000);
function tomorrowMorning(): Date {
  const at = new Date();
  at.setDate(at.getDate() + 1);
  at.setHours(8, 0, 0, 0);
  return at;
}

export function SnoozeMenu({ of, done, small }: Props) {
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
        <b>{plural(all.length, "case")} stayed as they were.</b>{" "}
        <button type="button" class="button plain small" onClick={close}>
          Close
        </button>
      </p>
      <ul class="small">
        {all.slice(0, 8).map(([c, p]) => (
          <li key={c.id}>
            <span class="mono">{c.id}</span> {p.message}
          </li>
        ))}
      </ul>
    </div>
  );
}

type Ask = { of: Case[]; close: () => void; done: (refused: [Case, Problem][]) => void };

/** Each case is resolved by the first of its own options; what that is stands here before anything is sent. */
function ResolveMany({ of, close, done }: Ask) {
  const [words, setWords] = useState("");
  const able = of.filter((c) => c.options.length > 0);
  const counts = new Map<string, number>();
  for (const c of able) counts.set(choiceName(c.options[0]!), (counts.get(choiceName(c.options[0]!)) ?? 0) + 1);
  const resolve = (c: Case) => {
    const { sentence: _, ...remedy } = c.options[0]!;
    return send("post", "/v1/cases/{case}/resolve", { case: c.id }, { remedy, words: words || null, revision: c.revision });
  };
  return (
    <Dialog title={`Resolve ${plural(able.length, "case")} by their first option`} close={close}>
      <ul class="facts">
        {[...counts].map(([name, n]) => (
          <li key={name}>
            <b>{n}</b> × {name}
          </li>
        ))}
      </ul>
      <p class="quiet">A case that somebody changed meanwhile is left alone and named.</p>
      <div class="field">
        <label for="bulk-words">Words for the log, if any</label>
        <textarea id="bulk-words" rows={2} value={words} onInput={(e) => setWords(e.currentTarget.value)} />
      </div>
      <div class="dialog-end">
        <button type="button" class="button" onClick={close}>
          Leave them
        </button>
        <button type="button" class="button main" onClick={() => void onEach(able, resolve, "Resolved").then(done)}>
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
