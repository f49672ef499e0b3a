// Onboarding a vendor, step by step: who, when, how, what it offers, a live test, and only then orders.
import { useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { at } from "../api/address";
import { ONLY_NEW, Problem, get, send } from "../api/client";
import { sources } from "../api/lookups";
import { Field, faultAt } from "../kit/field";
import { Panel, ProblemNote, say } from "../kit/parts";
import { PageHead } from "../shell/frame";
import { may } from "../shell/session";
import { ConnectionTester } from "./connection-test";
import { MappingImport } from "./mapping-import";
import { useSending } from "../kit/asking";
import { Basics, CalendarPart, ChannelPart, EMPTY, bodyOf, channelGaps, stepOf, takenBy, type Draft, type Set } from "./vendor-form";
import { VendorClocks } from "./vendor-clocks";
import { vendorHref } from "./vendors";

const STEPS = ["Who it is", "Calendar", "Channel", "SLAs", "Items", "Test", "Go live"];
/** Where the test exchange is. */
const TEST = 5;
/** The last step. */
const LIVE = STEPS.length - 1;
const KEPT = "countersign.onboarding";

/** An onboarding as far as it is. It survives a reload; it holds no secret, only names of secrets. */
interface Begun {
  d: Draft;
  step: number;
  /** Mail addresses of the vendor's people, one a line. */
  mail: string;
  /** The id under which it was saved: from then on it is ours to change. */
  saved: string;
  /** How the last test of these very settings went; `null` if there was none. */
  passed: boolean | null;
}
const FRESH: Begun = { d: EMPTY, step: 0, mail: "", saved: "", passed: null };

function kept(): Begun {
  try {
    const text = sessionStorage.getItem(KEPT);
    if (text) {
      const begun = { ...FRESH, ...JSON.parse(text) };
      return { ...begun, d: { ...EMPTY, ...begun.d } };
    }
  } catch {
    /* storage may be forbidden */
  }
  return FRESH;
}
function keep(begun: Begun): void {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(begun));
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

/** Who has an id already; nothing if it is free. The server knows more than the list that this page read before. */
async function ownerOf(id: string): Promise<string | undefined> {
  try {
    return takenBy(await get(at("/v1/sources/{source}", { source: id })));
  } catch (cause) {
    if (cause instanceof Problem && cause.status === 404) return undefined;
    throw cause;
  }
}

const addresses = (mail: string) => mail.split(/[\s,;]+/).filter(Boolean);

/** What is missing before a step may be left, by field. */
export function stepGaps({ d, step, mail }: Pick<Begun, "d" | "step" | "mail">): Record<string, string> {
  if (step !== 2) return {};
  const gaps = channelGaps(d);
  if (d.dialect === "portal" && addresses(mail).length === 0) gaps.mail = "Somebody has to get the purchase orders: one address at least";
  const odd = addresses(mail).find((a) => !/^[^@\s]+@[^@\s]+$/.test(a));
  if (odd) gaps.mail = `“${odd}” is no mail address`;
  return gaps;
}

export function Onboard() {
  const [begun, setBegun] = useState<Begun>(kept);
  const [gaps, setGaps] = useState<Record<string, string>>({});
  const [untested, setUntested] = useState(false);
  const [, go] = useLocation();
  const { d, step, mail, saved } = begun;
  const change = (next: Partial<Begun>) =>
    setBegun((old) => {
      const after = { ...old, ...next };
      keep(after);
      return after;
    });
  const set: Set = (next) => {
    setGaps({});
    setBegun((old) => ({ ...old, d: { ...old.d, ...next } }));
  };
  const to = (n: number, next: Partial<Begun> = {}) => {
    change({ ...next, step: n });
    setGaps({});
    window.scrollTo(0, 0);
    document.querySelector<HTMLElement>("main h1")?.focus();
  };
  const { problem, busy, run } = useSending(
    () => undefined,
    () => undefined,
  );
  /** Goes on where the id is free; else says whose it is. */
  const claim = async () => {
    const taken = saved === d.id ? undefined : await ownerOf(d.id);
    if (!taken) return true;
    change({ step: 0 });
    setGaps({ id: taken });
    return false;
  };
  const write = async (taking: boolean) => {
    const body = bodyOf({ ...d, taking }, saved === d.id ? sources.peek().get(d.id) : undefined);
    await send("put", "/v1/sources/{source}", { source: d.id }, body, saved === d.id ? undefined : ONLY_NEW);
    change({ saved: d.id, passed: null });
    if (mail.trim() || saved) await send("put", "/v1/sources/{source}/contacts", { source: d.id }, { mail: addresses(mail) });
  };
  const save = async () => {
    if (!(await claim())) return;
    try {
      await write(false);
    } catch (p) {
      if (p instanceof Problem && p.isTaken) {
        change({ step: 0 });
        return setGaps({ id: (await ownerOf(d.id)) ?? "Somebody took this id meanwhile: choose another" });
      }
      // The field that was refused may stand on a step before.
      const first = p instanceof Problem ? p.errors[0]?.pointer : undefined;
      if (first) change({ step: stepOf(first) });
      throw p;
    }
    to(3, { saved: d.id, passed: null });
    say("Saved; it takes no orders yet");
  };
  const live = async () => {
    await send("put", "/v1/sources/{source}", { source: d.id }, bodyOf({ ...d, taking: true }, sources.peek().get(d.id)));
    forget();
    go(vendorHref(d.id));
    say(`${d.name} takes orders now`);
  };
  if (!may("write_sources")) return <PageHead title="Your role does not onboard vendors" crumb={["/vendors", "Vendors"]} />;
  const submit = (e: Event) => {
    e.preventDefault();
    const missing = stepGaps(begun);
    setGaps(missing);
    if (Object.keys(missing).length > 0) return;
    // The record is written once its channel is known; until then nothing leaves this page.
    if (step === 0) run(async () => ((await claim()) ? to(1) : undefined), "");
    else if (step === 2) run(save, "");
    else if (step === LIVE) run(live, "");
    else to(step + 1);
  };
  return (
    <>
      <PageHead title="Onboard a vendor" tab={`Onboard a vendor: ${STEPS[step]}`} crumb={["/vendors", "Vendors"]} />
      <Steps at={step} passed={begun.passed} />
      <form class="stack" onSubmit={submit}>
        {step === 0 && (
          <Panel title="Who it is">
            <Basics d={d} set={set} problem={problem} gaps={gaps} fresh={saved !== d.id || !saved} />
          </Panel>
        )}
        {step === 1 && (
          <Panel title="Calendar, cut-off and capacity">
            <CalendarPart d={d} set={set} problem={problem} />
          </Panel>
        )}
        {step === 2 && (
          <Panel title="Channel">
            <ChannelPart d={d} set={set} problem={problem} gaps={gaps} />
            <People portal={d.dialect === "portal"} mail={mail} fault={gaps.mail ?? faultAt(problem, "/mail")} set={(text) => (setGaps({}), setBegun((old) => ({ ...old, mail: text })))} />
          </Panel>
        )}
        {step === LIVE && <GoLive begun={begun} untested={untested} setUntested={setUntested} />}
        {problem && <ProblemNote problem={problem} />}
        {step === 3 && <VendorClocks source={d.id} name={d.name} />}
        {step === 4 && <MappingImport source={d.id} done={() => say("Items are mapped")} open />}
        {step === TEST && <ConnectionTester source={d.id} tested={(passed) => change({ passed })} />}
        <Ends
          begun={begun}
          ready={!busy && (step === 0 ? !!d.name && !!d.id : step !== LIVE || begun.passed === true || untested)}
          back={() => to(step - 1)}
        />
      </form>
    </>
  );
}

function Steps({ at, passed }: { at: number; passed: boolean | null }) {
  const isDone = (i: number) => i < at && (i !== TEST || passed === true);
  return (
    <ol class="steps" aria-label="Steps">
      {STEPS.map((name, i) => (
        <li key={name} class={isDone(i) ? "done" : ""} aria-current={i === at ? "step" : undefined}>
          {name}
        </li>
      ))}
    </ol>
  );
}

/** The buttons below a step. */
function Ends({ begun: { d, step, passed }, ready, back }: { begun: Begun; ready: boolean; back: () => void }) {
  const onwards = step === 2 ? "Save and go on" : step < LIVE ? "Go on" : passed ? "Let it take orders" : "Go live without a test";
  return (
    <div class="row">
      {step > 0 && (
        <button type="button" class="button" onClick={back}>
          Back
        </button>
      )}
      <button class="button main" disabled={!ready}>
        {onwards}
      </button>
      {step === LIVE && (
        <Link href={vendorHref(d.id)} class="button plain" onClick={forget}>
          Leave it paused
        </Link>
      )}
    </div>
  );
}

/** Whom to write to at the vendor: a portal vendor is reached in no other way. */
function People({ portal, mail, fault, set }: { portal: boolean; mail: string; fault?: string; set: (mail: string) => void }) {
  return (
    <Field
      id="vendor-people"
      label={portal ? "Mail addresses of its people, one a line" : "Mail addresses of its people, one a line, if any"}
      wide
      fault={fault}
      hint={
        portal
          ? "Each purchase order goes to all of them; each may ask for a link into the portal. Without one nobody hears of an order."
          : "For questions, and for a link into the portal beside their own system."
      }
    >
      <textarea
        id="vendor-people"
        rows={3}
        value={mail}
        required={portal}
        placeholder="orders@vendor.example"
        aria-describedby={["vendor-people-hint", fault && "vendor-people-fault"].filter(Boolean).join(" ")}
        aria-invalid={fault ? "true" : undefined}
        onInput={(e) => set(e.currentTarget.value)}
      />
    </Field>
  );
}

interface LiveProps {
  begun: Begun;
  untested: boolean;
  setUntested: (on: boolean) => void;
}

function GoLive({ begun: { d, mail, passed }, untested, setUntested }: LiveProps) {
  const portal = d.dialect === "portal";
  const people = addresses(mail);
  return (
    <Panel title="Before it takes orders">
      {passed !== true && (
        <div class="note ink-stamp">
          <h3>{passed === false ? "The test exchange found something missing" : "Nothing was tested yet"}</h3>
          <p>
            Go back one step, {passed === false ? "mend what it names and run it again" : "and run it"}. A vendor that goes live like this is given orders at once, and its papers may not reach it: they wait, its clocks
            run out, and people have to take each order elsewhere.
          </p>
          <label class="check">
            <input type="checkbox" checked={untested} onChange={(e) => setUntested(e.currentTarget.checked)} />
            I know; let it take orders without a test that passed
          </label>
        </div>
      )}
      <ul class="checks">
        {passed === true && <li>The test exchange went well.</li>}
        <li>
          {people.length > 0 ? (
            <>
              {portal ? "Purchase orders go to " : "Its people are "}
              <b>{people.join(", ")}</b>.
            </>
          ) : (
            "No address of its people is known; its papers go by its own channel."
          )}
        </li>
        <li>
          Its answers are due as the step before said. See its <Link href="/policies">mode</Link>: begin with <b>observe</b> or{" "}
          <b>recommend</b> if you want to look on first.
        </li>
        <li>
          Its people know the channel. <Link href={`/guides/onboarding-${d.dialect === "api" ? "api" : portal ? "portal" : "edi"}`}>The guide to send them</Link>.
        </li>
        <li>Its availability has come in at least once: see its offers.</li>
      </ul>
    </Panel>
  );
}
