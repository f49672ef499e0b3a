// Light, dark, or as the system says. `public/theme.js` applies the choice before the first paint.
import { signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";
const chosen = typeof document === "undefined" ? undefined : (document.documentElement.dataset.theme as Theme | undefined);
export const theme = signal<Theme>(chosen ?? "system");

export function setTheme(next: Theme): void {
  theme.value = next;
  if (next === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  try {
    localStorage.setItem("countersign.theme", next);
  } catch {
    /* storage may be forbidden */
  }
}
export const nextTheme = (t: Theme): Theme => (t === "system" ? "light" : t === "light" ? "dark" : "system");
