// Small parts: notices, states of loading, dialogs, definition rows.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { signal } from "@preact/signals";
import type { Problem } from "../api/client";
import type { Resource } from "../api/resource";
import { placeName } from "../words/settings";
import { spell } from "../words/words";
import { sentence } from "./sentence";

/** What was done last, read out politely and shown for a moment. */
const said = signal<{ text: string; ink: "theirs" | "stamp" } | null>(null);
let saidTimer: ReturnType<typeof setTimeout> | undefined;
export function say(text: string, ink: "theirs" | "stamp" = "theirs"): void {
  said.value = { text: ink === "stamp" ? sentence(text) : text, ink };
  clearTimeout(saidTimer);
  saidTimer = setTimeout(() => {
    said.value = null;
  }, 6000);
}
export function Said() {
  return (
    <div class="said" role="status" aria-live="polite">
      {said.value && <p class={`ink-${said.value.ink}`}>{said.value.text}</p>}
    </div>
  );
}

export function ProblemNote({ problem, what }: { problem: Problem; what?: string }) {
  if (problem.status === 501 || (problem.isAbsent && what)) {
    return (
      <div class="note">
        <h2>{what ?? "This part"} is not available here</h2>
        <p class="quiet">This server does not offer it. The screen fills by itself once it does.</p>
      </div>
    );
  }
  return (
    <div class="note ink-stamp" role="alert">
      <h2>{problem.title}</h2>
      {problem.detail && problem.detail !== problem.title && <p>{sentence(problem.detail)}</p>}
      {problem.errors.length > 0 && (
        <ul class="small">
          {problem.errors.map((e, i) => (
            <li key={i} title={e.pointer}>
              {placeName(e.pointer) && <b>{placeName(e.pointer)}: </b>}
              {e.detail ?? spell(e.reason)}
              {typeof e.value === "string" || typeof e.value === "number" ? <span class="muted"> (it was {e.value === "" ? "empty" : `“${e.value}”`})</span> : ""}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Shows what a resource holds: old content stays while it is fetched again. */
export function Loaded<T>({ of, what, children }: { of: Resource<T>; what: string; children: (data: T) => ComponentChildren }) {
  if (of.data !== undefined) return <>{children(of.data)}</>;
  if (of.problem) return <ProblemNote problem={of.problem} what={what} />;
  return (
    <div class="loading" role="status">
      <span class="only-heard">Loading {what.toLowerCase()}</span>
      <i />
      <i />
      <i />
    </div>
  );
}

/** A native modal dialog, open while it is rendered. */
export function Dialog({
  title,
  close,
  children,
  wide,
}: {
  title: string;
  close: () => void;
  children: ComponentChildren;
  wide?: boolean;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (ref.current && !ref.current.open) ref.current.showModal();
  }, []);
  return (
    <dialog
      ref={ref}
      class={wide ? "wide" : undefined}
      aria-labelledby="dialog-title"
      onClose={close}
      onClick={(e) => {
        if (e.target === ref.current) ref.current?.close();
      }}
    >
      <div class="inner">
        <h2 id="dialog-title">{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

export function Facts({ rows }: { rows: [string, ComponentChildren][] }) {
  return (
    <dl class="facts">
      {rows
        .filter(([, value]) => value !== undefined && value !== null && value !== "" && value !== false)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

export function Panel({
  title,
  end,
  children,
  flush,
  id,
}: {
  title: string;
  end?: ComponentChildren;
  children: ComponentChildren;
  flush?: boolean;
  id?: string;
}) {
  return (
    <section class={flush ? "panel flush" : "panel"} aria-label={title} id={id}>
      <header>
        <h2>{title}</h2>
        {end && <div class="row">{end}</div>}
      </header>
      <div class="panel-body">{children}</div>
    </section>
  );
}
