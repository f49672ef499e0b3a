// Writing to the customer of an order or to a vendor: who can be reached, how it travels, what was written before.
import { useState } from "preact/hooks";
import { at } from "../api/address";
import { send } from "../api/client";
import { useResource } from "../api/resource";
import type { Addressee, Message, Order } from "../api/types";
import { AskDialog } from "../kit/asking";
import { Field, faultAt } from "../kit/field";
import { Loaded } from "../kit/parts";
import { When } from "../kit/when";
import { actorName } from "../words/words";

const nameOf = (a: Addressee) => (a.to === "customer" ? "The customer" : `${a.name ?? "The vendor"}, about ${a.purchase_order}`);
const keyOf = (a: Addressee) => a.purchase_order ?? "customer";

export function MessageDialog({ order, close, done }: { order: Order; close: () => void; done: () => void }) {
  const all = useResource(at("/v1/orders/{order}/addressees", { order: order.id }));
  const [words, write] = useState("");
  const [picked, pick] = useState<string | null>(null);
  const list = all.data?.items ?? [];
  const chosen = list.find((a) => a.possible && (picked === null || keyOf(a) === picked));
  return (
    <AskDialog
      title={`Write about order ${order.id}`}
      act={() => send("post", "/v1/orders/{order}/messages", { order: order.id }, { purchase_order: chosen?.purchase_order ?? null, words })}
      does="Send the message"
      said="Written down; it goes out"
      ready={!!chosen && words.trim() !== ""}
      close={close}
      done={done}
    >
      {(problem) => (
        <>
          <Loaded of={all} what="Who can be written to">
            {() => (
              <fieldset class="stack tight addressees">
                <legend>To</legend>
                {list.map((a) => (
                  <label key={keyOf(a)} class="check">
                    <input
                      type="radio"
                      name="to"
                      checked={chosen === a}
                      disabled={!a.possible}
                      onChange={() => pick(keyOf(a))}
                    />
                    <span>
                      {nameOf(a)}
                      <span class={`small ${a.possible ? "muted" : "ink-stamp"}`}> {a.sentence}</span>
                    </span>
                  </label>
                ))}
              </fieldset>
            )}
          </Loaded>
          <Field
            id="message-words"
            label="Message"
            wide
            fault={faultAt(problem, "/words")}
            hint="Greeting and signature come with the letter. It cannot be called back."
          >
            <textarea
              id="message-words"
              name="words"
              rows={6}
              maxLength={4000}
              value={words}
              aria-describedby="message-words-hint"
              onInput={(e) => write(e.currentTarget.value)}
            />
          </Field>
        </>
      )}
    </AskDialog>
  );
}

/** Who wrote to whom, as the head of a message. */
function headOf(m: Message, name: (source: string) => string): string {
  const other = m.source ? `${name(m.source)}, ${m.purchase_order}` : "the customer";
  if (m.to !== "retailer") return `${actorName(m.by)} to ${other}`;
  const who = m.source ? other : "The customer";
  return m.by.kind === "source" ? `${who} to us` : `${who} to us, handed in by ${actorName(m.by)}`;
}

/** What was written about an order, oldest first. */
export function Messages({ items, name }: { items: Message[]; name: (source: string) => string }) {
  return (
    <ol class="letters">
      {items.map((m) => (
        <li key={m.id} class={m.to === "retailer" ? "theirs" : undefined}>
          <p class="small muted">
            {headOf(m, name)} · <When at={m.at} />
          </p>
          <blockquote>{m.words ?? <span class="muted">The words were erased with the customer's data.</span>}</blockquote>
        </li>
      ))}
    </ol>
  );
}
