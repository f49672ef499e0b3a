// Orders: what came in, newest first, alive. Rows rest while a pointer or the focus is on them.
import { useEffect, useRef, useState } from "preact/hooks";
import { Link, useLocation, useSearch } from "wouter-preact";
import { segment } from "../api/client";
import { sourceName } from "../api/lookups";
import { usePages } from "../api/resource";
import type { OrderSummary } from "../api/types";
import { Status, Tag } from "../kit/badge";
import { Chips } from "../kit/field";
import { Filters } from "../kit/filters";
import { Loaded } from "../kit/parts";
import { Table, type Column } from "../kit/table";
import { When } from "../kit/when";
import { PageHead } from "../shell/frame";
import { useQueue } from "../shell/queue";
import { moneyText, sumMoney, timesMoney } from "../words/money";
import { dayText } from "../words/time";
import { plural, spell } from "../words/words";

const STATUSES = ["in_review", "awaiting_confirmation", "backordered", "confirmed", "shipped", "delivered", "cancelled"];

export const orderHref = (id: string) => `/orders/${segment(id)}`;
export const orderValue = (o: Pick<OrderSummary, "lines">) =>
  sumMoney(o.lines.map((l) => timesMoney(l.unit_price, l.quantity ?? l.tally?.ordered ?? 0)));
const units = (o: OrderSummary) => o.lines.reduce((n, l) => n + (l.tally?.ordered ?? l.quantity ?? 0), 0);
const firm = (o: OrderSummary) => o.lines.reduce((n, l) => n + (l.tally?.committed ?? 0), 0);
const sources = (o: OrderSummary) =>
  [
    ...new Set(
      o.lines.flatMap((l) =>
        (l.assignments ?? []).filter((a) => !["withdrawn", "released"].includes(a.phase)).map((a) => sourceName(a.source)),
      ),
    ),
  ].join(", ");
const arrives = (o: OrderSummary) =>
  o.lines
    .map((l) => l.promise?.deliver_by ?? "")
    .sort()
    .at(-1) ?? "";
const sure = (o: OrderSummary) => o.lines.every((l) => l.promise && l.promise.state !== "provisional");

const COLUMNS: Column<OrderSummary>[] = [
  {
    head: "Order",
    text: (o) => o.id,
    cell: (o) => (
      <Link href={orderHref(o.id)} class="mono">
        {o.id}
      </Link>
    ),
  },
  {
    head: "Status",
    text: (o) => o.status,
    cell: (o) => (
      <span class="row nowrap">
        <Status code={o.status} />
        {o.mode && o.mode !== "enforce" && <Tag>{spell(o.mode)}</Tag>}
      </span>
    ),
  },
  {
    head: "Items",
    text: (o) => o.lines.map((l) => l.title ?? l.sku ?? l.line).join("; "),
    rank: 2,
    oneLine: true,
    cell: (o) => <Items order={o} />,
  },
  { head: "Firm", text: (o) => `${firm(o)} of ${units(o)}`, right: true, rank: 2 },
  { head: "Source", text: sources, rank: 2, oneLine: true, cell: (o) => <span title={sources(o)}>{sources(o)}</span> },
  {
    head: "Deliver by",
    text: arrives,
    rank: 3,
    cell: (o) =>
      sure(o) ? (
        dayText(arrives(o))
      ) : (
        <span class="provisional" title="Provisional">
          {dayText(arrives(o))}
          {arrives(o) && <span class="only-heard"> provisional</span>}
        </span>
      ),
  },
  { head: "Value", text: (o) => orderValue(o)?.amount, right: true, rank: 3, cell: (o) => moneyText(orderValue(o)) },
  { head: "Channel", text: (o) => spell(o.sales_channel), rank: 3 },
  { head: "Placed", text: (o) => o.placed_at, cell: (o) => <When at={o.placed_at} seconds /> },
];

function Items({ order }: { order: OrderSummary }) {
  const [first] = order.lines;
  const rest = order.lines.length - 1;
  return (
    <span>
      {first?.tally?.ordered ?? first?.quantity} × {first?.title ?? first?.sku ?? "line " + first?.line}
      {rest > 0 && <span class="muted"> and {plural(rest, "more line")}</span>}
    </span>
  );
}

export function Orders() {
  const [, go] = useLocation();
  const query = new URLSearchParams(useSearch());
  const status = query.get("status") ?? "";
  const q = query.get("q") ?? "";
  const [resting, setResting] = useState(false);
  const search = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (query.has("find")) search.current?.focus();
  }, []);
  const open = (next: { status?: string; q?: string }) => {
    const to = new URLSearchParams();
    const s = next.status ?? status;
    const w = next.q ?? q;
    if (s) to.set("status", s);
    if (w) to.set("q", w);
    go(`/orders${to.size ? `?${to}` : ""}`, { replace: true });
  };

  const pages = usePages(
    "/v1/orders",
    {},
    { status, q, limit: 50 },
    (o) => o.id,
    (e) => e.order !== undefined,
    !resting,
  );
  useQueue(
    "Orders",
    (pages.data ?? []).map((o) => orderHref(o.id)),
  );
  const changed = useChanged(pages.data);
  return (
    <>
      <PageHead title="Orders" />
      <Filters find={{ id: "order-search", label: "Search orders", placeholder: "Order, PO, SKU, mail, tracking", value: q, set: (q) => open({ q }), field: search }}>
        <Chips
          name="status"
          legend="Status"
          value={status}
          set={(status) => open({ status })}
          options={["", ...STATUSES].map((s) => [s, s ? spell(s) : "All"] as const)}
        />
      </Filters>
      <div
        onPointerEnter={() => setResting(true)}
        onPointerLeave={() => setResting(false)}
        onFocusIn={() => setResting(true)}
        onFocusOut={() => setResting(false)}
      >
        <Loaded of={pages} what="Orders">
          {(rows) => (
            <Table
              name="orders"
              caption="Orders"
              rows={rows}
              columns={COLUMNS}
              keyOf={(o) => o.id}
              hrefOf={(o) => orderHref(o.id)}
              pages={pages}
              changed={changed}
              lead={
                <span>
                  {plural(rows.length, "order")}
                  {pages.arrived > 0 && (
                    <>
                      {" "}
                      ·{" "}
                      <button type="button" class="button plain small" onClick={pages.show}>
                        {plural(pages.arrived, "new order")}, show
                      </button>
                    </>
                  )}
                </span>
              }
              empty={
                <>
                  <strong>No orders{status ? ` that are ${spell(status).toLowerCase()}` : ""}</strong>
                  {q ? `Nothing is about “${q}”. Numbers and mail addresses must be whole.` : "Orders appear here the moment they come in."}
                </>
              }
            />
          )}
        </Loaded>
      </div>
    </>
  );
}

/** Keys of rows whose status is not what it was at the last look. */
function useChanged(rows: OrderSummary[] | undefined): Set<string> {
  const before = useRef(new Map<string, string>());
  const out = new Set<string>();
  for (const o of rows ?? []) {
    const old = before.current.get(o.id);
    if (before.current.size > 0 && old !== o.status) out.add(o.id);
  }
  useEffect(() => {
    if (rows) before.current = new Map(rows.map((o) => [o.id, o.status]));
  }, [rows]);
  return out;
}
