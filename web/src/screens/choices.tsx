// What may be done, each choice with its rehearsed outcome: cost, dates, chance, what follows. The recommended one first.
import { sourceName } from "../api/lookups";
import type { Choice } from "../api/types";
import { Tag } from "../kit/badge";
import { sentence } from "../kit/sentence";
import { moneyText } from "../words/money";
import { dayText } from "../words/time";
import { plural, remedyHelp, remedyName } from "../words/words";

export const choiceKey = (c: Pick<Choice, "action" | "source">) => `${c.action} ${c.source ?? ""}`;
export const choiceName = (c: { action: string; source?: string | null; source_name?: string | null }) => {
  const name = c.source_name ?? (c.source ? sourceName(c.source) : "");
  return c.action === "keep_source" && name ? `Keep ${name}` : `${remedyName(c.action)}${name ? ` ${name}` : ""}`;
};

export function Choices({ of, chosen, choose }: { of: Choice[]; chosen: string; choose: (key: string) => void }) {
  const possible = of.filter((c) => !c.impossible);
  const not = of.filter((c) => c.impossible);
  return (
    <fieldset class="options">
      <legend class="only-heard">What to do</legend>
      {possible.map((c) => (
        <Option key={choiceKey(c)} one={c} on={chosen === choiceKey(c)} choose={() => choose(choiceKey(c))} />
      ))}
      {not.length > 0 && (
        <details class="not-possible">
          <summary class="small muted">{plural(not.length, "other choice")} cannot be made now</summary>
          <ul class="stack tight">
            {not.map((c) => (
              <li key={choiceKey(c)} class="small">
                <b>{choiceName(c)}</b> <span class="quiet">{sentence(c.impossible)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </fieldset>
  );
}

function Option({ one, on, choose }: { one: Choice; on: boolean; choose: () => void }) {
  return (
    <label class={on ? "option chosen" : "option"}>
      <input type="radio" name="choice" checked={on} onChange={choose} />
      <span class="option-text">
        <span class="row">
          <b>{choiceName(one)}</b>
          {one.recommended && <Tag ink="ours">Recommended</Tag>}
        </span>
        <span class="quiet">{one.recommended && one.why ? sentence(one.why) : remedyHelp(one.action) || sentence(one.sentence)}</span>
        {on && one.consequences.length > 0 && (
          <span class="follows">
            <span class="small muted">What follows</span>
            {one.consequences.map((c, i) => (
              <span key={i} class="follow small">
                {sentence(c.sentence)}
              </span>
            ))}
          </span>
        )}
      </span>
      <OptionFacts one={one} />
    </label>
  );
}

function OptionFacts({ one }: { one: Choice }) {
  const facts: [string, preact.ComponentChildren, string?][] = [];
  if (one.cost)
    facts.push([
      "Cost",
      `${moneyText(one.cost)}${one.cost_increase_percent ? `, +${one.cost_increase_percent} %` : ""}`,
      one.cost_increase_percent ? "wait" : "",
    ]);
  const [beside, ink] =
    typeof one.keeps_promise !== "boolean" ? ["", ""] : one.keeps_promise ? [", as promised", "theirs"] : [", later than promised", "stamp"];
  if (one.deliver_by)
    facts.push([
      "Arrives",
      `${dayText(one.deliver_by)}${beside}`,
      ink,
    ]);
  if (one.confidence) facts.push(["Chance", `${Math.round(Number(one.confidence) * 100)} %`]);
  if (one.cancels > 0) facts.push(["Cancels", plural(one.cancels, "unit"), "stamp"]);
  if (facts.length === 0) return <span />;
  return (
    <span class="option-facts small">
      {facts.map(([name, value, ink]) => (
        <span key={name}>
          <span class="muted">{name}</span> <span class={ink ? `ink-${ink}` : ""}>{value}</span>
        </span>
      ))}
    </span>
  );
}
