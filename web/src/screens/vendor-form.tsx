// A source's record as a form: the same parts in the onboarding wizard, one after the other, and on the vendor's settings.
import { useState } from "preact/hooks";
import { send } from "../api/client";
import { sources } from "../api/lookups";
import type { Source, SourceBody } from "../api/types";
import { Field, SelectField, TextField, faultAt } from "../kit/field";
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
  url: string;
  as2From: string;
  as2To: string;
  identity: string;
  certificate: string;
  sender: string;
  senderQualifier: string;
  receiver: string;
  receiverQualifier: string;
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
  url: "",
  as2From: "",
  as2To: "",
  identity: "",
  certificate: "",
  sender: "RETAILER",
  senderQualifier: "",
  receiver: "",
  receiverQualifier: "",
  version: "004010",
};

type Json = Record<string, unknown>;
/** Who speaks to whom on an interchange. */
interface Partners {
  version?: string;
  sender?: { id?: string; qualifier?: string };
  receiver?: { id?: string; qualifier?: string };
}
/** What an interchange id may be, by dialect; the first is usual. */
const QUALIFIERS: Record<string, [string, string][]> = {
  x12: [
    ["ZZ", "ZZ, as agreed"],
    ["01", "01, D-U-N-S number"],
    ["02", "02, SCAC of a carrier"],
    ["08", "08, UCC communications id"],
    ["12", "12, telephone number"],
    ["14", "14, D-U-N-S with suffix"],
    ["16", "16, D-U-N-S with four more"],
    ["32", "32, federal employer number"],
  ],
  eancom: [
    ["14", "14, GLN (GS1)"],
    ["1", "1, D-U-N-S number"],
    ["8", "8, UCC communications id"],
    ["31", "31, DIN"],
    ["91", "91, given by the seller"],
    ["92", "92, given by the buyer"],
    ["ZZZ", "ZZZ, as agreed"],
  ],
};
/** As it stands, or the usual one of the dialect where nothing was chosen. */
const qualifierOf = (dialect: string, chosen: string) => chosen || (QUALIFIERS[dialect]?.[0]?.[0] ?? "");
/** Characters of an interchange id. */
const ID_MAX: Record<string, number> = { x12: 15, eancom: 35 };
const VERSIONS: Record<string, string[]> = { x12: ["004010", "005010"], eancom: ["D01B", "D96A"] };
const text = (value: unknown): string =>
  value === null || value === undefined ? "" : Array.isArray(value) ? value.join(", ") : String(value);

/** A value of which there is one; empty where several take turns, which the form leaves as they stand. */
const only = (value: unknown): string => {
  const [one, ...more] = Array.isArray(value) ? value : [value];
  return more.length === 0 && typeof one === "string" ? one : "";
};

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
    url: text(connector.url),
    as2From: text(connector.as2_from),
    as2To: text(connector.as2_to),
    identity: only(connector.identity),
    certificate: only(connector.certificates),
    sender: edi.sender?.id ?? EMPTY.sender,
    senderQualifier: edi.sender?.qualifier ?? "",
    receiver: edi.receiver?.id ?? "",
    receiverQualifier: edi.receiver?.qualifier ?? "",
    version: edi.version ?? EMPTY.version,
  };
}

/** What the fields of the form do not show is kept as it stands in the record. */
export function bodyOf(d: Draft, before?: Source): SourceBody {
  const old = (before?.channel ?? {}) as Json;
  const oldConnector = (old.connector ?? {}) as Json;
  const carrier = carrierOf(d, before);
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
    as2: {
      ...kept,
      type: "as2",
      url: d.url,
      as2_from: d.as2From,
      as2_to: d.as2To,
      ...(d.identity ? { identity: d.identity } : {}),
      ...(d.certificate ? { certificates: [d.certificate] } : {}),
    },
    // A wire that this form does not know is kept as it stands.
    ...(isForeign(before, carrier) ? { [carrier]: oldConnector } : {}),
  };
  const oldEdi = (old[d.dialect] ?? {}) as Partners;
  const version = VERSIONS[d.dialect]?.includes(d.version) ? d.version : VERSIONS[d.dialect]?.[0];
  const edi = {
    ...oldEdi,
    version,
    sender: { ...oldEdi.sender, qualifier: qualifierOf(d.dialect, d.senderQualifier), id: d.sender.trim() },
    receiver: { ...oldEdi.receiver, qualifier: qualifierOf(d.dialect, d.receiverQualifier), id: d.receiver.trim() },
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
  ["x12", "EDI X12", "850, 855, 856, 846, 860 over a folder, SFTP or AS2. Usual in North America."],
  ["eancom", "EDI EANCOM", "ORDERS, ORDRSP, DESADV, INVRPT over a folder, SFTP or AS2. Usual in Europe."],
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
  return dialect === "wms" ? [...files, ["http", "HTTP"]] : [...files, ["as2", "AS2"]];
}

const wireOf = (s?: Source): string => text(((s?.channel.connector ?? {}) as Json).type);

/** True for a wire that the record has and this form cannot make. */
const isForeign = (s: Source | undefined, carrier: string): boolean =>
  carrier !== "" && wireOf(s) === carrier && !carriersOf(s!.channel.dialect).some(([c]) => c === carrier);

/** What carries the papers: as chosen, else the first that can. */
function carrierOf(d: Draft, before?: Source): string {
  const carriers = carriersOf(d.dialect);
  const fits = carriers.some(([c]) => c === d.carrier) || (before?.channel.dialect === d.dialect && isForeign(before, d.carrier));
  return fits ? d.carrier : (carriers[0]?.[0] ?? "");
}

/** What the channel lacks before a paper can go out by it, by the name of the field. */
export function channelGaps(d: Draft, before?: Source): Record<string, string> {
  const gaps: Record<string, string> = {};
  const carrier = carrierOf(d, before);
  const needs = (name: TextOf, words: string) => {
    if (!d[name].trim()) gaps[name] = words;
  };
  const most = ID_MAX[d.dialect];
  if (most) {
    needs("sender", "Say who we are to them: it stands at the head of every paper");
    needs("receiver", "Ask the vendor: without it no paper finds its way, and none of theirs is known");
    for (const name of ["sender", "receiver"] as const)
      if (d[name].trim().length > most) gaps[name] = `At most ${most} characters`;
  }
  if (carrier === "http" && !/^https?:\/\/\S+$/.test(d.base.trim())) gaps.base = "An address that begins with https://";
  if (carrier === "sftp" || carrier === "folder") {
    needs("outbound", "Where do our papers go?");
    needs("inbound", "Where do theirs come?");
    if (d.outbound.trim() && d.outbound.trim() === d.inbound.trim()) gaps.inbound = "Another folder than that of our papers";
  }
  if (carrier === "sftp") {
    needs("host", "Which server?");
    needs("user", "As whom do we log in?");
  }
  if (carrier === "as2") {
    needs("url", "Where does it take messages?");
    needs("as2From", "Who are we to them?");
    needs("as2To", "Who are they?");
  }
  return gaps;
}

/** The step of the wizard, or the panel, in which a place of the record is asked for. */
export function stepOf(pointer: string | undefined): 0 | 1 | 2 {
  if (/^\/(channel|mail)/.test(pointer ?? "")) return 2;
  return /^\/(time_zone|calendar|cutoff|handling_days|daily_capacity)/.test(pointer ?? "") ? 1 : 0;
}

interface Part {
  d: Draft;
  set: Set;
  problem?: Problem | null;
  /** What is missing, by field, once somebody tried to go on. */
  gaps?: Record<string, string>;
}

/** The texts of a draft. */
type TextOf = { [K in keyof Draft]: Draft[K] extends string ? K : never }[keyof Draft];
type DraftFieldProps = Omit<Parameters<typeof TextField>[0], "value" | "set" | "fault" | "name"> & {
  part: Part;
  name: TextOf;
  /** Where it stands in the record: what is wrong there is shown here. */
  pointer?: string;
};

function DraftField({ part: { d, set, problem, gaps }, name, pointer, ...rest }: DraftFieldProps) {
  return (
    <TextField
      name={name}
      value={d[name]}
      set={(text) => set({ [name]: text })}
      fault={gaps?.[name] ?? (pointer === undefined ? undefined : faultAt(problem, pointer))}
      {...rest}
    />
  );
}

/** What is said of an id that somebody has. */
export const takenBy = (known: Pick<Source, "name"> | undefined) =>
  known && `${known.name} has this id already: choose another, or change ${known.name} on its own page`;

export function Basics({ fresh, ...part }: Part & { fresh?: boolean }) {
  const { d, set, problem } = part;
  return (
    <div class="form-grid">
      <DraftField part={part} name="name" label="Name" pointer="/name" required />
      <TextField
        name="id"
        label="Id"
        mono
        value={d.id}
        set={(id) => set({ id })}
        readOnly={!fresh}
        required
        hint={fresh ? "Short, lower case; stands on every purchase order and never changes" : undefined}
        fault={fresh ? (part.gaps?.id ?? takenBy(sources.value.get(d.id)) ?? faultAt(problem, "{source}")) : undefined}
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
      <DraftField
        part={part}
        name="country"
        label="Ships from, country"
        pointer="/ships_from/country"
        hint="Two letters, such as US"
        required
      />
      <DraftField
        part={part}
        name="postal"
        label="Postal code"
        pointer="/ships_from/postal_code"
        hint="Transit times are looked up by it"
      />
    </div>
  );
}

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const ZONES = Intl.supportedValuesOf?.("timeZone") ?? [];

export function CalendarPart(part: Part) {
  const { d, set, problem } = part;
  return (
    <div class="form-grid">
      <DraftField part={part} name="zone" label="Time zone" pointer="/time_zone" hint="All its times are told in it" list="zones" required />
      <datalist id="zones">
        {ZONES.map((z) => (
          <option key={z} value={z} />
        ))}
      </datalist>
      <DraftField
        part={part}
        name="cutoff"
        label="Cut-off"
        type="time"
        pointer="/cutoff"
        hint="Orders after it count for the next working day"
      />
      <DraftField part={part} name="handling" label="Handling, working days" type="number" min="0" pointer="/handling_days" />
      <DraftField
        part={part}
        name="capacity"
        label="Daily capacity, units"
        type="number"
        min="1"
        pointer="/daily_capacity"
        hint="Empty: no limit"
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

export function ChannelPart({ before, ...part }: Part & { before?: Source }) {
  const { d, set, problem } = part;
  const carrier = carrierOf(d, before);
  const foreign: [string, string][] = isForeign(before, carrier) ? [[carrier, `${spell(carrier)}, as it stands`]] : [];
  const carriers = [...carriersOf(d.dialect), ...foreign];
  const versions = VERSIONS[d.dialect];
  const several = wireOf(before) === "as2" && draftOf(before!).certificate === "";
  const field = (name: TextOf, label: string, pointer: string, hint?: string) => (
    <DraftField part={part} name={name} label={label} mono pointer={`/channel/connector${pointer}`} hint={hint} />
  );
  return (
    <>
      <fieldset class="options two">
        <legend class="only-heard">Channel</legend>
        {DIALECTS.map(([code, name, words]) => (
          <label key={code} class={d.dialect === code ? "option chosen" : "option"}>
            <input type="radio" name="dialect" checked={d.dialect === code} onChange={() => set({ dialect: code, senderQualifier: "", receiverQualifier: "" })} />
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
        {carrier === "as2" && field("url", "Where it takes messages", "/url", "https://…")}
        {carrier === "as2" && field("as2From", "Our AS2 name", "/as2_from")}
        {carrier === "as2" && field("as2To", "Its AS2 name", "/as2_to")}
        {carrier === "as2" && field("identity", "Our key", "/identity", "secret:NAME; a private key with its certificate, as PEM")}
        {carrier === "as2" && (
          <Field id="certificate" label="Its certificate" wide hint="PEM" fault={faultAt(problem, "/channel/connector/certificates")}>
            <textarea
              id="certificate"
              class="mono small"
              rows={4}
              value={d.certificate}
              placeholder={several ? "Several take turns; they stay as they are" : "-----BEGIN CERTIFICATE-----"}
              aria-describedby="certificate-hint"
              onInput={(e) => set({ certificate: e.currentTarget.value })}
            />
          </Field>
        )}
        {versions && <Interchange part={part} who="sender" label="Our" />}
        {versions && <Interchange part={part} who="receiver" label="Its" />}
        {versions && (
          <SelectField
            name="version"
            label="Version"
            value={d.version}
            set={(version) => set({ version })}
            options={versions.map((v) => [v, v] as const)}
          />
        )}
      </div>
      {faultAt(problem, "/channel/connector") && (
        <p class="ink-stamp" role="alert">
          {faultAt(problem, "/channel/connector")}
        </p>
      )}
    </>
  );
}

/** An interchange id with what it is: the kind and the id stand side by side at the head of every paper. */
function Interchange({ part, who, label }: { part: Part; who: "sender" | "receiver"; label: string }) {
  const { d, set } = part;
  const name = `${who}Qualifier` as const;
  const known = QUALIFIERS[d.dialect] ?? [];
  const value = qualifierOf(d.dialect, d[name]);
  const options = known.some(([code]) => code === value) ? known : [...known, [value, `${value}, as it stands`] as [string, string]];
  const settings = `/channel/${d.dialect}/${who}`;
  return (
    <>
      <DraftField part={part} name={who} label={`${label} interchange id`} mono pointer={`${settings}/id`} required />
      <SelectField name={name} label={`What ${label.toLowerCase()} id is`} value={value} set={(q) => set({ [name]: q })} options={options} fault={faultAt(part.problem, `${settings}/qualifier`)} />
    </>
  );
}

/** All parts at once, of a source that is known. */
export function VendorEditor({ source, done }: { source: Source; done: () => void }) {
  const [d, setDraft] = useState(draftOf(source));
  const set: Set = (next) => setDraft((old) => ({ ...old, ...next }));
  const { problem, busy, run } = useSending(() => undefined, done);
  const [tried, setTried] = useState(false);
  const gaps = channelGaps(d, source);
  const changed = JSON.stringify(d) !== JSON.stringify(draftOf(source));
  if (!may("write_sources")) return <p class="note">Your role reads vendors; it does not change them.</p>;
  return (
    <form
      class="stack"
      onSubmit={(e) => {
        e.preventDefault();
        setTried(true);
        if (Object.keys(gaps).length === 0) run(() => send("put", "/v1/sources/{source}", { source: source.id }, bodyOf(d, source)), "Saved");
      }}
    >
      <Panel title="Who it is">
        <Basics d={d} set={set} problem={problem} />
      </Panel>
      <Panel title="Calendar and capacity">
        <CalendarPart d={d} set={set} problem={problem} />
      </Panel>
      <Panel title="Channel">
        <ChannelPart d={d} set={set} problem={problem} before={source} gaps={tried ? gaps : undefined} />
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
