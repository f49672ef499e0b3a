// The server's sentences as people say them: names for ids of sources, days and times in the reader's manner, money with
// its sign. The words and the facts stay the server's.
import { moneyText } from "./money";
import { dayText, shortTime } from "./time";
import { spell } from "./words";

const INSTANT = /\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)? ?(?:Z|UTC|[+-]\d{2}:\d{2})/g;
const DAY = /\b\d{4}-\d{2}-\d{2}\b/g;
const MONEY = /\b(\d+(?:\.\d+)?) ([A-Z]{3})\b/g;
/** The words of a refusal by role: read by the one who has it. */
const ROLE = /\bthe role (customer_service|vendor_manager|buyer|it|auditor|vendor)(?= may not)/gi;
const WORD = /(?<![\w./@-])[a-z0-9][a-z0-9_-]*[a-z0-9](?![\w/@-])/g;

export function readable(text: string | null | undefined, nameOf: (id: string) => string | undefined): string {
  if (!text) return "";
  const told = text
    .replace(INSTANT, (t) => {
      const at = new Date(t.replace(" UTC", "Z").replace(/^(\S+) (?=\d)/, "$1T"));
      return Number.isNaN(at.getTime()) ? t : shortTime(at);
    })
    .replace(DAY, (d) => dayText(d))
    .replace(ROLE, (_, role: string) => `your role, ${role === "it" ? "IT" : spell(role).toLowerCase()},`)
    .replace(/: leave `to` out, or ask/, ": ask")
    .replace(MONEY, (_, amount: string, currency: string) => moneyText({ amount, currency }))
    .replace(WORD, (w) => nameOf(w) ?? w);
  return told.charAt(0).toUpperCase() + told.slice(1);
}
