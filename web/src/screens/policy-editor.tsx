// Writing a policy: its tables as spreadsheets, its lists as forms, all of it as its document where one wants. The server
// reads every change back as sentences and says what is wrong at its place; nothing is written before it is saved.
import { useEffect, useMemo, useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { at } from "../api/address";
import { Problem, send } from "../api/client";
import { useResource } from "../api/resource";
import type { PolicyCheck, PolicyColumns, PolicyVersion } from "../api/types";
import { TextField, faultOf, type Faults } from "../kit/field";
import { Loaded, Panel, ProblemNote } from "../kit/parts";
import { sentence } from "../kit/sentence";
import { PageHead } from "../shell/frame";
import { may } from "../shell/session";
import type { DecisionTable } from "../words/decision-table";
import { sectionsOf } from "../words/policy";
import type { Schema } from "../words/policy-schema";
import { useSending } from "../kit/asking";
import { policyHref } from "./policies";
import { Sentences, tablesOf } from "./policy";
import { PolicyForm } from "./policy-form";
import { PolicyTable } from "./policy-table";

/** Rest after the last key before the server is asked. */
const CHECK_MS = 400;
type Body = Record<string, unknown>;

/** A draft written on, or the next version begun from one that is there. */
export function PolicyEditor({ from }: { from: string }) {
  const all = useResource(at("/v1/policies", {}));
  const columns = useResource(at("/v1/policy-columns", {}));
  const schema = useResource(at("/v1/policies/schema", {}));
  return (
    <>
      <PageHead crumb={["/policies", "Policies"]} title="Write a policy" />
      <Loaded of={all} what="Policies">
        {(page) => {
          const base = page.items.find((p) => String(p.version) === from) ?? page.items[0];
          const next = Math.max(0, ...page.items.map((p) => p.version)) + 1;
          return base && columns.data && schema.data ? <Editor base={base} next={next} columns={columns.data.items} schema={schema.data as Schema} /> : null;
        }}
      </Loaded>
    </>
  );
}

/** What the server says of a document, a moment after the last change. */
function useCheck(version: string, document: Body): { check: PolicyCheck | null; problem: Problem | null } {
  const [found, set] = useState<{ check: PolicyCheck | null; problem: Problem | null }>({ check: null, problem: null });
  const text = JSON.stringify(document);
  useEffect(() => {
    let late = false;
    const timer = setTimeout(() => {
      send("post", "/v1/policies/{version}/check", { version }, document as never)
        .then((check) => late || set({ check, problem: null }))
        .catch((p: Problem) => late || set((old) => ({ check: old.check, problem: p })));
    }, CHECK_MS);
    return () => {
      late = true;
      clearTimeout(timer);
    };
  }, [version, text]);
  return found;
}

function Editor({ base, next, columns, schema }: { base: PolicyVersion; next: number; columns: PolicyColumns[]; schema: Schema }) {
  const [, go] = useLocation();
  const isDraft = base.state === "draft" || base.state === "backtested";
  const version = isDraft ? base.version : next;
  const { tables: _, name, ...others } = base.policy as unknown as Body;
  const [title, setTitle] = useState(isDraft ? String(name) : `${name}, changed`);
  const [tables, setTables] = useState<DecisionTable[]>(tablesOf(base.policy));
  const [rest, setRest] = useState<Body>(() => JSON.parse(JSON.stringify({ ...others, version: undefined, fallbacks: undefined })) as Body);
  const [text, setText] = useState<string | null>(null);
  const fault = useMemo(() => (text === null ? "" : faultIn(text)), [text]);
  const write = (next: string) => {
    setText(next);
    if (!faultIn(next)) setRest(JSON.parse(next) as Body);
  };
  const document = useMemo(() => ({ ...rest, version, name: title, tables }), [rest, version, title, tables]);
  const { check, problem: unread } = useCheck(String(version), document);
  const { problem, busy, run } = useSending(
    () => undefined,
    () => undefined,
  );
  const faults: Faults = [...(check?.errors ?? []), ...(unread?.errors ?? [])];
  const elsewhere = faults.filter((f) => !f.pointer || f.pointer === "/");
  const said = (pointer: string) => (check?.sentences ?? []).filter((s) => s.pointer === pointer || s.pointer.startsWith(`${pointer}/`)).map((s) => sentence(s.sentence));
  const save = () =>
    run(async () => {
      await send("put", "/v1/policies/{version}", { version: String(version) }, document as never);
      go(policyHref(version));
    }, `Draft ${version} saved`);
  const setTable = (n: number, t: DecisionTable) => setTables(tables.map((old, i) => (i === n ? t : old)));
  const fresh = (): DecisionTable => {
    const of = columns.find((c) => c.decides === "sourcing") ?? columns[0]!;
    const then = of.then.slice(0, 1).map((c) => c.code);
    return { name: `table ${tables.length + 1}`, decides: of.decides, when: [of.when[0]!.code], then, rows: [], otherwise: then.map(() => "") };
  };
  return (
    <form
      class="editor-grid"
      onSubmit={(e) => {
        e.preventDefault();
        save();
      }}
    >
      <div class="stack">
        <Choices columns={columns} />
        <TextField name="policy-name" label={isDraft ? `Name of draft ${version}` : `Name of version ${version}, begun from version ${base.version}`} value={title} set={setTitle} fault={faultOf(faults, "/name")} wide required />
        {tables.map((t, i) => (
          <PolicyTable key={i} table={t} at={`/tables/${i}`} columns={columns} faults={faults} set={(next) => setTable(i, next)} remove={() => setTables(tables.filter((_, n) => n !== i))} />
        ))}
        <div>
          <button type="button" class="button" onClick={() => setTables([...tables, fresh()])}>
            Add a table
          </button>
        </div>
        <PolicyForm value={rest} set={(next) => (setRest(next), setText(null))} root={schema} faults={faults} said={said} />
        {(check?.warnings ?? []).map((w) => (
          <p key={`${w.pointer} ${w.value}`} class="note ink-wait" role="status">
            {sentence(w.sentence)}
          </p>
        ))}
        {elsewhere.map((f) => (
          <p key={f.detail ?? f.reason} class="fault" role="alert">
            {f.detail || f.reason}
          </p>
        ))}
        {unread && unread.errors.length === 0 && (
          <p class="fault" role="alert">
            {unread.message}
          </p>
        )}
        <details>
          <summary>The same as its document</summary>
          <div class="field">
            <label for="policy-text">Everything but the tables, as JSON</label>
            <textarea id="policy-text" class="mono small" rows={24} spellcheck={false} value={text ?? JSON.stringify(rest, null, 2)} aria-invalid={fault ? "true" : undefined} onInput={(e) => write(e.currentTarget.value)} />
            {fault && (
              <p class="fault" role="alert">
                Not readable yet: {fault}
              </p>
            )}
          </div>
        </details>
        {problem && <ProblemNote problem={problem} />}
        <div class="row">
          <button class="button main" disabled={busy || !!fault || !!check?.refusal || !!unread || !may("write_policies")}>
            Save draft {version}
          </button>
          <Link href="/policies" class="button">
            Leave it
          </Link>
          {check?.refusal && (
            <span class="ink-stamp small" role="status">
              {check.refusal}
            </span>
          )}
        </div>
      </div>
      <section aria-label="What it says" class="stack" aria-live="off">
        <h2>What it says</h2>
        {check ? <Sentences sections={sectionsOf(check.sentences, sentence)} /> : <Panel title="Reading">{null}</Panel>}
      </section>
    </form>
  );
}

/** What keeps a text from being read as a document. */
function faultIn(text: string): string {
  try {
    JSON.parse(text);
    return "";
  } catch (e) {
    return (e as Error).message;
  }
}

/** The words that cells of some columns may hold, for the browser's own lists. */
function Choices({ columns }: { columns: PolicyColumns[] }) {
  const all = new Map(columns.flatMap((c) => [...c.when, ...c.then]).filter((c) => c.choices.length > 0).map((c) => [c.choices.join("-"), c.choices]));
  return (
    <>
      {[...all].map(([id, words]) => (
        <datalist key={id} id={`choices-${id}`}>
          {words.map((w) => (
            <option key={w} value={w} />
          ))}
        </datalist>
      ))}
    </>
  );
}
