// Onboarding a vendor, step by step: who, when, how, what it offers, a live test, and only then orders.
import { useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { send } from "../api/client";
import { sources } from "../api/lookups";
import { Panel, ProblemNote, say } from "../kit/parts";
import { PageHead } from "../shell/frame";
import { may } from "../shell/session";
import { ConnectionTester } from "./connection-test";
import { MappingImport } from "./mapping-import";
import { useSending } from "../kit/asking";
import { Basics, CalendarPart, ChannelPart, EMPTY, bodyOf, type Draft, type Set } from "./vendor-form";
import { VendorClocks } from "./vendor-clocks";
import { vendorHref } from "./vendors";

const STEPS = ["Who it is", "Calendar", "Channel", "SLAs", "Items", "Test", "Go live"];
/** The last step. */
const LIVE = STEPS.length - 1;
const KEPT = "countersign.onboarding";

/** An onboarding that was begun survives a reload; it holds no secret, only names of secrets. */
function kept(): { d: Draft; step: number } {
  try {
    const text = sessionStorage.getItem(KEPT);
    if (text) return JSON.parse(text);
  } catch {
    /* storage may be forbidden */
  }
  return { d: EMPTY, step: 0 };
}
function keep(d: Draft, step: number): void {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ d, step }));
  } catch {
    /* storage may be forbidden */
  }
}
function forget(): void {
  try {
    sessionStorage.removeItem(KEPT);
  } catch {
    /* storage may be forbidden */
  }
}

export function Onboard() {
  const begun = kept();
  const [d, setDraft] = useState<Draft>(begun.d);
  const [step, setStep] = useState(begun.step);
  const [, go] = useLocation();
  const set: Set = (next) => setDraft((old) => ({ ...old, ...next }));
  const to = (n: number) => {
    setStep(n);
    keep(d, n);
    window.scrollTo(0, 0);
    document.querySelector<HTMLElement>("main")?.focus();
  };
  const { problem, busy, run } = useSending(
    () => undefined,
    () => undefined,
  );
  const save = (next: number, taking = false) =>
    run(
      async () => {
        const known = sources.peek().get(d.id);
        await send("put", "/v1/sources/{source}", { source: d.id }, bodyOf({ ...d, taking }, known));
        if (next < STEPS.length) return to(next);
        forget();
        go(vendorHref(d.id));
      },
      next < STEPS.length ? "Saved; it takes no orders yet" : `${d.name} takes orders now`,
    );
  if (!may("write_sources")) return <PageHead title="Your role does not onboard vendors" crumb={["/vendors", "Vendors"]} />;
  const submit = (e: Event) => {
    e.preventDefault();
    // The record is written once its channel is known; until then nothing leaves this page.
    if (step < 2) to(step + 1);
    else if (step === 2) save(3);
    else if (step === LIVE) save(STEPS.length, true);
    else to(step + 1);
  };
  return (
    <>
      <PageHead title="Onboard a vendor" crumb={["/vendors", "Vendors"]} />
      <ol class="steps" aria-label="Steps">
        {STEPS.map((name, i) => (
          <li key={name} class={i < step ? "done" : ""} aria-current={i === step ? "step" : undefined}>
            {name}
          </li>
        ))}
      </ol>
      <form class="stack" onSubmit={submit}>
        {step === 0 && (
          <Panel title="Who it is">
            <Basics d={d} set={set} problem={problem} fresh />
          </Panel>
        )}
        {step === 1 && (
          <Panel title="Calendar, cut-off and capacity">
            <CalendarPart d={d} set={set} problem={problem} />
          </Panel>
        )}
        {step === 2 && (
          <Panel title="Channel">
            <ChannelPart d={d} set={set} problem={problem} />
          </Panel>
        )}
        {step === LIVE && <GoLive d={d} />}
        {problem && <ProblemNote problem={problem} />}
        {step === 3 && <VendorClocks source={d.id} name={d.name} />}
        {step === 4 && <MappingImport source={d.id} done={() => say("Items are mapped")} open />}
        {step === 5 && <ConnectionTester source={d.id} />}
        <div class="row">
          {step > 0 && (
            <button type="button" class="button" onClick={() => to(step - 1)}>
              Back
            </button>
          )}
          <button class="button main" disabled={busy || (step === 0 && (!d.name || !d.id))}>
            {step === 2 ? "Save and go on" : step === LIVE ? "Let it take orders" : "Go on"}
          </button>
          {step === LIVE && (
            <Link href={vendorHref(d.id)} class="button plain" onClick={forget}>
              Leave it paused
            </Link>
          )}
        </div>
      </form>
    </>
  );
}

function GoLive({ d }: { d: Draft }) {
  return (
    <Panel title="Before it takes orders">
      <ul class="checks">
        <li>
          Its answers are due as the step before said. See its <Link href="/policies">mode</Link>: begin with <b>observe</b> or{" "}
          <b>recommend</b> if you want to look on first.
        </li>
        <li>
          Its people know the channel.{" "}
          <Link href={`/guides/onboarding-${d.dialect === "api" ? "api" : d.dialect === "portal" ? "portal" : "edi"}`}>
            The guide to send them
          </Link>
          .
        </li>
        <li>Its availability has come in at least once: see its offers.</li>
      </ul>
    </Panel>
  );
}
