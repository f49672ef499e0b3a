// The mode of a vendor by category: which rules of the policy in force fit it, in the order in which they are tried.
import { Link } from "wouter-preact";
import { at } from "../api/address";
import { sourceName } from "../api/lookups";
import { useResource } from "../api/resource";
import { Panel } from "../kit/parts";
import { readPolicy } from "../words/policy";

export function ModesOf({ source }: { source: string }) {
  const all = useResource(at("/v1/policies", {}));
  const active = all.data?.items.find((p) => p.state === "active");
  if (!active) return null;
  const policy = active.policy as unknown as Record<string, unknown>;
  const fits = (rule: { source?: unknown }) => rule.source === undefined || rule.source === null || rule.source === source;
  const only = { ...policy } as Record<string, unknown>;
  for (const key of ["modes", "clocks", "freshness", "safety_stock", "netting"])
    only[key] = ((policy[key] as { source?: unknown }[] | undefined) ?? []).filter(fits);
  const sections = readPolicy(only, sourceName).filter((s) => ["modes", "clocks", "stock"].includes(s.id));
  return (
    <Panel
      title="What the policy says of it"
      end={
        <Link href={`/policies/${active.version}`} class="small">
          {active.name}
        </Link>
      }
    >
      {sections.map((s) => (
        <section key={s.id}>
          <h3>{s.title}</h3>
          <ol class="rules">
            {s.rules.map((r) => (
              <li key={r.at}>{r.text}</li>
            ))}
          </ol>
        </section>
      ))}
      <p class="small muted">The first rule that fits wins.</p>
    </Panel>
  );
}
