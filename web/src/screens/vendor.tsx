// One vendor: how it keeps its word (with the evidence), how its wire does, what was asked of it, what it offers, its record.
import { at } from "../api/address";
import { segment } from "../api/client";
import { usePages, useResource } from "../api/resource";
import type { Connection, Offer, Source } from "../api/types";
import { Tag } from "../kit/badge";
import { Facts, Loaded, Panel } from "../kit/parts";
import { Table, type Column } from "../kit/table";
import { Tabs } from "../kit/tabs";
import { Age } from "../kit/when";
import { PageHead } from "../shell/frame";
import { may } from "../shell/session";
import { moneyText } from "../words/money";
import { plural, spell } from "../words/words";
import { ConnectionTester } from "./connection-test";
import { MappingImport } from "./mapping-import";
import { ModesOf } from "./policy-modes";
import { PO_COLUMNS } from "./purchase-orders";
import { Score } from "./scorecard";
import { Calendar, ChannelFacts } from "./vendor-facts";
import { VendorEditor } from "./vendor-form";
import { VendorPeople } from "./vendor-people";
import { vendorHref, wireState } from "./vendors";

const TABS: [string, string][] = [
  ["", "Overview"],
  ["purchase-orders", "Purchase orders"],
  ["offers", "Offers"],
  ["connection", "Connection"],
  ["settings", "Settings"],
];

export function VendorPage({ id, tab = "" }: { id: string; tab?: string }) {
  const one = useResource(at("/v1/sources/{source}", { source: id }), (e) => e.type === "source.recorded");
  const s = one.data;
  return (
    <>
      <PageHead crumb={["/vendors", "Vendors"]} title={s?.name ?? id} tab={[s?.name ?? id, tab && TABS.find(([t]) => t === tab)?.[1]].filter(Boolean).join(": ")}>
        {s && <Tag>{s.kind === "dc" ? "Own DC" : spell(s.kind)}</Tag>}
        {s && <Tag ink="ours">{spell(s.channel.dialect)}</Tag>}
        {s && !s.taking_orders && <Tag ink="wait">Takes no orders</Tag>}
      </PageHead>
      <Tabs
        label="About this vendor"
        at={tab}
        tabs={TABS.map(([name, title]) => ({ id: name, name: title, href: name ? `${vendorHref(id)}/${name}` : vendorHref(id) }))}
      />
      <Loaded of={one} what="This vendor">
        {(source) => <Body source={source} tab={tab} changed={one.reload} />}
      </Loaded>
    </>
  );
}

function Body({ source, tab, changed }: { source: Source; tab: string; changed: () => void }) {
  if (tab === "purchase-orders") return <Asked source={source} />;
  if (tab === "offers") return <Offers source={source} />;
  if (tab === "connection") return <Wire source={source} />;
  if (tab === "settings")
    return (
      <div class="order-grid">
        <VendorEditor key={source.id} source={source} done={changed} />
        <div class="stack">
          <VendorPeople source={source} />
        </div>
      </div>
    );
  return <Overview source={source} />;
}

function Overview({ source }: { source: Source }) {
  const card = useResource(at("/v1/sources/{source}/scorecard", { source: source.id }), (e) =>
    /^(sla|acknowledgment|shipment)\./.test(e.type),
  );
  const wire = useResource(at("/v1/sources/{source}/connection", { source: source.id }));
  return (
    <div class="order-grid">
      <div class="stack">
        <Loaded of={card} what="The scorecard">
          {(c) => <Score card={c} zone={source.time_zone} changed={card.reload} />}
        </Loaded>
        <ModesOf source={source.id} />
      </div>
      <div class="stack">
        <Panel title="Connection" end={wire.data && <Tag ink={wireState(wire.data)[1]}>{wireState(wire.data)[0]}</Tag>}>
          <Loaded of={wire} what="The connection">
            {(w) => <WireFacts wire={w} />}
          </Loaded>
        </Panel>
        <Panel title="Calendar">
          <Calendar source={source} />
        </Panel>
      </div>
    </div>
  );
}

const percent = (part: number, whole: number) => (whole > 0 ? `${Math.round((part / whole) * 100)} %` : "–");

function WireFacts({ wire }: { wire: Connection }) {
  return (
    <Facts
      rows={[
        ["Carried by", wire.connector ? spell(wire.connector) : "It comes to us"],
        ["Fault", wire.fault && <span class="ink-stamp">{wire.fault}</span>],
        ["Papers", wire.circuit_papers && circuit(wire.circuit_papers)],
        ["Questions", wire.circuit_questions && circuit(wire.circuit_questions)],
        ["Last in", <Age at={wire.last_in} />],
        ["Last out", <Age at={wire.last_out} />],
        ["Carried", `${plural(wire.sent, "paper")} out, ${plural(wire.received, "piece")} in`],
        [
          "Failed",
          wire.failed > 0 && `${plural(wire.failed, "try", "tries")}, ${percent(wire.failed, wire.failed + wire.sent + wire.received)}`,
        ],
        [
          "Last failure",
          wire.last_failure && (
            <>
              {wire.last_failure} (<Age at={wire.last_failure_at} />)
            </>
          ),
        ],
      ]}
    />
  );
}

const CIRCUIT: Record<string, string> = {
  closed: "Let through",
  open: "Not tried for a while: it failed several times in a row",
  half_open: "One try finds out whether it is back",
  unserved: "Its server has no answer to them",
};
const circuit = (word: string) => CIRCUIT[word] ?? spell(word);

function Wire({ source }: { source: Source }) {
  const wire = useResource(at("/v1/sources/{source}/connection", { source: source.id }));
  return (
    <div class="order-grid">
      <div class="stack">{may("write_sources") && <ConnectionTester source={source.id} />}</div>
      <div class="stack">
        <Panel title="What it carried">
          <Loaded of={wire} what="The connection">
            {(w) => <WireFacts wire={w} />}
          </Loaded>
          <p class="small muted">Counted since the service started.</p>
        </Panel>
        <Panel title="Channel">
          <ChannelFacts source={source} />
        </Panel>
      </div>
    </div>
  );
}

function Asked({ source }: { source: Source }) {
  const orders = usePages(
    "/v1/purchase-orders",
    {},
    { source: source.id, limit: 50 },
    (p) => p.number,
    (e) => /^(purchase_order|acknowledgment|shipment|sla)\./.test(e.type),
  );
  return (
    <Loaded of={orders} what="Purchase orders">
      {(rows) => (
        <Table
          name={`purchase-orders-${source.id}`}
          caption={`Purchase orders to ${source.name}`}
          rows={rows}
          columns={PO_COLUMNS.filter((c) => c.head !== "Source")}
          keyOf={(r) => r.number}
          hrefOf={(r) => `/purchase-orders/${segment(r.number)}`}
          pages={orders}
          lead={`${plural(rows.length, "purchase order")}, newest first`}
          empty={
            <>
              <strong>Nothing was asked of it yet</strong>Purchase orders appear as the rules choose it.
            </>
          }
        />
      )}
    </Loaded>
  );
}

const OFFERS: Column<Offer>[] = [
  { head: "SKU", text: (o) => o.sku, cell: (o) => <span class="mono">{o.sku}</span> },
  { head: "Vendor's number", text: (o) => o.vendor_sku, cell: (o) => <span class="mono">{o.vendor_sku}</span> },
  { head: "Pack", text: (o) => `${o.pack.base_units} per ${o.pack.unit}`, rank: 2 },
  { head: "Unit cost", text: (o) => Number(o.unit_cost.amount), right: true, cell: (o) => moneyText(o.unit_cost) },
  { head: "Shipping", text: (o) => Number(o.shipping_cost.amount), right: true, rank: 3, cell: (o) => moneyText(o.shipping_cost) },
  { head: "Lead", text: (o) => o.lead_days, right: true, rank: 3, cell: (o) => plural(o.lead_days, "day") },
  { head: "Minimum", text: (o) => o.minimum, right: true, rank: 3 },
  { head: "Advised", text: (o) => o.advice?.quantity, right: true },
  { head: "Held", text: (o) => o.advice?.held, right: true, rank: 2 },
  { head: "Advice", text: (o) => o.advice?.as_of, rank: 2, cell: (o) => <Age at={o.advice?.as_of} /> },
  { head: "By", text: (o) => spell(o.advice?.origin), rank: 3 },
  { head: "Status", text: (o) => o.status, cell: (o) => (o.status === "active" ? "Active" : <Tag ink="wait">{spell(o.status)}</Tag>) },
];

function Offers({ source }: { source: Source }) {
  const offers = usePages(
    "/v1/sources/{source}/offers",
    { source: source.id },
    { limit: 100 },
    (o) => o.sku,
    (e) => (e.type === "offer.recorded" || e.type === "advice.recorded") && (e.data.source === source.id || e.subject === source.id),
  );
  return (
    <>
      {may("write_offers") && <MappingImport source={source.id} done={offers.reload} />}
      <Loaded of={offers} what="Offers">
        {(rows) => (
          <Table
            name={`offers-${source.id}`}
            caption={`Offers of ${source.name}`}
            rows={rows}
            columns={OFFERS}
            keyOf={(o) => o.sku}
            pages={offers}
            lead={plural(rows.length, "offer")}
            empty={
              <>
                <strong>No items are mapped yet</strong>Import the vendor's list above; until then nothing can be ordered from it.
              </>
            }
          />
        )}
      </Loaded>
    </>
  );
}
