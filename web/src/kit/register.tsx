// A list of what is kept, with a way to add to it at its head.
import { useState } from "preact/hooks";
import type { Resource } from "../api/resource";
import { plural } from "../words/words";
import { Loaded } from "./parts";
import { Table, type Column } from "./table";

interface RegisterProps<T> {
  of: Resource<{ items: T[] }>;
  what: string;
  name: string;
  caption: string;
  columns: Column<T>[];
  keyOf: (row: T) => string;
  /** What a row is, and several. */
  one: string;
  many?: string;
  /** The button at the head, and what it does. */
  adds: string;
  add: () => void;
  /** What is said where there are none, and why one would want some. */
  none: string;
  hint: string;
}

export function Register<T>({ of, what, one, many, adds, add, none, hint, ...table }: RegisterProps<T>) {
  return (
    <Loaded of={of} what={what}>
      {(page) => (
        <Table
          {...table}
          rows={page.items}
          lead={plural(page.items.length, one, many)}
          tools={
            <button type="button" class="button small" onClick={add}>
              {adds}
            </button>
          }
          empty={
            <>
              <strong>{none}</strong>
              {hint}
            </>
          }
        />
      )}
    </Loaded>
  );
}

export function useAdding() {
  const [open, setOpen] = useState(false);
  return { open, ask: () => setOpen(true), close: () => setOpen(false) };
}
