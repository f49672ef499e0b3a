// A source's record as a form: the same parts in the onboarding wizard, one after the other, and on the vendor's settings.
import { useState } from "preact/hooks";
import { send } from "../api/client";
import { sources } from "../api/lookups";
import type { Source, SourceBody } from "../api/types";
import { SelectField, TextField, faultAt } from "../kit/field";
import { Panel, ProblemNote } from "../kit/parts";
import type { Problem } from "../api/client";
import { may } from "../shell/session";
import { spell } from "../words/words";
import { useSending } from "../kit/asking";

/** The record flat, as one types it. */
export interface Draft {
  id: string;
  name: string;
  kind: string;
  country: string;
  postal: string;
  zone: string;
  days: string[];
  holidays: string;
  cutoff: string;
  handling: string;
  capacity: string;
  taking: boolean;
  dialect: string;
  carrier: string;
  base: string;
  key: string;
  outbound: string;
  inbound: string;
  host: string;
  port: string;
  user: string;
  password: string;
  hostKey: string;
  sender: string;
  receiver: string;
  version: string;
}
export type Set = (next: Partial<Draft>) => void;

export const EMPTY: Draft = {
  id: "",
  name: "",
  kind: "vendor",
  country: "US",
  postal: "",
  zone: "America/New_York",
  days: ["mon", "tue", "wed", "thu", "fri"],
  holidays: "",
  cutoff: "14:00",
  handling: "1",
  capacity: "",
  taking: false,
  dialect: "portal",
  carrier: "http",
  base: "",
  key: "",
  outbound: "",
  inbound: "",
  host: "",
  port: "22",
  user: "",
  password: "",
  hostKey: "",
  sender: "RETAILER",
  receiver: "",
  version: "004010",
};

type Json = Record<string, unknown>;
/** Who speaks to whom on an interchange. */
interface Partners {
  version?: string;
  sender?: { id?: string };
  receiver?: { id?: string };
}
const VERSIONS: Record<string, string[]> = { x12: ["004010", "005010"], eancom: ["D01B", "D96A"] };
const text = (value: unknown): string =>
  value === null || value === undefined ? "" : Array.isArray(value) ? value.join(", ") : String(value);

export function draftOf(s: Source): Draft {
  const connector = (s.channel.connector ?? {}) as Json;
  const edi = (((s.channel as Json)[s.channel.dialect] ?? {}) as Partners) ?? {};
  return {
    ...EMPTY,
    id: s.id,
    name: s.name,
    kind: s.kind,
    country: s.ships_from.country,
    postal: text(s.ships_from.postal_code),
    zone: s.time_zone,
    days: s.calendar.business_days,
    holidays: (s.calendar.holidays ?? []).join("\n"),
    cutoff: (s.cutoff ?? "").slice(0, 5),
    handling: String(s.handling_days),
    capacity: text(s.daily_capacity),
    taking: s.taking_orders,
    dialect: s.channel.dialect,
    carrier: text(connector.type) || EMPTY.carrier,
    base: text(connector.base),
    key: text(connector.token),
    outbound: text(connector.outbound),
    inbound: text(connector.inbound),
    host: text(connector.host),
    port: text(connector.port) || "22",
    user: text(connector.user),
    password: text(connector.password),
    hostKey: text(connector.host_key),
    sender: edi.sender?.id ?? EMPTY.sender,
    receiver: edi.receiver?.id ?? "",
    version: edi.version ?? EMPTY.version,
  };
}

/** What the fields of the form do not show is kept as it stands in the record. */
export function bodyOf(d: Draft, before?: Source): SourceBody {
  const old = (before?.channel ?? {}) as Json;
  const oldConnector = (old.connector ?? {}) as Json;
  const carriers = carriersOf(d.dialect);
  const carrier = carriers.some(([c]) => c === d.carrier) ? d.carrier : (carriers[0]?.[0] ?? "");
  const kept = oldConnector.type === carrier ? oldConnector : {};
  const lines = (value: string) => value.split(/[\s,]+/).filter(Boolean);
  const wires: Record<string, Json> = {
    http: { ...kept, type: "http", base: d.base, ...(d.key ? { token: d.key } : {}) },
    folder: { ...kept, type: "folder", outbound: d.outbound, inbound: d.inbound },
    sftp: {
      ...kept,
      type: "sftp",
      host: d.host,
      port: Number(d.port) || 22,
      user: d.user,
      password: d.password,
      host_key: lines(d.hostKey),
      outbound: d.outbound,
      inbound: d.inbound,
    },
  };
  const oldEdi = (old[d.dialect] ?? {}) as Partners;
  const qualifier = d.dialect === "x12" ? "ZZ" : "14";
  const version = VERSIONS[d.dialect]?.includes(d.version) ? d.version : VERSIONS[d.dialect]?.[0];
  const edi = {
    ...oldEdi,
    version,
    sender: { qualifier, ...oldEdi.sender, id: d.sender },
    receiver: { qualifier, ...oldEdi.receiver, id: d.receiver },
  };
  const same = old.dialect === d.dialect ? old : {};
  return {
    kind: d.kind,
    name: d.name,
    time_zone: d.zone,
    ships_from: { ...before?.ships_from, country: d.country.toUpperCase(), postal_code: d.postal || null },
    calendar: { ...before?.calendar, business_days: d.days, holidays: lines(d.holidays) },
    cutoff: d.cutoff || null,
    handling_days: Number(d.handling) || 0,
    daily_capacity: d.capacity ? Number(d.capacity) : null,
    taking_orders: d.taking,
    channel: {
      ...same,
      dialect: d.dialect,
      ...(wires[carrier] ? { connector: wires[carrier] } : { connector: undefined }),
      ...(VERSIONS[d.dialect] ? { [d.dialect]: edi } : {}),
    },
  };
}

export const DIALECTS: [string, string, string][] = [
  ["portal", "Portal", "A small vendor answers on a page that it opens from a mail. Nothing to install."],
  ["api", "API", "The vendor's own server takes purchase orders and tells availability live."],
  ["x12", "EDI X12", "850, 855, 856, 846, 860 over a folder or SFTP. Usual in North America."],
  ["eancom", "EDI EANCOM", "ORDERS, ORDRSP, DESADV, INVRPT over a folder or SFTP. Usual in Europe."],
  ["wms", "Warehouse", "An own distribution centre: stock and shipments by CSV, API or 940/945."],
];
/** What may carry the papers of a dialect. */
function carriersOf(dialect: string): [string, string][] {
  if (dialect === "portal") return [];
  if (dialect === "api") return [["http", "Its HTTP server"]];
  const files: [string, string][] = [
    ["sftp", "SFTP"],
    ["folder", "A folder on this machine"],
  ];
  return dialect === "wms" ? [...files, ["http", "HTTP"]] : files;
}

interface Part {
  d: Draft;
  set: Set;
  problem?: Problem | null;
}

export function Basics({ d, set, problem, fresh }: Part & { fresh?: boolean }) {
  return (
    <div class="form-grid">
      <TextField name="name" label="Name" value={d.name} set={(name) => set({ name })} fault={faultAt(problem, "/name")} required />
      <TextField
        name="id"
        label="Id"
        mono
        value={d.id}
        set={(id) => set({ id })}
        readOnly={!fresh}
        required
        hint={fresh ? "Short, lower case; stands on every purchase order and never changes" : undefined}
        fault={fresh && sources.value.has(d.id) ? "There is a source with this id already" : faultAt(problem, "{source}")}
      />
      <SelectField
        name="kind"
        label="Kind"
        value={d.kind}
        set={(kind) => set({ kind })}
        options={[
          ["vendor", "Drop-ship vendor"],
          ["dc", "Own distribution centre"],
        ]}
      />
      <TextField
        name="country"
        label="Ships from, country"
        value={d.country}
        set={(country) => set({ country })}
        hint="Two letters, such as US"
        fault={faultAt(problem, "/ships_from/country")}
        required
      />
      <TextField
        name="postal"
        label="Postal code"
        value={d.postal}
        set={(postal) => set({ postal })}
        hint="Transit times are looked up by it"
        fault={faultAt(problem, "/ships_from/postal_code")}
      />
    </div>
  );
}

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const ZONES = Intl.supportedValuesOf?.("timeZone") ?? [];

export function CalendarPart({ d, set, problem }: Part) {
  return (
    <div class="form-grid">
      <TextField
        name="zone"
        label="Time zone"
        value={d.zone}
        set={(zone) => set({ zone })}
        hint="All its times are told in it"
        fault={faultAt(problem, "/time_zone")}
        required
      />
      <datalist id="zones">
        {ZONES.map((z) => (
          <option key={z} value={z} />
        ))}
      </datalist>
      <TextField
        name="cutoff"
        label="Cut-off"
        type="time"
        value={d.cutoff}
        set={(cutoff) => set({ cutoff })}
        hint="Orders after it count for the next working day"
        fault={faultAt(problem, "/cutoff")}
      />
      <TextField
        name="handling"
        label="Handling, working days"
        type="number"
        min="0"
        value={d.handling}
        set={(handling) => set({ handling })}
        fault={faultAt(problem, "/handling_days")}
      />
      <TextField
        name="capacity"
        label="Daily capacity, units"
        type="number"
        min="1"
        value={d.capacity}
        set={(capacity) => set({ capacity })}
        hint="Empty: no limit"
        fault={faultAt(problem, "/daily_capacity")}
      />
      <fieldset class="field wide days">
        <legend class="label">Working days</legend>
        <div class="row">
          {DAYS.map((day) => (
            <label key={day} class="check">
              <input
                type="checkbox"
                checked={d.days.includes(day)}
                onChange={(e) => set({ days: DAYS.filter((x) => (x === day ? e.currentTarget.checked : d.days.includes(x))) })}
              />
              {spell(day)}
            </label>
          ))}
        </div>
      </fieldset>
      <div class="field wide">
        <label for="holidays">Closed on</label>
        <textarea
          id="holidays"
          class="mono small"
          rows={3}
          value={d.holidays}
          placeholder={"2026-12-25\n2027-01-01"}
          onInput={(e) => set({ holidays: e.currentTarget.value })}
        />
        <p class="hint">A day per line, as year-month-day. Closures and outages that the vendor announces stand here, too.</p>
        {faultAt(problem, "/calendar/holidays") && (
          <p class="fault" role="alert">
            {faultAt(problem, "/calendar/holidays")}
          </p>
        )}
      </div>
      <label class="check wide">
        <input type="checkbox" checked={d.taking} onChange={(e) => set({ taking: e.currentTarget.checked })} />
        It takes orders now. Without this mark the rules pass it over; what runs goes on.
      </label>
    </div>
  );
}

export function ChannelPart({ d, set, problem }: Part) {
  const carriers = carriersOf(d.dialect);
  const carrier = carriers.some(([c]) => c === d.carrier) ? d.carrier : (carriers[0]?.[0] ?? "");
  const versions = VERSIONS[d.dialect];
  const field = (name: keyof Draft & string, label: string, pointer: string, hint?: string) => (
    <TextField
      name={name}
      label={label}
      mono
      value={String(d[name])}
      set={(v) => set({ [name]: v })}
      hint={hint}
      fault={faultAt(problem, `/channel/connector${pointer}`)}
    />
  );
  return (
    <>
      <fieldset class="options two">
        <legend class="only-heard">Channel</legend>
        {DIALECTS.map(([code, name, words]) => (
          <label key={code} class={d.dialect === code ? "option chosen" : "option"}>
            <input type="radio" name="dialect" checked={d.dialect === code} onChange={() => set({ dialect: code })} />
            <span class="option-text">
              <b>{name}</b>
              <span class="quiet small">{words}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {carriers.length > 1 && (
        <SelectField name="carrier" label="Carried by" value={carrier} set={(c) => set({ carrier: c })} options={carriers} />
      )}
      <div class="form-grid">
        {carrier === "http" && field("base", "Base address", "/base", "https://…; it implements the contract at /vendor/openapi.json")}
        {carrier === "http" && field("key", "Token", "/token", "secret:NAME; kept under Settings, Secrets")}
        {carrier === "sftp" && field("host", "Host", "/host")}
        {carrier === "sftp" && field("port", "Port", "/port")}
        {carrier === "sftp" && field("user", "User", "/user")}
        {carrier === "sftp" && field("password", "Password", "/password", "secret:NAME; never the password itself")}
        {carrier === "sftp" && field("hostKey", "Host key", "/host_key", "SHA256:… as the vendor tells it")}
        {(carrier === "sftp" || carrier === "folder") && field("outbound", "Folder for our papers", "/outbound")}
        {(carrier === "sftp" || carrier === "folder") && field("inbound", "Folder for theirs", "/inbound")}
        {versions && (
          <SelectField
            name="version"
            label="Version"
            value={d.version}
            set={(version) => set({ version })}
            options={versions.map((v) => [v, v] as const)}
          />
        )}
        {versions && <TextField name="sender" label="Our interchange id" mono value={d.sender} set={(sender) => set({ sender })} />}
        {versions && <TextField name="receiver" label="Its interchange id" mono value={d.receiver} set={(receiver) => set({ receiver })} />}
      </div>
      {faultAt(problem, "/channel/connector") && (
        <p class="ink-stamp" role="alert">
          {faultAt(problem, "/channel/connector")}
        </p>
      )}
    </>
  );
}

/** All parts at once, of a source that is known. */
export function VendorEditor({ source, done }: { source: Source; done: () => void }) {
  const [d, setDraft] = useState(draftOf(source));
  const set: Set = (next) => setDraft((old) => ({ ...old, ...next }));
  const { problem, busy, run } = useSending(() => undefined, done);
  const changed = JSON.stringify(d) !== JSON.stringify(draftOf(source));
  if (!may("write_sources")) return <p class="note">Your role reads vendors; it does not change them.</p>;
  return (
    <form
      class="stack"
      onSubmit={(e) => {
        e.preventDefault();
        run(() => send("put", "/v1/sources/{source}", { source: source.id }, bodyOf(d, source)), "Saved");
      }}
    >
      <Panel title="Who it is">
        <Basics d={d} set={set} problem={problem} />
      </Panel>
      <Panel title="Calendar and capacity">
        <CalendarPart d={d} set={set} problem={problem} />
      </Panel>
      <Panel title="Channel">
        <ChannelPart d={d} set={set} problem={problem} />
      </Panel>
      {problem && <ProblemNote problem={problem} />}
      <div class="row">
        <button class="button main" disabled={busy || !changed}>
          Save
        </button>
        {changed && (
          <button type="button" class="button" onClick={() => setDraft(draftOf(source))}>
            Undo
          </button>
        )}
        <span class="small muted">A vendor may change its channel without losing an open order.</span>
      </div>
    </form>
  );
}
