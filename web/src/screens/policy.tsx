// One policy: where it stands in its life and what comes next, each rule as a sentence, its tables, its backtests.
import { useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { at } from "../api/address";
import { send } from "../api/client";
import { useResource } from "../api/resource";
import type { PolicyVersion } from "../api/types";
import { TextField, faultAt } from "../kit/field";
import { Facts, Loaded, Panel } from "../kit/parts";
import { When } from "../kit/when";
import { PageHead } from "../shell/frame";
import { may, session } from "../shell/session";
import type { DecisionTable } from "../words/decision-table";
import type { Section } from "../words/policy";
import { actorName } from "../words/words";
import { Backtests } from "./backtests";
import { AskDialog } from "../kit/asking";
import { PolicyState, isPolicyEvent, sections } from "./policies";
import { PolicyTable } from "./policy-table";

export const tablesOf = (policy: unknown): DecisionTable[] => (policy as { tables?: DecisionTable[] }).tables ?? [];

/** True if this person may be the second one. */
export const mayApprove = (p: PolicyVersion) =>
  may("approve_policies") && !p.authors.some((a) => a.kind === "person" && a.name === session.value?.name);
/** Drafts that lack nothing but the word of a second person, for whoever may give it. */
export function useWaitingPolicies(): PolicyVersion[] {
  const all = useResource(may("approve_policies") ? at("/v1/policies", {}) : null, isPolicyEvent);
  return (all.data?.items ?? []).filter((p) => p.state === "backtested" && mayApprove(p));
}

export function PolicyPage({ version }: { version: string }) {
  const one = useResource(at("/v1/policies/{version}", { version }), isPolicyEvent);
  const p = one.data;
  return (
    <>
      <PageHead
        crumb={["/policies", "Policies"]}
        title={p ? `Version ${p.version}, ${p.name}` : `Version ${version}`}
        end={p && <Acts one={p} done={one.reload} />}
      >
        {p && <PolicyState one={p} />}
      </PageHead>
      <Loaded of={one} what="This policy">
        {(policy) => (
          <>
            <Life one={policy} />
            {may("write_policies") || policy.backtest ? <Backtests one={policy} done={one.reload} /> : null}
            <Sentences sections={sections(policy)} />
            {tablesOf(policy.policy).map((t, i) => (
              <PolicyTable key={t.name} table={t} at={`/tables/${i}`} />
            ))}
          </>
        )}
      </Loaded>
    </>
  );
}

export function Sentences({ sections }: { sections: Section[] }) {
  return (
    <div class="policy-grid">
      {sections.map((s) => (
        <Panel key={s.id} title={s.title}>
          <ol class="rules">
            {s.rules.map((r) => (
              <li key={r.at}>{r.text}</li>
            ))}
          </ol>
        </Panel>
      ))}
    </div>
  );
}

const STEPS = ["draft", "backtested", "approved", "active"];
const STEP_WORDS: Record<string, string> = { draft: "Written", backtested: "Backtested", approved: "Approved", active: "In force" };

/** Who wrote it, what its backtest said, who approved it, when it ruled. */
function Life({ one }: { one: PolicyVersion }) {
  const reached = (step: string) =>
    step === "draft" ||
    (step === "backtested" && !!one.backtest) ||
    (step === "approved" && !!one.approval) ||
    (step === "active" && one.state === "active");
  const next = STEPS.find((s) => !reached(s));
  return (
    <Panel title="Its life">
      <ol class="steps">
        {STEPS.map((s) => (
          <li key={s} class={reached(s) ? "done" : undefined} aria-current={s === next ? "step" : undefined}>
            {STEP_WORDS[s]}
          </li>
        ))}
      </ol>
      <Facts
        rows={[
          ["Written by", one.authors.map(actorName).join(", ")],
          ["Written", one.saved_at && <When at={one.saved_at} />],
          ["Backtest", one.backtest?.summary],
          [
            "Approved by",
            one.approval && (
              <>
                {actorName(one.approval.by)}, <When at={one.approval.at} />
                {one.approval.words && `: ${one.approval.words}`}
              </>
            ),
          ],
          ["Takes over", one.takes_over_at && <When at={one.takes_over_at} />],
          [
            "In force",
            one.activations.length > 0 &&
              one.activations.map((a) => (
                <div key={a.at}>
                  from <When at={a.at} /> on, by {actorName(a.by)}
                </div>
              )),
          ],
        ]}
      />
    </Panel>
  );
}

function Acts({ one, done }: { one: PolicyVersion; done: () => void }) {
  const [asking, ask] = useState<"approve" | "activate" | "unschedule" | null>(null);
  const close = () => ask(null);
  const isOpen = one.state === "draft" || one.state === "backtested";
  const isBack = one.activations.length > 0;
  return (
    <>
      {may("write_policies") && (
        <Link href={`/policies/new?from=${one.version}`} class="button">
          {isOpen ? "Write on it" : "Write the next from this"}
        </Link>
      )}
      {isOpen && mayApprove(one) && (
        <button type="button" class="button" onClick={() => ask("approve")}>
          Approve
        </button>
      )}
      {one.state !== "active" && may("write_policies") && (
        <button type="button" class="button main" onClick={() => ask("activate")}>
          {isBack ? "Roll back to this" : "Put in force"}
        </button>
      )}
      {one.state === "scheduled" && may("write_policies") && (
        <button type="button" class="button" onClick={() => ask("unschedule")}>
          Withdraw the takeover
        </button>
      )}
      {asking === "unschedule" && <UnscheduleDialog one={one} close={close} done={done} />}
      {asking === "approve" && <ApproveDialog one={one} close={close} done={done} />}
      {asking === "activate" && <ActivateDialog one={one} close={close} done={done} />}
    </>
  );
}

interface DialogProps {
  one: PolicyVersion;
  close: () => void;
  done: () => void;
}

/** The word of a second person, about the very draft that stands on this page. */
function ApproveDialog({ one, close, done }: DialogProps) {
  const [words, setWords] = useState("");
  const version = String(one.version);
  return (
    <AskDialog
      title={`Approve version ${version}`}
      act={() => send("post", "/v1/policies/{version}/approve", { version }, { revision: one.revision, words: words || null })}
      does="Approve"
      said={`Version ${version} is approved`}
      close={close}
      done={done}
    >
      {() => (
        <>
          <p>
            Nobody approves what they wrote. {one.authors.length > 0 && `Written by ${one.authors.map(actorName).join(", ")}.`}{" "}
            {one.backtest ? one.backtest.summary : "It has no backtest yet."}
          </p>
          <TextField name="policy-words" label="Words for the log, if any" value={words} set={setWords} wide />
        </>
      )}
    </AskDialog>
  );
}

function ActivateDialog({ one, close, done }: DialogProps) {
  const [when, setWhen] = useState("");
  const version = String(one.version);
  const instant = when ? new Date(when).toISOString() : null;
  return (
    <AskDialog
      title={`Put version ${version} in force`}
      act={() => send("post", "/v1/policies/{version}/activate", { version }, { at: instant })}
      does="Put it in force"
      said={instant ? `Version ${version} takes over then` : `Version ${version} is in force`}
      close={close}
      done={done}
    >
      {(problem) => (
        <>
          <p>Every decision from then on is made by it and names it. What was sent already goes on under the clocks it was sent with. Another version that was to take over no longer does.</p>
          <TextField name="policy-at" label="From" type="datetime-local" value={when} set={setWhen} hint="Empty: at once" fault={faultAt(problem, "/at")} />
        </>
      )}
    </AskDialog>
  );
}

function UnscheduleDialog({ one, close, done }: DialogProps) {
  const version = String(one.version);
  return (
    <AskDialog
      title={`Withdraw the takeover of version ${version}`}
      act={() => send("post", "/v1/policies/{version}/unschedule", { version })}
      does="Withdraw it"
      said={`Version ${version} no longer takes over`}
      close={close}
      done={done}
    >
      {() => (
        <p>
          It was to take over <When at={one.takes_over_at} />. The version in force stays in force; this one can be put in force later.
        </p>
      )}
    </AskDialog>
  );
}
