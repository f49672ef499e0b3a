// Views of a list: those that everybody has, and those that this person has saved. Each is an address.
import { useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { at } from "../api/address";
import { Problem, send } from "../api/client";
import { useResource } from "../api/resource";
import { Dialog, ProblemNote, say } from "../kit/parts";

const slug = (title: string) =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "") || "view";

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
      {asking && <SaveDialog screen={screen} query={query} close={() => ask(false)} done={saved.reload} />}
    </div>
  );
}

function SaveDialog({ screen, query, close, done }: { screen: string; query: string; close: () => void; done: () => void }) {
  const [title, setTitle] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const save = (e: Event) => {
    e.preventDefault();
    send("put", "/v1/session/views/{view}", { view: `${screen}-${slug(title)}` }, { title, screen, query })
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
        </div>
        {problem && <ProblemNote problem={problem} />}
        <div class="dialog-end">
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
          <button class="button main">Save</button>
        </div>
      </form>
    </Dialog>
  );
}
