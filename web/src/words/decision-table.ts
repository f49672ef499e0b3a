// Decision tables of a policy document as a spreadsheet has them: rows of cells, and CSV both ways. What a cell may say is
// the server's affair.
import { csvOf } from "./csv";
import type { Sheet } from "./table";

export interface TableRow {
  when: string[];
  then: string[];
  why?: string;
}
/** A table as the document holds it. */
export interface DecisionTable {
  name: string;
  decides: string;
  hit?: string;
  from?: string;
  until?: string;
  when: string[];
  then: string[];
  rows: TableRow[];
  otherwise?: string[];
}

const WHEN = "when ";
const THEN = "then ";
const OTHERWISE = "otherwise";

/** As the API's CSV: name and subject, columns `when …`, `then …` and `why`; the last row is the *otherwise*. */
export function tableCsv(t: DecisionTable): string {
  const head = ["row", ...t.when.map((c) => WHEN + c), ...t.then.map((c) => THEN + c), "why"];
  const rows = t.rows.map((r, i) => [String(i + 1), ...r.when, ...r.then, r.why ?? ""]);
  const otherwise = [OTHERWISE, ...t.when.map(() => ""), ...(t.otherwise ?? t.then.map(() => "")), ""];
  return csvOf(["table", t.name], [["decides", t.decides], head, ...rows, otherwise]);
}

/** The cells of a sheet in place of a table's own; a string says why the sheet is none. */
export function withSheet(t: DecisionTable, sheet: Sheet): DecisionTable | string {
  const all = [sheet.head, ...sheet.rows];
  const from = Math.max(
    0,
    all.findIndex((row) => row.some((c) => c.trim().startsWith(THEN))),
  );
  const head = all[from]!.map((c) => c.trim());
  const body = all.slice(from + 1);
  const places = (mark: string) => head.flatMap((h, i) => (h.startsWith(mark) ? [[h.slice(mark.length), i] as const] : []));
  const [when, then] = [places(WHEN), places(THEN)];
  if (then.length === 0) return `The heading names no conclusion: write “${THEN}${t.then[0] ?? "…"}” above its column.`;
  const why = head.indexOf("why");
  // A cell that a spreadsheet would run was marked when it was saved.
  const cell = (row: string[], i: number) => (row[i] ?? "").trim().replace(/^'(?=[=+\-@])/, "");
  const isLast = (row: string[]) => cell(row, 0).toLowerCase() === OTHERWISE;
  const last = body.find(isLast);
  return {
    ...t,
    when: when.map(([c]) => c),
    then: then.map(([c]) => c),
    rows: body
      .filter((r) => !isLast(r))
      .map((r) => ({
        when: when.map(([, i]) => cell(r, i)),
        then: then.map(([, i]) => cell(r, i)),
        ...(why >= 0 && cell(r, why) ? { why: cell(r, why) } : {}),
      })),
    otherwise: last ? then.map(([, i]) => cell(last, i)) : t.otherwise,
  };
}

/** With a column more or less, or with another word for it; every row follows. */
export function withColumn(t: DecisionTable, part: "when" | "then", at: number, code: string | null): DecisionTable {
  const change = (cells: string[], fresh: string) =>
    code === null ? cells.filter((_, i) => i !== at) : at < cells.length ? cells : [...cells, fresh];
  const names = code === null ? t[part].filter((_, i) => i !== at) : at < t[part].length ? t[part].map((c, i) => (i === at ? code : c)) : [...t[part], code];
  const rows = t.rows.map((r) => ({ ...r, [part]: change(r[part], part === "when" ? "-" : "") }));
  const otherwise = part === "then" && t.otherwise ? change(t.otherwise, "") : t.otherwise;
  return { ...t, [part]: names, rows, otherwise };
}
