// Sentences of the server about the settings of a channel, told with the words that stand on the form.

/** Places of the record, longest first, and what the form calls them. */
const LABELS: [RegExp, string][] = [
  [/\bchannel\.(?:x12|eancom)\.sender\.id\b/g, "Our interchange id"],
  [/\bchannel\.(?:x12|eancom)\.receiver\.id\b/g, "Its interchange id"],
  [/\bchannel\.(?:x12|eancom)\.sender\b/g, "Our interchange id"],
  [/\bchannel\.(?:x12|eancom)\.receiver\b/g, "Its interchange id"],
  [/\bchannel\.(?:x12|eancom)\.version\b/g, "The version"],
  [/\bchannel\.(?:x12|eancom)\.(\w+)\b/g, "The setting “$1”"],
  [/\bchannel\.connector\/host_key\b/g, "The host key"],
  [/\bchannel\.connector\/outbound\b/g, "The folder for our papers"],
  [/\bchannel\.connector\/inbound\b/g, "The folder for theirs"],
  [/\bchannel\.connector\/base\b/g, "The base address"],
  [/\bchannel\.connector\/(\w+)/g, "The field “$1”"],
  [/\bchannel\.connector\b/g, "What carries the papers"],
];

/** Without examples in JSON, without paths of fields. */
export function settingSentence(text: string): string {
  const plain = text.replace(/,? (?:as|such as) \{.*\}/g, "").trim();
  const told = LABELS.reduce((words, [place, label]) => words.replace(place, label), plain)
    .replace(/^(Our|Its) interchange id needs an id (of at most \d+ characters )?and a qualifier.*$/, "$1 interchange id is missing, or its qualifier is: both stand at the head of every paper")
    .replace(/^(The [^:]+): /, "$1: ");
  return /[.!?]$/.test(told) ? told : `${told}.`;
}

/** `/ships_from/postal_code` → `Ships from, postal code` */
export function placeName(pointer: string | undefined): string {
  const words = (pointer ?? "")
    .replace(/[{}?]/g, "")
    .split("/")
    .filter(Boolean)
    .map((part) => (/^\d+$/.test(part) ? String(Number(part) + 1) : part.replace(/_/g, " ")))
    .join(", ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
