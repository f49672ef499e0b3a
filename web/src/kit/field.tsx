// Form fields: a label, a control, a hint, and what is wrong right below it.
import type { ComponentChildren } from "preact";
import type { Problem } from "../api/client";

let count = 0;
/** Ids of fields, unique on the page. */
export const freshId = (name: string) => `${name}-${++count}`;

export function Field({
  id,
  label,
  hint,
  fault,
  wide,
  children,
}: {
  id: string;
  label: string;
  hint?: ComponentChildren;
  fault?: string;
  wide?: boolean;
  children: ComponentChildren;
}) {
  return (
    <div class={`field${wide ? " wide" : ""}${fault ? " faulty" : ""}`}>
      <label for={id}>{label}</label>
      {children}
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {fault && (
        <p class="fault" id={`${id}-fault`} role="alert">
          {fault}
        </p>
      )}
    </div>
  );
}

/** Places that are wrong, each by its JSON pointer. */
export type Faults = { pointer?: string; detail?: string; reason?: string }[];

/** What is wrong at one place. */
export const faultOf = (faults: Faults | undefined, pointer: string): string | undefined => {
  const found = faults?.find((e) => e.pointer === pointer);
  return found && (found.detail || found.reason);
};

/** What a problem says about one field. */
export const faultAt = (problem: Problem | null | undefined, pointer: string): string | undefined => {
  const found = faultOf(problem?.errors, pointer);
  // A refusal of one field says in its own sentence what to do; the field has only a code then.
  const only = found && problem?.errors.length === 1 && !problem.errors[0]?.detail;
  return only ? problem.detail || found : found;
};

interface TextProps {
  name: string;
  label: string;
  value: string;
  set: (value: string) => void;
  hint?: ComponentChildren;
  fault?: string;
  type?: string;
  required?: boolean;
  mono?: boolean;
  wide?: boolean;
  placeholder?: string;
  readOnly?: boolean;
  /** The id of a datalist. */
  list?: string;
  min?: string;
  max?: string;
  step?: string;
}

export function TextField({ name, label, value, set, hint, fault, mono, wide, type = "text", ...rest }: TextProps) {
  const about = [hint && `${name}-hint`, fault && `${name}-fault`].filter(Boolean).join(" ");
  return (
    <Field id={name} label={label} hint={hint} fault={fault} wide={wide}>
      <input
        id={name}
        name={name}
        type={type}
        value={value}
        class={mono ? "mono" : undefined}
        aria-invalid={fault ? "true" : undefined}
        aria-describedby={about || undefined}
        autocomplete="off"
        onInput={(e) => set(e.currentTarget.value)}
        {...rest}
      />
    </Field>
  );
}

export function SelectField({
  name,
  label,
  value,
  set,
  options,
  hint,
  fault,
}: {
  name: string;
  label: string;
  value: string;
  set: (value: string) => void;
  options: readonly (readonly [string, string])[];
  hint?: ComponentChildren;
  fault?: string;
}) {
  return (
    <Field id={name} label={label} hint={hint} fault={fault}>
      <select id={name} name={name} value={value} onChange={(e) => set(e.currentTarget.value)}>
        {options.map(([v, words]) => (
          <option key={v} value={v}>
            {words}
          </option>
        ))}
      </select>
    </Field>
  );
}

/** One of a few, as a row of pills. */
export function Chips({
  name,
  legend,
  value,
  set,
  options,
}: {
  name: string;
  legend: string;
  value: string;
  set: (value: string) => void;
  options: readonly (readonly [string, ComponentChildren])[];
}) {
  return (
    <fieldset class="chips">
      <legend class="only-heard">{legend}</legend>
      {options.map(([v, words]) => (
        <label key={v}>
          <input type="radio" name={name} checked={value === v} onChange={() => set(v)} />
          <span>{words}</span>
        </label>
      ))}
    </fieldset>
  );
}
