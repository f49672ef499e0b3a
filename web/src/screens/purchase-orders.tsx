// Purchase orders: what went to whom, and which answers are awaited.
import { Link, useLocation, useSearch } from "wouter-preact";
import { segment } from "../api/client";
import { sourceName, sources, sourceZone } from "../api/lookups";
import { usePages } from "../api/resource";
import type { PurchaseOrderSummary } from "../api/types";
import { Status } from "../kit/badge";
import { Chips } from "../kit/field";
import { Choice, Filters } from "../kit/filters";
import { Loaded } from "../kit/parts";
import { Table, type Column } from "../kit/table";
import { Due, When } from "../kit/when";
import { PageHead } from "../shell/frame";
import { plural, spell } from "../words/words";
import { orderHref } from "./orders";

const STATES = ["open", "acknowledged", "shipped", "withdrawing", "closed"];
const waits = (p: PurchaseOrderSummary) => !p.state || p.state === "open" || p.state === "withdrawing";

export const PO_COLUMNS: Column<PurchaseOrderSummary>[] = [
  {
    head: "Number",
    text: (p) => p.number,
    cell: (p) => (
      <Link href={`/purchase-orders/${segment(p.number)}`} class="mono">
        {p.number}
      </Link>
    ),
  },
  { head: "State", text: (p) => p.state, cell: (p) => <Status code={p.state} /> },
  {
    head: "Source",
    text: (p) => sourceName(p.source),
    cell: (p) => <Link href={`/vendors/${segment(p.source)}`}>{sourceName(p.source)}</Link>,
  },
  {
    head: "Order",
    text: (p) => p.order,
    rank: 2,
    cell: (p) => (
      <Link href={orderHref(p.order)} class="mono">
        {p.order}
      </Link>
    ),
  },
  { head: "Attempt", text: (p) => p.attempt, right: true, rank: 2 },
  {
    head: "Answer due",
    text: (p) => p.answer_due,
    rank: 2,
    cell: (p) => <Due at={p.answer_due} zone={sourceZone(p.source)} over={!waits(p)} />,
  },
  { head: "Released", text: (p) => p.released_at, cell: (p) => <When at={p.released_at} zone={sourceZone(p.source)} seconds /> },
];

export function PurchaseOrders() {
  const [, go] = useLocation();
  const query = new URLSearchParams(useSearch());
  const state = query.get("state") ?? "";
  const source = query.get("source") ?? "";
  const open = (next: Record<string, string>) => {
    const to = new URLSearchParams(Object.entries({ state, source, ...next }).filter(([, v]) => v));
    go(`/purchase-orders${to.size ? `?${to}` : ""}`, { replace: true });
  };
  const pages = usePages(
    "/v1/purchase-orders",
    {},
    { state, source, limit: 50 },
    (p) => p.number,
    (e) => /^(purchase_order|acknowledgment|sla|shipment)\./.test(e.type),
  );
  return (
    <>
      <PageHead title="Purchase orders" />
      <Filters>
        <Choice
          id="po-source"
          label="Source"
          value={source}
          set={(source) => open({ source })}
          options={[["", "All sources"], ...[...sources.value.values()].map((s) => [s.id, s.name ?? s.id] as const)]}
        />
        <Chips
          name="state"
          legend="State"
          value={state}
          set={(state) => open({ state })}
          options={["", ...STATES].map((s) => [s, s ? spell(s) : "All"] as const)}
        />
      </Filters>
      <Loaded of={pages} what="Purchase orders">
        {(rows) => (
          <Table
            name="purchase-orders"
            caption="Purchase orders"
            rows={rows}
            columns={PO_COLUMNS}
            keyOf={(p) => p.number}
            hrefOf={(p) => `/purchase-orders/${segment(p.number)}`}
            pages={pages}
            lead={plural(rows.length, "purchase order")}
            empty={
              <>
                <strong>No purchase orders</strong>They appear as soon as an order is released to a source.
              </>
            }
          />
        )}
      </Loaded>
    </>
  );
}
