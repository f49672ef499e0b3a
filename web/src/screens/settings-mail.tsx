// Mail: who gets what and when, in which words, and what did not arrive.
import { useState } from "preact/hooks";
import { at } from "../api/address";
import { Problem, send } from "../api/client";
import { sourceName } from "../api/lookups";
import { useResource } from "../api/resource";
import type { MessageSettings, MessageSettingsView, MessageTemplate } from "../api/types";
import { Tag, type Ink } from "../kit/badge";
import { SelectField, TextField, faultAt } from "../kit/field";
import { Dialog, Loaded, Panel, ProblemNote, say } from "../kit/parts";
import { Table, type Column } from "../kit/table";
import { When } from "../kit/when";
import { may } from "../shell/session";
import { plural, spell } from "../words/words";
import { useSending } from "../kit/asking";

export function Mail() {
  const settings = useResource(at("/v1/messages/settings", {}));
  const templates = useResource(at("/v1/messages/templates", {}));
  const off = isMailOff(settings.data);
  const reload = () => {
    settings.reload();
    templates.reload();
  };
  return (
    <>
      <Dead />
      {off && (
        <div class="note ink-stamp" role="status">
          <h2>Mail is off</h2>
          <p>
            The service was started without a server that takes mail, so nothing below goes out, whatever is switched on. IT sets it with{" "}
            <code>--smtp-url</code> and <code>--mail-from</code>, and starts the service again.
          </p>
        </div>
      )}
      <Loaded of={settings} what="Mail settings">
        {(s) => <Who key={JSON.stringify(s)} of={s} done={reload} />}
      </Loaded>
      <Loaded of={templates} what="Messages">
        {(page) => <Templates all={page.items} settings={settings.data} off={off} done={reload} />}
      </Loaded>
    </>
  );
}

/** True where the server has nobody to hand mail to. */
const isMailOff = (settings: MessageSettingsView | undefined) => settings?.mail_server === false;

function Who({ of, done }: { of: MessageSettings; done: () => void }) {
  const [s, setS] = useState(of);
  const set = (next: Partial<MessageSettings>) => setS({ ...s, ...next });
  const { problem, busy, run } = useSending(() => undefined, done);
  const quiet = s.quiet ?? null;
  const zone = quiet?.time_zone ?? s.time_zone ?? "UTC";
  return (
    <Panel title="Who gets what, and when">
      <form
        class="form-grid"
        onSubmit={(e) => {
          e.preventDefault();
          run(() => send("put", "/v1/messages/settings", {}, s), "Saved");
        }}
      >
        <TextField
          name="mail-shop"
          label="Letters to customers are signed"
          value={s.shop ?? ""}
          set={(shop) => set({ shop })}
          fault={faultAt(problem, "/shop")}
        />
        <SelectField
          name="mail-customers"
          label="Customers hear from"
          value={s.customers ?? "webhook"}
          set={(customers) => set({ customers })}
          options={[
            ["webhook", "The storefront, by webhook"],
            ["smtp", "Us, by mail"],
          ]}
        />
        <TextField
          name="mail-digest"
          label="Digest of the day at"
          type="time"
          value={(s.digest_at ?? "").slice(0, 5)}
          set={(v) => set({ digest_at: v || null })}
          hint="Empty: none"
        />
        <TextField
          name="mail-from"
          label="Quiet from"
          type="time"
          value={(quiet?.from ?? "").slice(0, 5)}
          set={(v) => set({ quiet: v ? { from: v, to: quiet?.to ?? "07:00", time_zone: zone } : null })}
          hint="Empty: never quiet"
        />
        <TextField
          name="mail-to"
          label="Quiet until"
          type="time"
          value={(quiet?.to ?? "").slice(0, 5)}
          set={(v) => set({ quiet: quiet && { ...quiet, to: v } })}
        />
        <TextField
          name="mail-zone"
          label="Time zone of these"
          value={zone}
          set={(time_zone) => set({ time_zone, quiet: quiet && { ...quiet, time_zone } })}
          fault={faultAt(problem, "/time_zone") ?? faultAt(problem, "/quiet/time_zone")}
        />
        {problem && problem.errors.length === 0 && <ProblemNote problem={problem} />}
        {may("write_messages") && (
          <div class="wide">
            <button class="button main" disabled={busy}>
              Save
            </button>
          </div>
        )}
      </form>
    </Panel>
  );
}

function Templates({ all, settings, off: isOff, done }: { all: MessageTemplate[]; settings?: MessageSettings; off: boolean; done: () => void }) {
  const [open, setOpen] = useState<MessageTemplate | null>(null);
  const off = new Set(settings?.off ?? []);
  const turn = (t: MessageTemplate) => {
    if (!settings) return;
    const next = off.has(t.kind) ? [...off].filter((k) => k !== t.kind) : [...off, t.kind];
    void send("put", "/v1/messages/settings", {}, { ...settings, off: next })
      .then(() => say(off.has(t.kind) ? "It is sent again" : "It is no longer sent"))
      .catch((p: Problem) => say(p.message, "stamp"))
      .finally(done);
  };
  const stateOf = (t: MessageTemplate): [string, Ink] => {
    if (t.sent) return isOff ? ["On, but mail is off", "wait"] : ["On", "theirs"];
    return off.has(t.kind) ? ["Off", "plain"] : ["Left to the storefront", "plain"];
  };
  const columns: Column<MessageTemplate>[] = [
    { head: "Message", text: (t) => spell(t.kind), cell: (t) => <b>{spell(t.kind)}</b> },
    { head: "To", text: (t) => spell(t.audience) },
    { head: "When it goes out", text: (t) => t.words, wide: true, rank: 2 },
    {
      head: "Words",
      text: (t) => (t.own ? "own" : "as delivered"),
      rank: 2,
      cell: (t) => (t.own ? <Tag ink="ours">Our own</Tag> : <span class="muted">as delivered</span>),
    },
    {
      head: "Switched on",
      text: (t) => stateOf(t)[0],
      cell: (t) => <Tag ink={stateOf(t)[1]}>{stateOf(t)[0]}</Tag>,
    },
    {
      head: "Acts", seenOnly: true,
      text: () => "",
      right: true,
      cell: (t) => (
        <span class="row nowrap">
          <button type="button" class="button small" onClick={() => setOpen(t)}>
            Words<span class="only-heard"> of {spell(t.kind)}</span>
          </button>
          {may("write_messages") && (
            <button type="button" class="button small" onClick={() => turn(t)}>
              {off.has(t.kind) ? "Switch on" : "Switch off"}
              <span class="only-heard"> {spell(t.kind)}</span>
            </button>
          )}
        </span>
      ),
    },
  ];
  return (
    <>
      <Table name="messages" caption="Messages" rows={all} columns={columns} keyOf={(t) => t.kind} lead={plural(all.length, "message")} />
      {open && <Words of={open} close={() => setOpen(null)} done={done} />}
    </>
  );
}

function Words({ of, close, done }: { of: MessageTemplate; close: () => void; done: () => void }) {
  const [subject, setSubject] = useState(of.subject);
  const [text, setText] = useState(of.text);
  const { problem, busy, run } = useSending(close, done);
  const kind = { kind: of.kind };
  const fault = faultAt(problem, "/text");
  return (
    <Dialog title={spell(of.kind)} close={close} wide>
      <form
        class="stack"
        onSubmit={(e) => {
          e.preventDefault();
          run(() => send("put", "/v1/messages/templates/{kind}", kind, { subject, text }), "Words saved");
        }}
      >
        <p class="quiet">{of.words}</p>
        <TextField name="mail-subject" label="Subject" value={subject} set={setSubject} fault={faultAt(problem, "/subject")} wide />
        <div class={fault ? "field faulty" : "field"}>
          <label for="mail-text">Text</label>
          <textarea id="mail-text" class="mono small" rows={12} value={text} onInput={(e) => setText(e.currentTarget.value)} />
          <p class="hint">
            May stand in it:{" "}
            {of.facts.map((f) => (
              <code key={f}>{`{{${f}}} `}</code>
            ))}
          </p>
          {problem?.errors
            .filter((e) => e.pointer === "/text")
            .map((e) => (
              <p key={e.detail} class="fault" role="alert">
                {e.detail}
              </p>
            ))}
        </div>
        {problem && problem.errors.length === 0 && <ProblemNote problem={problem} />}
        <div class="dialog-end">
          {of.own && (
            <button
              type="button"
              class="button"
              disabled={busy}
              onClick={() => run(() => send("delete", "/v1/messages/templates/{kind}", kind), "The words that came with it")}
            >
              Back to the delivered words
            </button>
          )}
          <button type="button" class="button" onClick={close}>
            Close
          </button>
          {may("write_messages") && (
            <button class="button main" disabled={busy}>
              Save
            </button>
          )}
        </div>
      </form>
    </Dialog>
  );
}

/** Only where something did not arrive: then first of all. */
function Dead() {
  const all = useResource(at("/v1/messages/dead", {}));
  const rows = all.data?.items ?? [];
  type Row = (typeof rows)[number];
  if (rows.length === 0) return null;
  const act = (what: () => Promise<unknown>, words: string) =>
    void what()
      .then(() => say(words))
      .catch((p: Problem) => say(p.message, "stamp"))
      .finally(all.reload);
  const columns: Column<Row>[] = [
    { head: "Message", text: (d) => spell(d.kind) },
    { head: "To", text: (d) => (d.source ? sourceName(d.source) : (d.person ?? (d.order ? `customer of ${d.order}` : ""))) },
    { head: "Why", text: (d) => d.why, wide: true },
    { head: "When", text: (d) => d.at, cell: (d) => <When at={d.at} />, rank: 2 },
    {
      head: "Acts", seenOnly: true,
      text: () => "",
      right: true,
      cell: (d) => (
        <span class="row nowrap">
          <button
            type="button"
            class="button small"
            onClick={() =>
              act(
                () => send("post", "/v1/messages/dead/{letter}/send", { letter: d.id }),
                d.in_doubt ? "Sent again; it may come twice" : "Sent again",
              )
            }
          >
            Send again
          </button>
          <button
            type="button"
            class="button small"
            onClick={() => act(() => send("delete", "/v1/messages/dead/{letter}", { letter: d.id }), "Forgotten")}
          >
            Forget
          </button>
        </span>
      ),
    },
  ];
  return (
    <Table
      name="dead-letters"
      caption="Mails that did not arrive"
      rows={rows}
      columns={columns}
      keyOf={(d) => d.id}
      lead={`${plural(rows.length, "mail")} did not arrive`}
    />
  );
}
