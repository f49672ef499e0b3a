// What may be done, each choice with its rehearsed outcome: cost, dates, chance, what follows. The recommended one first.
import { sourceName } from "../api/lookups";
import type { Choice } from "../api/types";
import { Tag } from "../kit/badge";
import { Dialog, ProblemNote } from "../kit/parts";
import type { Problem } from "../api/client";
import { sentence } from "../kit/sentence";
import { moneyText } from "../words/money";
import { dayText } from "../words/time";
import { isStatement, plural, remedyHelp, remedyName } from "../words/words";

export const choiceKey = (c: Pick<Choice, "action" | "source">) => `${c.action} ${c.source ?? ""}`;
export const choiceName = (c: { action: string; source?: string | null; source_name?: string | null }) => {
  const name = c.source_name ?? (c.source ? sourceName(c.source) : "");
  return c.action === "keep_source" && name ? `Keep ${name}` : `${remedyName(c.action)}${name ? ` ${name}` : ""}`;
};

/** True for a statement of fact: as the server says it, or by its name where the server does not tell. */
export const isStated = (c: Pick<Choice, "action">) => (c as { needs_words?: boolean }).needs_words ?? isStatement(c.action);

/** What the rules would do: never a statement of fact, which only somebody who was told can make. */
export const recommendedOf = (all: Choice[]): Choice | undefined => all.find((c) => c.recommended && !c.impossible && !isStated(c));

/** What is chosen before somebody chooses: what the rules would do, else the first that can be done from here. */
export const usualOf = (all: Choice[]): Choice | undefined => recommendedOf(all) ?? all.find((c) => !c.impossible && !isStated(c));

/** What is chosen: what somebody picked, if it can be done, else what the rules would do. */
export const chosenOf = (all: Choice[], picked: string): Choice | undefined =>
  all.find((c) => choiceKey(c) === picked && !c.impossible) ?? usualOf(all);

/** Asks once more before what cannot be undone; `act` does it. */
export function Sure({ of: c, busy, problem, close, act }: { of: Choice; busy: boolean; problem: Problem | null; close: () => void; act: () => void }) {
  return (
    <Dialog title={`${choiceName(c)}?`} close={close}>
      <p>{remedyHelp(c.action) || sentence(c.sentence)} This cannot be undone.</p>
      {c.cancels > 0 && <p class="ink-stamp">{plural(c.cancels, "unit")} will be cancelled.</p>}
      {c.consequences.length > 0 && (
        <ul class="checks small">
          {c.consequences.map((x, i) => (
            <li key={i}>{sentence(x.sentence)}</li>
          ))}
        </ul>
      )}
      {problem && <ProblemNote problem={problem} />}
      <div class="dialog-end">
        <button type="button" class="button" autofocus onClick={close}>
          Not now
        </button>
        <button type="button" class="button grave" disabled={busy} onClick={act}>
          {choiceName(c)}
        </button>
      </div>
    </Dialog>
  );
}

export function Choices({ of, chosen, choose }: { of: Choice[]; chosen: string; choose: (key: string) => void }) {
  const possible = of.filter((c) => !c.impossible).sort((a, b) => Number(isStated(a)) - Number(isStated(b)));
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
  const recommended = one.recommended && !isStated(one);
  return (
    <label class={on ? "option chosen" : "option"}>
      <input type="radio" name="choice" checked={on} onChange={choose} />
      <span class="option-text">
        <span class="row">
          <b>{choiceName(one)}</b>
          {recommended && <Tag ink="ours">Recommended</Tag>}
        </span>
        <span class="quiet">{recommended && one.why ? sentence(one.why) : remedyHelp(one.action) || sentence(one.sentence)}</span>
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
