// The one table: native, sortable, its rows reachable with j, k and Enter, its content saved as CSV.
import type { ComponentChildren } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { csvOf, saveText } from "../words/csv";
import type { Pages } from "../api/resource";
import { plural } from "../words/words";
import { say } from "./parts";

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
  /** Holds acts, not facts: nothing to save. */
  seenOnly?: boolean;
  /** Stands in the saved file alone. */
  savedOnly?: boolean;
}

interface Props<T> {
  name: string;
  caption: string;
  rows: T[];
  columns: Column<T>[];
  keyOf: (row: T) => string;
  hrefOf?: (row: T) => string;
  more?: () => void;
  /** The list that the rows are the first of: its further rows are shown on demand, and saved with the others. */
  pages?: Pick<Pages<T>, "more" | "whole" | "loadAll">;
  empty?: ComponentChildren;
  /** Keys of rows that have just changed, to be tinted for a moment. */
  changed?: Set<string>;
  lead?: ComponentChildren;
  plain?: boolean;
  /** Rows may be chosen, for acts on many: which are, and how to change that. */
  choose?: { chosen: Set<string>; set: (chosen: Set<string>) => void };
  /** What follows the count at the head of the table. */
  tools?: ComponentChildren;
}

/** Rows drawn at once; a browser is slow with thousands. The next are a click away. */
const ROOM = 200;

export function Table<T>({ name, caption, rows, columns: told, keyOf, hrefOf, more, pages, empty, changed, lead, plain, choose, tools }: Props<T>) {
  const [sort, setSort] = useState<{ column: number; down: boolean } | null>(null);
  const [, go] = useLocation();
  const box = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState(ROOM);
  const reading = useReadingAll();
  const further = more ?? pages?.more;
  const columns = useMemo(() => told.filter((c) => !c.savedOnly), [told]);
  const inOrder = (all: T[]) => (sort ? order(all, columns[sort.column]!, sort.down) : all);
  const all = useMemo(() => inOrder(rows), [rows, sort, columns]);
  const sorted = all.slice(0, room);
  const hidden = all.length - sorted.length;
  const saved = told.filter((c) => !c.seenOnly);
  const keep = (of: T[]) =>
    saveText(
      `countersign-${name}.csv`,
      csvOf(
        saved.map((c) => c.head),
        inOrder(of).map((r) => saved.map((c) => String(c.text(r) ?? ""))),
      ),
    );
  const save = () => {
    if (!pages?.more) return keep(rows);
    reading.run(async (tell) => {
      const found = await pages.whole(tell);
      keep(found.items);
      const count = plural(found.items.length, "row");
      say(found.complete ? `${count} saved` : `The first ${count} saved; the list goes on`, found.complete ? "theirs" : "stamp");
    });
  };

  const onKey = (e: KeyboardEvent) => {
    const step = e.key === "ArrowDown" ? 1 : e.key === "ArrowUp" ? -1 : 0;
    if (!step || !box.current) return;
    if (moveRow(box.current, step)) e.preventDefault();
  };
  const onRow = (row: T) => (e: MouseEvent) => {
    const target = e.target as Element;
    if (!hrefOf || target.closest("a, button, input, summary, label, td.choose") || String(getSelection())) return;
    go(hrefOf(row));
  };

  return (
    <section class={plain ? "table-box plain" : "table-box"} aria-label={caption}>
      <div class="table-top">
        <span class="muted small">{lead ?? plural(rows.length, "row")}</span>
        <span class="row nowrap no-print">
          {tools}
          {rows.length > 0 && (
            <button type="button" class="button plain small" onClick={save} disabled={reading.busy} title={pages?.more ? "Every row that fits, not only those shown" : undefined}>
              {reading.busy ? `${reading.rows.toLocaleString("en")} rows…` : "CSV"}
              <span class="only-heard"> of {caption}</span>
            </button>
          )}
        </span>
      </div>
      {sort && pages?.more && (
        <p class="table-note small" role="status">
          Only the {plural(rows.length, "row")} loaded {rows.length === 1 ? "is" : "are"} sorted.{" "}
          <button type="button" class="button plain small" disabled={reading.busy} onClick={() => reading.run(pages.loadAll)}>
            Load all of them
          </button>
        </p>
      )}
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
              {choose && <ChooseAll keys={sorted.map(keyOf)} {...choose} />}
              {columns.map((c, i) => (
                <th
                  key={i}
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
                {choose && (
                  <td class="choose">
                    <input
                      type="checkbox"
                      aria-label={`Choose ${String(columns[0]!.text(row) ?? keyOf(row))}`}
                      checked={choose.chosen.has(keyOf(row))}
                      onClick={(e) => choose.set(toggled(choose.chosen, sorted.map(keyOf), keyOf(row), e.shiftKey))}
                    />
                  </td>
                )}
                {columns.map((c, i) => (
                  <td key={i} class={look(c)}>
                    {c.cell ? c.cell(row) : String(c.text(row) ?? "")}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {rows.length === 0 && <div class="empty">{empty ?? "Nothing here."}</div>}
      </div>
      {(hidden > 0 || further) && (
        <div class="table-end">
          <button
            type="button"
            class="button"
            onClick={() => {
              setRoom(room + ROOM);
              if (hidden <= 0) further?.();
            }}
          >
            Show more{hidden > 0 && ` (${hidden.toLocaleString("en")} below)`}
          </button>
        </div>
      )}
    </section>
  );
}

function ChooseAll({ keys, chosen, set }: { keys: string[]; chosen: Set<string>; set: (chosen: Set<string>) => void }) {
  const all = keys.length > 0 && keys.every((k) => chosen.has(k));
  return (
    <th scope="col" class="choose">
      <input
        type="checkbox"
        aria-label="Choose all"
        checked={all}
        indeterminate={!all && chosen.size > 0}
        onClick={() => set(all ? new Set() : new Set(keys))}
      />
    </th>
  );
}

/** Reading a whole list: how far it is, and what went wrong said. */
function useReadingAll() {
  const [rows, tell] = useState(-1);
  const run = (work: (tell: (rows: number) => void) => Promise<void>) => {
    tell(0);
    work(tell)
      .catch((p: Error) => say(p.message, "stamp"))
      .finally(() => tell(-1));
  };
  return { busy: rows >= 0, rows, run };
}

let lastToggled = "";
/** With shift, all rows since the one that was toggled last follow. */
function toggled(chosen: Set<string>, keys: string[], key: string, range: boolean): Set<string> {
  const next = new Set(chosen);
  const on = !chosen.has(key);
  const [from, to] = [keys.indexOf(range ? lastToggled : key), keys.indexOf(key)].sort((a, b) => a - b);
  for (const k of from! < 0 ? [key] : keys.slice(from, to! + 1)) on ? next.add(k) : next.delete(k);
  lastToggled = key;
  return next;
}

/** Chooses the row that has the focus, or no longer; true if there is one to choose. */
export function markRow(): boolean {
  const box = document.activeElement?.closest("tr")?.querySelector<HTMLInputElement>("td.choose input");
  box?.click();
  return !!box;
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
