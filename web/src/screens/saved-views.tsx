// Views of a list: those that everybody has, and those that this person has saved. Each is an address.
import { useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { at } from "../api/address";
import { ONLY_NEW, Problem, send } from "../api/client";
import { useResource } from "../api/resource";
import { Dialog, ProblemNote, say } from "../kit/parts";

/** The name of a view is for people; what it is kept under says nothing, so that no two names ever meet. */
const freshId = (screen: string) => `${screen}-${Array.from(crypto.getRandomValues(new Uint8Array(8)), (b) => b.toString(16).padStart(2, "0")).join("")}`;

export function SavedViews({ screen, query, ready }: { screen: string; query: string; ready: [string, string][] }) {
  const saved = useResource(at("/v1/session/views", {}));
  const [asking, ask] = useState(false);
  const mine = (saved.data?.items ?? []).filter((v) => v.screen === screen);
  const all = [...ready.map(([title, q]) => ({ id: "", title, query: q })), ...mine];
  const here = all.find((v) => v.query === query);
  const forget = (id: string) =>
    void send("delete", "/v1/session/views/{view}", { view: id })
      .then(() => say("View forgotten"))
      .catch((p: Problem) => say(p.message, "stamp"))
      .finally(saved.reload);
  return (
    <div class="views no-print">
      <nav class="tabs" aria-label="Views">
        {all.map((v) => (
          <Link key={v.id || v.title} href={`/${screen}${v.query ? `?${v.query}` : ""}`} aria-current={v === here ? "page" : undefined}>
            {v.title}
          </Link>
        ))}
      </nav>
      {!here && (
        <button type="button" class="button plain small" onClick={() => ask(true)}>
          Save this view
        </button>
      )}
      {here?.id && (
        <button type="button" class="button plain small" onClick={() => forget(here.id)}>
          Forget this view
        </button>
      )}
      {asking && <SaveDialog screen={screen} query={query} taken={all.map((v) => v.title)} close={() => ask(false)} done={saved.reload} />}
    </div>
  );
}

interface SaveProps {
  screen: string;
  query: string;
  /** Names of the views that there are. */
  taken: string[];
  close: () => void;
  done: () => void;
}

function SaveDialog({ screen, query, taken, close, done }: SaveProps) {
  const [title, setTitle] = useState("");
  const same = taken.find((t) => t.toLowerCase() === title.trim().toLowerCase());
  const [problem, setProblem] = useState<Problem | null>(null);
  const save = (e: Event) => {
    e.preventDefault();
    if (same) return;
    send("put", "/v1/session/views/{view}", { view: freshId(screen) }, { title: title.trim(), screen, query }, ONLY_NEW)
      .then(() => {
        say("View saved");
        close();
        done();
      })
      .catch(setProblem);
  };
  return (
    <Dialog title="Save this view" close={close}>
      <form class="stack" onSubmit={save}>
        <div class="field">
          <label for="view-title">Name</label>
          <input id="view-title" required maxLength={60} value={title} onInput={(e) => setTitle(e.currentTarget.value)} />
          <p class="hint">Only you see it.</p>
          {same && (
            <p class="fault" role="alert">
              You have a view “{same}” already.
            </p>
          )}
        </div>
        {problem && <ProblemNote problem={problem} />}
        <div class="dialog-end">
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
          <button class="button main" disabled={!title.trim() || !!same}>
            Save
          </button>
        </div>
      </form>
    </Dialog>
  );
}
