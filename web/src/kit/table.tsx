// The one table: native, sortable, its rows reachable with j, k and Enter, its content saved as CSV.
import type { ComponentChildren } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { csvOf, saveText } from "../words/csv";
import { plural } from "../words/words";

export interface Column<T> {
  head: string;
  /** What a person sees; the text if absent. */
  cell?: (row: T) => ComponentChildren;
  /** What CSV and sorting see. */
  text: (row: T) => string | number | null | undefined;
  right?: boolean;
  /** 1 always, 2 not on a phone, 3 on a wide screen only. */
  rank?: 1 | 2 | 3;
  /** Takes the room that is left. */
  wide?: boolean;
  /** Stays on one line, the end cut off. */
  oneLine?: boolean;
}

interface Props<T> {
  name: string;
  caption: string;
  rows: T[];
  columns: Column<T>[];
  keyOf: (row: T) => string;
  hrefOf?: (row: T) => string;
  more?: () => void;
  empty?: ComponentChildren;
  /** Keys of rows that have just changed, to be tinted for a moment. */
  changed?: Set<string>;
  lead?: ComponentChildren;
  plain?: boolean;
}

export function Table<T>({ name, caption, rows, columns, keyOf, hrefOf, more, empty, changed, lead, plain }: Props<T>) {
  const [sort, setSort] = useState<{ column: number; down: boolean } | null>(null);
  const [, go] = useLocation();
  const box = useRef<HTMLDivElement>(null);
  const sorted = useMemo(() => (sort ? order(rows, columns[sort.column]!, sort.down) : rows), [rows, sort, columns]);
  const save = () =>
    saveText(
      `countersign-${name}.csv`,
      csvOf(
        columns.map((c) => c.head),
        sorted.map((r) => columns.map((c) => String(c.text(r) ?? ""))),
      ),
    );

  const onKey = (e: KeyboardEvent) => {
    const step = e.key === "ArrowDown" ? 1 : e.key === "ArrowUp" ? -1 : 0;
    if (!step || !box.current) return;
    if (moveRow(box.current, step)) e.preventDefault();
  };
  const onRow = (row: T) => (e: MouseEvent) => {
    const target = e.target as Element;
    if (!hrefOf || target.closest("a, button, input, summary, label") || String(getSelection())) return;
    go(hrefOf(row));
  };

  return (
    <section class={plain ? "table-box plain" : "table-box"} aria-label={caption}>
      <div class="table-top">
        <span class="muted small">{lead ?? plural(rows.length, "row")}</span>
        {rows.length > 0 && (
          <button type="button" class="button plain small no-print" onClick={save}>
            Save as CSV<span class="only-heard"> ({caption})</span>
          </button>
        )}
      </div>
      <div
        class="table-scroll"
        ref={box}
        tabIndex={0}
        role="group"
        aria-label={`${caption}, table`}
        onKeyDown={onKey}
        data-rows={hrefOf ? "" : undefined}
      >
        <table>
          <caption class="only-heard">{caption}</caption>
          <thead>
            <tr>
              {columns.map((c, i) => (
                <th
                  key={c.head}
                  scope="col"
                  class={look(c)}
                  aria-sort={sort?.column === i ? (sort.down ? "descending" : "ascending") : undefined}
                >
                  <button
                    type="button"
                    onClick={() =>
                      setSort(sort?.column === i ? (sort.down ? null : { column: i, down: true }) : { column: i, down: false })
                    }
                  >
                    {c.head}
                    <span aria-hidden="true" class="sort-mark">
                      {sort?.column === i ? (sort.down ? "↓" : "↑") : ""}
                    </span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sorted.map((row) => (
              <tr key={keyOf(row)} class={`${hrefOf ? "goes" : ""} ${changed?.has(keyOf(row)) ? "changed" : ""}`} onClick={onRow(row)}>
                {columns.map((c) => (
                  <td key={c.head} class={look(c)}>
                    {c.cell ? c.cell(row) : String(c.text(row) ?? "")}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {rows.length === 0 && <div class="empty">{empty ?? "Nothing here."}</div>}
      </div>
      {more && (
        <div class="table-end">
          <button type="button" class="button" onClick={more}>
            Show more
          </button>
        </div>
      )}
    </section>
  );
}

function look<T>(c: Column<T>): string {
  return [c.right && "right", c.rank && `rank-${c.rank}`, c.wide && "wide", c.oneLine && "one-line"].filter(Boolean).join(" ");
}

function order<T>(rows: T[], column: Column<T>, down: boolean): T[] {
  const sign = down ? -1 : 1;
  return [...rows].sort((a, b) => {
    const x = column.text(a) ?? "";
    const y = column.text(b) ?? "";
    if (typeof x === "number" && typeof y === "number") return sign * (x - y);
    return sign * String(x).localeCompare(String(y), "en", { numeric: true });
  });
}

/** Moves the focus to the first link of the next or the previous row; true if it moved. */
export function moveRow(within: Element, step: number): boolean {
  const links = [...within.querySelectorAll<HTMLElement>("[data-rows] tbody tr.goes")]
    .concat(within.matches("[data-rows]") ? [...within.querySelectorAll<HTMLElement>("tbody tr.goes")] : [])
    .map((row) => row.querySelector<HTMLElement>("a"))
    .filter((a): a is HTMLElement => !!a);
  const at = links.findIndex((a) => a.closest("tr")?.contains(document.activeElement));
  const next = links[Math.max(0, Math.min(links.length - 1, at + step))];
  if (!next) return false;
  next.focus();
  next.closest("tr")?.scrollIntoView({ block: "nearest" });
  return true;
}
