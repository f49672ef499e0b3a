// What the customer was told, and when it changed: each promise of each line with its reason, oldest first.
import { reasonText } from "../api/lookups";
import type { Order, TimelineItem } from "../api/types";
import { Tag } from "../kit/badge";
import { When } from "../kit/when";
import { dayText } from "../words/time";
import { spell } from "../words/words";

interface Told {
  line: string;
  at: string;
  state: string;
  deliver: string;
  ship: string;
  reason: string;
}

/** The promises among what happened; an event whose shape this build does not know is passed over. */
export function promisesOf(items: TimelineItem[]): Told[] {
  return items
    .filter((e) => e.type.startsWith("promise."))
    .flatMap((e) => {
      const event = e.event as {
        line?: string;
        promise?: { state?: string; ship_by?: string; deliver_by?: string; reason?: string | null };
      };
      const p = event?.promise;
      if (!p?.deliver_by) return [];
      return [
        { line: event.line ?? "", at: e.at, state: p.state ?? "", deliver: p.deliver_by, ship: p.ship_by ?? "", reason: p.reason ?? "" },
      ];
    });
}

export function PromiseHistory({ items, order }: { items: TimelineItem[]; order: Order }) {
  const all = promisesOf(items);
  if (all.length === 0) return <p class="muted">Nothing was promised yet.</p>;
  return (
    <>
      {order.lines
        .filter((l) => all.some((t) => t.line === l.line))
        .map((l) => (
          <section key={l.line}>
            {order.lines.length > 1 && <h3>{l.title}</h3>}
            <ol class="promises">
              {all
                .filter((t) => t.line === l.line)
                .map((t, i, mine) => {
                  const before = mine[i - 1];
                  const moved = before && before.deliver !== t.deliver;
                  return (
                    <li key={i}>
                      <When at={t.at} seconds />
                      <span>
                        <Tag ink={t.state === "confirmed" ? "theirs" : t.state === "revised" ? "wait" : "plain"}>{spell(t.state)}</Tag>{" "}
                        <span class={moved ? (t.deliver > before.deliver ? "ink-stamp" : "ink-theirs") : ""}>
                          arrives {dayText(t.deliver)}
                        </span>
                        {t.reason && <span class="small quiet"> {reasonText(t.reason)}</span>}
                      </span>
                    </li>
                  );
                })}
            </ol>
          </section>
        ))}
    </>
  );
}
