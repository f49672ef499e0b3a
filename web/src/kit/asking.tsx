// Asking the server to do something: busy while it is asked, the problem shown at its place, what was done said once.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Problem } from "../api/client";
import { Dialog, ProblemNote, say } from "./parts";

/** Runs an act, says how it went, and keeps the problem if it is refused. */
export function useSending(close: () => void, done: () => void) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const run = (act: () => Promise<unknown>, words: string) => {
    setBusy(true);
    setProblem(null);
    act()
      .then(() => {
        if (words) say(words);
        close();
        done();
      })
      .catch((p) => setProblem(p instanceof Problem ? p : new Problem(0, String(p))))
      .finally(() => setBusy(false));
  };
  return { problem, busy, run };
}

interface AskProps {
  title: string;
  /** The act, by the data of the form; what it is called on its button, and what is said when it is done. */
  act: (form: FormData) => Promise<unknown>;
  does: string;
  said: string;
  close: () => void;
  done?: () => void;
  /** What the button is called that changes nothing. */
  leave?: string;
  /** It cannot be undone. */
  grave?: boolean;
  /** False while something is missing. */
  ready?: boolean;
  /** The fields, told what was refused. */
  children: (problem: Problem | null) => ComponentChildren;
}

/** A dialog that asks for one thing. */
export function AskDialog({ title, act, does, said, close, done, leave = "Leave it", grave, ready = true, children }: AskProps) {
  const { problem, busy, run } = useSending(close, done ?? (() => undefined));
  return (
    <Dialog title={title} close={close}>
      <form
        class="stack"
        onSubmit={(e) => {
          e.preventDefault();
          const form = new FormData(e.currentTarget);
          run(() => act(form), said);
        }}
      >
        {children(problem)}
        {problem && <ProblemNote problem={problem} />}
        <div class="dialog-end">
          <button type="button" class="button" onClick={close}>
            {leave}
          </button>
          <button class={grave ? "button grave" : "button main"} disabled={busy || !ready}>
            {does}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
