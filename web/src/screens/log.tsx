// The log: the journal's head and its signed checkpoint, every event as it comes, and the whole of it searched.
import { useEffect, useRef, useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { at } from "../api/address";
import { useResource } from "../api/resource";
import { sourceName } from "../api/lookups";
import { readPast, recent, streamState } from "../api/stream";
import type { Problem } from "../api/client";
import type { Checkpoint, LiveEvent } from "../api/types";
import { TextField } from "../kit/field";
import { Choice } from "../kit/filters";
import { Dialog, Facts, Loaded, Panel, ProblemNote } from "../kit/parts";
import { sentence } from "../kit/sentence";
import { Table, type Column } from "../kit/table";
import { When } from "../kit/when";
import { PageHead } from "../shell/frame";
import { may } from "../shell/session";
import { now } from "../words/time";
import { actorName, eventName, plural } from "../words/words";
import { orderHref } from "./orders";
import { inkOf } from "./timeline";

const ROWS_MAX = 200;

/** Who did it, by name; empty where the log does not tell it here. */
const whoDid = (e: LiveEvent) => (e.by?.kind === "source" ? sourceName(e.by.source) : actorName(e.by));

const COLUMNS: Column<LiveEvent>[] = [
  { head: "Position", text: (e) => e.id, cell: (e) => <span class="mono">{e.id}</span> },
  { head: "Time", text: (e) => e.at, cell: (e) => <When at={e.at} seconds /> },
  {
    head: "Event",
    text: (e) => eventName(e.type),
    cell: (e) => (
      <span class={`ink-${inkOf(e.type)}`} title={e.type}>
        {eventName(e.type)}
      </span>
    ),
  },
  { head: "Code", savedOnly: true, text: (e) => e.type },
  { head: "Who", text: whoDid, rank: 2, cell: (e) => whoDid(e) || <span class="muted">–</span> },
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
  { head: "In words", text: (e) => sentence(e.sentence), wide: true, rank: 2 },
  {
    head: "Proof",
    text: (e) => e.id.split(".")[0],
    rank: 3,
    right: true,
    cell: (e) =>
      may("read_audit") && (
        <a href={at("/v1/audit/proof", {}, { entry: Number(e.id.split(".")[0]) })} download={`entry-${e.id.split(".")[0]}.json`}>
          Save<span class="only-heard"> the proof of entry {e.id.split(".")[0]}</span>
        </a>
      ),
  },
];

export function Log() {
  const head = useResource(at("/v1/audit/checkpoint", {}));
  const [words, setWords] = useState("");
  const [who, setWho] = useState("");
  const past = usePast();
  const [stopped, setStopped] = useState<LiveEvent[] | null>(null);
  void now.value; // redrawn once a second at most
  const fits = (e: LiveEvent) => holds(e, words) && (!who || whoDid(e) === who);
  const known = past.found ?? stopped ?? recent.peek();
  const people = [...new Set(known.map(whoDid))].filter((name) => name && name !== who).sort();
  const live = (stopped ?? recent.peek()).filter(fits).slice(-ROWS_MAX).reverse();
  const rows = past.found ?? live;
  return (
    <>
      <PageHead title="Log" end={may("read_audit") && <ExportButton size={head.data?.size ?? 0} />} />
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
      <form
        class="filters"
        onSubmit={(e) => {
          e.preventDefault();
          past.search(fits, head.data?.size ?? 0);
        }}
      >
        <label class="only-heard" for="log-search">
          Search the journal
        </label>
        <input
          id="log-search"
          type="search"
          placeholder="Order, source, person, type, position"
          value={words}
          onInput={(e) => {
            setWords(e.currentTarget.value);
            past.leave();
          }}
        />
        {(who || people.length > 0) && (
          <Choice
            id="log-who"
            label="Who"
            value={who}
            set={(name) => {
              setWho(name);
              past.leave();
            }}
            options={[["", "Anybody"], ...[...(who ? [who] : []), ...people].map((name) => [name, name] as const)]}
          />
        )}
        <button class="button" disabled={(!words.trim() && !who) || past.busy}>
          Search all of it
        </button>
        {past.busy && (
          <button type="button" class="button" onClick={past.stop}>
            Stop
          </button>
        )}
        {!past.found && (
          <label class="check">
            <input
              type="checkbox"
              checked={stopped === null}
              onChange={(e) => setStopped(e.currentTarget.checked ? null : [...recent.peek()])}
            />
            Follow
          </label>
        )}
      </form>
      {past.problem && <ProblemNote problem={past.problem} />}
      <Table
        name="log"
        caption={past.found ? "Events found" : "Latest events"}
        rows={rows}
        columns={COLUMNS}
        keyOf={(e) => e.id}
        lead={
          <span role="status">
            {past.found
              ? `${plural(rows.length, "event")} found, newest first; searched back to entry ${past.down.toLocaleString("en")}`
              : `Latest ${plural(rows.length, "event")}`}
          </span>
        }
        more={past.found && past.down > 0 && !past.busy ? past.goOn : undefined}
        empty={
          past.busy ? (
            "Searching."
          ) : !past.found && streamState.value === "connecting" ? (
            "Reading the latest entries."
          ) : (
            <>
              <strong>{past.found ? "Nothing of the kind" : "No events yet"}</strong>
              {past.found ? "Search further back, or by other words." : "They appear as they are written."}
            </>
          )
        }
      />
    </>
  );
}

/** True if an event speaks of it: by its place, its kind, what it is about, or anything in it. */
export function holds(e: LiveEvent, words: string): boolean {
  const wanted = words.trim().toLowerCase();
  if (!wanted) return true;
  const told = [e.id, e.type, eventName(e.type), e.order, e.subject, whoDid(e), sentence(e.sentence), JSON.stringify(e.data)].join(" ").toLowerCase();
  return wanted.split(/\s+/).every((w) => told.includes(w));
}

/** Entries read at once, and events found before the reader is asked whether to go on. */
const CHUNK = 2_000;
const FOUND_MAX = 200;

type Wanted = (e: LiveEvent) => boolean;

/** The journal searched from its end to its beginning, in pieces, until enough is found or it is stopped. */
function usePast() {
  const [state, set] = useState<{ found: LiveEvent[] | null; down: number; busy: boolean; problem?: Problem }>({ found: null, down: 0, busy: false });
  const wanted = useRef<Wanted>(() => true);
  const control = useRef<AbortController | null>(null);
  useEffect(() => () => control.current?.abort(), []);
  const run = async (from: number, before: LiveEvent[]) => {
    const fits = wanted.current;
    control.current?.abort();
    const mine = new AbortController();
    control.current = mine;
    let [found, down] = [before, from];
    set({ found, down, busy: true });
    try {
      while (down > 0 && found.length < before.length + FOUND_MAX && !mine.signal.aborted) {
        const after = Math.max(0, down - CHUNK);
        const events = await readPast(after, down - after, [], mine.signal);
        found = [...found, ...events.filter((e) => fits(e)).reverse()];
        down = after;
        if (!mine.signal.aborted) set({ found, down, busy: true });
      }
      if (control.current === mine) set({ found, down, busy: false });
    } catch (cause) {
      if (control.current === mine) set({ found, down, busy: false, problem: mine.signal.aborted ? undefined : (cause as Problem) });
    }
  };
  return {
    ...state,
    search: (fits: Wanted, size: number) => {
      wanted.current = fits;
      void run(size, []);
    },
    goOn: () => void run(state.down, state.found ?? []),
    stop: () => control.current?.abort(),
    leave: () => {
      control.current?.abort();
      control.current = null;
      set({ found: null, down: 0, busy: false });
    },
  };
}

/** Entries with their hashes and a signed checkpoint: all, or from one position to another. */
function ExportButton({ size }: { size: number }) {
  const [open, setOpen] = useState(false);
  const [from, setFrom] = useState("1");
  const [to, setTo] = useState("");
  const address = at("/v1/audit/export", {}, { after: Math.max(0, Number(from) - 1), to: to ? Number(to) : undefined });
  return (
    <>
      <button type="button" class="button" onClick={() => setOpen(true)}>
        Export with proofs
      </button>
      {open && (
        <Dialog title="Export with proofs" close={() => setOpen(false)}>
          <p>Entries with their hashes and a signed checkpoint, as NDJSON. They are verified without this server.</p>
          <div class="form-grid">
            <TextField name="export-from" label="From entry" type="number" min="1" value={from} set={setFrom} />
            <TextField name="export-to" label="To entry" type="number" min="1" value={to} set={setTo} hint={`Empty: the last, ${size.toLocaleString("en")} as of now`} />
          </div>
          <p class="quiet small">
            <code>countersign audit verify --export FILE --public-key KEY</code>
          </p>
          <div class="dialog-end">
            <button type="button" class="button" onClick={() => setOpen(false)}>
              Close
            </button>
            <a class="button main" href={address} download="countersign-export.ndjson">
              Save
            </a>
          </div>
        </Dialog>
      )}
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
          ["Last link of the chain", <span class="mono small">{one.hash}</span>],
          ["Root over all entries", <span class="mono small">{one.root_hash}</span>],
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
