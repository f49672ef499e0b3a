// A policy as a person reads it: the server's sentences, gathered under headings by the place of their rule.

/** A part of a policy: its heading, and its rules as sentences, each with where it stands in the document. */
export interface Section {
  id: string;
  title: string;
  rules: { at: string; text: string }[];
}
interface Said {
  pointer: string;
  sentence: string;
}

const TITLES: [string, string, string[]][] = [
  ["tables", "Tables, asked first", ["tables"]],
  ["modes", "How far the product acts", ["modes", "sensitive"]],
  ["clocks", "Clocks", ["clocks"]],
  ["sourcing", "How supply is chosen", ["sourcing"]],
  ["approvals", "What people decide", ["approvals", "expedite"]],
  ["answers", "Answers that are not a plain yes", ["answers"]],
  ["stock", "What advice is worth", ["freshness", "safety_stock", "netting"]],
  ["transit", "Days to the door", ["transit"]],
  ["more", "More", []],
];

/** Sentences by heading, in the order in which rules are asked. */
export function sectionsOf(said: Said[], tell: (text: string) => string): Section[] {
  const head = (s: Said) => s.pointer.split("/")[1] ?? "";
  const named = new Set(TITLES.flatMap(([, , heads]) => heads));
  const of = (heads: string[]) => said.filter((s) => (heads.length > 0 ? heads.includes(head(s)) : !named.has(head(s))));
  return TITLES.map(([id, title, heads]) => ({
    id,
    title,
    rules: of(heads).map((s) => ({ at: s.pointer, text: tell(s.sentence) })),
  })).filter((s) => s.rules.length > 0);
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
