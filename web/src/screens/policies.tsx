// Policies: every version, the one in force first; two of them side by side where they differ; and what is known of how
// they work: modes, agreement with the legacy path, chances of acceptance.
import { useState } from "preact/hooks";
import { Link, useLocation, useSearch } from "wouter-preact";
import { at } from "../api/address";
import { useResource } from "../api/resource";
import type { PolicyVersion } from "../api/types";
import { Tag, type Ink } from "../kit/badge";
import { SelectField } from "../kit/field";
import { Loaded, Panel } from "../kit/parts";
import { sentence } from "../kit/sentence";
import { Table, type Column } from "../kit/table";
import { Tabs } from "../kit/tabs";
import { PageHead } from "../shell/frame";
import { may } from "../shell/session";
import { differences, sectionsOf } from "../words/policy";
import { actorName, plural, spell } from "../words/words";
import { Agreement } from "./agreement";
import { Calibration } from "./calibration";
import { Histories } from "./histories";
import { Modes } from "./policy-modes";

const POLICY_INK: Record<string, Ink> = {
  active: "theirs",
  backtested: "ours",
  approved: "ours",
  scheduled: "ours",
};
export const policyHref = (version: number | string) => `/policies/${version}`;
export const isPolicyEvent = (e: { type: string }) => e.type.startsWith("policy.");
export const sections = (p: PolicyVersion) => sectionsOf(p.sentences, sentence);
export const PolicyState = ({ one }: { one: PolicyVersion }) => <Tag ink={POLICY_INK[one.state] ?? "plain"}>{spell(one.state)}</Tag>;

const COLUMNS: Column<PolicyVersion>[] = [
  { head: "Version", text: (p) => p.version, cell: (p) => <Link href={policyHref(p.version)}>Version {p.version}</Link> },
  { head: "Name", text: (p) => p.name, wide: true },
  { head: "State", text: (p) => p.state, cell: (p) => <PolicyState one={p} /> },
  { head: "Written by", text: (p) => p.authors.map(actorName).join(", "), rank: 2 },
  { head: "Approved by", text: (p) => actorName(p.approval?.by), rank: 3 },
  { head: "Rules", text: (p) => p.sentences.length, right: true, rank: 2 },
];

const TABS: [string, string][] = [
  ["", "Versions"],
  ["modes", "Modes"],
  ["agreement", "Agreement with the legacy path"],
  ["chances", "Chances of acceptance"],
  ["histories", "Histories"],
];

export function Policies({ tab = "" }: { tab?: string }) {
  return (
    <>
      <PageHead
        title="Policies"
        end={
          may("write_policies") && (
            <Link href="/policies/new" class="button main">
              Write the next version
            </Link>
          )
        }
      />
      <Tabs label="About policies" at={tab} tabs={TABS.map(([id, name]) => ({ id, name, href: id ? `/policies/${id}` : "/policies" }))} />
      {tab === "modes" ? <Modes /> : tab === "agreement" ? <Agreement /> : tab === "chances" ? <Calibration /> : tab === "histories" ? <Histories /> : <Versions />}
    </>
  );
}

function Versions() {
  const all = useResource(at("/v1/policies", {}), isPolicyEvent);
  const [, go] = useLocation();
  const query = new URLSearchParams(useSearch());
  const pick = (a: string, b: string) => go(a && b ? `/policies?a=${a}&b=${b}` : "/policies", { replace: true });
  return (
    <Loaded of={all} what="Policies">
      {(page) => (
        <>
          <Table
            name="policies"
            caption="Policies"
            rows={page.items}
            columns={COLUMNS}
            keyOf={(p) => String(p.version)}
            hrefOf={(p) => policyHref(p.version)}
            lead={plural(page.items.length, "version")}
          />
          {page.items.length > 1 && <Compare all={page.items} a={query.get("a") ?? ""} b={query.get("b") ?? ""} pick={pick} />}
        </>
      )}
    </Loaded>
  );
}

/** What one of two versions says and the other does not, in sentences. */
function Compare({ all, a, b, pick }: { all: PolicyVersion[]; a: string; b: string; pick: (a: string, b: string) => void }) {
  const [left, setLeft] = useState(a || String(all[0]!.version));
  const [right, setRight] = useState(b || String(all[1]!.version));
  const options = all.map((p) => [String(p.version), `Version ${p.version}, ${p.name}`] as const);
  const of = (version: string) => all.find((p) => String(p.version) === version);
  const [one, other] = [of(left), of(right)];
  const found = one && other ? differences(sections(one), sections(other)) : [];
  return (
    <Panel title="Compare two">
      <div class="form-grid">
        <SelectField name="left" label="This one" value={left} set={(v) => (setLeft(v), pick(v, right))} options={options} />
        <SelectField name="right" label="with" value={right} set={(v) => (setRight(v), pick(left, v))} options={options} />
      </div>
      {found.length === 0 ? (
        <p class="quiet">They say the same.</p>
      ) : (
        found.map((d) => (
          <section key={d.title}>
            <h3>{d.title}</h3>
            <ul class="differences">
              {d.only.map((o) => (
                <li key={o.in + o.text} class={o.in}>
                  <span class="small muted">{o.in === "a" ? `Only version ${left}` : `Only version ${right}`}</span>
                  {o.text}
                </li>
              ))}
            </ul>
          </section>
        ))
      )}
    </Panel>
  );
}
