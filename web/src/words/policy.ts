// A policy read as sentences, rule by rule, in the order in which the rules are tried. What this build does not know of a
// document is told by its name, so that nothing of it is hidden.
import { moneyText } from "./money";
import { span } from "./time";
import { plural, spell } from "./words";

type Json = Record<string, unknown>;
/** A part of a policy: its heading, and its rules as sentences, each with where it stands in the document. */
export interface Section {
  id: string;
  title: string;
  rules: { at: string; text: string }[];
}

const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);
const where = (r: Json, nameOf: (id: string) => string): string => {
  if (r.source && r.category) return `${nameOf(String(r.source))}, in ${r.category},`;
  return r.source ? nameOf(String(r.source)) : r.category ? `What is in ${r.category}` : "Everything else";
};
const MODE: Record<string, string> = {
  legacy: "passes through, and is only recorded",
  observe: "is decided beside the old way, and nothing is done",
  recommend: "waits for a person who releases each act",
  enforce: "is gated and done by the rules",
};
const THEN: Record<string, string> = {
  remind: "it is reminded once, then a person is asked",
  reroute: "it is withdrawn and planned again",
  ask: "a person is asked",
};
const OTHERWISE: Record<string, string> = {
  next: "the next step is tried",
  ask: "a person is asked",
  wait: "it waits for supply",
  refuse: "it is cancelled",
};
const ANSWER: Record<string, string> = {
  resource: "another source is sought",
  backorder: "it waits for this source",
  cancel: "it is cancelled",
  reroute: "another source is sought",
  accept: "it is taken, and the customer is told",
  ask: "a person is asked",
};
const CLOCKS: [string, string][] = [
  ["receipt", "confirm the paper"],
  ["acknowledgment", "answer"],
  ["ship_notice", "ship after the promised day"],
  ["cancel_answer", "answer a cancellation"],
];

function clock(rule: Json): string {
  const told = CLOCKS.flatMap(([kind, deed]) => {
    const c = rule[kind] as Json | undefined;
    if (!c) return [];
    const time = c.time === "business" ? " of its business time" : "";
    return [`has ${span(Number(c.within_s))}${time} to ${deed}, else ${THEN[String(c.then)] ?? spell(String(c.then))}`];
  });
  return told.join("; ") || "has no clocks";
}

function step(rule: Json): string {
  const choose = (rule.choose ?? {}) as Record<string, Json | null>;
  const [kind = "one", how] = Object.entries(choose)[0] ?? [];
  const what =
    kind === "split"
      ? `up to ${how?.sources_max} sources together`
      : kind === "backorder"
        ? `one source that announced supply within ${plural(Number(how?.days_max), "day")}`
        : how?.kind === "dc"
          ? "an own centre that has it all"
          : how?.kind
            ? `the cheapest ${spell(String(how.kind)).toLowerCase()} that has it all`
            : "the cheapest source that has it all";
  return `“${rule.name}”: ${what}; otherwise ${OTHERWISE[String(rule.otherwise)] ?? spell(String(rule.otherwise))}.`;
}

const always = (value: unknown) => (value === "always" ? "a person approves it" : "it goes out by itself");

export function readPolicy(policy: Json, nameOf: (id: string) => string): Section[] {
  const rules = (key: string, tell: (r: Json) => string) => list(policy[key]).map((r, i) => ({ at: `/${key}/${i}`, text: tell(r) }));
  const sourcing = (policy.sourcing ?? {}) as Json;
  const approvals = (policy.approvals ?? {}) as Json;
  const answers = (policy.answers ?? {}) as Json;
  const late = sourcing.day_late_costs as { amount: string; currency: string } | null | undefined;
  const sections: Section[] = [
    {
      id: "modes",
      title: "How far the product acts",
      rules: [
        ...rules(
          "modes",
          (r) =>
            `${where(r, nameOf)} ${MODE[String(r.mode)] ?? spell(String(r.mode))}; a line is firm on ${r.commit_on === "availability" ? "verified, held stock" : "the source's own word"}.`,
        ),
        ...list(policy.sensitive as unknown).map((c, i) => ({
          at: `/sensitive/${i}`,
          text: `Whatever the mode, ${String(c)} is firm on the source's own word only.`,
        })),
      ],
    },
    { id: "clocks", title: "Clocks", rules: rules("clocks", (r) => `${where(r, nameOf)} ${clock(r)}.`) },
    {
      id: "sourcing",
      title: "How supply is chosen",
      rules: [
        ...list(sourcing.steps).map((r, i) => ({ at: `/sourcing/steps/${i}`, text: step(r) })),
        ...(late ? [{ at: "/sourcing/day_late_costs", text: `A day later at the door counts as ${moneyText(late)}.` }] : []),
        ...(sourcing.attempts_max
          ? [{ at: "/sourcing/attempts_max", text: `After ${plural(Number(sourcing.attempts_max), "attempt")} a person is asked.` }]
          : []),
      ],
    },
    {
      id: "approvals",
      title: "What people decide",
      rules: [
        { at: "/approvals/split", text: `A line shipped from several sources: ${always(approvals.split)}.` },
        { at: "/approvals/substitution", text: `Another item than was ordered: ${always(approvals.substitution)}.` },
        {
          at: "/approvals/cost_increase_percent",
          text:
            approvals.cost_increase_percent == null
              ? "A dearer plan goes out by itself."
              : `A plan more than ${approvals.cost_increase_percent} % dearer than the first: a person approves it.`,
        },
        { at: "/approvals/late_promise", text: `A later day than was told: ${always(approvals.late_promise)}.` },
        {
          at: "/approvals/within_minutes",
          text: `A person has ${span(Number(approvals.within_minutes ?? 0) * 60)}; after that ${approvals.unanswered === "approve" ? "it counts as approved" : approvals.unanswered === "reject" ? "it counts as rejected" : "a case is opened"}.`,
        },
      ],
    },
    {
      id: "answers",
      title: "Answers that are not a plain yes",
      rules: [
        {
          at: "/answers/rest",
          text: `The rest of an order that was accepted in part: ${ANSWER[String(answers.rest ?? "resource")] ?? spell(String(answers.rest)).toLowerCase()}.`,
        },
        {
          at: "/answers/later_date",
          text: `A ship day that breaks the promise: ${ANSWER[String(answers.later_date)] ?? spell(String(answers.later_date)).toLowerCase()}.`,
        },
        {
          at: "/answers/backordered",
          text: `A back-order by the source: ${ANSWER[String(answers.backordered)] ?? spell(String(answers.backordered)).toLowerCase()}.`,
        },
      ],
    },
    {
      id: "stock",
      title: "What advice is worth",
      rules: [
        ...rules(
          "freshness",
          (r) =>
            `${where(r, nameOf)}: advice is stale after ${plural(Number(r.stale_after_minutes), "minute")}; then ${r.stale === "exclude" ? "it is not used" : r.stale === "halve" ? "half of it is used, and the source's word is awaited" : "it is used, and the source's word is awaited"}.`,
        ),
        ...rules(
          "safety_stock",
          (r) => `${where(r, nameOf)}: ${plural(Number(r.units), "unit")}${Number(r.percent) ? ` or ${r.percent} %` : ""} kept back.`,
        ),
        ...rules("netting", (r) => `${where(r, nameOf)}: advice has taken off what was ${r.advice_nets}.`),
      ],
    },
    { id: "transit", title: "Days to the door", rules: rules("transit", transit) },
  ];
  const told = new Set([
    "version",
    "name",
    "modes",
    "sensitive",
    "clocks",
    "freshness",
    "safety_stock",
    "netting",
    "sourcing",
    "approvals",
    "answers",
    "transit",
    "hold_minutes",
  ]);
  const rest = Object.entries(policy).filter(([k, v]) => !told.has(k) && v !== null && !(Array.isArray(v) && v.length === 0));
  const more = rest.map(([k, v]) => ({ at: `/${k}`, text: `${spell(k)}: ${JSON.stringify(v)}` }));
  if (policy.hold_minutes)
    more.unshift({
      at: "/hold_minutes",
      text: `Stock is held for ${plural(Number(policy.hold_minutes), "minute")} while a person decides.`,
    });
  return [...sections, { id: "more", title: "More", rules: more }].filter((s) => s.rules.length > 0);
}

function transit(r: Json): string {
  const said = [
    r.service_level && `service ${r.service_level}`,
    r.from_country && `from ${r.from_country}`,
    r.to_country && `to ${r.to_country}`,
    r.to_postal && `to postal codes ${r.to_postal}…`,
  ];
  const words = said.filter(Boolean).join(", ") || "everything else";
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}: ${plural(Number(r.days), "day")}.`;
}

/** Sentences that only one of two policies says. */
export function differences(a: Section[], b: Section[]): { title: string; only: { in: "a" | "b"; text: string }[] }[] {
  const titles = [...new Set([...a, ...b].map((s) => s.title))];
  const of = (all: Section[], title: string) => all.find((s) => s.title === title)?.rules.map((r) => r.text) ?? [];
  return titles
    .map((title) => {
      const [left, right] = [of(a, title), of(b, title)];
      return {
        title,
        only: [
          ...left.filter((t) => !right.includes(t)).map((text) => ({ in: "a" as const, text })),
          ...right.filter((t) => !left.includes(t)).map((text) => ({ in: "b" as const, text })),
        ],
      };
    })
    .filter((d) => d.only.length > 0);
}
