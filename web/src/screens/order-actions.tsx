// What a person may do to an order: cancel it or a line, hold, release, take a line elsewhere. Each with its reason.
import { useState } from "preact/hooks";
import { at } from "../api/address";
import { send } from "../api/client";
import { useResource } from "../api/resource";
import type { Choice, Order, OrderLine } from "../api/types";
import { AskDialog, useSending } from "../kit/asking";
import { SelectField, TextField } from "../kit/field";
import { Dialog, Loaded, ProblemNote, say } from "../kit/parts";
import { CANCEL_REASONS, HOLD_REASONS, isGrave } from "../words/words";
import { Choices, Sure, choiceKey, choiceName } from "./choices";
import { MessageDialog } from "./message";

type Ask = { kind: "cancel" } | { kind: "erase" } | { kind: "hold" } | { kind: "message" } | { kind: "line"; line: OrderLine };

/** The dialogs and what opens them. */
export function useOrderActions(order: Order | undefined, done: () => void) {
  const [ask, setAsk] = useState<Ask | null>(null);
  const close = () => setAsk(null);
  const release = () =>
    void send("post", "/v1/orders/{order}/release", { order: order!.id }, { reason: "manual_release" })
      .then(() => {
        say("Released");
        done();
      })
      .catch((p) => say(p.message, "stamp"));
  const dialog = (o: Order, a: Ask) => {
    if (a.kind === "cancel") return <CancelDialog order={o} close={close} done={done} />;
    if (a.kind === "erase") return <EraseDialog order={o} close={close} done={done} />;
    if (a.kind === "hold") return <HoldDialog order={o} close={close} done={done} />;
    if (a.kind === "message") return <MessageDialog order={o} close={close} done={done} />;
    return <LineDialog order={o} line={a.line} close={close} done={done} />;
  };
  return {
    dialog: order && ask ? dialog(order, ask) : null,
    cancel: () => setAsk({ kind: "cancel" }),
    erase: () => setAsk({ kind: "erase" }),
    hold: () => setAsk({ kind: "hold" }),
    message: () => setAsk({ kind: "message" }),
    release,
    reroute: (line: OrderLine) => setAsk({ kind: "line", line }),
  };
}

interface Props {
  order: Order;
  close: () => void;
  done: () => void;
}

function Reasons({ id, of }: { id: string; of: readonly (readonly [string, string])[] }) {
  return (
    <div class="field">
      <label for={id}>Reason</label>
      <select id={id} name="reason">
        {of.map(([code, words]) => (
          <option key={code} value={code}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}

function Words({ id }: { id: string }) {
  return (
    <div class="field">
      <label for={id}>Words for the log, if any</label>
      <textarea id={id} name="words" rows={2} />
    </div>
  );
}

/** Reason and words, as a form holds them. */
const reasonOf = (form: FormData) => ({ reason: String(form.get("reason")), words: String(form.get("words") ?? "").trim() || null });

function CancelDialog({ order, close, done }: Props) {
  const asked = order.lines.some((l) => l.assignments.some((a) => ["requested", "acknowledged", "committed"].includes(a.phase)));
  return (
    <AskDialog
      title={`Cancel order ${order.id}`}
      act={(form) => send("post", "/v1/orders/{order}/cancel", { order: order.id }, reasonOf(form))}
      does="Cancel the order"
      said="Cancellation asked for"
      leave="Keep the order"
      grave
      close={close}
      done={done}
    >
      {() => (
        <>
          <p>
            {asked
              ? "A source was asked already: it gets a cancellation, and the customer is told once it has answered."
              : "No source was asked yet: it is cancelled at once."}
          </p>
          <Reasons id="cancel-reason" of={CANCEL_REASONS} />
          <Words id="cancel-words" />
        </>
      )}
    </AskDialog>
  );
}

function HoldDialog({ order, close, done }: Props) {
  return (
    <AskDialog
      title="Put on hold"
      act={(form) => send("post", "/v1/orders/{order}/hold", { order: order.id }, reasonOf(form))}
      does="Put on hold"
      said="On hold"
      leave="Leave it running"
      close={close}
      done={done}
    >
      {() => (
        <>
          <p>Nothing more is released to sources until somebody lets the order go on. What was sent already goes on.</p>
          <Reasons id="hold-reason" of={HOLD_REASONS} />
          <Words id="hold-words" />
        </>
      )}
    </AskDialog>
  );
}

/** The customer's name, address and mail are forgotten; asks for the order's number, because nothing brings them back. */
function EraseDialog({ order, close, done }: Props) {
  const [typed, type] = useState("");
  return (
    <AskDialog
      title="Erase the customer's data"
      act={() => send("delete", "/v1/orders/{order}/person", { order: order.id })}
      does="Erase it for ever"
      said="The customer's data is erased"
      leave="Keep it"
      grave
      ready={typed.trim() === order.id}
      close={close}
      done={done}
    >
      {() => (
        <>
          <p>
            Name, address, mail and the words that were written to and by the customer go, here and for everybody. The order, its log and its
            proofs stay whole: they never held them. This cannot be undone.
          </p>
          {!["delivered", "cancelled"].includes(order.status) && (
            <p class="ink-stamp">This order is still running: nobody can be sent or told anything more after it.</p>
          )}
          <TextField name="erase-order" label={`The order's number, ${order.id}, to be sure`} mono value={typed} set={type} />
        </>
      )}
    </AskDialog>
  );
}

/** Where a line could go, each way rehearsed: the best by the rules, each source, or not at all. */
function LineDialog({ order, line, close, done }: Props & { line: OrderLine }) {
  const ids = { order: order.id, line: line.line };
  const choices = useResource(at("/v1/orders/{order}/lines/{line}/choices", ids));
  const [picked, pick] = useState("");
  const [reason, setReason] = useState<string>(CANCEL_REASONS[0][0]);
  const [words, setWords] = useState("");
  const [asking, ask] = useState<Choice | null>(null);
  const { problem, busy, run } = useSending(close, done);
  const act = (c: Choice) => {
    const said = { words: words.trim() || null };
    const away = { ...said, reason };
    const there = { ...said, to: c.source ?? null, reason: "manual_override" };
    if (c.action === "cancel") return send("post", "/v1/orders/{order}/lines/{line}/cancel", ids, away);
    return send("post", "/v1/orders/{order}/lines/{line}/reroute", ids, there);
  };
  const doIt = (c: Choice) => run(() => act(c), `Done: ${choiceName(c)}`);
  if (asking) return <Sure of={asking} busy={busy} problem={problem} close={() => ask(null)} act={() => doIt(asking)} />;
  return (
    <Dialog title={`Line ${line.line}: ${line.quantity} × ${line.title}`} close={close} wide>
      <Loaded of={choices} what="The choices">
        {(list) => {
          const chosen = list.items.find((c) => choiceKey(c) === picked && !c.impossible);
          return (
            <form
              class="stack"
              onSubmit={(e) => {
                e.preventDefault();
                if (chosen) isGrave(chosen) ? ask(chosen) : doIt(chosen);
              }}
            >
              <p class="quiet">The sources asked so far are told to stop. Pick a way to see what would follow.</p>
              <Choices of={list.items} chosen={chosen ? choiceKey(chosen) : ""} choose={pick} />
              {chosen?.action === "cancel" && <SelectField name="line-reason" label="Reason" value={reason} set={setReason} options={CANCEL_REASONS} />}
              <div class="field">
                <label for="line-words">Words for the log, if any</label>
                <textarea id="line-words" rows={2} value={words} onInput={(e) => setWords(e.currentTarget.value)} />
              </div>
              {problem && <ProblemNote problem={problem} />}
              <div class="dialog-end">
                <button type="button" class="button" onClick={close}>
                  Leave it
                </button>
                <button class={chosen && isGrave(chosen) ? "button grave" : "button main"} disabled={busy || !chosen}>
                  {chosen ? `${choiceName(chosen)}${isGrave(chosen) ? "…" : ""}` : "Choose one"}
                </button>
              </div>
            </form>
          );
        }}
      </Loaded>
    </Dialog>
  );
}
