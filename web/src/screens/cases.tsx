// Cases: exceptions that somebody must look at, the worst and the most pressing first.
import { Link, useLocation, useSearch } from "wouter-preact";
import { segment } from "../api/client";
import { reasonText, sourceName } from "../api/lookups";
import { usePages } from "../api/resource";
import type { Case } from "../api/types";
import { Severity, Tag } from "../kit/badge";
import { Loaded } from "../kit/parts";
import { Table, type Column } from "../kit/table";
import { Age, Due } from "../kit/when";
import { PageHead } from "../shell/frame";
import { ROLES, actorName, gravity, plural, spell } from "../words/words";
import { orderHref } from "./orders";

export const caseHref = (id: string) => `/cases/${segment(id)}`;

/** The order or the source that a case is about, whichever way the server names it. */
export function subjectOf(c: Case): { order?: string; source?: string } {
  if (c.order) return { order: c.order };
  if (c.subject && typeof c.subject === "object") {
    if (c.subject.order || c.subject.source) return { order: c.subject.order, source: c.subject.source };
    if (c.subject.id) return c.subject.kind === "source" ? { source: c.subject.id } : { order: c.subject.id };
  }
  const name = typeof c.subject === "string" ? c.subject : c.id.replace(/-\d+$/, "");
  return name.startsWith("@") ? { source: name.slice(1) } : { order: name };
}

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
  { head: "Case", text: (c) => spell(c.kind), cell: (c) => <Link href={caseHref(c.id)}>{spell(c.kind)}</Link> },
  { head: "Severity", text: (c) => gravity(c.severity), cell: (c) => <Severity code={c.severity} /> },
  { head: "What happened", text: (c) => c.sentence ?? reasonText(c.reason), wide: true, rank: 2 },
  { head: "About", text: (c) => subjectOf(c).order ?? subjectOf(c).source, cell: (c) => <Subject of={c} /> },
  { head: "Owner", text: (c) => spell(c.role), rank: 2 },
  {
    head: "Taken on by",
    text: (c) => actorName(c.assigned_to),
    rank: 3,
    cell: (c) => actorName(c.assigned_to) || <span class="muted">nobody</span>,
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

export function Cases() {
  const [, go] = useLocation();
  const query = new URLSearchParams(useSearch());
  const open = query.get("open") ?? "true";
  const role = query.get("role") ?? "";
  const kind = query.get("kind") ?? "";
  const set = (next: Record<string, string>) => {
    const to = new URLSearchParams(Object.entries({ open: open === "true" ? "" : open, role, kind, ...next }).filter(([, v]) => v));
    go(`/cases${to.size ? `?${to}` : ""}`, { replace: true });
  };
  const pages = usePages<Case>(
    "/v1/cases",
    { open, role, kind, limit: "100" },
    (c) => c.id,
    (e) => e.type.startsWith("case."),
  );
  const worst = (rows: Case[]) =>
    [...rows].sort((a, b) => gravity(b.severity) - gravity(a.severity) || (a.opened_at ?? "").localeCompare(b.opened_at ?? ""));
  const kinds = [...new Set((pages.data ?? []).map((c) => c.kind).concat(kind || []))].sort();
  return (
    <>
      <PageHead title="Cases" />
      <form class="filters" onSubmit={(e) => e.preventDefault()}>
        <fieldset class="chips">
          <legend class="only-heard">Open or resolved</legend>
          {[
            ["true", "Open"],
            ["false", "Resolved"],
          ].map(([v, words]) => (
            <label key={v}>
              <input type="radio" name="open" checked={open === v} onChange={() => set({ open: v === "true" ? "" : v! })} />
              <span>{words}</span>
            </label>
          ))}
        </fieldset>
        <label class="only-heard" for="case-role">
          Owner
        </label>
        <select id="case-role" value={role} onChange={(e) => set({ role: e.currentTarget.value })}>
          <option value="">All owners</option>
          {ROLES.slice(0, 4).map((r) => (
            <option key={r} value={r}>
              {spell(r)}
            </option>
          ))}
        </select>
        <label class="only-heard" for="case-kind">
          Kind
        </label>
        <select id="case-kind" value={kind} onChange={(e) => set({ kind: e.currentTarget.value })}>
          <option value="">All kinds</option>
          {kinds.map((k) => (
            <option key={k} value={k}>
              {spell(k)}
            </option>
          ))}
        </select>
      </form>
      <Loaded of={pages} what="Cases">
        {(rows) => (
          <Table
            name="cases"
            caption="Cases"
            rows={worst(rows)}
            columns={COLUMNS}
            keyOf={(c) => c.id}
            hrefOf={(c) => caseHref(c.id)}
            more={pages.more}
            lead={plural(rows.length, "case")}
            empty={
              open === "true" ? (
                <>
                  <strong>No open cases</strong>Everything runs by the rules.
                </>
              ) : (
                <>
                  <strong>No resolved cases</strong>What people and the rules have settled is listed here.
                </>
              )
            }
          />
        )}
      </Loaded>
    </>
  );
}
