// Money as the API writes it (decimal strings), shown in the reader's manner, added exactly in minor units.
import type { Money } from "../api/types";

export function moneyText(money: Money | null | undefined): string {
  if (!money) return "";
  try {
    return new Intl.NumberFormat("en", { style: "currency", currency: money.currency }).format(money.amount as unknown as number);
  } catch {
    return `${money.amount} ${money.currency}`;
  }
}

/** `times` units at a price: digits only, no floating point. */
export function timesMoney(money: Money | undefined, times: number): Money | undefined {
  if (!money) return undefined;
  const [whole = "0", fraction = ""] = money.amount.split(".");
  const minor = BigInt(whole + fraction) * BigInt(times);
  return { amount: placed(minor, fraction.length), currency: money.currency };
}

/** The sum of amounts in one currency; undefined if there are several or none. */
export function sumMoney(all: (Money | undefined)[]): Money | undefined {
  const known = all.filter((m): m is Money => !!m);
  const currency = known[0]?.currency;
  if (!currency || known.some((m) => m.currency !== currency)) return undefined;
  const places = Math.max(...known.map((m) => (m.amount.split(".")[1] ?? "").length));
  const minor = known.reduce((sum, m) => {
    const [whole = "0", fraction = ""] = m.amount.split(".");
    return sum + BigInt(whole + fraction.padEnd(places, "0"));
  }, 0n);
  return { amount: placed(minor, places), currency };
}

function placed(minor: bigint, places: number): string {
  if (places === 0) return String(minor);
  const sign = minor < 0n ? "-" : "";
  const digits = String(minor < 0n ? -minor : minor).padStart(places + 1, "0");
  return `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}
