// The lists of a policy as forms, made of the policy's own schema: each rule under the sentence that it says, each fault
// at its field. Knows no rule by name.
import { useState } from "preact/hooks";
import { SelectField, TextField, faultOf, type Faults } from "../kit/field";
import { Menu } from "../kit/menu";
import { Panel } from "../kit/parts";
import { blank, shapeOf, withField, type Schema, type Shape } from "../words/policy-schema";
import { spell } from "../words/words";

type Fields = Record<string, unknown>;
interface Context {
  root: Schema;
  faults: Faults;
  /** What the server says of the rule at a place. */
  said: (pointer: string) => string[];
}
interface Props<T> {
  at: string;
  name: string;
  node: Schema;
  value: T;
  set: (value: unknown) => void;
  in: Context;
}

/** Parts that other places of the editor write: the tables, and what the server counts itself. */
const ELSEWHERE = ["version", "name", "tables"];
const ORDER = ["modes", "sensitive", "clocks", "sourcing", "approvals", "answers", "freshness", "safety_stock", "netting", "transit", "expedite", "hold_minutes", "life_cycle"];
const idOf = (pointer: string) => `rule${pointer.replace(/\//g, "-")}`;

/** Everything of a policy but its tables and its name. */
export function PolicyForm({ value, set, ...context }: { value: Fields; set: (value: Fields) => void } & Context) {
  const all = Object.entries(context.root.properties ?? {}).filter(([name]) => !ELSEWHERE.includes(name));
  const place = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  all.sort((a, b) => place(a[0]) - place(b[0]));
  const isPanel = ([, node]: [string, Schema]) => {
    // What may be none needs its switch.
    const mayBeNone = node.anyOf?.some((one) => one.type === "null");
    return !mayBeNone && ["list", "fields"].includes(shapeOf(context.root, node).is);
  };
  const props = (name: string, node: Schema) => ({ at: `/${name}`, name, node, value: value[name], set: (v: unknown) => set(withField(value, name, v)), in: context });
  return (
    <>
      {all.filter(isPanel).map(([name, node]) => (
        <Part key={name} {...props(name, node)} />
      ))}
      <Panel title="Set the rest">
        <div class="form-grid">
          {all.filter((one) => !isPanel(one)).map(([name, node]) => (
            <Value key={name} {...props(name, node)} />
          ))}
        </div>
      </Panel>
    </>
  );
}

/** One part of the document: a list of rules, or a few fields. */
function Part(props: Props<unknown>) {
  const shape = shapeOf(props.in.root, props.node);
  return (
    <Panel title={`Set ${spell(props.name).toLowerCase()}`}>
      {shape.about && <p class="quiet small">{shape.about}</p>}
      {faultOf(props.in.faults, props.at) && <Fault text={faultOf(props.in.faults, props.at)!} />}
      {shape.is === "list" ? <List {...props} value={(props.value as unknown[] | undefined) ?? []} of={shape.of} /> : <Fieldset {...props} value={(props.value as Fields | undefined) ?? {}} shape={shape} />}
    </Panel>
  );
}

const Fault = ({ text }: { text: string }) => (
  <p class="fault ink-stamp" role="alert">
    {text}
  </p>
);

/** Rules in the order in which they are asked. */
function List({ at, name, value, set, of, in: context }: Props<unknown[]> & { of: Schema }) {
  const [fresh, setFresh] = useState(-1);
  const moved = (from: number, to: number) => {
    const next = [...value];
    next.splice(to, 0, ...next.splice(from, 1));
    set(next);
  };
  return (
    <>
      {value.length === 0 && <p class="quiet small">No rule yet: what is built in holds.</p>}
      <ol class="rules">
        {value.map((rule, n) => {
          const here = `${at}/${n}`;
          const faulty = context.faults.some((f) => f.pointer === here || f.pointer?.startsWith(`${here}/`));
          const said = context.said(here);
          return (
            <li key={n}>
              <details class="rule" open={faulty || n === fresh}>
                <summary>{said.length > 0 ? said.join(" ") : `Rule ${n + 1}`}</summary>
                {faultOf(context.faults, here) && <Fault text={faultOf(context.faults, here)!} />}
                <Fieldset
                  at={here}
                  name={`${name} ${n + 1}`}
                  node={of}
                  value={rule as Fields}
                  set={(v) => set(value.map((old, i) => (i === n ? v : old)))}
                  in={context}
                  shape={shapeOf(context.root, of)}
                />
              </details>
              <Menu
                label={<span class="only-heard">Rule {n + 1}</span>}
                small
                end
                items={[
                  n > 0 && { name: "Move up", act: () => moved(n, n - 1) },
                  n < value.length - 1 && { name: "Move down", act: () => moved(n, n + 1) },
                  { name: "Copy below", act: () => set([...value.slice(0, n + 1), structuredClone(rule), ...value.slice(n + 1)]) },
                  { name: "Remove", grave: true, act: () => set(value.filter((_, i) => i !== n)) },
                ]}
              />
            </li>
          );
        })}
      </ol>
      <button
        type="button"
        class="button small"
        onClick={() => {
          setFresh(value.length);
          set([...value, blank(context.root, of)]);
        }}
      >
        Add a rule<span class="only-heard"> to {spell(name).toLowerCase()}</span>
      </button>
    </>
  );
}

function Fieldset({ at, value, set, in: context, shape }: Props<Fields> & { shape: Shape }) {
  if (shape.is !== "fields") return null;
  return (
    <div class="form-grid">
      {shape.of.map(([name, node]) => (
        <Value key={name} at={`${at}/${name}`} name={name} node={node} value={value?.[name]} set={(v) => set(withField(value, name, v))} in={context} />
      ))}
    </div>
  );
}

/** One value, whatever it is. */
function Value(props: Props<unknown>) {
  const { at, name, node, value, set, in: context } = props;
  const shape = shapeOf(context.root, node);
  const [id, label, fault] = [idOf(at), spell(name), faultOf(context.faults, at)];
  // Left out, a value that has another one by itself must say that it is none.
  const none = shape.fallback === undefined || shape.fallback === null ? undefined : null;
  switch (shape.is) {
    case "choice": {
      const words = shape.words.map(([word]) => [word, spell(word)] as const);
      const shown = String(value ?? shape.fallback ?? "");
      const chosen = shape.words.find(([word]) => word === shown)?.[1] ?? "";
      const options = shape.optional && !shape.fallback ? [["", "Any"] as const, ...words] : words;
      return <SelectField name={id} label={label} value={shown} set={(v) => set(v === "" ? undefined : v)} options={options} hint={`${shape.about} ${chosen && `${spell(shown)}: ${chosen}`}`} fault={fault} />;
    }
    case "number": {
      const shown = value === undefined ? (shape.fallback ?? "") : (value ?? "");
      const read = (text: string) => (text === "" ? (shape.optional ? none : 0) : Number(text));
      return <TextField name={id} label={label} type="number" min="0" value={String(shown)} set={(v) => set(read(v))} hint={shape.about} fault={fault} placeholder={none === null ? "never" : undefined} />;
    }
    case "words": {
      const words = (value as string[] | undefined) ?? [];
      return <Words id={id} label={label} about={shape.about} words={words} set={set} fault={fault} />;
    }
    case "variant":
      return <Variant {...props} shape={shape} />;
    case "fields":
      return <Group {...props} shape={shape} />;
    case "list":
      return (
        <div class="wide">
          <h3>{label}</h3>
          {fault && <Fault text={fault} />}
          <List {...props} value={(value as unknown[] | undefined) ?? []} of={shape.of} />
        </div>
      );
    default:
      return <TextField name={id} label={label} value={String(value ?? "")} set={(v) => set(v === "" && shape.optional ? undefined : v)} hint={shape.about} fault={fault} />;
  }
}

/** A list of words in one line, parted by commas. */
function Words({ id, label, about, words, set, fault }: { id: string; label: string; about: string; words: string[]; set: (v: unknown) => void; fault?: string }) {
  const [text, setText] = useState(words.join(", "));
  const take = (next: string) => {
    setText(next);
    set(
      next
        .split(",")
        .map((w) => w.trim())
        .filter(Boolean),
    );
  };
  return <TextField name={id} label={label} value={text} set={take} hint={`${about} Parted by commas.`} fault={fault} wide />;
}

/** A group of fields that may be left out altogether: a clock, an amount. */
function Group(props: Props<unknown> & { shape: Shape }) {
  const { at, name, node, value, set, in: context, shape } = props;
  const there = value !== undefined && value !== null;
  return (
    <fieldset class="wide group">
      <legend>{spell(name)}</legend>
      {shape.about && <p class="hint">{shape.about}</p>}
      {faultOf(context.faults, at) && <Fault text={faultOf(context.faults, at)!} />}
      {shape.optional && (
        <label class="check">
          <input type="checkbox" checked={there} onChange={(e) => set(e.currentTarget.checked ? fill(context.root, node) : undefined)} /> {there ? "Set" : "Not set"}
        </label>
      )}
      {(there || !shape.optional) && <Fieldset {...props} value={(value as Fields | undefined) ?? {}} />}
    </fieldset>
  );
}

/** A fresh group, also where none is the usual. */
function fill(root: Schema, node: Schema): unknown {
  const some = node.anyOf?.find((a) => a.type !== "null") ?? node;
  return blank(root, some);
}

/** One of several forms, named by its only key. */
function Variant({ at, name, value, set, in: context, shape }: Props<unknown> & { shape: Shape }) {
  if (shape.is !== "variant") return null;
  const of = (value as Fields | undefined) ?? {};
  const key = Object.keys(of)[0] ?? shape.of[0]![0];
  const chosen = shape.of.find(([k]) => k === key) ?? shape.of[0]!;
  const choose = (k: string) => set({ [k]: blank(context.root, shape.of.find(([other]) => other === k)![2]) });
  return (
    <>
      <SelectField name={idOf(at)} label={spell(name)} value={key} set={choose} options={shape.of.map(([k]) => [k, spell(k)] as const)} hint={`${shape.about} ${chosen[1]}`} fault={faultOf(context.faults, at)} />
      <Fieldset at={`${at}/${key}`} name={key} node={chosen[2]} value={(of[key] as Fields | undefined) ?? {}} set={(v) => set({ [key]: v })} in={context} shape={shapeOf(context.root, chosen[2])} />
    </>
  );
}
