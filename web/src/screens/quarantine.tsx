// Quarantine: what came in and could not be understood; kept whole, with the place of the fault, to be mended and replayed.
import { useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { at } from "../api/address";
import { segment, send } from "../api/client";
import { reasonText, sourceName, sourceZone } from "../api/lookups";
import { usePages, useResource } from "../api/resource";
import type { Place, Quarantined } from "../api/types";
import { Tag } from "../kit/badge";
import { Paper } from "../kit/paper";
import { Facts, Loaded, Panel, ProblemNote } from "../kit/parts";
import { Table, type Column } from "../kit/table";
import { When } from "../kit/when";
import { PageHead } from "../shell/frame";
import { may } from "../shell/session";
import { plural, spell } from "../words/words";
import { useSending } from "../kit/asking";

const href = (id: string) => `/quarantine/${segment(id)}`;
const why = (q: Quarantined) => q.sentence ?? q.findings?.[0]?.sentence ?? (reasonText(q.reason) || "It could not be understood.");

/** Where in the document, said as precisely as the server knows. */
function placeText(p: Place | null | undefined): string {
  if (!p) return "";
  const parts = [
    p.segment && `segment ${p.segment}${p.tag ? ` (${p.tag})` : ""}`,
    p.element && `element ${p.element}`,
    p.component && `component ${p.component}`,
  ];
  if (!p.segment && p.line) parts.push(`line ${p.line}`);
  if (p.byte !== undefined) parts.push(`byte ${p.byte}`);
  return parts.filter(Boolean).join(", ");
}

const COLUMNS: Column<Quarantined>[] = [
  { head: "Document", text: (q) => q.name ?? q.id, cell: (q) => <Link href={href(q.id)}>{q.name ?? q.id}</Link> },
  {
    head: "From",
    text: (q) => sourceName(q.source) || q.channel,
    cell: (q) => sourceName(q.source) || spell(q.channel) || <span class="muted">unknown</span>,
  },
  { head: "Why", text: why, wide: true, rank: 2 },
  { head: "Where", text: (q) => placeText(q.place), rank: 2 },
  {
    head: "State",
    text: (q) => q.state,
    rank: 3,
    cell: (q) => (q.state ? <Tag ink={q.state === "replayed" ? "theirs" : "wait"}>{spell(q.state)}</Tag> : ""),
  },
  { head: "Arrived", text: (q) => q.received_at, cell: (q) => <When at={q.received_at} zone={sourceZone(q.source)} /> },
];

export function Quarantine() {
  const pages = usePages(
    "/v1/quarantine",
    {},
    { limit: 100 },
    (q) => q.id,
    (e) => /^(quarantine|inbox|document|case)\./.test(e.type),
  );
  return (
    <>
      <PageHead title="Quarantine" />
      <Loaded of={pages} what="Quarantine">
        {(rows) => (
          <Table
            name="quarantine"
            caption="Quarantined documents"
            rows={rows}
            columns={COLUMNS}
            keyOf={(q) => q.id}
            hrefOf={(q) => href(q.id)}
            pages={pages}
            lead={plural(rows.length, "document")}
            empty={
              <>
                <strong>Nothing in quarantine</strong>All that came in was understood.
              </>
            }
          />
        )}
      </Loaded>
    </>
  );
}

export function QuarantinedPage({ id }: { id: string }) {
  const [, go] = useLocation();
  const one = useResource(at("/v1/quarantine/{entry}", { entry: id }));
  return (
    <>
      <PageHead title="Quarantined document" crumb={["/quarantine", "Quarantine"]} />
      <Loaded of={one} what="This document">
        {(q) => <One key={q.id} one={q} done={() => go("/quarantine")} />}
      </Loaded>
    </>
  );
}

function One({ one, done }: { one: Quarantined; done: () => void }) {
  const [text, setText] = useState(one.text ?? "");
  const [editing, setEditing] = useState(false);
  const [words, setWords] = useState("");
  const said = words.trim() ? { words: words.trim() } : {};
  const { problem, busy, run } = useSending(() => undefined, done);
  const replay = () =>
    run(
      () =>
        send(
          "post",
          "/v1/quarantine/{entry}/replay",
          { entry: one.id },
          editing && text !== one.text ? { text, ...said } : said,
        ),
      "Read again",
    );
  return (
    <div class="order-grid">
      <div class="stack">
        <div class="note ink-wait">
          <h2>{why(one)}</h2>
          <p class="quiet">{placeText(one.place)}</p>
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
            <Paper
              address={at("/v1/documents/{document}", { document: one.id })}
              text={one.text ?? ""}
              name={one.name ?? one.id}
              byte={one.place?.byte}
            />
          )}
        </Panel>
        {problem && <ProblemNote problem={problem} />}
        {may("replay_quarantine") && one.state === "quarantined" && (
          <div class="field">
            <label for="why">Why, for those who look at it later</label>
            <input id="why" maxLength={1000} value={words} onInput={(e) => setWords(e.currentTarget.value)} />
          </div>
        )}
        {may("replay_quarantine") && one.state === "quarantined" && (
          <div class="row">
            <button type="button" class="button main" disabled={busy} onClick={replay}>
              {editing ? "Read the mended text" : "Read it again"}
            </button>
            <button type="button" class="button" disabled={one.cut} onClick={() => setEditing(!editing)}>
              {editing ? "Leave it as it came" : "Mend the text"}
            </button>
            <button
              type="button"
              class="button plain"
              disabled={busy}
              onClick={() => run(() => send("post", "/v1/quarantine/{entry}/dismiss", { entry: one.id }, said), "Left as it is")}
            >
              Dismiss
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
              ["Arrived", <When at={one.received_at} seconds />],
              ["Kind", one.media_type],
              ["Size", one.size && `${one.size.toLocaleString("en")} bytes`],
              ["Reason", one.reason && <span class="mono small">{one.reason}</span>],
              ["Replay of", one.replays && <Link href={href(one.replays)}>what came</Link>],
              [
                "Left",
                one.left && (
                  <>
                    {spell(one.left.how)} by {one.left.by}, <When at={one.left.at} seconds />
                    {one.left.replay && (
                      <>
                        {" "}
                        as <Link href={href(one.left.replay)}>this</Link>
                      </>
                    )}
                  </>
                ),
              ],
              ["Said", one.left?.words],
            ]}
          />
        </Panel>
        {(one.findings?.length ?? 0) > 0 && (
          <Panel title="Findings">
            <ol class="stack tight">
              {one.findings!.map((f, i) => (
                <li key={i}>
                  <p>
                    {f.sentence} <span class="muted small">{placeText(f.place)}</span>
                  </p>
                  {f.value && <p class="mono small">{f.value}</p>}
                  {f.advice && <p class="quiet small">{f.advice}</p>}
                </li>
              ))}
            </ol>
          </Panel>
        )}
      </div>
    </div>
  );
}
