// One's own settings: looks, keys, password, the second factor, and every session at once.
import { useEffect, useState } from "preact/hooks";
import { Problem, call, send } from "../api/client";
import { Tag } from "../kit/badge";
import { SelectField, TextField, faultAt } from "../kit/field";
import { Panel, ProblemNote, say } from "../kit/parts";
import { keysOn, setKeys } from "../shell/keys";
import { readSession, session } from "../shell/session";
import { setTheme, theme, type Theme } from "../shell/theme";
import { spell } from "../words/words";
import { Once } from "./once";
import { useSending } from "../kit/asking";

export function You() {
  const me = session.value;
  return (
    <div class="order-grid">
      <div class="stack">
        <Panel title="How it looks and listens">
          <SelectField
            name="theme"
            label="Colours"
            value={theme.value}
            set={(v) => setTheme(v as Theme)}
            options={[
              ["system", "As the system says"],
              ["light", "Light"],
              ["dark", "Dark"],
            ]}
          />
          <label class="check">
            <input type="checkbox" checked={keysOn.value} onChange={(e) => setKeys(e.currentTarget.checked)} />
            Single letters act as keys
          </label>
        </Panel>
        <Password />
        {me?.has_password && <SecondFactor on={me.second_factor} />}
      </div>
      <div class="stack">
        <Panel title="What you may do">
          <p>
            <b>{me?.name}</b>, {spell(me?.role).toLowerCase()}
          </p>
          <ul class="columns">
            {me?.rights.map((right) => (
              <li key={right}>{right}</li>
            ))}
          </ul>
        </Panel>
        <Panel title="Sessions">
          <p class="quiet">A session ends after two hours without use and after twelve in any case.</p>
          <div>
            <button
              type="button"
              class="button grave"
              onClick={() => void send("delete", "/v1/session/all", {}).finally(() => void readSession())}
            >
              Log out everywhere
            </button>
          </div>
        </Panel>
      </div>
    </div>
  );
}

function Password() {
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const clear = () => {
    setCurrent("");
    setPassword("");
  };
  // What one may do next (a second factor) hangs on whether there is a password.
  const { problem, busy, run } = useSending(clear, () => void readSession());
  return (
    <Panel title="Password">
      <form
        class="form-grid"
        onSubmit={(e) => {
          e.preventDefault();
          run(
            () => send("put", "/v1/session/password", {}, { password, current: current || null }),
            "Password changed; all other sessions ended",
          );
        }}
      >
        <TextField
          name="password-now"
          label="The present one"
          type="password"
          value={current}
          set={setCurrent}
          hint="Leave it empty if you have none yet"
          fault={faultAt(problem, "/current")}
        />
        <TextField
          name="password-new"
          label="The new one"
          type="password"
          value={password}
          set={setPassword}
          hint="10 to 256 characters"
          fault={faultAt(problem, "/password")}
        />
        {problem && problem.errors.length === 0 && <ProblemNote problem={problem} />}
        <div class="wide">
          <button class="button" disabled={busy || password.length < 10}>
            Change password
          </button>
        </div>
      </form>
    </Panel>
  );
}

/** The code, once the part that draws it has come; until then, and if it never comes, the secret stands below. */
function LazyQr({ text }: { text: string }) {
  const [Code, set] = useState<typeof import("../kit/qr").default | null>(null);
  useEffect(() => {
    import("../kit/qr").then((m) => set(() => m.default)).catch(() => undefined);
  }, []);
  return Code ? <Code text={text} label="The secret as a QR code, for an authenticator app" /> : null;
}

/** Begin, confirm with a code, keep the recovery codes; or take it away with a code. */
function SecondFactor({ on }: { on: boolean }) {
  const [fresh, setFresh] = useState<{ secret: string; uri: string } | null>(null);
  const [code, setCode] = useState("");
  const [recovery, setRecovery] = useState<string[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const secret = fresh?.secret;
  const attempt = (act: Promise<unknown>) => {
    setProblem(null);
    void act.catch(setProblem);
  };
  const begin = () => attempt(send("post", "/v1/session/totp", {}).then(setFresh));
  const confirm = () =>
    attempt(
      send("post", "/v1/session/totp/confirm", {}, { code }).then((r) => {
        setRecovery(r.recovery_codes);
        setFresh(null);
        setCode("");
        return readSession();
      }),
    );
  const drop = () =>
    attempt(
      call("DELETE", `/v1/session/totp?code=${encodeURIComponent(code)}`).then(() => {
        say("The second factor is taken away");
        setCode("");
        return readSession();
      }),
    );
  return (
    <Panel title="Second factor" end={<Tag ink={on ? "theirs" : "plain"}>{on ? "In force" : "Off"}</Tag>}>
      {recovery.length > 0 && <Once what="Recovery codes, each good once" text={recovery.join(" ")} close={() => setRecovery([])} />}
      {fresh && (
        <div class="stack tight">
          <p>Point your authenticator app at this code, then type the number that it shows.</p>
          <LazyQr text={fresh.uri} />
          <p>
            Or type the secret into it: <span class="mono once">{secret}</span>
          </p>
        </div>
      )}
      {!on && !secret && <p class="quiet">An authenticator app then gives a code for each login.</p>}
      {problem && <ProblemNote problem={problem} />}
      {(on || secret) && <TextField name="totp-code" label="Code of the app" mono value={code} set={setCode} />}
      <div class="row">
        {!on && !secret && (
          <button type="button" class="button" onClick={begin}>
            Begin
          </button>
        )}
        {secret && (
          <button type="button" class="button main" disabled={code.length < 6} onClick={confirm}>
            Put it in force
          </button>
        )}
        {on && (
          <button type="button" class="button grave" disabled={code.length < 6} onClick={drop}>
            Take it away
          </button>
        )}
      </div>
    </Panel>
  );
}
