// The lines of an order: what was ordered, how far each unit is, what was promised, who supplies it.
import { Link } from "wouter-preact";
import { segment } from "../api/client";
import { reasonText, sourceName, sourceZone } from "../api/lookups";
import type { Assignment, Order, OrderLine } from "../api/types";
import { Status, Tag } from "../kit/badge";
import { TallyBar } from "../kit/tally";
import { Due } from "../kit/when";
import { dayText } from "../words/time";
import { moneyText } from "../words/money";
import { plural, spell } from "../words/words";

export function OrderLines({ order, reroute }: { order: Order; reroute?: (line: OrderLine) => void }) {
  return (
    <ul class="lines">
      {order.lines.map((l) => (
        <LineRow key={l.line} line={l} reroute={reroute} />
      ))}
    </ul>
  );
}

function LineRow({ line, reroute }: { line: OrderLine; reroute?: (line: OrderLine) => void }) {
  const ended = ["cancelled", "shipped", "delivered"].includes(line.status);
  const all = line.assignments ?? [];
  return (
    <li class="line">
      <div class="line-top">
        <div class="line-what">
          <h3>
            {line.quantity ?? line.tally?.ordered} × {line.title ?? line.sku ?? `Line ${line.line}`}
          </h3>
          <p class="small muted">
            Line {line.line} · <span class="mono">{line.sku}</span>
            {line.unit_price && <> · {moneyText(line.unit_price)} each</>}
            {line.category && <> · {line.category}</>}
          </p>
        </div>
        <Status code={line.status} />
        <TallyBar tally={line.tally} unit={line.unit} />
        <PromiseText line={line} />
        {reroute && !ended && (
          <button type="button" class="button small no-print" onClick={() => reroute(line)}>
            Reroute<span class="only-heard"> line {line.line}</span>
          </button>
        )}
      </div>
      {all.length > 0 && (
        <ol class="assignments" aria-label={`Sources of line ${line.line}`}>
          {all.map((a, i) => (
            <AssignmentRow key={a.ordinal ?? i} one={a} />
          ))}
        </ol>
      )}
    </li>
  );
}

export function PromiseText({ line }: { line: OrderLine }) {
  const p = line.promise;
  if (!p) return <p class="promise muted">No promise yet</p>;
  return (
    <p class="promise" title={p.reason ? reasonText(p.reason) : undefined}>
      <span class="nowrap">
        Deliver by <b>{dayText(p.deliver_by)}</b>
      </span>
      <span class="small quiet nowrap">
        <Tag ink={p.state === "confirmed" ? "theirs" : p.state === "revised" ? "wait" : "plain"}>{spell(p.state)}</Tag> ship by{" "}
        {dayText(p.ship_by)}
      </span>
    </p>
  );
}

/** The phases in which something is still expected, in order of life. */
const PATH = ["held", "requested", "acknowledged", "committed", "shipped", "delivered"];

function AssignmentRow({ one }: { one: Assignment }) {
  const at = PATH.indexOf(one.phase);
  const ended = ["withdrawn", "released"].includes(one.phase);
  return (
    <li class={ended ? "assignment ended" : "assignment"}>
      <Link href={`/vendors/${segment(one.source)}`} class="assignment-who">
        {sourceName(one.source)}
      </Link>
      <span class="quiet nowrap">
        {plural(one.quantity, "unit")}
        {one.attempt ? `, attempt ${one.attempt}` : ""}
      </span>
      {one.purchase_order ? (
        <Link href={`/purchase-orders/${segment(String(one.purchase_order))}`} class="mono nowrap">
          {one.purchase_order}
        </Link>
      ) : (
        <span />
      )}
      <span class="path" title={spell(one.phase)}>
        {!ended && at >= 0 && (
          <span class="path-dots" aria-hidden="true">
            {PATH.map((p, i) => (
              <i key={p} class={i <= at ? "on" : ""} />
            ))}
          </span>
        )}
        <Status code={one.phase} />
      </span>
      <span class="small quiet">
        {one.phase === "requested" && one.answer_due && (
          <>
            answer due <Due at={one.answer_due} zone={sourceZone(one.source)} />
          </>
        )}
        {one.phase === "withdrawing" && "Cancellation asked, answer awaited."}
        {one.ended && ` ${reasonText(one.ended)}`}
      </span>
    </li>
  );
}
