// One document, as it went over the wire: EDI a segment per line with its name, JSON indented.
import { useState } from "preact/hooks";
import type { Document_ } from "../api/types";
import { readPaper, type Segment } from "../words/papers";
import { saveText } from "../words/csv";
import { spell } from "../words/words";
import { Tag, type Ink } from "./badge";
import { When } from "./when";

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

/** Documents of one purchase order, in and out, oldest first. */
export function Papers({ documents, zone, open }: { documents: Document_[]; zone?: string; open?: string }) {
  if (documents.length === 0) return <p class="empty">No documents yet.</p>;
  return (
    <div class="papers">
      {documents.map((d) => (
        <PaperFold key={d.id} paper={d} zone={zone} open={d.id === open} />
      ))}
    </div>
  );
}

function PaperFold({ paper, zone, open }: { paper: Document_; zone?: string; open: boolean }) {
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
      {seen && <PaperText text={paper.text ?? ""} name={paper.name ?? paper.id} />}
    </details>
  );
}

export function PaperText({ text, name, mark }: { text: string; name: string; mark?: number }) {
  const [raw, setRaw] = useState(false);
  const paper = readPaper(text);
  const edi = paper.segments.length > 0;
  return (
    <div class="paper-body">
      <div class="row no-print">
        <span class="muted small">
          {edi
            ? `${paper.dialect === "x12" ? "X12" : "EDIFACT"}, ${paper.segments.length} segments`
            : paper.dialect === "json"
              ? "JSON"
              : "Text"}
        </span>
        {edi && (
          <label class="check small">
            <input type="checkbox" checked={raw} onChange={(e) => setRaw(e.currentTarget.checked)} />
            As sent
          </label>
        )}
        <button type="button" class="button plain small" onClick={() => saveText(name.replace(/[^\w.-]+/g, "_"), text, "text/plain")}>
          Save
        </button>
      </div>
      {edi && !raw ? (
        <Segments segments={paper.segments} separator={paper.separator} mark={mark} />
      ) : (
        <pre class="mono" tabIndex={0} role="group" aria-label={`${name}, text`}>
          {raw ? text : paper.text}
        </pre>
      )}
    </div>
  );
}

function Segments({ segments, separator, mark }: { segments: Segment[]; separator: string; mark?: number }) {
  return (
    <div class="segments mono" tabIndex={0} role="group" aria-label="Segments">
      <ol>
        {segments.map((s, i) => (
          <li
            key={i}
            class={mark === i + 1 ? "marked" : ""}
            data-envelope={/^(ISA|GS|GE|IEA|ST|SE|UN[ABHTZ])$/.test(s.tag) ? "" : undefined}
          >
            <span class="n" aria-hidden="true">
              {i + 1}
            </span>
            <span class="seg-name">{s.name}</span>
            <span class="seg">
              <b>{s.tag}</b>
              {s.elements.map((e, j) => (
                <span key={j}>
                  <i>{separator}</i>
                  {e}
                </span>
              ))}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}
