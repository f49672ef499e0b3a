// One policy, read as sentences; a draft is edited as its document, the sentences following what is typed.
import { useMemo, useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { at } from "../api/address";
import { send } from "../api/client";
import { sourceName } from "../api/lookups";
import { useResource } from "../api/resource";
import type { PolicyVersion } from "../api/types";
import { Tag } from "../kit/badge";
import { Dialog, Loaded, Panel, ProblemNote } from "../kit/parts";
import { PageHead } from "../shell/frame";
import { may } from "../shell/session";
import { readPolicy, type Section } from "../words/policy";
import { spell } from "../words/words";
import { useSending } from "./order-actions";
import { POLICY_INK, sectionsOf } from "./policies";

export function PolicyPage({ version }: { version: string }) {
  const one = useResource(at("/v1/policies/{version}", { version }), (e) => e.type.startsWith("policy."));
  const p = one.data;
  return (
    <>
      <PageHead
        crumb={["/policies", "Policies"]}
        title={p ? `Version ${p.version}, ${p.name}` : `Version ${version}`}
        end={p && may("write_policies") && <PolicyActs one={p} done={one.reload} />}
      >
        {p && <Tag ink={POLICY_INK[p.state] ?? "plain"}>{spell(p.state)}</Tag>}
      </PageHead>
      <Loaded of={one} what="This policy">
        {(policy) => <Sentences sections={sectionsOf(policy)} />}
      </Loaded>
    </>
  );
}

export function Sentences({ sections }: { sections: Section[] }) {
  return (
    <div class="policy-grid">
      {sections.map((s) => (
        <Panel key={s.id} title={s.title}>
          <ol class="rules">
            {s.rules.map((r) => (
              <li key={r.at}>{r.text}</li>
            ))}
          </ol>
        </Panel>
      ))}
    </div>
  );
}

function PolicyActs({ one, done }: { one: PolicyVersion; done: () => void }) {
  const [asking, ask] = useState(false);
  const { problem, busy, run } = useSending(() => ask(false), done);
  const version = String(one.version);
  return (
    <>
      <Link href={`/policies/new?from=${version}`} class="button">
        Write the next from this
      </Link>
      {one.state !== "active" && (
        <button type="button" class="button main" onClick={() => ask(true)}>
          Put in force
        </button>
      )}
      {asking && (
        <Dialog title={`Put version ${version} in force`} close={() => ask(false)}>
          <p>Every decision from now on is made by it and names it. What was sent already goes on under the clocks it was sent with.</p>
          {problem && <ProblemNote problem={problem} />}
          <div class="dialog-end">
            <button type="button" class="button" onClick={() => ask(false)}>
              Leave it
            </button>
            <button
              type="button"
              class="button main"
              disabled={busy}
              onClick={() => run(() => send("post", "/v1/policies/{version}/activate", { version }, {}), `Version ${version} is in force`)}
            >
              Put it in force
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}

/** The next version, begun from one that is there. */
export function PolicyEditor({ from }: { from: string }) {
  const all = useResource(at("/v1/policies", {}));
  return (
    <>
      <PageHead crumb={["/policies", "Policies"]} title="The next version" />
      <Loaded of={all} what="Policies">
        {(page) => {
          const base = page.items.find((p) => String(p.version) === from) ?? page.items[0];
          const next = Math.max(0, ...page.items.map((p) => p.version)) + 1;
          return base ? <Editor base={base} next={next} /> : null;
        }}
      </Loaded>
    </>
  );
}

function Editor({ base, next }: { base: PolicyVersion; next: number }) {
  const [, go] = useLocation();
  const start = useMemo(
    () => JSON.stringify({ ...base.policy, version: next, name: `${base.name}, changed` }, null, 2),
    [base.version, next],
  );
  const [text, setText] = useState(start);
  const { problem, busy, run } = useSending(
    () => undefined,
    () => undefined,
  );
  const read = useMemo(() => {
    try {
      return { policy: JSON.parse(text) as Record<string, unknown>, fault: "" };
    } catch (e) {
      return { policy: null, fault: String((e as Error).message) };
    }
  }, [text]);
  const version = String(read.policy?.version ?? next);
  const save = () =>
    run(async () => {
      await send("put", "/v1/policies/{version}", { version }, read.policy as never);
      go(`/policies/${version}`);
    }, `Draft ${version} saved`);
  return (
    <form
      class="editor-grid"
      onSubmit={(e) => {
        e.preventDefault();
        save();
      }}
    >
      <div class="stack">
        <div class="field">
          <label for="policy-text">The document, begun from version {base.version}</label>
          <textarea
            id="policy-text"
            class="mono small"
            rows={30}
            spellcheck={false}
            value={text}
            onInput={(e) => setText(e.currentTarget.value)}
          />
        </div>
        {read.fault && (
          <p class="ink-stamp" role="alert">
            Not readable yet: {read.fault}
          </p>
        )}
        {problem && <ProblemNote problem={problem} />}
        <div class="row">
          <button class="button main" disabled={busy || !read.policy || !may("write_policies")}>
            Save draft {version}
          </button>
          <Link href="/policies" class="button">
            Leave it
          </Link>
        </div>
      </div>
      <section aria-label="What it says" class="stack" aria-live="off">
        <h2>What it says</h2>
        {read.policy ? (
          <Sentences sections={readPolicy(read.policy, sourceName)} />
        ) : (
          <p class="quiet">The sentences follow once it can be read.</p>
        )}
      </section>
    </form>
  );
}
