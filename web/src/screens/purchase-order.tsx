// One purchase order: its clocks, its lines, its papers in both directions.
import { Link, useSearch } from "wouter-preact";
import { at } from "../api/address";
import { segment } from "../api/client";
import { reasonText, sourceName, sourceZone } from "../api/lookups";
import { useResource } from "../api/resource";
import type { Clock, PurchaseOrder } from "../api/types";
import { Status, Tag, type Ink } from "../kit/badge";
import { Papers } from "../kit/paper";
import { Facts, Loaded, Panel } from "../kit/parts";
import { Table, type Column } from "../kit/table";
import { Due, When } from "../kit/when";
import { PageHead } from "../shell/frame";
import { moneyText } from "../words/money";
import { dayText, instant, now, span } from "../words/time";
import { plural, spell } from "../words/words";
import { orderHref } from "./orders";

const LINES: Column<PurchaseOrder["lines"][number]>[] = [
  { head: "Line", text: (l) => l.line },
  {
    head: "Item",
    text: (l) => l.title ?? l.sku,
    wide: true,
    cell: (l) => (
      <>
        {l.title} <span class="mono muted">{l.sku}</span>
        {l.substitutes?.map((s) => (
          <div key={s.vendor_sku}>
            {s.quantity} of it as <span class="mono">{s.vendor_sku}</span>, {s.unit_cost ? `${moneyText(s.unit_cost)} per ${s.unit}` : "its price is not known"}
          </div>
        ))}
      </>
    ),
  },
  { head: "Vendor's number", text: (l) => l.vendor_sku, rank: 2, cell: (l) => <span class="mono">{l.vendor_sku}</span> },
  { head: "Asked", text: (l) => l.quantity, right: true, cell: (l) => `${l.quantity ?? ""} ${l.unit ?? ""}` },
  { head: "Accepted", text: (l) => l.accepted, right: true },
  {
    head: "Declined",
    text: (l) => l.declined,
    right: true,
    rank: 2,
    cell: (l) => <span class={l.declined ? "ink-stamp" : ""}>{l.declined ?? ""}</span>,
  },
  { head: "Shipped", text: (l) => l.shipped, right: true, rank: 2 },
  { head: "Unit cost", text: (l) => l.unit_cost?.amount, right: true, rank: 3, cell: (l) => moneyText(l.unit_cost) },
  { head: "Ship by", text: (l) => l.ship_by, rank: 2, cell: (l) => dayText(l.ship_by) },
];

export function PurchaseOrderPage({ id }: { id: string }) {
  const order = id.replace(/-\d+$/, "");
  const wanted = new URLSearchParams(useSearch());
  const po = useResource(at("/v1/purchase-orders/{po}", { po: id }), (e) => e.order === order);
  return (
    <>
      <PageHead
        crumb={["/purchase-orders", "Purchase orders"]}
        title={
          <>
            Purchase order <span class="mono">{id}</span>
          </>
        }
      >
        {po.data && <Status code={po.data.state} />}
      </PageHead>
      <Loaded of={po} what="This purchase order">
        {(p) => {
          const zone = sourceZone(p.source);
          return (
            <div class="order-grid">
              <div class="stack">
                <Panel title="Signatures and clocks">
                  <Signatures po={p} />
                  <Clocks clocks={p.clocks ?? []} zone={zone} />
                </Panel>
                <Table
                  name={`purchase-order-${id}`}
                  caption="Lines"
                  rows={p.lines ?? []}
                  columns={LINES}
                  keyOf={(l) => l.line}
                  lead={plural(p.lines?.length ?? 0, "line")}
                />
                <Panel title="Documents">
                  <Papers
                    po={p.number}
                    documents={p.documents ?? []}
                    zone={zone}
                    open={wanted.get("document") ?? p.documents?.at(-1)?.id}
                    line={wanted.has("document") ? (wanted.get("line") ?? "") : undefined}
                  />
                </Panel>
              </div>
              <div class="stack">
                <Panel title="Purchase order">
                  <Facts
                    rows={[
                      ["Source", <Link href={`/vendors/${segment(p.source)}`}>{sourceName(p.source)}</Link>],
                      [
                        "Order",
                        <Link href={orderHref(p.order)} class="mono">
                          {p.order}
                        </Link>,
                      ],
                      ["Attempt", p.attempt],
                      ["Vendor's order", p.vendor_order && <span class="mono">{p.vendor_order}</span>],
                      ["Released", <When at={p.released_at} zone={zone} seconds />],
                      ["Delivered", p.sent_at && <When at={p.sent_at} zone={zone} seconds />],
                      ["Received", p.received_at && <When at={p.received_at} zone={zone} seconds />],
                      ["Answered", p.acknowledged_at && <When at={p.acknowledged_at} zone={zone} seconds />],
                      ["Reminders", p.reminders],
                      [
                        "Cancellation",
                        p.cancellation && (
                          <>
                            {reasonText(p.cancellation.reason)} Asked <When at={p.cancellation.asked_at} zone={zone} />,{" "}
                            {p.cancellation.accepted === true
                              ? "accepted"
                              : p.cancellation.accepted === false
                                ? "refused"
                                : "not answered yet"}
                            .
                          </>
                        ),
                      ],
                    ]}
                  />
                </Panel>
              </div>
            </div>
          );
        }}
      </Loaded>
    </>
  );
}

/** Where our hand and theirs stand on the paper: asked, and answered, with the time between. */
export function Signatures({ po }: { po: PurchaseOrder }) {
  const zone = sourceZone(po.source);
  const asked = instant(po.released_at)?.getTime();
  const answered = instant(po.acknowledged_at)?.getTime();
  const clock = po.clocks?.find((c) => c.kind === "acknowledgment");
  const accepted = (po.lines ?? []).some((l) => (l.accepted ?? 0) > 0);
  const silent = clock?.state === "breached" && !answered;
  const over = silent || !!po.cancellation || po.state === "closed";
  const theirs = accepted ? "signed" : answered || over ? "refused" : "awaited";
  const words = accepted
    ? "Countersigned"
    : theirs === "awaited"
      ? "Answer awaited"
      : answered
        ? "Declined"
        : silent
          ? "No answer in time"
          : "Withdrawn before an answer";
  return (
    <div class="signatures">
      <div class="signature ours signed">
        <b>Asked</b>
        <span class="small quiet">
          <When at={po.released_at} zone={zone} seconds />
          {po.attempt ? `, attempt ${po.attempt}` : ""}
        </span>
      </div>
      <div class={`signature theirs ${theirs}`}>
        <b>{words}</b>
        <span class="small quiet">
          {sourceName(po.source)}
          {answered && asked !== undefined ? (
            <>
              , <When at={po.acknowledged_at} zone={zone} seconds />, after {span((answered - asked) / 1000)}
            </>
          ) : theirs === "awaited" && po.answer_due ? (
            <>
              , <Due at={po.answer_due} zone={zone} />
            </>
          ) : null}
        </span>
      </div>
    </div>
  );
}

const CLOCK_INK: Record<string, Ink> = { running: "ours", met: "theirs", breached: "stamp", stopped: "plain" };

/** Each expected answer with the time it has: how much is used, what happens at the end. */
export function Clocks({ clocks, zone }: { clocks: Clock[]; zone?: string }) {
  if (clocks.length === 0) return <p class="muted">No clock runs.</p>;
  return (
    <ul class="clocks">
      {clocks.map((c) => (
        <ClockRow key={c.kind} one={c} zone={zone} />
      ))}
    </ul>
  );
}

function ClockRow({ one, zone }: { one: Clock; zone?: string }) {
  const begin = instant(one.started)?.getTime();
  const due = instant(one.due)?.getTime();
  const running = one.state === "running";
  const part = begin !== undefined && due !== undefined && due > begin ? Math.min(1, Math.max(0, (now.value - begin) / (due - begin))) : 0;
  return (
    <li class={`clock ${one.state ?? ""}`}>
      <span class="clock-name">{spell(one.kind)}</span>
      <Tag ink={CLOCK_INK[one.state ?? ""] ?? "plain"}>{spell(one.state)}</Tag>
      {running ? <progress max={1} value={part} aria-label={`${spell(one.kind)}: time used`} /> : <span />}
      <span class="small quiet">
        {running ? (
          <>
            <Due at={one.due} zone={zone} />
            {one.then && `, then ${spell(one.then).toLowerCase()}`}
          </>
        ) : (
          <>
            was due <When at={one.due} zone={zone} seconds />
          </>
        )}
      </span>
    </li>
  );
}
