// Logins of people: made here, let in by a one-time link, logged out, ended.
import { useState } from "preact/hooks";
import { at } from "../api/address";
import { ONLY_NEW, Problem, send } from "../api/client";
import { sourceName, sources } from "../api/lookups";
import { useResource } from "../api/resource";
import type { Person } from "../api/types";
import { AskDialog } from "../kit/asking";
import { SelectField, TextField, faultAt } from "../kit/field";
import { Menu } from "../kit/menu";
import { say } from "../kit/parts";
import { Register, useAdding } from "../kit/register";
import type { Column } from "../kit/table";
import { ROLES, spell } from "../words/words";
import { Once } from "./once";

export const roleOptions = [...ROLES, "vendor"].map((r) => [r, spell(r)] as const);

export function People() {
  const all = useResource(at("/v1/people", {}));
  const adding = useAdding();
  const [link, setLink] = useState("");
  const [editing, edit] = useState<Person | null>(null);
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
      head: "Acts", seenOnly: true,
      text: () => "",
      right: true,
      cell: (p) => (
        <span class="row nowrap">
          <Menu
            label="More"
            small
            end
            items={[
              { name: "Change role and mail…", act: () => edit(p) },
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
      <Register
        of={all}
        what="People"
        name="people"
        caption="People"
        columns={columns}
        keyOf={(p) => p.name}
        one="person"
        many="people"
        adds="New person"
        add={adding.ask}
        none="No local logins"
        hint="Make one here; people set their own password by a one-time link."
      />
      {adding.open && <PersonDialog all={all.data?.items ?? []} close={adding.close} done={all.reload} />}
      {editing && <PersonDialog key={editing.name} all={all.data?.items ?? []} of={editing} close={() => edit(null)} done={all.reload} />}
    </>
  );
}

const loginBy = (p: Person) => p.provider ?? (p.has_password ? `password${p.second_factor ? " and code" : ""}` : "one-time link");

/** Who has a login already, however it is written: two that differ in large and small letters alone are taken for one another. */
export const sameLogin = <P extends Pick<Person, "name">>(all: P[], name: string) => all.find((p) => p.name.toLowerCase() === name.trim().toLowerCase());

interface PersonProps {
  all: Person[];
  /** The one that is changed; a new one if absent. */
  of?: Person;
  close: () => void;
  done: () => void;
}

/** A new login never touches one that exists; one that exists is changed by its own name. */
function PersonDialog({ all, of, close, done }: PersonProps) {
  const [name, setName] = useState(of?.name ?? "");
  const [role, setRole] = useState(of?.role ?? "");
  const [mail, setMail] = useState(of?.mail ?? "");
  const [source, setSource] = useState(of?.source ?? "");
  const person = { role, mail: mail || null, source: role === "vendor" ? source : null };
  const known = of ? undefined : sameLogin(all, name);
  const moved = !!of && of.role !== role;
  return (
    <AskDialog
      title={of ? `Change ${of.name}` : "New person"}
      act={() =>
        send("put", "/v1/people/{name}", { name: name.trim() }, person, of ? undefined : ONLY_NEW).catch((p: Problem) => {
          throw p.isTaken ? new Problem(412, "There is such a login already", `Choose another name, or change ${name} in the list.`) : p;
        })
      }
      does={of ? "Save" : "Make the login"}
      said={of ? `${of.name} is changed` : `${name} may log in by a one-time link`}
      leave="Cancel"
      ready={!!name.trim() && !!role && !known && (role !== "vendor" || !!source)}
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
            readOnly={!!of}
            hint={of ? undefined : "Letters, digits or - _ . @"}
            fault={known ? `${known.name} exists, as ${spell(known.role).toLowerCase()}: choose another, or change it in the list` : faultAt(problem, "{name}")}
            required
          />
          <SelectField name="person-role" label="Role" value={role} set={setRole} options={[["", "Choose a role"], ...roleOptions]} fault={faultAt(problem, "/role")} />
          {moved && <p class="ink-wait small">{of.name} is logged out everywhere and may do what the new role may.</p>}
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
