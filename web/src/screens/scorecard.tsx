// How a vendor keeps its word: figures that open the purchase orders behind them, each breach with its evidence, and what
// the vendor says against it, to be accepted or refused.
import { useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { segment, send } from "../api/client";
import type { Scorecard } from "../api/types";
import { Tag, type Ink } from "../kit/badge";
import { TextField, faultAt } from "../kit/field";
import { Dialog, Facts, ProblemNote } from "../kit/parts";
import { Stats, type Stat } from "../kit/stat";
import { Table, type Column } from "../kit/table";
import { Age, When } from "../kit/when";
import { may } from "../shell/session";
import { figure, placeOf } from "../words/report";
import { plural, spell } from "../words/words";
import { useSending } from "../kit/asking";

type Breach = Scorecard["breaches"][number];
const share = (percent: string | null | undefined) => (percent == null ? "–" : `${percent} %`);
const count = (n: number) => n.toLocaleString("en");
const CONTEST_INK: Record<string, Ink> = { open: "wait", accepted: "theirs", refused: "plain" };

/** The figures; excused breaches do not count. */
function figures(card: Scorecard): Stat[] {
  const answers = card.answers_breached - card.answers_excused;
  const shipments = card.shipments_breached - card.shipments_excused;
  const behind = (...names: string[]) => names.map((n) => placeOf(String((card.links as Record<string, unknown>)[n] ?? ""))).find(Boolean);
  return [
    {
      name: "Answered in time",
      value: share(card.answers_percent),
      note: `${plural(card.purchase_orders, "purchase order")}, ${answers} late or never, ${card.answers_excused} excused`,
      ink: answers > 0 ? "wait" : "theirs",
      href: answers > 0 ? behind("answers_breached") : behind("acknowledged"),
    },
    {
      name: "Median answer",
      value: figure("answer_seconds_median", card.answer_seconds_median),
      note: `${count(card.automatic_answers)} automatic`,
    },
    {
      name: "Shipped in time",
      value: share(card.shipments_percent),
      note: `${shipments} late or never, ${card.shipments_excused} excused`,
      ink: shipments > 0 ? "wait" : undefined,
      href: behind("shipments_breached"),
    },
    {
      name: "Units shipped",
      value: share(card.fill_percent),
      note: `${count(card.units_shipped)} of ${count(card.units_asked)} asked for`,
      href: behind("filled_short"),
    },
    {
      name: "Taken back",
      value: share(card.taken_back_percent),
      note: `${count(card.units_taken_back)} of ${count(card.units_accepted)} units accepted`,
      href: card.lines_taken_back_automatic > 0 ? behind("taken_back_automatic") : behind("taken_back_considered"),
    },
    { name: "As advised", value: share(card.advice_percent), note: `${plural(card.advice_short, "line")} short`, href: behind("advice_short") },
  ];
}

export function Score({ card, zone, changed }: { card: Scorecard; zone?: string; changed: () => void }) {
  const [asked, ask] = useState<Breach | null>(null);
  const columns: Column<Breach>[] = [
    {
      head: "Purchase order",
      text: (b) => b.purchase_order,
      cell: (b) => (
        <Link href={`/purchase-orders/${segment(b.purchase_order)}`} class="mono">
          {b.purchase_order}
        </Link>
      ),
    },
    { head: "What was due", text: (b) => spell(b.clock) },
    { head: "Due", text: (b) => b.due, cell: (b) => <When at={b.due} zone={zone} /> },
    { head: "That was", text: (b) => b.due, rank: 2, cell: (b) => <Age at={b.due} zone={zone} /> },
    { head: "Entry", text: (b) => b.position, rank: 3, right: true, cell: (b) => <span class="mono">{b.position}</span> },
    {
      head: "Disputed",
      text: (b) => (b.contest ? `${spell(b.contest.state)}: ${b.contest.words}` : ""),
      cell: (b) => b.contest && <Contested of={b} ask={() => ask(b)} />,
    },
  ];
  return (
    <>
      <Stats label="Scorecard" of={figures(card)} />
      <Table
        name="breaches"
        caption="Breaches, each with its evidence"
        rows={card.breaches}
        columns={columns}
        keyOf={(b) => `${b.purchase_order} ${b.clock} ${b.due}`}
        hrefOf={(b) => `/purchase-orders/${segment(b.purchase_order)}`}
        lead={`${plural(card.breaches.length, "breach", "breaches")}; each opens the purchase order that shows it`}
        empty={
          <>
            <strong>No breach</strong>Every clock that ran was met.
          </>
        }
      />
      {asked && <AnswerDialog breach={asked} zone={zone} close={() => ask(null)} done={changed} />}
    </>
  );
}

function Contested({ of: b, ask }: { of: Breach; ask: () => void }) {
  const c = b.contest!;
  return (
    <span class="row nowrap">
      <Tag ink={CONTEST_INK[c.state] ?? "plain"}>{c.state === "open" ? "Disputed" : spell(c.state)}</Tag>
      {c.state === "open" && may("answer_contests") ? (
        <button type="button" class="button small" onClick={ask}>
          Answer<span class="only-heard"> what was said about {b.purchase_order}</span>
        </button>
      ) : (
        <span class="small muted cut" title={[c.words, c.document, c.answer].filter(Boolean).join(" · ")}>
          {c.answer ?? c.words}
        </span>
      )}
    </span>
  );
}

/** What the vendor says, and the vendor manager's word on it. */
function AnswerDialog({ breach: b, zone, close, done }: { breach: Breach; zone?: string; close: () => void; done: () => void }) {
  const [words, setWords] = useState("");
  const { problem, busy, run } = useSending(close, done);
  const answer = (accept: boolean) =>
    run(
      () => send("post", "/v1/purchase-orders/{po}/contest-answers", { po: b.purchase_order }, { clock: b.clock, due: b.due, accept, words: words || null }),
      accept ? "Excused: it no longer counts" : "Refused: it counts",
    );
  return (
    <Dialog title={`Dispute about ${b.purchase_order}`} close={close}>
      <Facts
        rows={[
          ["What was due", spell(b.clock)],
          ["Due", <When at={b.due} zone={zone} seconds />],
          ["Disputed", <When at={b.contest!.at} zone={zone} />],
          ["The vendor says", b.contest!.words],
          ["What proves it", b.contest!.document],
        ]}
      />
      <TextField name="contest-words" label="Your words to the vendor" value={words} set={setWords} fault={faultAt(problem, "/words")} wide />
      {problem && <ProblemNote problem={problem} />}
      <div class="dialog-end">
        <button type="button" class="button" onClick={close}>
          Later
        </button>
        <button type="button" class="button" disabled={busy} onClick={() => answer(false)}>
          Refuse: it counts
        </button>
        <button type="button" class="button main" disabled={busy} onClick={() => answer(true)}>
          Accept: it is excused
        </button>
      </div>
    </Dialog>
  );
}
