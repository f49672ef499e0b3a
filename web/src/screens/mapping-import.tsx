// A vendor's item mapping from a spreadsheet: pasted or uploaded, checked before anything is stored, faults at their row.
import { useState } from "preact/hooks";
import { Problem } from "../api/client";
import { takeIn } from "../api/imports";
import type { ImportJob } from "../api/types";
import { ProblemNote, say } from "../kit/parts";
import { sentence } from "../kit/sentence";
import { Table, type Column } from "../kit/table";
import { saveText } from "../words/csv";
import { readSheet, withColumns } from "../words/table";
import { plural } from "../words/words";

const COLUMNS = [
  "sku",
  "vendor_sku",
  "pack.unit",
  "pack.base_units",
  "unit_cost.amount",
  "unit_cost.currency",
  "shipping_cost.amount",
  "shipping_cost.currency",
  "lead_days",
];
const EXAMPLE = `${COLUMNS.join(",")}\nLAMP-OAK-01,AC-7781,EA,1,41.50,USD,9.90,USD,2\n`;
type Fault = ImportJob["faults"][number];

const FAULTS: Column<Fault>[] = [
  { head: "Row", text: (f) => f.row, right: true },
  { head: "Column", text: (f) => f.column, cell: (f) => <span class="mono">{f.column}</span> },
  { head: "Value", text: (f) => f.value, cell: (f) => <span class="mono ink-stamp">{f.value || "empty"}</span> },
  { head: "What is wrong", text: (f) => sentence(f.reason), wide: true },
];

export function MappingImport({ source, done, open }: { source: string; done: () => void; open?: boolean }) {
  const [text, setText] = useState("");
  const [job, setJob] = useState<ImportJob | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const sheet = readSheet(text);
  const missing = ["sku", "vendor_sku"].filter((c) => !sheet.head.includes(c));
  const run = (dryRun: boolean) => {
    setBusy(true);
    setProblem(null);
    takeIn("offers", withColumns(sheet, { source }), dryRun, setJob)
      .then((j) => {
        if (dryRun || j.state !== "done") return;
        say(`${plural(j.taken_in, "offer")} taken in${j.rejected ? `, ${j.rejected} rejected` : ""}`, j.rejected ? "stamp" : "theirs");
        done();
      })
      .catch(setProblem)
      .finally(() => setBusy(false));
  };
  const change = (next: string) => {
    setText(next);
    setJob(null);
  };
  return (
    <details class="panel fold" open={open}>
      <summary>
        <h2>Import item mapping</h2>
      </summary>
      <div class="panel-body">
        <p class="quiet">
          One row per item: <code>{COLUMNS.slice(0, 4).join(", ")}</code> and costs. Paste from a spreadsheet, or choose a CSV file.{" "}
          <button type="button" class="button plain small" onClick={() => saveText("offers-template.csv", EXAMPLE)}>
            Save a template
          </button>
        </p>
        <div class="field">
          <label for="mapping-text">Rows, with a heading</label>
          <textarea
            id="mapping-text"
            class="mono small"
            rows={6}
            spellcheck={false}
            value={text}
            placeholder={EXAMPLE}
            onInput={(e) => change(e.currentTarget.value)}
          />
        </div>
        <div class="row">
          <label class="button">
            Choose a file
            <input
              type="file"
              class="only-heard"
              accept=".csv,.tsv,.txt,text/csv"
              onChange={(e) => void e.currentTarget.files?.[0]?.text().then(change)}
            />
          </label>
          <button type="button" class="button" disabled={busy || sheet.rows.length === 0 || missing.length > 0} onClick={() => run(true)}>
            Check {sheet.rows.length > 0 ? plural(sheet.rows.length, "row") : ""}
          </button>
          <button
            type="button"
            class="button main"
            disabled={busy || !job?.dry_run || job.state !== "done" || sheet.rows.length === job.rejected}
            onClick={() => run(false)}
          >
            Take in{job?.dry_run ? ` ${job.taken_in + job.unchanged}` : ""}
          </button>
          {sheet.rows.length > 0 && missing.length > 0 && (
            <span class="ink-stamp small" role="alert">
              The heading lacks {missing.join(" and ")}.
            </span>
          )}
        </div>
        <div aria-live="polite">{job && <Outcome job={job} />}</div>
        {problem && <ProblemNote problem={problem} />}
        {job && job.faults.length > 0 && (
          <Table
            plain
            name={`faults-${source}`}
            caption="Rows that were not understood"
            rows={job.faults}
            columns={FAULTS}
            keyOf={(f) => `${f.row} ${f.column} ${f.reason}`}
            lead={faultsLead(job)}
          />
        )}
      </div>
    </details>
  );
}

/** How many faults are listed, of how many rows; and whether there are rows that are not. */
export function faultsLead(job: Pick<ImportJob, "faults" | "rejected">): string {
  const rows = new Set(job.faults.map((f) => f.row)).size;
  const listed = `${plural(job.faults.length, "fault")} in ${plural(rows, "row")}`;
  const rest = job.rejected > rows ? `, the first of ${plural(job.rejected, "rejected row")}: mend these, then check again` : "; mend them, the other rows may be taken in all the same";
  return listed + rest;
}

function Outcome({ job }: { job: ImportJob }) {
  if (job.state === "running") return <p class="quiet">{plural(job.taken_in + job.unchanged + job.rejected, "row")} so far…</p>;
  const good = job.taken_in + job.unchanged;
  return (
    <p>
      <b class={job.rejected ? "ink-stamp" : "ink-theirs"}>
        {plural(good, "row")} {job.dry_run ? "would be taken in" : "taken in"}, {job.rejected} rejected.
      </b>{" "}
      {job.error}
    </p>
  );
}
