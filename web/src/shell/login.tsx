// The front door: name and password, or one click in the demo.
import { useEffect, useState } from "preact/hooks";
import { at } from "../api/address";
import { Problem, get } from "../api/client";
import type { DemoLogin } from "../api/types";
import { BrandMark } from "../kit/mark";
import { spell } from "../words/words";
import { demoLogin, demoLogins, login } from "./session";

export function Login() {
  const [logins, setLogins] = useState<DemoLogin[] | undefined>();
  const [providers, setProviders] = useState<{ name: string; path: string }[]>([]);
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    document.title = "Log in · Countersign";
    void demoLogins().then(setLogins);
    get(at("/v1/session/providers", {}))
      .then((page) => setProviders(page.items))
      .catch(() => undefined);
  }, []);

  const [second, setSecond] = useState(false);
  const attempt = (act: () => Promise<void>) => {
    setBusy(true);
    setFault("");
    act()
      .catch((cause) => {
        const wantsCode = cause instanceof Problem && cause.type.endsWith("/second-factor-needed");
        if (wantsCode && !second) return setSecond(true);
        const wrong = cause instanceof Problem && cause.status === 401 && !wantsCode;
        setFault(wrong ? "This name and password do not fit together." : String(cause?.message ?? cause));
      })
      .finally(() => setBusy(false));
  };
  const submit = (e: SubmitEvent) => {
    e.preventDefault();
    const form = new FormData(e.currentTarget as HTMLFormElement);
    attempt(() => login(String(form.get("name")), String(form.get("password")), String(form.get("code") ?? "")));
  };
  const demo = (logins?.length ?? 0) > 0;

  return (
    <main class="login">
      <div class="login-card">
        <div class="login-front chrome">
          <span class="brand">
            <BrandMark />
            Countersign
          </span>
          <p>An order is committed only when it is countersigned: verified stock, and the source's own word for it.</p>
          <Deed />
        </div>
        <div class="login-body">
          <h1>{demo ? "Come in as" : "Log in"}</h1>
          {fault && (
            <p class="ink-stamp" role="alert">
              {fault}
            </p>
          )}
          {providers.map((p) => (
            <a key={p.path} class="button main" href={p.path}>
              Log in with {p.name}
            </a>
          ))}
          {demo && (
            <ul class="logins">
              {logins!.map((who) => (
                <li key={who.name}>
                  <button type="button" disabled={busy} onClick={() => attempt(() => demoLogin(who.name))}>
                    <span>
                      <b>{who.title ?? spell(who.role)}</b>
                    </span>
                    <span class="muted">{who.name}</span>
                  </button>
                </li>
              ))}
            </ul>
          )}
          {demo ? (
            <details>
              <summary>With name and password</summary>
              <LoginForm submit={submit} busy={busy} second={second} />
            </details>
          ) : (
            logins && <LoginForm submit={submit} busy={busy} second={second} />
          )}
        </div>
      </div>
    </main>
  );
}

function LoginForm({ submit, busy, second }: { submit: (e: SubmitEvent) => void; busy: boolean; second: boolean }) {
  return (
    <form class="stack" onSubmit={submit}>
      <div class="field">
        <label for="login-name">Name</label>
        <input id="login-name" name="name" autocomplete="username" required />
      </div>
      <div class="field">
        <label for="login-password">Password</label>
        <input id="login-password" name="password" type="password" autocomplete="current-password" required />
      </div>
      {second && (
        <div class="field">
          <label for="login-code">Code of your authenticator app, or a recovery code</label>
          <input id="login-code" name="code" inputMode="numeric" autocomplete="one-time-code" required autofocus />
        </div>
      )}
      <button class="button main" disabled={busy}>
        Log in
      </button>
    </form>
  );
}

/** A paper with two signature lines: one signed in our ink, the other in theirs. */
function Deed() {
  return (
    <svg class="deed" viewBox="0 0 320 130" aria-hidden="true" fill="none" stroke-linecap="round">
      <path d="M8 92h136M176 92h136" stroke="#52617a" stroke-width="1" />
      <path
        d="M14 80c10-34 24-44 26-34s-20 42-10 42 20-38 28-38-8 34 2 34 14-30 22-30 0 28 8 26 10-20 18-20 4 18 14 14"
        class="sign"
        pathLength={1}
        stroke="#9db3ff"
        stroke-width="2.4"
      />
      <path
        d="M184 84c20-6 44-56 36-62s-26 54-14 60 26-34 32-34-6 30 4 30 16-34 22-32-2 30 8 28 14-24 22-22 6 14 16 6"
        class="sign second"
        pathLength={1}
        stroke="#57cdb4"
        stroke-width="2.4"
      />
      <g fill="#a9b6cb" stroke="none" font-size="11" font-family="inherit">
        <text x="8" y="110">
          Retailer
        </text>
        <text x="176" y="110">
          Source
        </text>
      </g>
    </svg>
  );
}
