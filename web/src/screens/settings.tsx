// Settings: one's own, and what IT keeps.
import { Tabs } from "../kit/tabs";
import { PageHead } from "../shell/frame";
import { may } from "../shell/session";
import { Mail } from "./settings-mail";
import { People } from "./settings-people";
import { Keys, Secrets, Webhooks } from "./settings-programs";
import { You } from "./settings-you";

const TABS: [string, string, string?][] = [
  ["", "You"],
  ["people", "People", "manage_keys"],
  ["keys", "API keys", "manage_keys"],
  ["mail", "Mail", "read_messages"],
  ["webhooks", "Webhooks", "manage_webhooks"],
  ["secrets", "Secrets", "manage_secrets"],
];

export function Settings({ tab = "" }: { tab?: string }) {
  const tabs = TABS.filter(([, , needs]) => !needs || may(needs));
  return (
    <>
      <PageHead title="Settings" tab={`Settings: ${tabs.find(([id]) => id === tab)?.[1] ?? "You"}`} />
      <Tabs label="Settings" at={tab} tabs={tabs.map(([id, name]) => ({ id, name, href: id ? `/settings/${id}` : "/settings" }))} />
      <Part tab={tab} />
      {tabs.length === 1 && <p class="small muted">Keys, people, webhooks and secrets are IT's.</p>}
    </>
  );
}

function Part({ tab }: { tab: string }) {
  switch (tab) {
    case "people":
      return <People />;
    case "keys":
      return <Keys />;
    case "mail":
      return <Mail />;
    case "webhooks":
      return <Webhooks />;
    case "secrets":
      return <Secrets />;
    default:
      return <You />;
  }
}
