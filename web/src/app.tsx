// The places of the console and what is shown there. A screen is one file and one line here.
import { useEffect } from "preact/hooks";
import { Route, Router, Switch } from "wouter-preact";
import { loggedOut } from "./api/client";
import { openStream } from "./api/stream";
import { Login } from "./shell/login";
import { Frame, PageHead } from "./shell/frame";
import { readSession, session } from "./shell/session";
import { openLookups } from "./api/lookups";
import { openWorklist } from "./shell/worklist";
import { ApprovalPage } from "./screens/approval";
import { Approvals } from "./screens/approvals";
import { CasePage } from "./screens/case";
import { Cases } from "./screens/cases";
import { Kit } from "./screens/kit";
import { Log } from "./screens/log";
import { OrderPage } from "./screens/order";
import { Orders } from "./screens/orders";
import { PurchaseOrderPage } from "./screens/purchase-order";
import { PurchaseOrders } from "./screens/purchase-orders";
import { Quarantine, QuarantinedPage } from "./screens/quarantine";
import { Reports } from "./screens/reports";
import { Today } from "./screens/today";
import { Facts } from "./screens/facts";
import { GuidePage, Guides } from "./screens/guides";
import { Onboard } from "./screens/onboard";
import { Policies } from "./screens/policies";
import { BacktestOrderPage, BacktestPage } from "./screens/backtests";
import { PolicyPage } from "./screens/policy";
import { PolicyEditor } from "./screens/policy-editor";
import { Settings } from "./screens/settings";
import { VendorPage } from "./screens/vendor";
import { Vendors } from "./screens/vendors";

/** A path parameter as the id it stands for. */
function id(params: Record<string, string | undefined>): string {
  const text = params.id ?? "";
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function App() {
  useEffect(() => {
    void readSession();
  }, []);
  if (session.value === undefined) return null;
  if (session.value === null || loggedOut.value) return <Login />;
  return <Console />;
}

function Console() {
  useEffect(() => {
    const closeStream = openStream();
    const closeLookups = openLookups();
    const closeWorklist = openWorklist();
    return () => {
      closeStream();
      closeLookups();
      closeWorklist();
    };
  }, []);
  return (
    <Router base="/console">
      <Frame>
        <Switch>
          <Route path="/" component={Today} />
          <Route path="/approvals" component={Approvals} />
          <Route path="/approvals/:id">{(p) => <ApprovalPage key={id(p)} id={id(p)} />}</Route>
          <Route path="/cases" component={Cases} />
          <Route path="/cases/:id">{(p) => <CasePage key={id(p)} id={id(p)} />}</Route>
          <Route path="/guides" component={Guides} />
          <Route path="/guides/:id">{(p) => <GuidePage key={id(p)} id={id(p)} />}</Route>
          <Route path="/kit" component={Kit} />
          <Route path="/log" component={Log} />
          <Route path="/orders" component={Orders} />
          <Route path="/orders/:id">{(p) => <OrderPage key={id(p)} id={id(p)} />}</Route>
          <Route path="/policies">{() => <Policies />}</Route>
          {["modes", "agreement", "chances", "histories"].map((tab) => (
            <Route key={tab} path={`/policies/${tab}`}>
              {() => <Policies key={tab} tab={tab} />}
            </Route>
          ))}
          <Route path="/policies/new">{() => <PolicyEditor from={new URLSearchParams(location.search).get("from") ?? ""} />}</Route>
          <Route path="/policies/:id">{(p) => <PolicyPage key={id(p)} version={id(p)} />}</Route>
          <Route path="/policies/:id/backtests/:job">{(p) => <BacktestPage key={p.job} version={id(p)} job={p.job} />}</Route>
          <Route path="/policies/:id/backtests/:job/orders/:order">
            {(p) => <BacktestOrderPage key={p.order} version={id(p)} job={p.job} id={id({ id: p.order })} />}
          </Route>
          <Route path="/purchase-orders" component={PurchaseOrders} />
          <Route path="/purchase-orders/:id">{(p) => <PurchaseOrderPage key={id(p)} id={id(p)} />}</Route>
          <Route path="/quarantine" component={Quarantine} />
          <Route path="/quarantine/:id">{(p) => <QuarantinedPage key={id(p)} id={id(p)} />}</Route>
          <Route path="/reports" component={Reports} />
          <Route path="/reports/facts" component={Facts} />
          <Route path="/settings">{() => <Settings />}</Route>
          <Route path="/settings/:tab">{(p) => <Settings key={p.tab} tab={p.tab} />}</Route>
          <Route path="/vendors" component={Vendors} />
          <Route path="/vendors/new" component={Onboard} />
          <Route path="/vendors/:id">{(p) => <VendorPage key={id(p)} id={id(p)} />}</Route>
          <Route path="/vendors/:id/:tab">{(p) => <VendorPage key={id(p)} id={id(p)} tab={p.tab} />}</Route>
          <Route>
            <PageHead title="There is no such page" />
          </Route>
        </Switch>
      </Frame>
    </Router>
  );
}
