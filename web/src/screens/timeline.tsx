// What happened to an order, newest last, with who and why; each entry opens to the event as it was recorded.
import { useState } from "preact/hooks";
import { join } from "../api/address";
import type { TimelineItem } from "../api/types";
import { Link } from "wouter-preact";
import { sentence } from "../kit/sentence";
import { When } from "../kit/when";
import { actorName, eventName, spell } from "../words/words";

/** Bookkeeping that a person rarely asks for; hidden until they do. */
const MINOR = /^(hold\.|sla\.(started|stopped|met)|line\.(costed|resumed)|purchase_order\.(sent|received)|advice\.|stock\.)/;

export function inkOf(type: string): string {
  if (/breached|rejected|failed|late$|uncommitted|withdrawn/.test(type)) return "stamp";
  if (/^(approval|case)\.|warned|waiting|rerouted|revised|reminded|cancel/.test(type)) return "wait";
  if (/^(acknowledgment|shipment|line\.committed|promise\.confirmed|purchase_order\.(received|cancellation_answered))/.test(type))
    return "theirs";
  return "ours";
}

/** Where the paper behind an event is read: at the very segment that speaks of it. */
export const paperHref = (p: NonNullable<TimelineItem["paper"]>) =>
  join("/purchase-orders/{po}", { po: p.purchase_order }, { document: p.document, line: p.line });

export function Timeline({ items }: { items: TimelineItem[] }) {
  const [all, setAll] = useState(false);
  const hidden = items.filter((e) => MINOR.test(e.type)).length;
  const shown = all ? items : items.filter((e) => !MINOR.test(e.type));
  if (items.length === 0) return <p class="empty">Nothing has happened yet.</p>;
  return (
    <>
      {hidden > 0 && (
        <label class="check small timeline-all no-print">
          <input type="checkbox" checked={all} onChange={(e) => setAll(e.currentTarget.checked)} />
          Bookkeeping too ({hidden})
        </label>
      )}
      <ol class="timeline">
        {shown.map((e, i) => (
          <Entry key={`${e.position}-${i}`} one={e} />
        ))}
      </ol>
    </>
  );
}

function Entry({ one }: { one: TimelineItem }) {
  const [seen, setSeen] = useState(false);
  const by = one.by && one.by.kind !== "engine" ? actorName(one.by) : "";
  return (
    <li class={`entry ink-${inkOf(one.type)}`}>
      <When at={one.at} seconds />
      <div class="entry-body">
        <p>{sentence(one.sentence)}</p>
        <div class="small muted">
          {one.paper && (
            <>
              <Link href={paperHref(one.paper)}>Document</Link> ·{" "}
            </>
          )}
          {by && (
            <>
              {by}
              {one.by?.role ? `, ${spell(one.by.role).toLowerCase()}` : ""} ·{" "}
            </>
          )}
          <details
            class="entry-event"
            onToggle={(e) => {
              if (e.currentTarget.open) setSeen(true);
            }}
          >
            <summary title={one.type}>{eventName(one.type)}</summary>
            {seen && (
              <pre
                class="mono"
                tabIndex={0}
                role="group"
                aria-label="The event as recorded"
              >{`entry ${one.position}, ${one.type}\n${JSON.stringify(one.event ?? {}, null, 2)}`}</pre>
            )}
          </details>
        </div>
      </div>
    </li>
  );
}
