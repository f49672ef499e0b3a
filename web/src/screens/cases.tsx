// Cases: exceptions that somebody must look at, the worst and the oldest first; narrowed, searched, acted on in one go.
import { useState } from "preact/hooks";
import { Link, useLocation, useSearch } from "wouter-preact";
import { segment } from "../api/client";
import { sourceName } from "../api/lookups";
import { usePages } from "../api/resource";
import type { Case } from "../api/types";
import { Severity, Tag } from "../kit/badge";
import { Chips } from "../kit/field";
import { Choice, Filters } from "../kit/filters";
import { Loaded } from "../kit/parts";
import { sentence } from "../kit/sentence";
import { Table, type Column } from "../kit/table";
import { Age, Due, When } from "../kit/when";
import { PageHead } from "../shell/frame";
import { useQueue } from "../shell/queue";
import { may } from "../shell/session";
import { moneyText } from "../words/money";
import { dayText } from "../words/time";
import { ROLES, actorName, gravity, plural, spell } from "../words/words";
import { BulkBar } from "./case-acts";
import { orderHref } from "./orders";
import { SavedViews } from "./saved-views";

export const caseHref = (id: string) => `/cases/${segment(id)}`;

/** The order or the source that a case is about. */
export const subjectOf = (c: Pick<Case, "subject">): { order?: string; source?: string } => ({
  order: c.subject.order ?? undefined,
  source: c.subject.source ?? undefined,
});

export function Subject({ of }: { of: Case }) {
  const { order, source } = subjectOf(of);
  if (order)
    return (
      <Link href={orderHref(order)} class="mono">
        {order}
      </Link>
    );
  return <Link href={`/vendors/${segment(source ?? "")}`}>{sourceName(source)}</Link>;
}

const COLUMNS: Column<Case>[] = [
  {
    head: "Case",
    text: (c) => `${spell(c.kind)}: ${sentence(c.sentence)}`,
    wide: true,
    cell: (c) => (
      <div class="two-lines">
        <span class="row nowrap">
          <Link href={caseHref(c.id)}>{spell(c.kind)}</Link>
          {c.snoozed_until && (
            <Tag>
              Aside until <When at={c.snoozed_until} />
            </Tag>
          )}
        </span>
        <span class="quiet small cut" title={sentence(c.sentence)}>
          {sentence(c.sentence)}
        </span>
      </div>
    ),
  },
  { head: "Severity", text: (c) => gravity(c.severity), cell: (c) => <Severity code={c.severity} /> },
  { head: "About", text: (c) => subjectOf(c).order ?? subjectOf(c).source, rank: 2, cell: (c) => <Subject of={c} /> },
  {
    head: "At stake",
    text: (c) => Number(c.stake?.value?.amount ?? 0),
    right: true,
    rank: 2,
    cell: (c) => (c.stake?.units ? moneyText(c.stake.value) : "") || <span class="muted">–</span>,
  },
  {
    head: "Promised",
    text: (c) => c.stake?.deliver_by,
    rank: 3,
    cell: (c) => dayText(c.stake?.deliver_by) || <span class="muted">–</span>,
  },
  {
    head: "Taken on by",
    text: (c) => actorName(c.assigned_to),
    rank: 3,
    cell: (c) => actorName(c.assigned_to) || <span class="muted">{spell(c.role)}</span>,
  },
  { head: "Age", text: (c) => c.opened_at, rank: 2, cell: (c) => <Age at={c.opened_at} /> },
  {
    head: "Escalates",
    text: (c) => c.escalate_at,
    rank: 2,
    cell: (c) =>
      c.resolution ? <Tag ink="theirs">Resolved</Tag> : c.escalate_at ? <Due at={c.escalate_at} /> : <span class="muted">–</span>,
  },
];

/** Where a figure of a report leads: its cases, by what they are about. */
const ABOUT = ["source", "category", "sales_channel", "opened_on"] as const;
const FIELDS = ["open", "role", "kind", "severity", "assigned", "snoozed", "q", ...ABOUT] as const;
type Filter = Record<(typeof FIELDS)[number], string>;

/** The filter as it stands in the address; what is usual is left out there. */
export function filterOf(search: string): Filter {
  const query = new URLSearchParams(search);
  const all = Object.fromEntries(FIELDS.map((f) => [f, query.get(f) ?? ""])) as Filter;
  return { ...all, open: all.open || "true" };
}
export function addressOf(filter: Filter): string {
  const to = new URLSearchParams(Object.entries({ ...filter, open: filter.open === "true" ? "" : filter.open }).filter(([, v]) => v));
  return to.toString();
}

export function Cases() {
  const [, go] = useLocation();
  const search = useSearch();
  const filter = filterOf(search);
  const set = (next: Partial<Filter>) => {
    const to = addressOf({ ...filter, ...next });
    go(`/cases${to ? `?${to}` : ""}`, { replace: true });
  };
  const [chosen, choose] = useState<Set<string>>(new Set());
  const query = { ...filter, open: filter.open === "true", snoozed: filter.snoozed === "true" || null, limit: 200 };
  const pages = usePages(
    "/v1/cases",
    {},
    query,
    (c) => c.id,
    (e) => e.type.startsWith("case."),
  );
  const rows = pages.data ?? [];
  const picked = rows.filter((c) => chosen.has(c.id));
  useQueue(
    "Cases",
    rows.map((c) => caseHref(c.id)),
  );
  return (
    <>
      <PageHead title="Cases" />
      <SavedViews screen="cases" query={addressOf(filter)} ready={READY} />
      <Asking filter={filter} set={set} kinds={rows.map((c) => c.kind)} />
      {may("work_cases") && <BulkBar of={picked} clear={() => choose(new Set())} done={pages.reload} />}
      <Loaded of={pages} what="Cases">
        {(list) => (
          <Table
            name="cases"
            caption="Cases"
            rows={list}
            columns={COLUMNS}
            keyOf={(c) => c.id}
            hrefOf={(c) => caseHref(c.id)}
            pages={pages}
            choose={may("work_cases") && filter.open === "true" ? { chosen, set: choose } : undefined}
            lead={`${plural(list.length, "case")}${pages.more ? ", more below" : ""}, worst and oldest first`}
            empty={<Empty filter={filter} clear={() => go("/cases")} />}
          />
        )}
      </Loaded>
    </>
  );
}

/** Views that everybody has. */
const READY: [string, string][] = [
  ["All open", ""],
  ["Mine", "assigned=me"],
  ["Nobody's", "assigned=nobody"],
  ["Worst", "severity=critical"],
  ["Put aside too", "snoozed=true"],
  ["Resolved", "open=false"],
];

function Asking({ filter, set, kinds }: { filter: Filter; set: (next: Partial<Filter>) => void; kinds: string[] }) {
  const known = [...new Set([...kinds, filter.kind].filter(Boolean))].sort();
  const choice = (name: "role" | "kind" | "severity", label: string, all: string, values: readonly string[]) => (
    <Choice
      id={`case-${name}`}
      label={label}
      value={filter[name]}
      set={(value) => set({ [name]: value })}
      options={[["", all], ...values.map((v) => [v, spell(v)] as const)]}
    />
  );
  return (
    <Filters find={{ id: "case-search", label: "Search cases", placeholder: "Order, PO, SKU, mail, tracking", value: filter.q, set: (q) => set({ q }) }}>
      {choice("role", "Owner", "All owners", ROLES.slice(0, 4))}
      {choice("severity", "Severity", "Any severity", ["medium", "high", "critical"])}
      {choice("kind", "Kind", "All kinds", known)}
      <Chips
        name="assigned"
        legend="Taken on by"
        value={filter.assigned}
        set={(assigned) => set({ assigned })}
        options={[
          ["", "Everybody"],
          ["me", "Me"],
          ["nobody", "Nobody"],
        ]}
      />
      {ABOUT.filter((name) => filter[name]).map((name) => (
        <button key={name} type="button" class="button small" onClick={() => set({ [name]: "" })}>
          {spell(name)}: {name === "source" ? sourceName(filter.source) : name === "opened_on" ? dayText(filter.opened_on) : filter[name]} <span aria-hidden="true">×</span>
          <span class="only-heard">, no longer only this</span>
        </button>
      ))}
    </Filters>
  );
}

function Empty({ filter, clear }: { filter: Filter; clear: () => void }) {
  const narrowed = addressOf({ ...filter, open: "true" }) !== "";
  if (narrowed)
    return (
      <>
        <strong>No case fits</strong>
        {filter.q ? `Nothing open is about “${filter.q}”. Numbers and mail addresses must be whole. ` : ""}
        <button type="button" class="button plain small" onClick={clear}>
          Show all open cases
        </button>
      </>
    );
  if (filter.open === "true")
    return (
      <>
        <strong>No open cases</strong>Everything runs by the rules. New ones appear here by themselves.
      </>
    );
  return (
    <>
      <strong>No resolved cases</strong>What people and the rules have settled is listed here.
    </>
  );
}
