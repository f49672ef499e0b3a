// The little Markdown that the guides use, as a tree: headings, paragraphs, lists, tables, pictures; inline code, bold,
// links. What it does not know is text. Makes no HTML, so nothing can be injected.

export type Inline = { kind: "text" | "code" | "bold" | "em"; text: string } | { kind: "link" | "picture"; text: string; href: string };
export type Block =
  | { kind: "heading"; level: number; text: Inline[]; id: string }
  | { kind: "paragraph"; text: Inline[] }
  | { kind: "list"; ordered: boolean; items: Inline[][] }
  | { kind: "table"; head: Inline[][]; rows: Inline[][][] };

const MARKS = /(`[^`]+`|\*\*[^*]+\*\*|\*[^*]+\*|!?\[[^\]]*\]\([^)]+\))/;

export function inline(text: string): Inline[] {
  return text
    .split(MARKS)
    .filter(Boolean)
    .map((part): Inline => {
      const link = /^(!?)\[([^\]]*)\]\(([^)]+)\)$/.exec(part);
      if (link) return { kind: link[1] ? "picture" : "link", text: link[2]!, href: link[3]! };
      if (part.startsWith("`")) return { kind: "code", text: part.slice(1, -1) };
      if (part.startsWith("**")) return { kind: "bold", text: part.slice(2, -2) };
      if (/^\*[^*]+\*$/.test(part)) return { kind: "em", text: part.slice(1, -1) };
      return { kind: "text", text: part };
    });
}

const cells = (row: string) =>
  row
    .replace(/^\||\|$/g, "")
    .split("|")
    .map((c) => inline(c.trim()));

export function blocks(markdown: string): Block[] {
  return markdown
    .split(/\n\s*\n/)
    .map((b) => b.trim())
    .filter(Boolean)
    .map(block);
}

function block(text: string): Block {
  const lines = text.split("\n");
  const heading = /^(#{1,4}) (.+)$/.exec(text);
  if (heading) {
    const id = heading[2]!.toLowerCase().replace(/[^a-z0-9]+/g, "-");
    return { kind: "heading", level: heading[1]!.length, text: inline(heading[2]!), id };
  }
  if (/^\|/.test(text)) {
    const [head = "", , ...rows] = lines;
    return { kind: "table", head: cells(head), rows: rows.map(cells) };
  }
  const item = /^(?:[-*]|\d+\.) /;
  if (item.test(text)) {
    const items: string[] = [];
    for (const line of lines) item.test(line) ? items.push(line.replace(item, "")) : items.push(`${items.pop() ?? ""} ${line.trim()}`);
    return { kind: "list", ordered: /^\d/.test(text), items: items.map(inline) };
  }
  return { kind: "paragraph", text: inline(lines.join(" ")) };
}
