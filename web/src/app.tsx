// The places of the console and what is shown there. A screen is one file and one line here.
import { useEffect } from "preact/hooks";
import { Route, Router, Switch } from "wouter-preact";
import { loggedOut } from "./api/client";
import { openStream } from "./api/stream";
import { Login } from "./shell/login";
import { Frame, PageHead } from "./shell/frame";
import { readSession, session } from "./shell/session";
import { Orders } from "./screens/orders";

/** A path parameter as the id it stands for. */
function id(params: Record<string, string | undefined>): string {
  const text = params.id ?? "";
  try { return decodeURIComponent(text); } catch { return text; }
}

export function App() {
  useEffect(() => { void readSession(); }, []);
  if (session.value === undefined) return null;
  if (session.value === null || loggedOut.value) return <Login />;
  return <Console />;
}

function Console() {
  useEffect(() => openStream(), []);
  return (
    <Router base="/console">
      <Frame>
        <Switch>
          <Route path="/orders" component={Orders} />
          <Route><PageHead title="There is no such page" /></Route>
        </Switch>
      </Frame>
    </Router>
  );
}
void id;
