// Settings: keys of programs, people, webhooks, secrets of channels. What is shown once is shown once.
import { useState } from "preact/hooks";
import { at } from "../api/address";
import { Problem, send } from "../api/client";
import { sourceName, sources } from "../api/lookups";
import { useResource } from "../api/resource";
import type { Key, Person, Webhook } from "../api/types";
import { Tag } from "../kit/badge";
import { SelectField, TextField, faultAt } from "../kit/field";
import { Menu } from "../kit/menu";
import { Dialog, Loaded, Panel, ProblemNote, say } from "../kit/parts";
import { Table, type Column } from "../kit/table";
import { Tabs } from "../kit/tabs";
import { Age, When } from "../kit/when";
import { PageHead } from "../shell/frame";
import { may } from "../shell/session";
import { ROLES, plural, spell } from "../words/words";
import { Once } from "./once";
import { AskDialog, useSending } from "../kit/asking";
import { Mail } from "./settings-mail";
import { You } from "./settings-you";

const TABS: [string, string, string?][] = [
  ["", "You"],
  ["people", "People", "manage_keys"],
  ["keys", "API keys", "manage_keys"],
  ["mail", "Mail", "read_messages"],
  ["webhooks", "Webhooks", "manage_webhooks"],
  ["secrets", "Secrets", "manage_secrets"],
];

export function Settings({ tab = "" }: { tab?: string }) {
  const tabs = TABS.filter(([, , needs]) => !needs || may(needs));
  return (
    <>
      <PageHead title="Settings" />
      <Tabs label="Settings" at={tab} tabs={tabs.map(([id, name]) => ({ id, name, href: id ? `/settings/${id}` : "/settings" }))} />
      <Part tab={tab} />
      {tabs.length === 1 && <p class="small muted">Keys, people, webhooks and secrets are IT's.</p>}
    </>
  );
}

function Part({ tab }: { tab: string }) {
  switch (tab) {
    case "people":
      return <People />;
    case "keys":
      return <Keys />;
    case "mail":
      return <Mail />;
    case "webhooks":
      return <Webhooks />;
    case "secrets":
      return <Secrets />;
    default:
      return <You />;
  }
}

const roleOptions = [...ROLES, "vendor"].map((r) => [r, spell(r)] as const);

/** A table with a way to add to it, opened by a button at its head. */
function useAdding() {
  const [open, setOpen] = useState(false);
  return { open, ask: () => setOpen(true), close: () => setOpen(false) };
}

function Keys() {
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
      head: "Acts",
      text: () => "",
      right: true,
      cell: (k) => (
        <button type="button" class="button small grave" onClick={() => end(k)}>
          Revoke<span class="only-heard"> {k.name}</span>
        </button>
      ),
    },
  ];
  const revoke = (k: Key) =>
    void send("delete", "/v1/keys/{key}", { key: k.id })
      .then(() => say(`${k.name} is revoked`))
      .catch((p: Problem) => say(p.message, "stamp"))
      .finally(() => {
        end(null);
        all.reload();
      });
  return (
    <>
      {fresh && <Once what="The new key" text={fresh} close={() => setFresh("")} />}
      <Loaded of={all} what="Keys">
        {(page) => (
          <Table
            name="keys"
            caption="Keys of programs"
            rows={page.items}
            columns={columns}
            keyOf={(k) => k.id}
            lead={plural(page.items.length, "key")}
            tools={
              <button type="button" class="button small" onClick={adding.ask}>
                New key
              </button>
            }
            empty={
              <>
                <strong>No keys yet</strong>Programs need one: your OMS, your shop, a vendor's server.
              </>
            }
          />
        )}
      </Loaded>
      {adding.open && <NewKey close={adding.close} made={(key) => (setFresh(key), all.reload())} />}
      {ending && (
        <Dialog title={`Revoke ${ending.name}`} close={() => end(null)}>
          <p>Whatever uses it is refused from now on. This cannot be undone.</p>
          <div class="dialog-end">
            <button type="button" class="button" onClick={() => end(null)}>
              Keep it
            </button>
            <button type="button" class="button grave" onClick={() => revoke(ending)}>
              Revoke
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}

function NewKey({ close, made }: { close: () => void; made: (key: string) => void }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState("it");
  const [source, setSource] = useState("");
  const [ends, setEnds] = useState("");
  const expires_at = ends ? new Date(`${ends}T23:59:59`).toISOString() : null;
  const make = () => send("post", "/v1/keys", {}, { name, role, source: source || null, expires_at }).then((k) => made(k.key));
  return (
    <AskDialog
      title="New key"
      act={make}
      does="Make the key"
      said="Key made"
      leave="Cancel"
      ready={!!name}
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
          <SelectField name="key-role" label="Role" value={role} set={setRole} options={roleOptions} fault={faultAt(problem, "/role")} />
          <SelectField
            name="key-source"
            label="Speaks for"
            value={source}
            set={setSource}
            options={[["", "Nobody in particular"], ...[...sources.value.values()].map((s) => [s.id, s.name] as const)]}
            hint="A vendor's key needs its vendor; it sees nothing else"
            fault={faultAt(problem, "/source")}
          />
          <TextField name="key-ends" label="Ends on" type="date" value={ends} set={setEnds} fault={faultAt(problem, "/expires_at")} />
        </>
      )}
    </AskDialog>
  );
}

function People() {
  const all = useResource(at("/v1/people", {}));
  const adding = useAdding();
  const [link, setLink] = useState("");
  const give = (p: Person) =>
    void send("post", "/v1/people/{name}/link", { name: p.name })
      .then((l) => setLink(`${location.origin}${l.path}`))
      .catch((e: Problem) => say(e.message, "stamp"));
  const act = (what: Promise<unknown>, words: string) =>
    void what
      .then(() => say(words))
      .catch((e: Problem) => say(e.message, "stamp"))
      .finally(all.reload);
  const columns: Column<Person>[] = [
    { head: "Login", text: (p) => p.name },
    { head: "Role", text: (p) => spell(p.role) },
    { head: "Speaks for", text: (p) => sourceName(p.source), rank: 3 },
    { head: "Mail", text: (p) => p.mail, rank: 2 },
    { head: "Logs in by", text: loginBy, rank: 2 },
    {
      head: "Acts",
      text: () => "",
      right: true,
      cell: (p) => (
        <span class="row nowrap">
          <Menu
            label="More"
            small
            end
            items={[
              {
                name: "Log out everywhere",
                act: () => act(send("delete", "/v1/people/{name}/sessions", { name: p.name }), `${p.name} is logged out`),
              },
              {
                name: "End this login",
                grave: true,
                act: () => act(send("delete", "/v1/people/{name}", { name: p.name }), `${p.name} may no longer log in`),
              },
            ]}
          />
          <button type="button" class="button small" onClick={() => give(p)}>
            One-time link<span class="only-heard"> for {p.name}</span>
          </button>
        </span>
      ),
    },
  ];
  return (
    <>
      {link && <Once what="The one-time link, good for 15 minutes" text={link} close={() => setLink("")} />}
      <Loaded of={all} what="People">
        {(page) => (
          <Table
            name="people"
            caption="People"
            rows={page.items}
            columns={columns}
            keyOf={(p) => p.name}
            lead={plural(page.items.length, "person", "people")}
            tools={
              <button type="button" class="button small" onClick={adding.ask}>
                New person
              </button>
            }
            empty={
              <>
                <strong>No local logins</strong>Make one here; people set their own password by a one-time link.
              </>
            }
          />
        )}
      </Loaded>
      {adding.open && <NewPerson close={adding.close} done={all.reload} />}
    </>
  );
}

const loginBy = (p: Person) => p.provider ?? (p.has_password ? `password${p.second_factor ? " and code" : ""}` : "one-time link");

function NewPerson({ close, done }: { close: () => void; done: () => void }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState("customer_service");
  const [mail, setMail] = useState("");
  const [source, setSource] = useState("");
  const person = { role, mail: mail || null, source: role === "vendor" ? source : null };
  return (
    <AskDialog
      title="New person"
      act={() => send("put", "/v1/people/{name}", { name }, person)}
      does="Make the login"
      said={`${name} may log in by a one-time link`}
      leave="Cancel"
      ready={!!name}
      close={close}
      done={done}
    >
      {(problem) => (
        <>
          <TextField
            name="person-name"
            label="Login"
            value={name}
            set={setName}
            hint="Letters, digits or - _ . @"
            fault={faultAt(problem, "{name}")}
            required
          />
          <SelectField name="person-role" label="Role" value={role} set={setRole} options={roleOptions} />
          {role === "vendor" && (
            <SelectField
              name="person-source"
              label="Speaks for"
              value={source}
              set={setSource}
              options={[["", "Choose a vendor"], ...[...sources.value.values()].map((s) => [s.id, s.name] as const)]}
              fault={faultAt(problem, "/source")}
            />
          )}
          <TextField name="person-mail" label="Mail" type="email" value={mail} set={setMail} fault={faultAt(problem, "/mail")} />
        </>
      )}
    </AskDialog>
  );
}

function Webhooks() {
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
    { head: "Acts", text: () => "", right: true, cell: (w) => <WebhookActs one={w} done={all.reload} /> },
  ];
  return (
    <>
      {fresh && <Once what="The signing secret" text={fresh} close={() => setFresh("")} />}
      <Loaded of={all} what="Webhooks">
        {(page) => (
          <Table
            name="webhooks"
            caption="Webhooks"
            rows={page.items}
            columns={columns}
            keyOf={(w) => w.id}
            lead={plural(page.items.length, "subscription")}
            tools={
              <button type="button" class="button small" onClick={adding.ask}>
                New webhook
              </button>
            }
            empty={
              <>
                <strong>No webhooks yet</strong>They tell your systems what happens, signed, in order, again until it is taken.
              </>
            }
          />
        )}
      </Loaded>
      {adding.open && <NewWebhook close={adding.close} made={(secret) => (setFresh(secret ?? ""), all.reload())} />}
    </>
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

function NewWebhook({ close, made }: { close: () => void; made: (secret: string | null | undefined) => void }) {
  const [id, setId] = useState("");
  const [url, setUrl] = useState("");
  const [types, setTypes] = useState("");
  const make = () =>
    send("put", "/v1/webhooks/{webhook}", { webhook: id }, { url, types: types.split(/[\s,]+/).filter(Boolean) }).then((w) =>
      made(w.secret),
    );
  return (
    <AskDialog
      title="New webhook"
      act={make}
      does="Make the webhook"
      said="Webhook made"
      leave="Cancel"
      ready={!!id && !!url}
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
            fault={faultAt(problem, "{webhook}")}
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

function Secrets() {
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
