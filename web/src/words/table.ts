// A pasted or uploaded table: comma, semicolon or tab between cells, quotes as RFC 4180 has them.

export interface Sheet {
  head: string[];
  rows: string[][];
}

export function readSheet(text: string): Sheet {
  const plain = text.replace(/^\uFEFF/, "");
  const first = plain.split(/\r?\n/, 1)[0] ?? "";
  const mark = ["\t", ";", ","].find((m) => first.includes(m)) ?? ",";
  const [head = [], ...rows] = cut(plain, mark);
  return { head: head.map((h) => h.trim()), rows: rows.filter((r) => r.some((c) => c.trim() !== "")) };
}

function cut(text: string, mark: string): string[][] {
  const rows: string[][] = [[]];
  let cell = "";
  let quoted = false;
  const end = () => {
    rows.at(-1)!.push(cell);
    cell = "";
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') cell += text[++i];
      else quoted = false;
    } else if (c === '"' && cell === "") quoted = true;
    else if (c === mark) end();
    else if (c === "\n") {
      end();
      rows.push([]);
    } else if (c !== "\r") cell += c;
  }
  end();
  return rows.filter((r) => r.length > 1 || r[0] !== "");
}

/** The sheet as CSV for the API, with columns that stand for every row put in front. */
export function withColumns(sheet: Sheet, fixed: Record<string, string>): string {
  const names = Object.keys(fixed).filter((n) => !sheet.head.includes(n));
  const quote = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);
  const line = (cells: string[]) => cells.map(quote).join(",");
  return [line([...names, ...sheet.head]), ...sheet.rows.map((r) => line([...names.map((n) => fixed[n]!), ...r]))].join("\n");
}
