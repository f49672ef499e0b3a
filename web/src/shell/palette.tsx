// One box for everything (Ctrl K): an order by any of its numbers or by mail, a vendor by name, a screen.
import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { at } from "../api/address";
import { get } from "../api/client";
import { sources } from "../api/lookups";
import type { OrderSummary } from "../api/types";
import { spell } from "../words/words";
import { PLACES } from "./keys";

const open = signal(false);
export const openPalette = () => {
  open.value = true;
};

interface Hit {
  href: string;
  name: string;
  hint: string;
}
/** Pause in typing after which the server is asked. */
const PAUSE_MS = 160;

export function Palette() {
  return open.value ? <Box close={() => (open.value = false)} /> : null;
}

function known(words: string): Hit[] {
  const fits = (text: string) => text.toLowerCase().includes(words.toLowerCase());
  const places = Object.entries(PLACES)
    .filter(([, [, name]]) => fits(name))
    .map(([key, [href, name]]) => ({ href, name, hint: `g ${key}` }));
  if (!words) return places;
  const vendors = [...sources.value.values()].filter((s) => fits(s.name) || fits(s.id)).slice(0, 6);
  return [...vendors.map((s) => ({ href: `/vendors/${encodeURIComponent(s.id)}`, name: s.name, hint: "Vendor" })), ...places];
}

const fromOrder = (o: OrderSummary): Hit => ({
  href: `/orders/${encodeURIComponent(o.id)}`,
  name: `Order ${o.id}`,
  hint: `${spell(o.status)} · ${o.lines[0]?.title ?? ""}`,
});

function useOrders(words: string): { hits: Hit[]; busy: boolean } {
  const [found, set] = useState<{ of: string; hits: Hit[] }>({ of: "", hits: [] });
  useEffect(() => {
    if (words.length < 2) return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      get(at("/v1/orders", {}, { q: words, limit: 8 }), stop.signal)
        .then((page) => set({ of: words, hits: page.items.map(fromOrder) }))
        .catch(() => undefined);
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [words]);
  return { hits: found.of === words ? found.hits : [], busy: words.length >= 2 && found.of !== words };
}

function Box({ close }: { close: () => void }) {
  const [, go] = useLocation();
  const [words, setWords] = useState("");
  const [chosen, choose] = useState(0);
  const dialog = useRef<HTMLDialogElement>(null);
  const orders = useOrders(words.trim());
  const hits = [...orders.hits, ...known(words.trim())];
  const at = Math.min(chosen, hits.length - 1);
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal();
  }, []);
  const follow = (hit: Hit | undefined) => {
    if (!hit) return;
    close();
    go(hit.href);
  };
  const onKey = (e: KeyboardEvent) => {
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      choose((at + (e.key === "ArrowDown" ? 1 : -1) + hits.length) % Math.max(1, hits.length));
    } else if (e.key === "Enter") {
      e.preventDefault();
      if (!orders.busy) follow(hits[at]);
    }
  };
  return (
    <dialog
      ref={dialog}
      class="palette"
      aria-label="Find anything"
      onClose={close}
      onClick={(e) => e.target === dialog.current && dialog.current?.close()}
    >
      <input
        type="search"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-hits"
        aria-activedescendant={hits.length ? `hit-${at}` : undefined}
        aria-label="Order, purchase order, SKU, mail, tracking, vendor or screen"
        placeholder="Order, PO, SKU, mail, tracking, vendor, screen"
        value={words}
        autofocus
        onInput={(e) => {
          setWords(e.currentTarget.value);
          choose(0);
        }}
        onKeyDown={onKey}
      />
      <ul id="palette-hits" role="listbox" aria-label="Found">
        {hits.map((h, i) => (
          <li
            key={h.href}
            id={`hit-${i}`}
            role="option"
            aria-selected={i === at}
            onPointerMove={() => i !== at && choose(i)}
            onClick={() => follow(h)}
          >
            <span>{h.name}</span>
            <span class="muted small cut">{h.hint}</span>
          </li>
        ))}
      </ul>
      <p class="palette-end small muted" role="status">
        {orders.busy
          ? "Searching…"
          : hits.length === 0
            ? `Nothing fits “${words}”. Numbers and mail addresses must be whole.`
            : "↑ ↓ to choose, Enter to open"}
      </p>
    </dialog>
  );
}
