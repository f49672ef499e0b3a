// One document, as it went over the wire and as it reads: every segment with its name, every value with what it is and what
// its code stands for, what was found at its very place. The server explains; this shows.
import { useEffect, useRef, useState } from "preact/hooks";
import { at, type Address } from "../api/address";
import { useResource } from "../api/resource";
import type { Document_, ExplainedDocument } from "../api/types";
import { onePerLine, pieces } from "../words/papers";
import { saveText } from "../words/csv";
import { plural, spell } from "../words/words";
import { Tag, type Ink } from "./badge";
import { When } from "./when";

type Segment = ExplainedDocument["sets"][number]["segments"][number];
type Value = Segment["values"][number];
type Finding = Segment["findings"][number];

const INK: Record<string, Ink> = {
  dead: "stamp",
  rejected: "stamp",
  failed: "stamp",
  quarantined: "stamp",
  in_doubt: "wait",
  waiting: "wait",
  duplicate: "wait",
};
const STATE: Record<string, string> = { dead: "Not delivered", sent: "Delivered", done: "Read" };
const SEVERITY_INK: Record<string, Ink> = { fatal: "stamp", error: "stamp", warning: "wait", note: "plain" };

interface PapersProps {
  po: string;
  documents: Document_[];
  zone?: string;
  /** The one that is open, and the line whose segment is looked for in it; no line: the whole. */
  open?: string;
  line?: string;
}

/** Documents of one purchase order, in and out, oldest first. */
export function Papers({ po, documents, zone, open, line }: PapersProps) {
  if (documents.length === 0) return <p class="empty">No documents yet.</p>;
  return (
    <div class="papers">
      {documents.map((d) => (
        <PaperFold key={d.id} po={po} paper={d} zone={zone} open={d.id === open} line={d.id === open ? line : undefined} />
      ))}
    </div>
  );
}

function PaperFold({ po, paper, zone, open, line }: Omit<PapersProps, "documents" | "open"> & { paper: Document_; open: boolean }) {
  const [seen, setSeen] = useState(open);
  const out = paper.direction === "out";
  return (
    <details
      class={out ? "paper out" : "paper in"}
      open={open}
      onToggle={(e) => {
        if (e.currentTarget.open) setSeen(true);
      }}
    >
      <summary>
        <span class={out ? "way ink-ours" : "way ink-theirs"}>{out ? "Sent" : "Received"}</span>
        <span class="grow cut">{paper.name ?? paper.id}</span>
        {paper.state && <Tag ink={INK[paper.state] ?? "plain"}>{STATE[paper.state] ?? spell(paper.state)}</Tag>}
        <When at={paper.at} zone={zone} seconds />
      </summary>
      {paper.error && <p class="paper-error ink-stamp">{paper.error}</p>}
      {seen && (
        <Paper
          address={at("/v1/purchase-orders/{po}/documents/{document}", { po, document: paper.id }, { line })}
          seek={line !== undefined}
          text={paper.text ?? ""}
          name={paper.name ?? paper.id}
        />
      )}
    </details>
  );
}

interface PaperProps {
  /** Where the server explains it. */
  address: Address<ExplainedDocument> | null;
  text: string;
  name: string;
  /** The byte of the file at which it is opened. */
  byte?: number;
  /** Open it where the server says that it speaks of what was asked for. */
  seek?: boolean;
}

/** The document explained, or as it was sent. */
export function Paper({ address, text, name, byte, seek }: PaperProps) {
  const [raw, setRaw] = useState(false);
  const explained = useResource(address);
  const told = explained.data?.standard ? explained.data : undefined;
  const found = told ? told.sets.flatMap((s) => s.segments.flatMap((g) => g.findings)).concat(told.findings) : [];
  return (
    <div class="paper-body">
      <div class="row no-print">
        <span class="muted small">
          {told ? `${told.standard === "x12" ? "X12" : "EDIFACT"}, ${plural(told.sets.length, "set")}` : "Text"}
          {told && found.length > 0 && `, ${plural(found.length, "finding")}`}
          {told?.cut && ", the rest is not shown"}
        </span>
        {told && (
          <label class="check small">
            <input type="checkbox" checked={raw} onChange={(e) => setRaw(e.currentTarget.checked)} />
            As sent
          </label>
        )}
        <button type="button" class="button plain small" onClick={() => saveText(name.replace(/[^\w.-]+/g, "_"), text, "text/plain")}>
          Save
        </button>
      </div>
      {told && !raw ? <Explained of={told} byte={seek ? (told.place ?? undefined) : byte} /> : <PaperText text={raw ? text : onePerLine(text)} name={name} />}
    </div>
  );
}

export function PaperText({ text, name }: { text: string; name: string }) {
  return (
    <pre class="mono" tabIndex={0} role="group" aria-label={`${name}, text`}>
      {text}
    </pre>
  );
}

export function Explained({ of, byte }: { of: ExplainedDocument; byte?: number }) {
  return (
    <>
      {of.findings.length > 0 && <Findings of={of.findings} />}
      {of.sets.map((set, i) => (
        <section key={i} class="explained" aria-label={`${set.id}, ${set.name}`}>
          <h3>
            {set.id} {set.name}
          </h3>
          <p class="quiet small">
            {set.heading}
            {!set.exact && " Explained by the words of a neighbouring version."}
          </p>
          <Segments segments={set.segments} byte={byte} />
        </section>
      ))}
    </>
  );
}

function Segments({ segments, byte }: { segments: Segment[]; byte?: number }) {
  const holds = (s: Segment) => byte !== undefined && s.offset <= byte && byte <= s.offset + s.raw.length;
  return (
    <div class="segments mono" tabIndex={0} role="group" aria-label="Segments">
      <ol>
        {segments.map((s) => (
          <OneSegment key={s.offset} of={s} here={holds(s)} />
        ))}
      </ol>
    </div>
  );
}

const meaning = (v: Value) => `${v.reference}, ${v.name}: ${v.meaning ?? v.value}`;

function OneSegment({ of: s, here }: { of: Segment; here: boolean }) {
  const line = useRef<HTMLLIElement>(null);
  const [open, setOpen] = useState(here);
  useEffect(() => {
    if (here) line.current?.scrollIntoView({ block: "center" });
  }, [here]);
  const faulty = s.findings.some((f) => f.severity === "error" || f.severity === "fatal");
  return (
    <li ref={line} class={faulty ? "marked" : here ? "here" : undefined} aria-current={here ? "location" : undefined} data-depth={Math.min(s.depth, 4)}>
      <span class="n" aria-hidden="true">
        {s.number}
      </span>
      <button type="button" class="seg-name" aria-expanded={open} onClick={() => setOpen(!open)}>
        {s.name || s.tag}
      </button>
      <span class="seg">
        {pieces(s.raw, s.values).map((p, i) => {
          const value = s.values[p.value];
          const found = value && s.findings.find((f) => f.start === value.start && f.length > 0);
          return value ? (
            <span key={i} class={found ? "value found" : "value"} title={found ? `${meaning(value)}. ${found.sentence}` : meaning(value)}>
              {p.text}
            </span>
          ) : (
            <i key={i}>{p.text}</i>
          );
        })}
      </span>
      {open && (
        <dl class="seg-values">
          {s.values.map((v) => (
            <div key={v.reference}>
              <dt>
                {v.reference} {v.name}
              </dt>
              <dd>
                {v.value}
                {v.meaning && <span class="quiet"> {v.meaning}</span>}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {s.findings.length > 0 && <Findings of={s.findings} />}
    </li>
  );
}

function Findings({ of }: { of: Finding[] }) {
  return (
    <ul class="findings">
      {of.map((f, i) => (
        <li key={i}>
          <Tag ink={SEVERITY_INK[f.severity] ?? "plain"}>{spell(f.severity)}</Tag>
          <span>
            {f.reference && <b class="mono">{f.reference} </b>}
            {f.sentence} <span class="quiet">{f.advice}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}
