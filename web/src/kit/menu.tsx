// A button that opens a few choices below it. Arrow keys walk them, Escape closes, focus returns to the button.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

export interface MenuItem {
  name: string;
  hint?: string;
  act: () => void;
  grave?: boolean;
}

export function Menu({
  label,
  items,
  disabled,
  small,
  end,
}: {
  label: ComponentChildren;
  items: (MenuItem | null | false | undefined)[];
  disabled?: boolean;
  small?: boolean;
  /** The list hangs on the right edge of its button. */
  end?: boolean;
}) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const known = items.filter((i): i is MenuItem => !!i);
  useEffect(() => {
    if (!open) return;
    box.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
    const away = (e: Event) => {
      if (!box.current?.contains(e.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", away);
    return () => document.removeEventListener("pointerdown", away);
  }, [open]);
  const close = () => {
    setOpen(false);
    box.current?.querySelector<HTMLElement>("button")?.focus();
  };
  const onKey = (e: KeyboardEvent) => {
    if (!open) return;
    if (e.key === "Escape") {
      e.stopPropagation();
      close();
      return;
    }
    const step = e.key === "ArrowDown" ? 1 : e.key === "ArrowUp" ? -1 : 0;
    if (!step) return;
    e.preventDefault();
    const all = [...(box.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
    all[(all.indexOf(document.activeElement as HTMLElement) + step + all.length) % all.length]?.focus();
  };
  return (
    <div class={end ? "menu end" : "menu"} ref={box} onKeyDown={onKey}>
      <button
        type="button"
        class={small ? "button small" : "button"}
        aria-haspopup="menu"
        aria-expanded={open}
        disabled={disabled}
        onClick={() => setOpen(!open)}
      >
        {label}
        <svg class="chevron" viewBox="0 0 10 6" aria-hidden="true">
          <path d="M1 1l4 4 4-4" />
        </svg>
      </button>
      {open && (
        <div class="menu-list" role="menu">
          {known.map((i) => (
            <button
              key={i.name}
              type="button"
              role="menuitem"
              class={i.grave ? "grave" : undefined}
              onClick={() => {
                close();
                i.act();
              }}
            >
              {i.name}
              {i.hint && <span class="muted">{i.hint}</span>}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
