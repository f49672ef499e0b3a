// The frame around every screen: rail with counts, live lamp, theme, who is here.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { streamState } from "../api/stream";
import { BrandMark } from "../kit/mark";
import { Dialog, Said } from "../kit/parts";
import { spell } from "../words/words";
import { PLACES, keyHelp, keysOn, listenToKeys, setKeys } from "./keys";
import { Palette, openPalette } from "./palette";
import { logout, may, session } from "./session";
import { nextTheme, setTheme, theme } from "./theme";
import { counted } from "./worklist";

const WORK: [string, string][] = [
  ["/", "Today"],
  ["/cases", "Cases"],
  ["/approvals", "Approvals"],
  ["/orders", "Orders"],
  ["/purchase-orders", "Purchase orders"],
  ["/vendors", "Vendors"],
];
const BACK: [string, string, string?][] = [
  ["/policies", "Policies"],
  ["/reports", "Reports"],
  ["/log", "Log"],
  ["/quarantine", "Quarantine", "read_quarantine"],
  ["/settings", "Settings"],
  ["/guides", "Guides"],
];
const LAMP: Record<string, string> = {
  live: "Live",
  connecting: "Connecting",
  lost: "Connection lost, trying again",
  resting: "Resting",
  absent: "No live updates",
};

export function Frame({ children }: { children: ComponentChildren }) {
  const [place, go] = useLocation();
  const [open, setOpen] = useState(false);
  const rail = useRef<HTMLElement>(null);
  useEffect(() => {
    if (open) rail.current?.querySelector<HTMLElement>("nav a")?.focus();
  }, [open]);
  useEffect(() => listenToKeys(go), [go]);
  const came = useRef(place);
  useEffect(() => {
    setOpen(false);
    if (came.current === place) return;
    came.current = place;
    window.scrollTo(0, 0);
    // The new page begins at its heading, for the eye, for a screen reader and for the next key alike.
    const frame = requestAnimationFrame(() => document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true }));
    return () => cancelAnimationFrame(frame);
  }, [place]);
  const todo = counted.value;
  const count = (n: number | undefined) => (n ? `${n.toLocaleString("en")}${todo!.complete ? "" : "+"}` : "");
  const counts: Record<string, string> = { "/cases": count(todo?.cases), "/approvals": count(todo?.approvals) };
  const item = ([to, name]: readonly [string, string, string?]) => {
    const here = to === "/" ? place === "/" : place === to || place.startsWith(`${to}/`);
    const n = counts[to];
    return (
      <Link key={to} href={to} aria-current={here ? "page" : undefined}>
        {name}
        {n && (
          <span class="count">
            {n}
            <span class="only-heard"> for you</span>
          </span>
        )}
      </Link>
    );
  };

  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(e) => {
          e.preventDefault();
          document.getElementById("main")?.focus();
        }}
      >
        Skip to content
      </a>
      <div class="frame">
        <header class="topbar chrome" inert={open}>
          <Link href="/" class="brand">
            <BrandMark />
            Countersign
          </Link>
          <button type="button" aria-expanded={open} onClick={() => setOpen(true)}>
            Menu
          </button>
        </header>
        <aside
          class={open ? "rail chrome open" : "rail chrome"}
          aria-label="Console"
          ref={rail}
          onKeyDown={(e) => {
            if (e.key === "Escape") setOpen(false);
          }}
        >
          <Link href="/" class="brand">
            <BrandMark />
            Countersign
          </Link>
          <button type="button" class="find" onClick={openPalette}>
            <span>Find anything</span>
            <kbd aria-hidden="true">Ctrl K</kbd>
          </button>
          <nav aria-label="Screens">
            {WORK.map(item)}
            <hr />
            {BACK.filter(([, , needs]) => !needs || may(needs)).map(item)}
          </nav>
          <div class="rail-end">
            <span class="lamp" data-state={streamState.value} role="status">
              <i aria-hidden="true" />
              {LAMP[streamState.value]}
            </span>
            <span class="row">
              <button type="button" onClick={() => setTheme(nextTheme(theme.value))}>
                Theme: {theme.value}
              </button>
              <button
                type="button"
                onClick={() => {
                  keyHelp.value = true;
                }}
              >
                Keys
              </button>
            </span>
            <span class="who">
              <b>{session.value?.name}</b>
              {spell(session.value?.role)}
            </span>
            <span class="row">
              <button type="button" onClick={() => void logout()}>
                Log out
              </button>
              <button type="button" class="close" onClick={() => setOpen(false)}>
                Close menu
              </button>
            </span>
          </div>
        </aside>
        <main id="main" class="page" tabIndex={-1} inert={open}>
          {children}
        </main>
      </div>
      <Said />
      <Palette />
      {keyHelp.value && <KeyHelp />}
    </>
  );
}

const HELP: [string, string][] = [
  ["Ctrl K", "find anything"],
  ["/", "search this list"],
  ["x", "choose the row (where rows can be chosen)"],
  ["n", "next of the list"],
  ["p", "previous of the list"],
  ["d", "do what is chosen; what cannot be undone asks first"],
  ["y", "approve"],
  ["o", "open the order"],
];

function KeyHelp() {
  return (
    <Dialog
      title="Keys"
      close={() => {
        keyHelp.value = false;
      }}
    >
      <div class="key-list">
        <p>
          <kbd>j</kbd> <kbd>k</kbd>
        </p>
        <p>next and previous row</p>
        <p>
          <kbd>Enter</kbd>
        </p>
        <p>open the row</p>
        {HELP.map(([key, words]) => [
          <p key={key}>
            <kbd>{key}</kbd>
          </p>,
          <p key={words}>{words}</p>,
        ])}
        {Object.entries(PLACES).map(([key, [, name]]) => [
          <p key={key}>
            <kbd>g</kbd> <kbd>{key}</kbd>
          </p>,
          <p key={name}>{name}</p>,
        ])}
        <p>
          <kbd>?</kbd>
        </p>
        <p>this list</p>
      </div>
      <label class="check">
        <input type="checkbox" checked={keysOn.value} onChange={(e) => setKeys(e.currentTarget.checked)} />
        Single letters act as keys
      </label>
      <form method="dialog" class="dialog-end">
        <button class="button main">Close</button>
      </form>
    </Dialog>
  );
}

/** The head of a screen: where, what, and what may be done. */
export function PageHead({
  title,
  tab,
  crumb,
  children,
  end,
}: {
  title: ComponentChildren;
  /** What the browser's tab says, where the title alone does not tell this page from others. */
  tab?: string;
  crumb?: [string, string];
  children?: ComponentChildren;
  end?: ComponentChildren;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = [tab ?? heading.current?.textContent, crumb?.[1] ?? "Countersign"].filter(Boolean).join(" · ");
  });
  return (
    <header>
      {crumb && (
        <Link href={crumb[0]} class="crumb">
          {crumb[1]}
        </Link>
      )}
      <div class="page-title">
        <h1 tabIndex={-1} ref={heading}>
          {title}
        </h1>
        {children}
        {end && <div class="row push">{end}</div>}
      </div>
    </header>
  );
}
