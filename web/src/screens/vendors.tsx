// Vendors and own distribution centres: who supplies, over which channel, and how the wire to each does.
import { Link } from "wouter-preact";
import { at } from "../api/address";
import { segment } from "../api/client";
import { usePages, useResource } from "../api/resource";
import type { Connection, Source } from "../api/types";
import { Tag, type Ink } from "../kit/badge";
import { Loaded } from "../kit/parts";
import { Table, type Column } from "../kit/table";
import { Age } from "../kit/when";
import { PageHead } from "../shell/frame";
import { may } from "../shell/session";
import { plural, spell } from "../words/words";
import { wall } from "./vendor-facts";

export const vendorHref = (id: string) => `/vendors/${segment(id)}`;

/** The state of a wire in one word, and its ink. */
export function wireState(c: Connection | undefined): [string, Ink] {
  if (!c) return ["Unknown", "plain"];
  if (c.fault) return ["Not set up", "stamp"];
  if (c.circuit_papers === "open" || c.circuit_questions === "open") return ["Not answering", "stamp"];
  if (c.circuit_papers === "half_open" || c.circuit_questions === "half_open") return ["Being tried", "wait"];
  const failedLast = c.last_failure_at && (!c.last_out || c.last_failure_at > c.last_out) && (!c.last_in || c.last_failure_at > c.last_in);
  if (failedLast) return ["Failed last", "wait"];
  return c.sent + c.received > 0 ? ["Well", "theirs"] : ["Quiet", "plain"];
}

export function Vendors() {
  const pages = usePages(
    "/v1/sources",
    {},
    { limit: 200 },
    (s) => s.id,
    (e) => e.type === "source.recorded",
  );
  const wires = useResource(at("/v1/connections", {}));
  const of = new Map((wires.data?.items ?? []).map((c) => [c.source, c]));
  const columns: Column<Source>[] = [
    { head: "Name", text: (s) => s.name, cell: (s) => <Link href={vendorHref(s.id)}>{s.name}</Link> },
    { head: "Kind", text: (s) => (s.kind === "dc" ? "Own DC" : spell(s.kind)), rank: 2 },
    { head: "Channel", text: (s) => spell(s.channel.dialect), cell: (s) => <Tag>{spell(s.channel.dialect)}</Tag> },
    {
      head: "Connection",
      text: (s) => wireState(of.get(s.id))[0],
      cell: (s) => {
        const [word, ink] = wireState(of.get(s.id));
        return <Tag ink={ink}>{word}</Tag>;
      },
    },
    { head: "Last in", text: (s) => of.get(s.id)?.last_in, rank: 2, cell: (s) => <Age at={of.get(s.id)?.last_in} /> },
    { head: "Last out", text: (s) => of.get(s.id)?.last_out, rank: 2, cell: (s) => <Age at={of.get(s.id)?.last_out} /> },
    {
      head: "Takes orders",
      text: (s) => (s.taking_orders ? "yes" : "no"),
      rank: 2,
      cell: (s) => (s.taking_orders ? "Yes" : <Tag ink="wait">Paused</Tag>),
    },
    { head: "Cut-off", text: (s) => (s.cutoff ?? "").slice(0, 5), rank: 3 },
    { head: "Daily capacity", text: (s) => s.daily_capacity, rank: 3, right: true },
    {
      head: "Its time now",
      text: (s) => wall(s.time_zone).text,
      rank: 3,
      cell: (s) => <span title={s.time_zone}>{wall(s.time_zone).text}</span>,
    },
  ];
  return (
    <>
      <PageHead
        title="Vendors"
        end={
          may("write_sources") && (
            <Link href="/vendors/new" class="button main">
              Onboard a vendor
            </Link>
          )
        }
      />
      <Loaded of={pages} what="Vendors">
        {(rows) => (
          <Table
            name="vendors"
            caption="Vendors and distribution centres"
            rows={rows}
            columns={columns}
            keyOf={(s) => s.id}
            hrefOf={(s) => vendorHref(s.id)}
            pages={pages}
            lead={plural(rows.length, "source")}
            empty={
              <>
                <strong>No sources yet</strong>Onboard a vendor here, or take many in with <code>countersign import</code>.
              </>
            }
          />
        )}
      </Loaded>
    </>
  );
}
