// A decision table as a spreadsheet: read, or written cell by cell; what is wrong stands in its cell.
import { useState } from "preact/hooks";
import type { PolicyColumns } from "../api/types";
import { SelectField, TextField, faultOf, type Faults } from "../kit/field";
import { Menu } from "../kit/menu";
import { saveText } from "../words/csv";
import { tableCsv, withColumn, withSheet, type DecisionTable, type TableRow } from "../words/decision-table";
import { readSheet } from "../words/table";
import { plural, spell } from "../words/words";

interface Props {
  table: DecisionTable;
  /** Its pointer in the document. */
  at: string;
  /** What its subject may look at and conclude; absent where it is only read. */
  columns?: PolicyColumns[];
  faults?: Faults;
  set?: (table: DecisionTable) => void;
  remove?: () => void;
}

export function PolicyTable({ table: t, at, columns = [], faults, set, remove }: Props) {
  const [pasting, paste] = useState(false);
  const subject = columns.find((c) => c.decides === t.decides);
  const name = `${t.name || "Table"}, ${spell(t.decides).toLowerCase()}`;
  const setRow = (n: number, row: TableRow) => set?.({ ...t, rows: t.rows.map((r, i) => (i === n ? row : r)) });
  const fresh: TableRow = { when: t.when.map(() => "-"), then: t.then.map(() => "") };
  return (
    <section class="panel flush" aria-label={name}>
      <header>
        <h3>{name}</h3>
        <div class="row">
          <span class="small muted">{t.hit === "collect" ? "every row that fits counts" : "the first row that fits counts"}</span>
          <button type="button" class="button small" onClick={() => saveText(`policy-table-${t.name || "new"}.csv`, tableCsv(t))}>
            CSV<span class="only-heard"> of {name}</span>
          </button>
          {set && (
            <Menu
              label="More"
              small
              end
              items={[
                { name: "Paste a spreadsheet", act: () => paste(true) },
                ...(subject?.when ?? [])
                  .filter((c) => !t.when.includes(c.code))
                  .map((c) => ({ name: `Look at ${c.words}`, act: () => set(withColumn(t, "when", t.when.length, c.code)) })),
                ...(subject?.then ?? [])
                  .filter((c) => !t.then.includes(c.code))
                  .map((c) => ({ name: `Conclude: ${spell(c.code).toLowerCase()}`, act: () => set(withColumn(t, "then", t.then.length, c.code)) })),
                remove && { name: "Remove the table", act: remove, grave: true },
              ]}
            />
          )}
        </div>
      </header>
      {set && <TableHead t={t} at={at} faults={faults} set={set} columns={columns} />}
      {pasting && set && <Paste t={t} set={set} close={() => paste(false)} />}
      {faultOf(faults, at) && (
        <p class="fault ink-stamp" role="alert">
          {faultOf(faults, at)}
        </p>
      )}
      <div class="table-scroll" tabIndex={0} role="group" aria-label={`${name}, rows`}>
        <table class="sheet">
          <caption class="only-heard">{name}</caption>
          <thead>
            <tr>
              <th scope="col">Row</th>
              {t.when.map((c, i) => (
                <ColumnHead key={c} code={c} words={subject?.when.find((w) => w.code === c)?.words} remove={set && t.when.length > 1 ? () => set(withColumn(t, "when", i, null)) : undefined} />
              ))}
              {t.then.map((c, i) => (
                <ColumnHead key={c} code={c} then remove={set && t.then.length > 1 ? () => set(withColumn(t, "then", i, null)) : undefined} />
              ))}
              <th scope="col">Why</th>
              {set && (
                <th scope="col">
                  <span class="only-heard">Acts</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {t.rows.map((r, n) => (
              <Row key={n} row={r} n={n} t={t} at={`${at}/rows/${n}`} faults={faults} columns={subject} set={set && ((row) => setRow(n, row))} acts={set && rowActs(t, n, set)} />
            ))}
            <tr class="otherwise">
              <th scope="row">Otherwise</th>
              {t.when.map((c) => (
                <td key={c} class="muted">
                  any
                </td>
              ))}
              {t.then.map((c, i) => (
                <Cell
                  key={c}
                  label={`Otherwise, ${spell(c).toLowerCase()}`}
                  value={t.otherwise?.[i] ?? ""}
                  empty="the lists rule"
                  fault={faultOf(faults, `${at}/otherwise/${i}`) ?? (i === 0 ? faultOf(faults, `${at}/otherwise`) : undefined)}
                  choices={subject?.then.find((w) => w.code === c)?.choices}
                  set={set && ((v) => set({ ...t, otherwise: t.then.map((_, j) => (j === i ? v : (t.otherwise?.[j] ?? ""))) }))}
                />
              ))}
              <td />
              {set && <td />}
            </tr>
          </tbody>
        </table>
      </div>
      {set && (
        <div class="table-end">
          <button type="button" class="button small" onClick={() => set({ ...t, rows: [...t.rows, fresh] })}>
            Add a row
          </button>
        </div>
      )}
    </section>
  );
}

/** Name, subject, which rows count, and between which days. */
function TableHead({ t, at, faults, set, columns }: { t: DecisionTable; at: string; faults?: Faults; set: (t: DecisionTable) => void; columns: PolicyColumns[] }) {
  const decide = (decides: string) => {
    const next = columns.find((c) => c.decides === decides);
    const then = next?.then.slice(0, 1).map((c) => c.code) ?? [];
    set({ ...t, decides, then, when: t.when.filter((c) => next?.when.some((w) => w.code === c)), rows: [], otherwise: then.map(() => "") });
  };
  const id = (name: string) => `${at.slice(1).replace(/\//g, "-")}-${name}`;
  return (
    <div class="form-grid sheet-head">
      <TextField name={id("name")} label="Name" value={t.name} set={(name) => set({ ...t, name })} fault={faultOf(faults, `${at}/name`)} />
      <SelectField name={id("decides")} label="Decides" value={t.decides} set={decide} options={columns.map((c) => [c.decides, spell(c.decides)] as const)} />
      <SelectField
        name={id("hit")}
        label="Where several rows fit"
        value={t.hit ?? "first"}
        set={(hit) => set({ ...t, hit })}
        options={[
          ["first", "The first counts"],
          ["collect", "All add up"],
        ]}
        fault={faultOf(faults, `${at}/hit`)}
      />
      <TextField name={id("from")} label="From" mono value={t.from ?? ""} set={(v) => set({ ...t, from: v || undefined })} hint="An instant; empty: always" fault={faultOf(faults, `${at}/from`)} />
      <TextField name={id("until")} label="Until" mono value={t.until ?? ""} set={(v) => set({ ...t, until: v || undefined })} hint="Empty: without end" fault={faultOf(faults, `${at}/until`)} />
    </div>
  );
}

function ColumnHead({ code, words, then, remove }: { code: string; words?: string; then?: boolean; remove?: () => void }) {
  return (
    <th scope="col" class={then ? "then" : undefined} title={words}>
      {then && <span aria-hidden="true">→ </span>}
      {spell(code)}
      {remove && (
        <button type="button" class="button plain small inline" onClick={remove}>
          <span aria-hidden="true">×</span>
          <span class="only-heard">Remove the column {spell(code)}</span>
        </button>
      )}
    </th>
  );
}

function rowActs(t: DecisionTable, n: number, set: (t: DecisionTable) => void) {
  const moved = (to: number) => {
    const rows = [...t.rows];
    rows.splice(to, 0, ...rows.splice(n, 1));
    set({ ...t, rows });
  };
  return [
    n > 0 && { name: "Move up", act: () => moved(n - 1) },
    n < t.rows.length - 1 && { name: "Move down", act: () => moved(n + 1) },
    { name: "Copy below", act: () => set({ ...t, rows: [...t.rows.slice(0, n + 1), { ...t.rows[n]! }, ...t.rows.slice(n + 1)] }) },
    { name: "Remove", grave: true, act: () => set({ ...t, rows: t.rows.filter((_, i) => i !== n) }) },
  ];
}

interface RowProps {
  row: TableRow;
  n: number;
  t: DecisionTable;
  at: string;
  faults?: Faults;
  columns?: PolicyColumns;
  set?: (row: TableRow) => void;
  acts?: ReturnType<typeof rowActs>;
}

function Row({ row, n, t, at, faults, columns, set, acts }: RowProps) {
  const whole = faultOf(faults, at) ?? faultOf(faults, `${at}/when`) ?? faultOf(faults, `${at}/then`);
  const cells = (part: "when" | "then") =>
    t[part].map((c, i) => (
      <Cell
        key={part + c}
        label={`Row ${n + 1}, ${spell(c).toLowerCase()}`}
        value={row[part][i] ?? ""}
        empty={part === "when" ? "any" : ""}
        fault={faultOf(faults, `${at}/${part}/${i}`)}
        choices={columns?.[part].find((w) => w.code === c)?.choices}
        set={set && ((v) => set({ ...row, [part]: t[part].map((_, j) => (j === i ? v : (row[part][j] ?? ""))) }))}
      />
    ));
  return (
    <tr class={whole ? "faulty" : undefined} id={at.slice(1).replace(/\//g, "-")}>
      <th scope="row">
        {n + 1}
        {whole && (
          <span class="fault" role="alert">
            {whole}
          </span>
        )}
      </th>
      {cells("when")}
      {cells("then")}
      <Cell label={`Row ${n + 1}, why`} value={row.why ?? ""} empty="" fault={faultOf(faults, `${at}/why`)} set={set && ((why) => set({ ...row, why: why || undefined }))} />
      {acts && (
        <td>
          <Menu label={<span class="only-heard">Row {n + 1}</span>} small end items={acts} />
        </td>
      )}
    </tr>
  );
}

function Cell({ label, value, empty, fault, choices, set }: { label: string; value: string; empty: string; fault?: string; choices?: string[]; set?: (v: string) => void }) {
  if (!set) return <td>{value === "" || value === "-" ? <span class="muted">{empty}</span> : <span class="mono">{value}</span>}</td>;
  const list = choices?.length ? `choices-${choices.join("-")}` : undefined;
  return (
    <td class={fault ? "faulty" : undefined}>
      <input class="mono" aria-label={label} aria-invalid={fault ? "true" : undefined} value={value} list={list} placeholder={empty} spellcheck={false} onInput={(e) => set(e.currentTarget.value)} />
      {fault && (
        <span class="fault" role="alert">
          {fault}
        </span>
      )}
    </td>
  );
}

function Paste({ t, set, close }: { t: DecisionTable; set: (t: DecisionTable) => void; close: () => void }) {
  const [text, setText] = useState("");
  const sheet = readSheet(text);
  const found = text ? withSheet(t, sheet) : null;
  return (
    <div class="panel-body">
      <div class="field">
        <label for="sheet-text">Rows with their heading, as the CSV of this table has them</label>
        <textarea id="sheet-text" class="mono small" rows={6} value={text} onInput={(e) => setText(e.currentTarget.value)} />
        {typeof found === "string" && (
          <p class="fault" role="alert">
            {found}
          </p>
        )}
      </div>
      <div class="row">
        <button
          type="button"
          class="button main"
          disabled={!found || typeof found === "string"}
          onClick={() => {
            set(found as DecisionTable);
            close();
          }}
        >
          Take {plural(sheet.rows.length, "row")} in place of these
        </button>
        <button type="button" class="button" onClick={close}>
          Leave it
        </button>
      </div>
    </div>
  );
}
