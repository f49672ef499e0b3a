// Guides: the pages of docs/guides, inside the product, with pictures where the browser walk has taken them.
import { useEffect, useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { Panel } from "../kit/parts";
import { PageHead } from "../shell/frame";
import { blocks, type Block, type Inline } from "../words/markdown";

const PAGES = import.meta.glob<string>("../../../docs/guides/*.md", { query: "?raw", import: "default" });
const PICTURES = import.meta.glob<string>("../../../docs/guides/pictures/*.jpg", { query: "?url", import: "default", eager: true });
const fileOf = (id: string) => `../../../docs/guides/${id}.md`;

/** Title and what it is for, in the order in which a newcomer reads them. */
const SHELF: [string, string, string][] = [
  ["handling-exceptions", "Handling exceptions", "From the list to the decision, alone or with colleagues."],
  ["approving-reroutes", "Approving reroutes", "What the policy reserves for people, and how to answer."],
  ["reading-a-scorecard", "Reading a scorecard", "How a vendor keeps its word, with the evidence."],
  ["changing-a-policy", "Changing a policy", "Written, tried on what happened, approved, in force, undone."],
  ["onboarding-api", "Onboarding a vendor by API", "For vendors with a server of their own."],
  ["onboarding-edi", "Onboarding a vendor by EDI", "X12 or EANCOM over SFTP or a folder."],
  ["onboarding-portal", "Onboarding a vendor by the portal", "For small vendors: a mail, a page, a phone."],
];

export function Guides() {
  return (
    <>
      <PageHead title="Guides" />
      <ul class="guide-shelf">
        {SHELF.map(([id, title, words]) => (
          <li key={id}>
            <Link href={`/guides/${id}`}>
              <b>{title}</b>
              <span class="quiet">{words}</span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

export function GuidePage({ id }: { id: string }) {
  const [text, setText] = useState<string | null>(null);
  useEffect(() => {
    setText(null);
    void PAGES[fileOf(id)]?.().then(setText);
  }, [id]);
  const known = SHELF.find(([name]) => name === id);
  if (!known) return <PageHead title="There is no such guide" crumb={["/guides", "Guides"]} />;
  const at = SHELF.indexOf(known);
  const next = SHELF[at + 1];
  return (
    <>
      <PageHead title={known[1]} crumb={["/guides", "Guides"]} />
      <Panel title={known[2]}>
        <article class="guide">
          {text === null ? (
            <p class="muted">Loading…</p>
          ) : (
            blocks(text)
              .slice(1)
              .map((b, i) => <BlockView key={i} one={b} />)
          )}
        </article>
      </Panel>
      {next && (
        <p>
          Next: <Link href={`/guides/${next[0]}`}>{next[1]}</Link>
        </p>
      )}
    </>
  );
}

function BlockView({ one }: { one: Block }) {
  switch (one.kind) {
    case "heading":
      return one.level <= 2 ? <h2 id={one.id}>{spans(one.text)}</h2> : <h3 id={one.id}>{spans(one.text)}</h3>;
    case "list": {
      const items = one.items.map((item, i) => <li key={i}>{spans(item)}</li>);
      return one.ordered ? <ol>{items}</ol> : <ul>{items}</ul>;
    }
    case "table":
      return (
        <div class="table-scroll" tabIndex={0} role="group" aria-label="Table">
          <table>
            <thead>
              <tr>
                {one.head.map((h, i) => (
                  <th key={i} scope="col">
                    {spans(h)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {one.rows.map((row, i) => (
                <tr key={i}>
                  {row.map((c, j) => (
                    <td key={j}>{spans(c)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
    default:
      return <p>{spans(one.text)}</p>;
  }
}

const spans = (all: Inline[]) => all.map((s, i) => <Span key={i} one={s} />);

function Span({ one }: { one: Inline }) {
  switch (one.kind) {
    case "code":
      return <code>{one.text}</code>;
    case "bold":
      return <b>{one.text}</b>;
    case "em":
      return <em>{one.text}</em>;
    case "picture":
      return <Picture file={one.href} words={one.text} />;
    case "link":
      return /^[\w-]+\.md$/.test(one.href) ? (
        <Link href={`/guides/${one.href.replace(/\.md$/, "")}`}>{one.text}</Link>
      ) : (
        <a href={one.href}>{one.text}</a>
      );
    default:
      return <>{one.text}</>;
  }
}

/** A picture that this build does not have leaves no hole. */
function Picture({ file, words }: { file: string; words: string }) {
  const url = PICTURES[`../../../docs/guides/${file}`];
  return url ? <img src={url} alt={words} loading="lazy" width={1200} height={720} /> : null;
}
