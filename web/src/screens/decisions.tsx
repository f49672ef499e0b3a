// Decisions in sentences: what was chosen, from whom, why each loser lost, and what would have changed it.
import { Link } from "wouter-preact";
import { segment } from "../api/client";
import { reasonText, sourceName } from "../api/lookups";
import type { Candidate, Decision, Order, Plan, PlanPart } from "../api/types";
import { Tag } from "../kit/badge";
import { sentence } from "../kit/sentence";
import { Table, type Column } from "../kit/table";
import { When } from "../kit/when";
import { moneyText } from "../words/money";
import { dayText, span } from "../words/time";
import { plural } from "../words/words";

export function Decisions({ items, order }: { items: Decision[]; order: Order }) {
  if (items.length === 0) return <p class="empty">Nothing was decided yet.</p>;
  const newest = [...items].reverse();
  return (
    <div class="decisions">
      {newest.map((d, i) => (
        <DecisionFold key={String(d.position)} one={d} order={order} open={i === 0} round={d.plan.round} />
      ))}
    </div>
  );
}

function DecisionFold({ one, order, open, round }: { one: Decision; order: Order; open: boolean; round: number }) {
  const parts = one.plan.parts;
  const candidates = one.candidates;
  const lines = [...new Set(candidates.map((c) => c.line))];
  const whatIf = one.what_if;
  return (
    <details class="decision" open={open}>
      <summary>
        <span class="round" title={`Round ${round}`}>
          {round}
        </span>
        <span class="grow">{planSentence(one.plan)}</span>
        <span class="small muted nowrap">
          policy {one.policy} · <When at={one.at} seconds />
        </span>
      </summary>
      <div class="decision-body">
        {new Set(parts.map((p) => p.source)).size > 1 && <p class="quiet">{sentence(one.plan.sentence)}</p>}
        {one.plan.unsourced.map((u) => (
          <p key={u.line} class="ink-stamp">
            Line {u.line}: {plural(u.quantity, "unit")} without a source. {reasonText(u.reason)}
          </p>
        ))}
        {lines.map((line) => (
          <Candidates
            key={line}
            line={line}
            title={order.lines.find((l) => l.line === line)?.title}
            rows={candidates.filter((c) => c.line === line)}
            parts={parts.filter((p) => p.line === line)}
            round={round}
            single={lines.length === 1}
          />
        ))}
        {whatIf.length > 0 && (
          <div class="what-if">
            <h3>What would have changed it</h3>
            <ul>
              {whatIf.map((w) => (
                <li key={w}>{sentence(w)}</li>
              ))}
            </ul>
          </div>
        )}
      </div>
    </details>
  );
}

/** A plan in the words of its parts: how many, from whom, by when. */
export function planSentence(plan: Plan): string {
  if (plan.parts.length === 0) return `No source was found. ${reasonText(plan.reason)}`;
  return plan.parts
    .map((p) => `${p.quantity} from ${sourceName(p.source)}${p.expedited ? ` by ${p.expedited}` : ""}, arriving ${dayText(p.deliver_by)}${usualWay(p)}`)
    .join("; ");
}

/** What a faster way costs more, and the day of the usual one. */
function usualWay(p: PlanPart): string {
  if (!p.usual) return "";
  const more = p.cost && p.cost.amount !== p.usual.cost.amount ? `${moneyText(p.cost)} and not ${moneyText(p.usual.cost)}` : "at the same cost";
  return ` (${more}; the usual way arrives ${dayText(p.usual.deliver_by)})`;
}

export function Candidates({
  line,
  title,
  rows,
  parts,
  round,
  single,
}: {
  line: string;
  title?: string;
  rows: Candidate[];
  parts: PlanPart[];
  round: number;
  single: boolean;
}) {
  const taken = (v: Candidate) => parts.filter((p) => p.source === v.source).reduce((n, p) => n + p.quantity, 0);
  const columns: Column<Candidate>[] = [
    {
      head: "Source",
      text: (v) => v.source_name,
      cell: (v) => <Link href={`/vendors/${segment(v.source)}`}>{v.source_name}</Link>,
    },
    {
      head: "Outcome",
      text: (v) => `${taken(v) > 0 ? `Chosen for ${taken(v)}. ` : ""}${sentence(v.sentence)}`,
      wide: true,
      cell: (v) => {
        const n = taken(v);
        return (
          <span>
            {n > 0 && (
              <>
                <Tag ink="theirs">Chosen for {n}</Tag>{" "}
              </>
            )}
            <span class={n > 0 ? "" : "quiet"}>{sentence(v.sentence)}</span>
          </span>
        );
      },
    },
    {
      head: "Can promise",
      text: (v) => v.atp,
      right: true,
      cell: (v) => (
        <span class={(v.atp ?? 0) < (v.wanted ?? 0) ? "ink-stamp" : ""}>
          {v.atp ?? "?"} of {v.wanted ?? "?"}
        </span>
      ),
    },
    {
      head: "Advice age",
      text: (v) => v.advice_age_s,
      right: true,
      rank: 2,
      cell: (v) =>
        v.advice_age_s === undefined || v.advice_age_s === null ? <span class="muted">never advised</span> : span(v.advice_age_s),
    },
    { head: "Cost", text: (v) => v.cost?.amount, right: true, rank: 2, cell: (v) => moneyText(v.cost) },
    { head: "Ships", text: (v) => v.ship_by, rank: 3, cell: (v) => dayText(v.ship_by) },
    {
      head: "Arrives",
      text: (v) => v.deliver_by,
      rank: 2,
      cell: (v) => dayText(v.deliver_by),
    },
  ];
  return (
    <Table
      plain
      name={`decision-${round}-line-${line}`}
      caption={`Candidates of round ${round}, line ${line}`}
      rows={[...rows].sort((a, b) => taken(b) - taken(a))}
      columns={columns}
      keyOf={(v) => v.source + v.reason}
      lead={single ? plural(rows.length, "candidate") : `Line ${line}${title ? `, ${title}` : ""}: ${plural(rows.length, "candidate")}`}
    />
  );
}
