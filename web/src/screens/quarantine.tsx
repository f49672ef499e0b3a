// Quarantine: what came in and could not be understood; kept whole, with the place of the fault, to be mended and replayed.
import { useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { segment } from "../api/client";
import { reasonText, sourceName, sourceZone } from "../api/lookups";
import { usePages } from "../api/resource";
import type { Quarantined } from "../api/types";
import { Tag } from "../kit/badge";
import { PaperText } from "../kit/paper";
import { Facts, Loaded, Panel, ProblemNote } from "../kit/parts";
import { Table, type Column } from "../kit/table";
import { When } from "../kit/when";
import { PageHead } from "../shell/frame";
import { may } from "../shell/session";
import { plural, spell } from "../words/words";
import { useSending } from "./order-actions";

const href = (id: string) => `/quarantine/${segment(id)}`;
const why = (q: Quarantined) => q.sentence ?? q.why ?? q.findings?.[0]?.sentence ?? reasonText(q.reason);
const arrived = (q: Quarantined) => q.at ?? q.received_at;

/** Where in the document, said as precisely as the server knows. */
function placeOf(q: Quarantined): string {
  if (typeof q.place === "string") return q.place;
  const p = q.place ?? q.findings?.[0];
  if (!p) return "";
  return [
    p.segment && `segment ${p.segment}`,
    p.element && `element ${p.element}`,
    "line" in p && p.line && `line ${p.line}`,
    p.byte !== undefined && `byte ${p.byte}`,
  ]
    .filter(Boolean)
    .join(", ");
}

const COLUMNS: Column<Quarantined>[] = [
  { head: "Document", text: (q) => q.name ?? q.id, cell: (q) => <Link href={href(q.id)}>{q.name ?? q.id}</Link> },
  {
    head: "From",
    text: (q) => sourceName(q.source) || q.channel,
    cell: (q) => sourceName(q.source) || spell(q.channel) || <span class="muted">unknown</span>,
  },
  { head: "Why", text: why, wide: true, rank: 2 },
  { head: "Where", text: placeOf, rank: 2 },
  {
    head: "State",
    text: (q) => q.state,
    rank: 3,
    cell: (q) => (q.state ? <Tag ink={q.state === "replayed" ? "theirs" : "wait"}>{spell(q.state)}</Tag> : ""),
  },
  { head: "Arrived", text: arrived, cell: (q) => <When at={arrived(q)} zone={sourceZone(q.source)} /> },
];

export function Quarantine({ id }: { id?: string }) {
  const [, go] = useLocation();
  const pages = usePages<Quarantined>(
    "/v1/quarantine",
    { limit: "100" },
    (q) => q.id,
    (e) => /^(quarantine|inbox|document|case)\./.test(e.type),
  );
  const one = id ? pages.data?.find((q) => q.id === id) : undefined;
  return (
    <>
      <PageHead title={id ? "Quarantined document" : "Quarantine"} crumb={id ? ["/quarantine", "Quarantine"] : undefined} />
      <Loaded of={pages} what="Quarantine">
        {(rows) =>
          id ? (
            one ? (
              <One
                key={one.id}
                one={one}
                done={() => {
                  pages.reload();
                  go("/quarantine");
                }}
              />
            ) : (
              <p class="note">It is no longer in quarantine.</p>
            )
          ) : (
            <Table
              name="quarantine"
              caption="Quarantined documents"
              rows={rows}
              columns={COLUMNS}
              keyOf={(q) => q.id}
              hrefOf={(q) => href(q.id)}
              more={pages.more}
              lead={plural(rows.length, "document")}
              empty={
                <>
                  <strong>Nothing in quarantine</strong>All that came in was understood.
                </>
              }
            />
          )
        }
      </Loaded>
    </>
  );
}

function One({ one, done }: { one: Quarantined; done: () => void }) {
  const [text, setText] = useState(one.text ?? "");
  const [editing, setEditing] = useState(false);
  const { problem, busy, send } = useSending(() => undefined, done);
  const place = typeof one.place === "object" ? one.place : one.findings?.[0];
  const replay = () => send(`/v1/quarantine/${segment(one.id)}/replay`, editing && text !== one.text ? { text } : {}, "Read again");
  return (
    <div class="order-grid">
      <div class="stack">
        <div class="note ink-wait">
          <h2>{why(one)}</h2>
          <p class="quiet">{placeOf(one)}</p>
        </div>
        <Panel title="Document">
          {editing ? (
            <div class="field">
              <label for="mended">Text, to be read instead</label>
              <textarea
                id="mended"
                class="mono"
                rows={16}
                value={text}
                onInput={(e) => setText(e.currentTarget.value)}
                spellcheck={false}
              />
            </div>
          ) : (
            <PaperText text={one.text ?? ""} name={one.name ?? one.id} mark={place?.segment} />
          )}
        </Panel>
        {problem && <ProblemNote problem={problem} />}
        {may("replay_quarantine") && (
          <div class="row">
            <button type="button" class="button main" disabled={busy} onClick={replay}>
              {editing ? "Read the mended text" : "Read it again"}
            </button>
            <button type="button" class="button" onClick={() => setEditing(!editing)}>
              {editing ? "Leave it as it came" : "Mend the text"}
            </button>
          </div>
        )}
      </div>
      <div class="stack">
        <Panel title="Arrival">
          <Facts
            rows={[
              ["From", sourceName(one.source) || spell(one.channel)],
              ["Name", one.name && <span class="mono small">{one.name}</span>],
              ["Arrived", <When at={arrived(one)} seconds />],
              ["Kind", one.media_type],
              ["Size", one.size && `${one.size.toLocaleString("en")} bytes`],
              ["Reason", one.reason && <span class="mono small">{one.reason}</span>],
            ]}
          />
        </Panel>
        {(one.findings?.length ?? 0) > 0 && (
          <Panel title="Findings">
            <ol class="stack tight">
              {one.findings!.map((f, i) => (
                <li key={i}>
                  {f.sentence}{" "}
                  <span class="muted small">
                    {[f.segment && `segment ${f.segment}`, f.element && `element ${f.element}`, f.byte !== undefined && `byte ${f.byte}`]
                      .filter(Boolean)
                      .join(", ")}
                  </span>
                </li>
              ))}
            </ol>
          </Panel>
        )}
      </div>
    </div>
  );
}
