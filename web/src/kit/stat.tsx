// A row of figures at the head of a screen: what it counts, how many, and what that is beside the period before.
import type { ComponentChildren } from "preact";
import { Link } from "wouter-preact";
import type { Ink } from "./badge";

export interface Stat {
  name: string;
  value: ComponentChildren;
  note?: ComponentChildren;
  ink?: Ink;
  href?: string;
}

export function Stats({ label, of }: { label: string; of: Stat[] }) {
  return (
    <section aria-label={label}>
      <dl class={of.length === 6 ? "stats six" : "stats"}>
        {of.map((s) => (
          <div key={s.name} class={s.ink ? `stat ink-${s.ink}` : "stat"}>
            <dt>{s.name}</dt>
            <dd>
              {s.href ? <Link href={s.href}>{s.value}</Link> : s.value}
              {s.note && <span class="stat-note">{s.note}</span>}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
