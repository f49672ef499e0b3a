// Policies: every version, the one in force first; two of them side by side where they differ.
import { useState } from "preact/hooks";
import { Link, useLocation, useSearch } from "wouter-preact";
import { at } from "../api/address";
import { sourceName } from "../api/lookups";
import { useResource } from "../api/resource";
import type { PolicyVersion } from "../api/types";
import { Tag, type Ink } from "../kit/badge";
import { SelectField } from "../kit/field";
import { Loaded, Panel } from "../kit/parts";
import { Table, type Column } from "../kit/table";
import { PageHead } from "../shell/frame";
import { may } from "../shell/session";
import { differences, readPolicy } from "../words/policy";
import { plural, spell } from "../words/words";

export const POLICY_INK: Record<string, Ink> = {
  active: "theirs",
  draft: "plain",
  backtested: "ours",
  approved: "ours",
  scheduled: "ours",
  superseded: "plain",
};
export const sectionsOf = (p: PolicyVersion) => readPolicy(p.policy as unknown as Record<string, unknown>, sourceName);

const COLUMNS: Column<PolicyVersion>[] = [
  { head: "Version", text: (p) => p.version, cell: (p) => <Link href={`/policies/${p.version}`}>Version {p.version}</Link> },
  { head: "Name", text: (p) => p.name, wide: true },
  { head: "State", text: (p) => p.state, cell: (p) => <Tag ink={POLICY_INK[p.state] ?? "plain"}>{spell(p.state)}</Tag> },
  { head: "Rules", text: (p) => sectionsOf(p).reduce((n, s) => n + s.rules.length, 0), right: true, rank: 2 },
];

export function Policies() {
  const all = useResource(at("/v1/policies", {}), (e) => e.type.startsWith("policy."));
  const [, go] = useLocation();
  const query = new URLSearchParams(useSearch());
  const pick = (a: string, b: string) => go(a && b ? `/policies?a=${a}&b=${b}` : "/policies", { replace: true });
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
      <Loaded of={all} what="Policies">
        {(page) => (
          <>
            <Table
              name="policies"
              caption="Policies"
              rows={page.items}
              columns={COLUMNS}
              keyOf={(p) => String(p.version)}
              hrefOf={(p) => `/policies/${p.version}`}
              lead={plural(page.items.length, "version")}
            />
            {page.items.length > 1 && <Compare all={page.items} a={query.get("a") ?? ""} b={query.get("b") ?? ""} pick={pick} />}
          </>
        )}
      </Loaded>
    </>
  );
}

/** What one of two versions says and the other does not, in sentences. */
function Compare({ all, a, b, pick }: { all: PolicyVersion[]; a: string; b: string; pick: (a: string, b: string) => void }) {
  const [left, setLeft] = useState(a || String(all[0]!.version));
  const [right, setRight] = useState(b || String(all[1]!.version));
  const options = all.map((p) => [String(p.version), `Version ${p.version}, ${p.name}`] as const);
  const of = (version: string) => all.find((p) => String(p.version) === version);
  const [one, other] = [of(left), of(right)];
  const found = one && other ? differences(sectionsOf(one), sectionsOf(other)) : [];
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
