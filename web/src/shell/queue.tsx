// The list that a person is working through: its rows stay at hand on the page of each, so that one goes on to the next
// without going back. Kept for this tab only.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Link } from "wouter-preact";

const queue = signal<{ name: string; hrefs: string[] } | null>(null);

/** This list is the one being worked through, in the order that is on the screen. */
export function useQueue(name: string, hrefs: string[]): void {
  useEffect(() => {
    queue.value = { name, hrefs };
  }, [name, hrefs.join("\n")]);
}

export function QueueNav({ at }: { at: string }) {
  const q = queue.value;
  const place = q ? q.hrefs.indexOf(at) : -1;
  if (!q || place < 0) return null;
  const [before, after] = [q.hrefs[place - 1], q.hrefs[place + 1]];
  return (
    <nav class="queue-nav no-print" aria-label={q.name}>
      <span class="muted small">
        {place + 1} of {q.hrefs.length} in {q.name}
      </span>
      {before && (
        <Link href={before} class="button small" data-key="p" aria-label="Previous">
          ←
        </Link>
      )}
      {after && (
        <Link href={after} class="button small" data-key="n" aria-label="Next">
          →
        </Link>
      )}
    </nav>
  );
}

/** Where to go on after this one is done: the next of the list, if there is one. */
export function nextAfter(at: string): string | undefined {
  const q = queue.peek();
  const place = q?.hrefs.indexOf(at) ?? -1;
  return place < 0 ? undefined : (q!.hrefs[place + 1] ?? q!.hrefs[place - 1]);
}
