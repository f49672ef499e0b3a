// Keys for the whole page. Single letters can be switched off (WCAG 2.1.4) and never act while somebody types.
import { signal } from "@preact/signals";
import { markRow, moveRow } from "../kit/table";
import { openPalette } from "./palette";

export const keysOn = signal(read());
export const keyHelp = signal(false);

function read(): boolean {
  try {
    return localStorage.getItem("countersign.keys") !== "off";
  } catch {
    return true;
  }
}
export function setKeys(on: boolean): void {
  keysOn.value = on;
  try {
    localStorage.setItem("countersign.keys", on ? "on" : "off");
  } catch {
    /* storage may be forbidden */
  }
}

export const PLACES: Record<string, [string, string]> = {
  t: ["/", "Today"],
  c: ["/cases", "Cases"],
  a: ["/approvals", "Approvals"],
  o: ["/orders", "Orders"],
  p: ["/purchase-orders", "Purchase orders"],
  v: ["/vendors", "Vendors"],
  q: ["/quarantine", "Quarantine"],
  l: ["/log", "Log"],
  r: ["/reports", "Reports"],
  b: ["/policies", "Policies"],
  s: ["/settings", "Settings"],
  h: ["/guides", "Guides"],
};

/** Listens to the page's keys; `go` changes the place. Returns how to stop. */
export function listenToKeys(go: (to: string) => void): () => void {
  let afterG = false;
  const onKey = (e: KeyboardEvent) => {
    const target = e.target as HTMLElement;
    if ((e.ctrlKey || e.metaKey) && e.key === "k") {
      e.preventDefault();
      openPalette();
      return;
    }
    if (!keysOn.value || e.ctrlKey || e.metaKey || e.altKey || target.closest("input, textarea, select, dialog, [contenteditable]")) return;
    if (afterG) {
      afterG = false;
      const place = PLACES[e.key];
      if (place) {
        e.preventDefault();
        go(place[0]);
      }
      return;
    }
    if (e.key === "g") {
      afterG = true;
      setTimeout(() => {
        afterG = false;
      }, 1200);
      return;
    }
    if (e.key === "?") {
      keyHelp.value = true;
      e.preventDefault();
      return;
    }
    if (e.key === "/") {
      const search = document.querySelector<HTMLInputElement>("main input[type=search]");
      e.preventDefault();
      if (search) {
        search.focus();
        search.select();
      } else go("/orders?find");
      return;
    }
    if (e.key === "x" && markRow()) {
      e.preventDefault();
      return;
    }
    const marked = e.key.length === 1 ? document.querySelector<HTMLElement>(`main [data-key="${CSS.escape(e.key)}"]:not(:disabled)`) : null;
    if (marked) {
      e.preventDefault();
      marked.focus();
      marked.click();
      return;
    }
    if ((e.key === "j" || e.key === "k") && moveRow(document.querySelector("main") ?? document.body, e.key === "j" ? 1 : -1))
      e.preventDefault();
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}
