// Tabs that are places: each has its own address, so that it can be sent to a colleague and survives a reload.
import { Link } from "wouter-preact";

export interface Tab {
  id: string;
  name: string;
  href: string;
  count?: number | string;
}

export function Tabs({ label, tabs, at }: { label: string; tabs: Tab[]; at: string }) {
  return (
    <nav class="tabs no-print" aria-label={label}>
      {tabs.map((t) => (
        <Link key={t.id} href={t.href} aria-current={t.id === at ? "page" : undefined}>
          {t.name}
          {t.count !== undefined && t.count !== 0 && t.count !== "" && <span class="tab-count">{t.count}</span>}
        </Link>
      ))}
    </nav>
  );
}
