// What programs need: keys to call us, webhooks by which they are told, secrets of their channels. Shown once.
import { useState } from "preact/hooks";
import { at } from "../api/address";
import { ONLY_NEW, Problem, send } from "../api/client";
import { sourceName, sources } from "../api/lookups";
import { useResource } from "../api/resource";
import type { Key, Webhook } from "../api/types";
import { AskDialog, useSending } from "../kit/asking";
import { Tag } from "../kit/badge";
import { SelectField, TextField, faultAt } from "../kit/field";
import { Loaded, Panel, ProblemNote, say } from "../kit/parts";
import { Register, useAdding } from "../kit/register";
import { Table, type Column } from "../kit/table";
import { Age, When } from "../kit/when";
import { dayOf } from "../words/time";
import { plural, spell } from "../words/words";
import { Once } from "./once";
import { roleOptions } from "./settings-people";

export function Keys() {
  const all = useResource(at("/v1/keys", {}));
  const adding = useAdding();
  const [fresh, setFresh] = useState("");
  const [ending, end] = useState<Key | null>(null);
  const columns: Column<Key>[] = [
    { head: "Name", text: (k) => k.name },
    { head: "Id", text: (k) => k.id, cell: (k) => <span class="mono">{k.id}</span>, rank: 2 },
    { head: "Role", text: (k) => spell(k.role) },
    { head: "Speaks for", text: (k) => sourceName(k.source), rank: 2 },
    {
      head: "Last used",
      text: (k) => k.last_used_at,
      cell: (k) => (k.last_used_at ? <Age at={k.last_used_at} /> : <span class="muted">never</span>),
    },
    {
      head: "Ends",
      text: (k) => k.expires_at,
      rank: 2,
      cell: (k) => (k.expires_at ? <When at={k.expires_at} /> : <span class="muted">–</span>),
    },
    {
      head: "Acts", seenOnly: true,
      text: () => "",
      right: true,
      cell: (k) => (
        <button type="button" class="button small grave" onClick={() => end(k)}>
          Revoke<span class="only-heard"> {k.name}</span>
        </button>
      ),
    },
  ];
  return (
    <>
      {fresh && <Once what="The new key" text={fresh} close={() => setFresh("")} />}
      <Register
        of={all}
        what="Keys"
        name="keys"
        caption="Keys of programs"
        columns={columns}
        keyOf={(k) => k.id}
        one="key"
        adds="New key"
        add={adding.ask}
        none="No keys yet"
        hint="Programs need one: your OMS, your shop, a vendor's server."
      />
      {adding.open && <NewKey close={adding.close} made={(key) => (setFresh(key), all.reload())} />}
      {ending && (
        <AskDialog
          title={`Revoke ${ending.name}`}
          act={() => send("delete", "/v1/keys/{key}", { key: ending.id })}
          does="Revoke"
          said={`${ending.name} is revoked`}
          leave="Keep it"
          grave
          close={() => end(null)}
          done={all.reload}
        >
          {() => <p>Whatever uses it is refused from now on. This cannot be undone.</p>}
        </AskDialog>
      )}
    </>
  );
}

function NewKey({ close, made }: { close: () => void; made: (key: string) => void }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState("");
  const [source, setSource] = useState("");
  const [ends, setEnds] = useState("");
  const today = dayOf(new Date());
  const past = !!ends && ends < today;
  const expires_at = ends ? new Date(`${ends}T23:59:59`).toISOString() : null;
  const make = () => send("post", "/v1/keys", {}, { name, role, source: source || null, expires_at }).then((k) => made(k.key));
  return (
    <AskDialog
      title="New key"
      act={make}
      does="Make the key"
      said="Key made"
      leave="Cancel"
      ready={!!name && !!role && !past && (role !== "vendor" || !!source)}
      close={close}
    >
      {(problem) => (
        <>
          <TextField
            name="key-name"
            label="Whose"
            value={name}
            set={setName}
            hint="As the journal names it"
            fault={faultAt(problem, "/name")}
            required
          />
          <SelectField name="key-role" label="Role" value={role} set={setRole} options={[["", "Choose what it may do"], ...roleOptions]} fault={faultAt(problem, "/role")} />
          <SelectField
            name="key-source"
            label="Speaks for"
            value={source}
            set={setSource}
            options={[["", "Nobody in particular"], ...[...sources.value.values()].map((s) => [s.id, s.name] as const)]}
            hint="A vendor's key needs its vendor; it sees nothing else"
            fault={faultAt(problem, "/source")}
          />
          <TextField
            name="key-ends"
            label="Ends on"
            type="date"
            min={today}
            value={ends}
            set={setEnds}
            hint="At the end of that day. Empty: only when it is revoked"
            fault={past ? "That day is over: the key would be useless at once" : faultAt(problem, "/expires_at")}
          />
        </>
      )}
    </AskDialog>
  );
}

export function Webhooks() {
  const all = useResource(at("/v1/webhooks", {}));
  const adding = useAdding();
  const [fresh, setFresh] = useState("");
  const columns: Column<Webhook>[] = [
    { head: "Id", text: (w) => w.id, cell: (w) => <span class="mono">{w.id}</span> },
    { head: "Address", text: (w) => w.url, wide: true, cell: (w) => <span class="mono small">{w.url}</span> },
    { head: "Events", text: (w) => w.types.join(" "), rank: 2, cell: (w) => (w.types.length ? plural(w.types.length, "kind") : "All") },
    {
      head: "State",
      text: (w) => (w.active ? "active" : "paused"),
      cell: (w) => <Tag ink={w.active ? "theirs" : "wait"}>{w.active ? "Active" : "Paused"}</Tag>,
    },
    { head: "Told up to", text: (w) => w.position, right: true, rank: 2 },
    {
      head: "Held back",
      text: (w) => w.held_back,
      rank: 2,
      cell: (w) => (w.held_back ? <HeldBack of={w.id} count={w.held_back} /> : "None"),
    },
    { head: "Acts", seenOnly: true, text: () => "", right: true, cell: (w) => <WebhookActs one={w} done={all.reload} /> },
  ];
  return (
    <>
      {fresh && <Once what="The signing secret" text={fresh} close={() => setFresh("")} />}
      <Register
        of={all}
        what="Webhooks"
        name="webhooks"
        caption="Webhooks"
        columns={columns}
        keyOf={(w) => w.id}
        one="subscription"
        adds="New webhook"
        add={adding.ask}
        none="No webhooks yet"
        hint="They tell your systems what happens, signed, in order, again until it is taken."
      />
      {adding.open && <NewWebhook taken={all.data?.items.map((w) => w.id) ?? []} close={adding.close} made={(secret) => (setFresh(secret ?? ""), all.reload())} />}
    </>
  );
}

/** The orders whose messages an endpoint does not take, and what it answers; asked for when they are looked at. */
function HeldBack({ of, count }: { of: string; count: number }) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>
        <Tag ink="wait">{plural(count, "order")}</Tag>
      </summary>
      {open && <HeldList of={of} />}
    </details>
  );
}

function HeldList({ of }: { of: string }) {
  const all = useResource(at("/v1/webhooks/{webhook}/held-back", { webhook: of }));
  return (
    <Loaded of={all} what="What is held back">
      {(page) => (
        <ul class="small">
          {page.items.map((held) => (
            <li key={held.subject}>
              <span class="mono">{held.subject || "No order"}</span>: {plural(held.waiting, "message")} behind{" "}
              <span class="mono">{held.event}</span>, {plural(held.tries, "try", "tries")}, last answer: {held.why}; tried again{" "}
              <When at={held.next_try} />
            </li>
          ))}
        </ul>
      )}
    </Loaded>
  );
}

function WebhookActs({ one, done }: { one: Webhook; done: () => void }) {
  const act = (what: () => Promise<unknown>, words: string) =>
    void what()
      .then(() => say(words))
      .catch((p: Problem) => say(p.message, "stamp"))
      .finally(done);
  const { id, url, types, active } = one;
  return (
    <span class="row nowrap">
      <button
        type="button"
        class="button small"
        onClick={() => act(() => send("post", "/v1/webhooks/{webhook}/redeliver", { webhook: id }, {}), "What was given up is sent again")}
      >
        Redeliver
      </button>
      <button
        type="button"
        class="button small"
        onClick={() =>
          act(() => send("put", "/v1/webhooks/{webhook}", { webhook: id }, { url, types, active: !active }), active ? "Paused" : "Active")
        }
      >
        {active ? "Pause" : "Go on"}
      </button>
      <button
        type="button"
        class="button small grave"
        onClick={() => act(() => send("delete", "/v1/webhooks/{webhook}", { webhook: id }), "Removed")}
      >
        Remove<span class="only-heard"> {id}</span>
      </button>
    </span>
  );
}

interface NewWebhookProps {
  taken: string[];
  close: () => void;
  made: (secret: string | null | undefined) => void;
}

function NewWebhook({ taken, close, made }: NewWebhookProps) {
  const [id, setId] = useState("");
  const [url, setUrl] = useState("");
  const [types, setTypes] = useState("");
  const make = () =>
    send("put", "/v1/webhooks/{webhook}", { webhook: id }, { url, types: types.split(/[\s,]+/).filter(Boolean) }, ONLY_NEW).then((w) =>
      made(w.secret),
    );
  const known = taken.includes(id.trim());
  return (
    <AskDialog
      title="New webhook"
      act={make}
      does="Make the webhook"
      said="Webhook made"
      leave="Cancel"
      ready={!!id && !!url && !known}
      close={close}
    >
      {(problem) => (
        <>
          <TextField
            name="hook-id"
            label="Id"
            mono
            value={id}
            set={setId}
            hint="Such as oms"
            fault={known ? "There is one with this id: pause it or remove it in the list" : faultAt(problem, "{webhook}")}
            required
          />
          <TextField name="hook-url" label="Address" type="url" mono value={url} set={setUrl} fault={faultAt(problem, "/url")} required />
          <TextField
            name="hook-types"
            label="Kinds of events"
            mono
            value={types}
            set={setTypes}
            hint="Empty: all. Such as countersign.line.committed.v1"
            fault={faultAt(problem, "/types")}
          />
        </>
      )}
    </AskDialog>
  );
}

export function Secrets() {
  const all = useResource(at("/v1/secrets", {}));
  const [name, setName] = useState("");
  const [secret, setSecret] = useState("");
  const { problem, busy, run } = useSending(() => setSecret(""), all.reload);
  return (
    <div class="order-grid">
      <Loaded of={all} what="Secrets">
        {(page) => (
          <Table
            name="secrets"
            caption="Secrets of channels"
            rows={page.items}
            columns={[
              { head: "Name", text: (s) => s.name, cell: (s) => <span class="mono">{s.name}</span> },
              {
                head: "Referred to as",
                text: (s) => `secret:${s.name}`,
                rank: 2,
                cell: (s) => <span class="mono muted">secret:{s.name}</span>,
              },
            ]}
            keyOf={(s) => s.name}
            lead={`${plural(page.items.length, "secret")}, sealed; nobody can read them here`}
            empty={
              <>
                <strong>No secrets yet</strong>Passwords and tokens of vendors' servers are kept here, sealed.
              </>
            }
          />
        )}
      </Loaded>
      <Panel title="Keep a secret">
        <form
          class="stack"
          onSubmit={(e) => {
            e.preventDefault();
            run(() => send("put", "/v1/secrets/{name}", { name }, { secret }), "Kept");
          }}
        >
          <TextField
            name="secret-name"
            label="Name"
            mono
            value={name}
            set={setName}
            hint="An existing one is replaced"
            fault={faultAt(problem, "{name}")}
            required
          />
          <TextField
            name="secret-text"
            label="Secret"
            type="password"
            value={secret}
            set={setSecret}
            fault={faultAt(problem, "/secret")}
            required
          />
          {problem && <ProblemNote problem={problem} />}
          <div>
            <button class="button main" disabled={busy || !name || !secret}>
              Keep it
            </button>
          </div>
        </form>
      </Panel>
    </div>
  );
}
