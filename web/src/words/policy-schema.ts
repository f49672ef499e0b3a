// The policy's own JSON Schema, read for a form: what a value is, what it may be, and what a fresh one looks like. The
// server makes the schema of the types that read a policy, so nothing here knows the name of a rule.

/** A node of the schema, as far as policies need it. */
export interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  description?: string;
  default?: unknown;
  type?: string | string[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  minimum?: number;
}

/** What a form shows for a value. */
export type Shape = (
  | { is: "text" }
  | { is: "number" }
  | { is: "choice"; words: [string, string][] }
  | { is: "words" }
  | { is: "list"; of: Schema }
  | { is: "fields"; of: [string, Schema, boolean][] }
  | { is: "variant"; of: [string, string, Schema][] }
) & {
  about: string;
  /** It may be left out; what it is then. */
  optional: boolean;
  fallback: unknown;
};

/** A description as a hint: one line, without code marks. */
const plain = (text: string | undefined) => (text ?? "").replace(/\s+/g, " ").replace(/`/g, "");

/** What a node of the schema is. */
export function shapeOf(root: Schema, node: Schema): Shape {
  const named = node.$ref ? root.$defs?.[node.$ref.split("/").pop()!] : undefined;
  if (named) {
    const inner = shapeOf(root, named);
    return { ...inner, about: plain(node.description) || inner.about, fallback: node.default ?? inner.fallback, optional: inner.optional || "default" in node };
  }
  const rest = { about: plain(node.description), optional: "default" in node, fallback: node.default };
  if (node.anyOf) {
    const some = node.anyOf.find((a) => a.type !== "null" && a.const === undefined)!;
    return { ...shapeOf(root, some), ...rest, optional: true };
  }
  if (Array.isArray(node.type)) return { ...shapeOf(root, { ...node, type: node.type.find((t) => t !== "null") }), ...rest, optional: true };
  if (node.oneOf) {
    const consts = node.oneOf.filter((o) => o.const !== undefined);
    if (consts.length === node.oneOf.length) return { is: "choice", words: consts.map((o) => [String(o.const), plain(o.description)]), ...rest };
    const variant = (o: Schema): [string, string, Schema] => {
      const key = Object.keys(o.properties ?? {})[0]!;
      return [key, plain(o.description), o.properties![key]!];
    };
    return { is: "variant", of: node.oneOf.map(variant), ...rest };
  }
  if (node.type === "array") {
    const of = node.items ?? {};
    const inner = shapeOf(root, of);
    return inner.is === "text" ? { is: "words", ...rest } : { is: "list", of, ...rest };
  }
  if (node.type === "object") {
    const names = Object.entries(node.properties ?? {});
    const order = (name: string) => (name === "name" ? 0 : name === "source" || name === "from" ? 1 : name === "category" || name === "to" ? 2 : node.required?.includes(name) ? 3 : 4);
    const sorted = names.map(([name, s]): [string, Schema, boolean] => [name, s, node.required?.includes(name) ?? false]);
    return { is: "fields", of: sorted.sort((a, b) => order(a[0]) - order(b[0])), ...rest };
  }
  return { is: node.type === "integer" || node.type === "number" ? "number" : "text", ...rest };
}

/** The least that a value of a node can be. */
export function blank(root: Schema, node: Schema): unknown {
  const shape = shapeOf(root, node);
  if (shape.fallback !== undefined && shape.fallback !== null) return structuredClone(shape.fallback);
  switch (shape.is) {
    case "text":
      return "";
    case "number":
      return node.minimum ?? 0;
    case "choice":
      return shape.words[0]![0];
    case "words":
    case "list":
      return [];
    case "variant":
      return { [shape.of[0]![0]]: blank(root, shape.of[0]![2]) };
    case "fields":
      return Object.fromEntries(shape.of.filter(([, , needed]) => needed).map(([name, s]) => [name, blank(root, s)]));
  }
}

/** An object with one field set; undefined takes it out. */
export function withField(of: Record<string, unknown>, name: string, value: unknown): Record<string, unknown> {
  const { [name]: _, ...rest } = of;
  return value === undefined ? rest : { ...of, [name]: value };
}
