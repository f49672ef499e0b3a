// Vendors and own distribution centres: who supplies, over which channel, by which calendar.
import { Link } from "wouter-preact";
import { segment } from "../api/client";
import { usePages, useResource } from "../api/resource";
import type { Offer, Page, PurchaseOrder, Source } from "../api/types";
import { Tag } from "../kit/badge";
import { Facts, Loaded, Panel } from "../kit/parts";
import { Table, type Column } from "../kit/table";
import { Age } from "../kit/when";
import { PageHead } from "../shell/frame";
import { moneyText } from "../words/money";
import { dayText, now } from "../words/time";
import { plural, spell } from "../words/words";
import { PO_COLUMNS } from "./purchase-orders";

const vendorHref = (id: string) => `/vendors/${segment(id)}`;

/** Hours and minutes on the wall of a source. */
function wall(zone: string | undefined): { text: string; minutes: number } {
  try {
    const text = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
      hour12: false,
    }).format(now.value);
    const [h = 0, m = 0] = (/(\d+):(\d+)/.exec(text) ?? []).slice(1).map(Number);
    return { text, minutes: h * 60 + m };
  } catch {
    return { text: "", minutes: 0 };
  }
}
const shortTime = (t: string | null | undefined) => (t ?? "").slice(0, 5);

const COLUMNS: Column<Source>[] = [
  { head: "Name", text: (s) => s.name ?? s.id, cell: (s) => <Link href={vendorHref(s.id)}>{s.name ?? s.id}</Link> },
  { head: "Kind", text: (s) => (s.kind === "dc" ? "Own DC" : spell(s.kind)), rank: 2 },
  { head: "Channel", text: (s) => spell(s.channel?.dialect), cell: (s) => <Tag>{spell(s.channel?.dialect)}</Tag> },
  { head: "Carried by", text: (s) => spell(String(s.channel?.connector?.type ?? "")), rank: 3 },
  {
    head: "Takes orders",
    text: (s) => (s.taking_orders === false ? "no" : "yes"),
    cell: (s) => (s.taking_orders === false ? <Tag ink="wait">Paused</Tag> : "Yes"),
  },
  { head: "Cut-off", text: (s) => shortTime(s.cutoff), rank: 2 },
  { head: "Handling", text: (s) => s.handling_days, rank: 3, right: true, cell: (s) => plural(s.handling_days ?? 0, "day") },
  { head: "Daily capacity", text: (s) => s.daily_capacity, rank: 3, right: true },
  {
    head: "Its time now",
    text: (s) => wall(s.time_zone).text,
    rank: 2,
    cell: (s) => <span title={s.time_zone}>{wall(s.time_zone).text}</span>,
  },
];

export function Vendors() {
  const pages = usePages<Source>(
    "/v1/sources",
    { limit: "200" },
    (s) => s.id,
    (e) => e.type === "source.recorded",
  );
  return (
    <>
      <PageHead title="Vendors" />
      <Loaded of={pages} what="Vendors">
        {(rows) => (
          <Table
            name="vendors"
            caption="Vendors and distribution centres"
            rows={rows}
            columns={COLUMNS}
            keyOf={(s) => s.id}
            hrefOf={(s) => vendorHref(s.id)}
            more={pages.more}
            lead={plural(rows.length, "source")}
            empty={
              <>
                <strong>No sources yet</strong>Record them with PUT /v1/sources/… or countersign import.
              </>
            }
          />
        )}
      </Loaded>
    </>
  );
}

const OFFERS: Column<Offer>[] = [
  {
    head: "Item",
    text: (o) => o.title ?? o.sku,
    wide: true,
    cell: (o) => (
      <>
        {o.title} <span class="mono muted">{o.sku}</span>
      </>
    ),
  },
  { head: "Vendor's number", text: (o) => o.vendor_sku, rank: 2, cell: (o) => <span class="mono">{o.vendor_sku}</span> },
  { head: "Pack", text: (o) => (o.pack ? `${o.pack.base_units} per ${o.pack.unit}` : ""), rank: 2 },
  { head: "Unit cost", text: (o) => o.unit_cost?.amount, right: true, cell: (o) => moneyText(o.unit_cost) },
  { head: "Shipping", text: (o) => o.shipping_cost?.amount, right: true, rank: 3, cell: (o) => moneyText(o.shipping_cost) },
  { head: "Lead", text: (o) => o.lead_days, right: true, rank: 3, cell: (o) => plural(o.lead_days ?? 0, "day") },
  { head: "Minimum", text: (o) => o.minimum, right: true, rank: 3 },
  { head: "Advised", text: (o) => o.advised ?? o.advice?.quantity, right: true },
  { head: "Held", text: (o) => o.advice?.held, right: true, rank: 3 },
  { head: "Can promise", text: (o) => o.atp, right: true, rank: 2 },
  { head: "Advice", text: (o) => o.as_of ?? o.advice?.as_of, rank: 2, cell: (o) => <Age at={o.as_of ?? o.advice?.as_of} /> },
  {
    head: "Status",
    text: (o) => o.status,
    cell: (o) => (o.status && o.status !== "active" ? <Tag ink="wait">{spell(o.status)}</Tag> : "Active"),
  },
];

export function VendorPage({ id }: { id: string }) {
  const path = `/v1/sources/${segment(id)}`;
  const one = useResource<Source>(path, (e) => e.type === "source.recorded" && e.subject === id);
  const offers = usePages<Offer>(
    `${path}/offers`,
    { limit: "100" },
    (o) => o.sku,
    (e) => (e.type === "offer.recorded" || e.type === "advice.recorded") && (e.data.source === id || e.subject === id),
  );
  const orders = useResource<Page<PurchaseOrder>>(`/v1/purchase-orders?source=${encodeURIComponent(id)}&limit=25`, (e) =>
    /^(purchase_order|acknowledgment|shipment|sla)\./.test(e.type),
  );
  const s = one.data;
  return (
    <>
      <PageHead crumb={["/vendors", "Vendors"]} title={s?.name ?? id}>
        {s && <Tag>{s.kind === "dc" ? "Own DC" : spell(s.kind)}</Tag>}
        {s && <Tag ink="ours">{spell(s.channel?.dialect)}</Tag>}
        {s?.taking_orders === false && <Tag ink="wait">Takes no orders</Tag>}
      </PageHead>
      <Loaded of={one} what="This vendor">
        {(source) => (
          <div class="order-grid">
            <div class="stack">
              <Panel
                title="Purchase orders"
                flush
                end={
                  <Link href={`/purchase-orders?source=${encodeURIComponent(id)}`} class="small">
                    All of them
                  </Link>
                }
              >
                <Loaded of={orders} what="Purchase orders">
                  {(p) => (
                    <Table
                      plain
                      name={`purchase-orders-${id}`}
                      caption={`Purchase orders to ${source.name ?? id}`}
                      rows={p.items}
                      columns={PO_COLUMNS.filter((c) => c.head !== "Source")}
                      keyOf={(r) => r.number}
                      hrefOf={(r) => `/purchase-orders/${segment(r.number)}`}
                      empty="Nothing was asked of it yet."
                      lead={`Latest ${p.items.length}`}
                    />
                  )}
                </Loaded>
              </Panel>
              <Panel title="Offers" flush>
                <Loaded of={offers} what="Offers">
                  {(rows) => (
                    <Table
                      plain
                      name={`offers-${id}`}
                      caption={`Offers of ${source.name ?? id}`}
                      rows={rows}
                      columns={OFFERS}
                      keyOf={(o) => o.sku}
                      more={offers.more}
                      lead={plural(rows.length, "offer")}
                      empty="No items are mapped yet."
                    />
                  )}
                </Loaded>
              </Panel>
            </div>
            <div class="stack">
              <Panel title="Calendar">
                <Calendar source={source} />
              </Panel>
              <Panel title="Channel">
                <ChannelFacts source={source} />
              </Panel>
            </div>
          </div>
        )}
      </Loaded>
    </>
  );
}

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

function Calendar({ source }: { source: Source }) {
  const here = wall(source.time_zone);
  const work = source.calendar?.business_days ?? DAYS.slice(0, 5);
  const [h, m] = shortTime(source.cutoff).split(":").map(Number);
  const left = source.cutoff ? (h ?? 0) * 60 + (m ?? 0) - here.minutes : 0;
  const today = here.text.slice(0, 3).toLowerCase();
  return (
    <>
      <ul class="week" aria-label="Working days">
        {DAYS.map((d) => (
          <li key={d} class={`${work.includes(d) ? "works" : ""} ${d === today ? "today" : ""}`}>
            {spell(d)}
            <span class="only-heard">{work.includes(d) ? " works" : " closed"}</span>
          </li>
        ))}
      </ul>
      <Facts
        rows={[
          [
            "Its time now",
            <>
              {here.text} <span class="muted">{source.time_zone}</span>
            </>,
          ],
          ["Hours", source.calendar?.hours && `${shortTime(source.calendar.hours.open)} to ${shortTime(source.calendar.hours.close)}`],
          [
            "Cut-off",
            source.cutoff && (
              <>
                {shortTime(source.cutoff)}{" "}
                <span class="muted">{left > 0 ? `in ${Math.floor(left / 60)} h ${left % 60} min` : "over for today"}</span>
              </>
            ),
          ],
          ["Handling", plural(source.handling_days ?? 0, "working day")],
          ["Daily capacity", source.daily_capacity && plural(source.daily_capacity, "unit")],
          [
            "Closed on",
            source.calendar?.holidays?.length ? source.calendar.holidays.slice(0, 8).map((d) => <div key={d}>{dayText(d)}</div>) : "",
          ],
          [
            "Ships from",
            source.ships_from &&
              [source.ships_from.postal_code, source.ships_from.region, source.ships_from.country].filter(Boolean).join(", "),
          ],
        ]}
      />
    </>
  );
}

function ChannelFacts({ source }: { source: Source }) {
  const { dialect, connector, ...settings } = source.channel ?? {};
  const flat = (value: unknown): string =>
    value !== null && typeof value === "object"
      ? Object.entries(value)
          .map(([k, v]) => `${k} ${flat(v)}`)
          .join(", ")
      : String(value);
  return (
    <Facts
      rows={[
        ["Papers", spell(dialect)],
        ...Object.entries(connector ?? {}).map(([k, v]): [string, preact.ComponentChildren] => [
          spell(k),
          <span class="mono small">{flat(v)}</span>,
        ]),
        ...Object.entries(settings).map(([k, v]): [string, preact.ComponentChildren] => [
          spell(k),
          <span class="mono small">{flat(v)}</span>,
        ]),
      ]}
    />
  );
}
