// Histories that policies are tried on: taken in from files by a mapping, looked at before anything is kept, removed.
import { useState } from "preact/hooks";
import { at } from "../api/address";
import { send } from "../api/client";
import { takeInHistory } from "../api/imports";
import { useResource } from "../api/resource";
import type { History } from "../api/types";
import { AskDialog, useSending } from "../kit/asking";
import { faultAt, Field, TextField } from "../kit/field";
import { Loaded, Panel, ProblemNote } from "../kit/parts";
import { Table, type Column } from "../kit/table";
import { Age } from "../kit/when";
import { may } from "../shell/session";
import { plural } from "../words/words";

type Fault = NonNullable<History["faults"]>[number];

const isHistoryEvent = (e: { type: string }) => e.type.startsWith("history.");
const day = (t?: string | null) => (t ?? "").slice(0, 10);
const spanOf = (h: History) => (h.from ? `${day(h.from)} to ${day(h.to)}` : "");

/** The histories that are kept. */
export function Histories() {
  const all = useResource(at("/v1/histories", {}), isHistoryEvent);
  const [leaving, setLeaving] = useState<History | null>(null);
  const columns: Column<History>[] = [
    { head: "Name", text: (h) => h.name },
    { head: "Orders", text: (h) => h.orders, right: true },
    { head: "Rows", text: (h) => h.rows, right: true, rank: 2 },
    { head: "Rejected", text: (h) => h.rejected, right: true },
    { head: "From and to", text: spanOf, rank: 2 },
    { head: "Taken in by", text: (h) => h.kept_by, rank: 3 },
    { head: "Ago", text: (h) => h.kept_at, cell: (h) => h.kept_at && <Age at={h.kept_at} />, rank: 3 },
    {
      head: "Acts",
      seenOnly: true,
      text: () => "",
      cell: (h) =>
        may("write_policies") && (
          <button type="button" class="button" onClick={() => setLeaving(h)}>
            Remove {h.name}
          </button>
        ),
    },
  ];
  return (
    <>
      <p class="quiet">
        Files of the past, read by a mapping. A policy is tried on one of them, or on this installation's own journal. Large ones are taken in where they lie: <code>countersign import history</code>.
      </p>
      <Loaded of={all} what="Histories">
        {(page) => (
          <Table
            name="histories"
            caption="Histories"
            rows={page.items}
            columns={columns}
            keyOf={(h) => h.name}
            lead={plural(page.items.length, "history", "histories")}
            empty={<strong>None is kept yet</strong>}
          />
        )}
      </Loaded>
      {may("write_policies") && <TakeIn done={all.reload} />}
      {leaving && (
        <AskDialog
          title={`Remove ${leaving.name}?`}
          act={() => send("delete", "/v1/histories/{name}", { name: leaving.name })}
          does="Remove it"
          said={`${leaving.name} is removed`}
          close={() => setLeaving(null)}
          done={all.reload}
          grave
        >
          {() => <p>No new backtest can run over it. The log keeps that it was there.</p>}
        </AskDialog>
      )}
    </>
  );
}

const FAULTS: Column<Fault>[] = [
  { head: "File", text: (f) => f.file },
  { head: "Row", text: (f) => f.row, right: true },
  { head: "Column", text: (f) => f.column, cell: (f) => <span class="mono">{f.column}</span> },
  { head: "Value", text: (f) => f.value, cell: (f) => <span class="mono ink-stamp">{f.value || "empty"}</span> },
  { head: "What is wrong", text: (f) => f.reason, wide: true },
];

/** A mapping and its files: read on the server and told of, then kept. */
function TakeIn({ done }: { done: () => void }) {
  const [name, setName] = useState("");
  const [mapping, setMapping] = useState<File | null>(null);
  const [files, setFiles] = useState<File[]>([]);
  const [read, setRead] = useState<History | null>(null);
  const { problem, busy, run } = useSending(
    () => undefined,
    () => undefined,
  );
  const take = (dryRun: boolean) =>
    run(
      async () => {
        setRead(await takeInHistory(name, mapping!, files, dryRun));
        if (!dryRun) done();
      },
      dryRun ? "Read; nothing was kept" : "The history is kept",
    );
  const ready = name !== "" && mapping !== null && files.length > 0 && !busy;
  const chosen = (list: FileList | null) => (setRead(null), [...(list ?? [])]);
  return (
    <Panel title="Take in a history">
      <div class="form-grid">
        <TextField name="history-name" label="Name" value={name} set={setName} hint="By which it is chosen" fault={faultAt(problem, "/name")} />
        <Field id="history-mapping" label="Mapping file" hint="TOML: which column of which file is what">
          <input id="history-mapping" type="file" accept=".toml" onChange={(e) => setMapping(chosen(e.currentTarget.files)[0] ?? null)} />
        </Field>
        <Field id="history-files" label="Files that it names">
          <input id="history-files" type="file" multiple onChange={(e) => setFiles(chosen(e.currentTarget.files))} />
        </Field>
      </div>
      {problem && <ProblemNote problem={problem} />}
      <div class="row">
        <button type="button" class="button" disabled={!ready} onClick={() => take(true)}>
          Look at it first
        </button>
        <button type="button" class="button main" disabled={!ready} onClick={() => take(false)}>
          Keep it
        </button>
      </div>
      {read && (
        <>
          <p role="status">
            {plural(read.orders, "order")} of {plural(read.rows, "row")}, {read.rejected.toLocaleString("en")} rejected{read.from && `, ${spanOf(read)}`}.
          </p>
          {!!read.notes?.length && (
            <>
              <h3>What is odd in it</h3>
              <ul class="stack tight">
                {read.notes.map((note) => (
                  <li key={note}>{note}</li>
                ))}
              </ul>
            </>
          )}
          {!!read.faults?.length && (
            <Table name="history-faults" caption="Rejected rows" rows={read.faults} columns={FAULTS} keyOf={(f) => `${f.file} ${f.row} ${f.column}`} lead="The first of them" />
          )}
        </>
      )}
    </Panel>
  );
}
