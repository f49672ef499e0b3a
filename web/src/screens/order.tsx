// One order: lines, promise, sources, decisions, purchase orders with their documents, and all that happened.
import { Link } from "wouter-preact";
import { at } from "../api/address";
import { segment } from "../api/client";
import { reasonText, sourceName, sourceZone } from "../api/lookups";
import { useResource } from "../api/resource";
import type { LiveEvent, Order } from "../api/types";
import { Severity, Status, Tag } from "../kit/badge";
import { Papers } from "../kit/paper";
import { Facts, Loaded, Panel } from "../kit/parts";
import { Sentence } from "../kit/sentence";
import { Due, When } from "../kit/when";
import { PageHead } from "../shell/frame";
import { QueueNav } from "../shell/queue";
import { may } from "../shell/session";
import { moneyText } from "../words/money";
import { dayText } from "../words/time";
import { approvalName, spell } from "../words/words";
import { Decisions } from "./decisions";
import { useOrderActions } from "./order-actions";
import { Messages } from "./message";
import { OrderLines } from "./order-lines";
import { orderHref, orderValue } from "./orders";
import { Clocks, Signatures } from "./purchase-order";
import { PromiseHistory } from "./promise-history";
import { Timeline } from "./timeline";

export function OrderPage({ id }: { id: string }) {
  const mine = (e: LiveEvent) => e.order === id || e.subject === id;
  const order = useResource(at("/v1/orders/{order}", { order: id }), mine);
  const timeline = useResource(at("/v1/orders/{order}/timeline", { order: id }), mine);
  const decisions = useResource(at("/v1/orders/{order}/decisions", { order: id }), mine);
  const reads = may("read_people");
  const messages = useResource(reads ? at("/v1/orders/{order}/messages", { order: id }) : null, mine);
  const reload = () => {
    order.reload();
    messages.reload();
    timeline.reload();
    decisions.reload();
  };
  const acts = useOrderActions(order.data, reload);
  const o = order.data;
  const ended = !o || ["cancelled", "delivered"].includes(o.status);
  return (
    <>
      <PageHead
        crumb={["/orders", "Orders"]}
        title={
          <>
            Order <span class="mono">{id}</span>
          </>
        }
        end={
          <>
            <QueueNav at={orderHref(id)} />
            {o && may("write_to_people") && (
              <button type="button" class="button" onClick={acts.message}>
                Write
              </button>
            )}
            {o && !ended && may("change_orders") && (
              <>
                {o.on_hold ? (
                  <button type="button" class="button" onClick={acts.release}>
                    Release
                  </button>
                ) : (
                  <button type="button" class="button" onClick={acts.hold}>
                    Hold
                  </button>
                )}
                <button type="button" class="button grave" onClick={acts.cancel}>
                  Cancel order
                </button>
              </>
            )}
          </>
        }
      >
        {o && <Status code={o.status} />}
        {o?.on_hold && <Tag ink="wait">On hold</Tag>}
        {o?.mode && o.mode !== "enforce" && <Tag>{spell(o.mode)}</Tag>}
      </PageHead>
      {acts.dialog}
      <Loaded of={order} what="This order">
        {(data) => (
          <>
            <OpenQuestions order={data} />
            <div class="order-grid">
              <div class="stack">
                <Panel title="Lines" flush>
                  <OrderLines order={data} reroute={ended || !may("reroute") ? undefined : acts.reroute} />
                </Panel>
                <Panel title="Why it went this way">
                  <Loaded of={decisions} what="Decisions">
                    {(d) => <Decisions items={d.items} order={data} />}
                  </Loaded>
                </Panel>
                <OrderPapers order={data} />
              </div>
              <div class="stack">
                <Panel title="Order">
                  <OrderFacts order={data} />
                  {may("erase_people") && (data.customer || data.ship_to) && (
                    <button type="button" class="button plain small no-print" onClick={acts.erase}>
                      Erase the customer's data
                    </button>
                  )}
                </Panel>
                <Panel title="What the customer was told">
                  <Loaded of={timeline} what="The promises">
                    {(t) => <PromiseHistory items={t.items} order={data} />}
                  </Loaded>
                </Panel>
                {messages.data && messages.data.items.length > 0 && (
                  <Panel title="What people wrote">
                    <Messages items={messages.data.items} name={sourceName} />
                  </Panel>
                )}
                <Panel title="What happened">
                  <Loaded of={timeline} what="The timeline">
                    {(t) => <Timeline items={t.items} />}
                  </Loaded>
                </Panel>
              </div>
            </div>
          </>
        )}
      </Loaded>
    </>
  );
}

/** Cases and approvals that wait for somebody, above all else. */
function OpenQuestions({ order }: { order: Order }) {
  const cases = order.cases.filter((c) => !c.resolution);
  const approvals = order.approvals.filter((a) => a.outcome.state === "open");
  if (cases.length + approvals.length === 0) return null;
  return (
    <div class="stack tight">
      {approvals.map((a) => (
        <div key={a.id} class="note ink-wait apart">
          <p>
            <b>{approvalName(a.kind)}</b> waits for approval. {reasonText(a.reason)} <Due at={a.due} />
          </p>
          <Link class="button small" href={`/approvals/${segment(a.id)}`}>
            Decide
          </Link>
        </div>
      ))}
      {cases.map((c) => (
        <div key={c.id} class="note ink-wait apart">
          <p>
            <Severity code={c.severity} /> <b>{spell(c.kind)}.</b> <Sentence>{c.sentence}</Sentence>
          </p>
          <Link class="button small" href={`/cases/${segment(c.id)}`}>
            Open case
          </Link>
        </div>
      ))}
    </div>
  );
}

function OrderFacts({ order }: { order: Order }) {
  const to = order.ship_to;
  const place = order.destination;
  return (
    <Facts
      rows={[
        ["Placed", <When at={order.placed_at} />],
        ["Channel", spell(order.sales_channel)],
        ["Service", spell(order.service_level)],
        ["Wanted by", dayText(order.requested_on)],
        ["Value", moneyText(orderValue(order))],
        [
          "Customer",
          order.customer && (
            <>
              {order.customer.name}
              {order.customer.email && <span class="muted"> {order.customer.email}</span>}
            </>
          ),
        ],
        [
          "Ships to",
          to ? (
            <>
              {[
                to.name,
                to.address1,
                to.address2,
                [to.postal_code, to.city].filter(Boolean).join(" "),
                [to.region, to.country].filter(Boolean).join(", "),
              ]
                .filter(Boolean)
                .map((l) => (
                  <div key={l}>{l}</div>
                ))}
            </>
          ) : (
            place && [place.postal_code, place.region, place.country].filter(Boolean).join(", ")
          ),
        ],
        ["Mode", spell(order.mode)],
        ["Policy", order.policy],
        ["On hold", order.on_hold && reasonText(order.on_hold)],
        [
          "Shipments",
          order.shipments?.length
            ? order.shipments.map((s) => (
                <div key={s.shipment}>
                  {s.carrier} <span class="mono">{s.tracking?.join(", ") || s.shipment}</span>{" "}
                  <span class="muted">
                    <When at={s.shipped_at} />
                    {s.delivered ? ", delivered" : ""}
                  </span>
                </div>
              ))
            : "",
        ],
      ]}
    />
  );
}

function OrderPapers({ order }: { order: Order }) {
  const numbers = [
    ...new Set(
      order.lines
        .flatMap((l) => (l.assignments ?? []).map((a) => a.purchase_order))
        .filter((n): n is string => !!n)
        .map(String),
    ),
  ];
  if (numbers.length === 0) return null;
  return (
    <>
      {numbers.map((n) => (
        <PurchaseOrderPanel key={n} number={n} order={order.id} />
      ))}
    </>
  );
}

function PurchaseOrderPanel({ number, order }: { number: string; order: string }) {
  const po = useResource(at("/v1/purchase-orders/{po}", { po: number }), (e) => e.order === order || e.subject === order);
  return (
    <Panel
      title={`Purchase order ${number}`}
      end={
        <>
          {po.data && (
            <>
              <span class="quiet">{sourceName(po.data.source)}</span>
              <Status code={po.data.state} />
            </>
          )}
          <Link href={`/purchase-orders/${segment(number)}`} class="small">
            Open
          </Link>
        </>
      }
    >
      <Loaded of={po} what="This purchase order">
        {(p) => (
          <>
            <Signatures po={p} />
            <Clocks clocks={p.clocks ?? []} zone={sourceZone(p.source)} />
            <Papers po={p.number} documents={p.documents ?? []} zone={sourceZone(p.source)} />
          </>
        )}
      </Loaded>
    </Panel>
  );
}
