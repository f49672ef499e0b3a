// The log: the journal's head and its signed checkpoint, and every event as it comes.
import { useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { at } from "../api/address";
import { useResource } from "../api/resource";
import { recent } from "../api/stream";
import type { Checkpoint, LiveEvent } from "../api/types";
import { Facts, Loaded, Panel } from "../kit/parts";
import { Table, type Column } from "../kit/table";
import { When } from "../kit/when";
import { PageHead } from "../shell/frame";
import { may } from "../shell/session";
import { now } from "../words/time";
import { plural } from "../words/words";
import { orderHref } from "./orders";
import { eventSentence } from "./pulse";
import { inkOf } from "./timeline";

const ROWS_MAX = 200;

const COLUMNS: Column<LiveEvent>[] = [
  { head: "Position", text: (e) => e.id, cell: (e) => <span class="mono">{e.id}</span> },
  { head: "Time", text: (e) => e.at, cell: (e) => <When at={e.at} seconds /> },
  { head: "Event", text: (e) => e.type, cell: (e) => <span class={`mono ink-${inkOf(e.type)}`}>{e.type}</span> },
  {
    head: "About",
    text: (e) => e.order ?? e.subject,
    cell: (e) =>
      e.order ? (
        <Link href={orderHref(e.order)} class="mono">
          {e.order}
        </Link>
      ) : (
        <span class="mono">{e.subject}</span>
      ),
  },
  { head: "In words", text: eventSentence, wide: true, rank: 2 },
];

export function Log() {
  const head = useResource(at("/v1/audit/checkpoint", {}));
  const [words, setWords] = useState("");
  const [stopped, setStopped] = useState<LiveEvent[] | null>(null);
  void now.value; // redrawn once a second at most
  const all = stopped ?? recent.peek();
  const wanted = words.trim().toLowerCase();
  const rows = all
    .filter((e) => !wanted || e.type.includes(wanted) || (e.order ?? e.subject ?? "").toLowerCase().includes(wanted))
    .slice(-ROWS_MAX)
    .reverse();
  return (
    <>
      <PageHead
        title="Log"
        end={
          may("read_audit") && (
            <a class="button" href="/v1/audit/export" download>
              Export with proofs
            </a>
          )
        }
      />
      <Panel
        title="Journal"
        end={
          <button type="button" class="button small" onClick={head.reload}>
            Ask again
          </button>
        }
      >
        <Loaded of={head} what="The checkpoint">
          {(c) => <Head one={c} />}
        </Loaded>
      </Panel>
      <form class="filters" onSubmit={(e) => e.preventDefault()}>
        <label class="only-heard" for="log-search">
          Filter events
        </label>
        <input
          id="log-search"
          type="search"
          placeholder="Event type or order"
          value={words}
          onInput={(e) => setWords(e.currentTarget.value)}
        />
        <label class="check">
          <input
            type="checkbox"
            checked={stopped === null}
            onChange={(e) => setStopped(e.currentTarget.checked ? null : [...recent.peek()])}
          />
          Follow
        </label>
      </form>
      <Table
        name="log"
        caption="Latest events"
        rows={rows}
        columns={COLUMNS}
        keyOf={(e) => e.id}
        lead={`Latest ${plural(rows.length, "event")}`}
        empty={
          <>
            <strong>No events yet</strong>They appear as they are written.
          </>
        }
      />
    </>
  );
}

function Head({ one }: { one: Checkpoint }) {
  const text = one.checkpoint;
  return (
    <>
      <Facts
        rows={[
          ["Entries", one.size.toLocaleString("en")],
          ["Head hash", <span class="mono small">{one.hash}</span>],
          ["Signed", <When at={one.at} seconds />],
          ["Verifier key", one.verifier && <span class="mono small">{one.verifier}</span>],
          ["Origin", one.origin && <span class="mono">{one.origin}</span>],
        ]}
      />
      {text && (
        <details>
          <summary>The signed checkpoint</summary>
          <pre class="mono" tabIndex={0} role="group" aria-label="The signed checkpoint">
            {text}
          </pre>
        </details>
      )}
      <p class="quiet small">
        Every entry carries the hash of the one before it. Anybody can prove an export without this server:{" "}
        <code>countersign audit verify --export FILE</code>
      </p>
    </>
  );
}
