// What a person may do to an order: cancel, hold, release, reroute a line. Each with its reason.
import { useState } from "preact/hooks";
import { Problem, post, segment } from "../api/client";
import { sources } from "../api/lookups";
import type { Order, OrderLine } from "../api/types";
import { Dialog, ProblemNote, say } from "../kit/parts";
import { may } from "../shell/session";
import { CANCEL_REASONS } from "../words/words";

type Ask = { kind: "cancel" } | { kind: "hold" } | { kind: "reroute"; line: OrderLine };

/** The dialogs and what opens them. */
export function useOrderActions(order: Order | undefined, done: () => void) {
  const [ask, setAsk] = useState<Ask | null>(null);
  const close = () => setAsk(null);
  const base = order ? `/v1/orders/${segment(order.id)}` : "";
  const release = () =>
    void post(`${base}/release`, { reason: "manual_release" })
      .then(() => {
        say("Released");
        done();
      })
      .catch((p) => say(p.message, "stamp"));
  const dialog =
    !order || !ask ? null : ask.kind === "cancel" ? (
      <CancelDialog order={order} base={base} close={close} done={done} />
    ) : ask.kind === "hold" ? (
      <HoldDialog base={base} close={close} done={done} />
    ) : (
      <RerouteDialog base={base} line={ask.line} close={close} done={done} />
    );
  return {
    dialog,
    cancel: () => setAsk({ kind: "cancel" }),
    hold: () => setAsk({ kind: "hold" }),
    release,
    reroute: (line: OrderLine) => setAsk({ kind: "reroute", line }),
  };
}

/** Sends, and keeps the dialog open with the problem if it is refused. */
export function useSending(close: () => void, done: () => void) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const send = (path: string, body: unknown, words: string) => {
    setBusy(true);
    setProblem(null);
    post(path, body)
      .then(() => {
        say(words);
        close();
        done();
      })
      .catch((p) => setProblem(p instanceof Problem ? p : new Problem(0, String(p))))
      .finally(() => setBusy(false));
  };
  return { problem, busy, send };
}

interface Props {
  base: string;
  close: () => void;
  done: () => void;
}

function CancelDialog({ order, base, close, done }: Props & { order: Order }) {
  const { problem, busy, send } = useSending(close, done);
  const asked = order.lines.some((l) => (l.assignments ?? []).some((a) => ["requested", "acknowledged", "committed"].includes(a.phase)));
  return (
    <Dialog title={`Cancel order ${order.id}`} close={close}>
      <form
        class="stack"
        onSubmit={(e) => {
          e.preventDefault();
          send(`${base}/cancel`, { reason: new FormData(e.currentTarget).get("reason") }, "Cancellation asked for");
        }}
      >
        <p>
          {asked
            ? "A source was asked already: it gets a cancellation, and the customer is told once it has answered."
            : "No source was asked yet: it is cancelled at once."}
        </p>
        <div class="field">
          <label for="cancel-reason">Reason</label>
          <select id="cancel-reason" name="reason">
            {CANCEL_REASONS.map(([code, words]) => (
              <option key={code} value={code}>
                {words}
              </option>
            ))}
          </select>
        </div>
        {problem && <ProblemNote problem={problem} />}
        <div class="dialog-end">
          <button type="button" class="button" onClick={close}>
            Keep the order
          </button>
          <button class="button grave" disabled={busy}>
            Cancel the order
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function HoldDialog({ base, close, done }: Props) {
  const { problem, busy, send } = useSending(close, done);
  return (
    <Dialog title="Put on hold" close={close}>
      <form
        class="stack"
        onSubmit={(e) => {
          e.preventDefault();
          send(`${base}/hold`, { reason: "manual_hold" }, "On hold");
        }}
      >
        <p>Nothing more is released to sources until somebody lets the order go on. What was sent already goes on.</p>
        {problem && <ProblemNote problem={problem} />}
        <div class="dialog-end">
          <button type="button" class="button" onClick={close}>
            Leave it running
          </button>
          <button class="button main" disabled={busy}>
            Put on hold
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function RerouteDialog({ base, line, close, done }: Props & { line: OrderLine }) {
  const { problem, busy, send } = useSending(close, done);
  const submit = (form: HTMLFormElement) => {
    const to = String(new FormData(form).get("to") ?? "");
    send(`${base}/lines/${segment(line.line)}/reroute`, to ? { to, reason: "manual_override" } : { reason: "manual_override" }, "Rerouted");
  };
  return (
    <Dialog title={`Reroute line ${line.line}`} close={close}>
      <form
        class="stack"
        onSubmit={(e) => {
          e.preventDefault();
          submit(e.currentTarget);
        }}
      >
        <p>
          {line.quantity ?? line.tally?.ordered} × {line.title ?? line.sku}. The sources asked so far are told to stop; another one is asked
          under the next attempt number.
        </p>
        {may("choose_source") && (
          <div class="field">
            <label for="reroute-to">To</label>
            <select id="reroute-to" name="to">
              <option value="">The best source by the rules</option>
              {[...sources.value.values()].map((s) => (
                <option key={s.id} value={s.id}>
                  {s.name ?? s.id}
                </option>
              ))}
            </select>
          </div>
        )}
        {problem && <ProblemNote problem={problem} />}
        <div class="dialog-end">
          <button type="button" class="button" onClick={close}>
            Leave it
          </button>
          <button class="button main" disabled={busy}>
            Reroute
          </button>
        </div>
      </form>
    </Dialog>
  );
}
