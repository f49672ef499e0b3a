// The orders behind a figure: what was counted, when, for whom, and the entry of the journal that proves it.
import { Link, useSearch } from "wouter-preact";
import { segment } from "../api/client";
import { knownReason, sourceName } from "../api/lookups";
import { usePages, type RowOf } from "../api/resource";
import { Loaded } from "../kit/parts";
import { Table, type Column } from "../kit/table";
import { When } from "../kit/when";
import { PageHead } from "../shell/frame";
import { dayText } from "../words/time";
import { plural, spell } from "../words/words";
import { orderHref } from "./orders";

type Fact = RowOf<"/v1/reports/facts">;

const COLUMNS: Column<Fact>[] = [
  { head: "Order", text: (f) => f.order, cell: (f) => (f.order ? <Link href={orderHref(f.order)}>{f.order}</Link> : <span class="muted">–</span>) },
  {
    head: "Purchase order",
    text: (f) => f.purchase_order,
    cell: (f) =>
      f.purchase_order && (
        <Link href={`/purchase-orders/${segment(f.purchase_order)}`} class="mono">
          {f.purchase_order}
        </Link>
      ),
  },
  { head: "Source", text: (f) => sourceName(f.source) },
  { head: "Category", text: (f) => f.category, rank: 2 },
  { head: "Channel", text: (f) => f.channel, rank: 3 },
  { head: "When", text: (f) => f.at, cell: (f) => <When at={f.at} seconds /> },
  { head: "Units", text: (f) => f.units, right: true, rank: 2 },
  { head: "Value", text: (f) => f.value, right: true, rank: 3 },
  { head: "Entry", text: (f) => f.position, right: true, rank: 2, cell: (f) => <span class="mono">{f.position}</span> },
];

/** A label of the facts: a reason by its sentence, any other code spelled. */
const labelText = (label: string) => label.split(":").map((part) => knownReason(part) ?? spell(part).toLowerCase()).join(", ");

export function Facts() {
  const query = new URLSearchParams(useSearch());
  const of = (name: string) => query.get(name) ?? "";
  const asked = {
    measure: of("measure"),
    label: of("label"),
    from: of("from"),
    to: of("to"),
    source: of("source"),
    category: of("category"),
    channel: of("channel"),
    limit: 200,
  };
  const pages = usePages("/v1/reports/facts", {}, asked, (f) => `${f.position} ${f.order} ${f.purchase_order} ${f.category} ${f.at}`);
  const who = [asked.source && sourceName(asked.source), asked.category, asked.channel].filter(Boolean).join(", ");
  return (
    <>
      <PageHead
        crumb={["/reports", "Reports"]}
        title={`${spell(asked.measure)}: ${labelText(asked.label)}`}
      />
      <p class="quiet">
        {who && `${who}. `}
        {asked.from && `${dayText(asked.from)} to ${dayText(asked.to)}.`}
      </p>
      <Loaded of={pages} what="What stands behind it">
        {(rows) => (
          <Table
            name="facts"
            caption="What stands behind the figure"
            rows={rows}
            columns={COLUMNS}
            keyOf={(f) => `${f.position} ${f.order} ${f.purchase_order} ${f.category} ${f.at}`}
            hrefOf={(f) => (f.purchase_order ? `/purchase-orders/${segment(f.purchase_order)}` : orderHref(f.order))}
            pages={pages}
            lead={`${plural(rows.length, "fact")}, newest first`}
            empty={<strong>Nothing of this kind in this time</strong>}
          />
        )}
      </Loaded>
    </>
  );
}
