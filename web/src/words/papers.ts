// Documents made readable: X12 and EDIFACT cut into segments, JSON indented. Shows, never judges: the server has read
// the paper already and its findings are what counts.

export interface Segment {
  tag: string;
  elements: string[];
  name: string;
}
export interface Paper {
  dialect: "x12" | "edifact" | "json" | "text";
  segments: Segment[];
  text: string;
  separator: string;
}

export function readPaper(text: string): Paper {
  const start = text.trimStart();
  if (start.startsWith("ISA") && start.length > 106) return readX12(start);
  if (/^UN[AB]/.test(start)) return readEdifact(start);
  if (/^[[{]/.test(start)) {
    try {
      return { dialect: "json", segments: [], text: JSON.stringify(JSON.parse(text), null, 2), separator: "" };
    } catch {
      /* shown as it is */
    }
  }
  return { dialect: "text", segments: [], text, separator: "" };
}

/** X12 carries its delimiters at fixed places of the ISA segment. */
function readX12(text: string): Paper {
  const element = text[3]!;
  const end = text[105]!;
  const segments = text
    .split(end)
    .map((s) => s.trim())
    .filter(Boolean)
    .map((s) => {
      const [tag = "", ...elements] = s.split(element);
      return { tag, elements, name: X12_NAMES[tag] ?? "" };
    });
  return { dialect: "x12", segments, text, separator: element };
}

function readEdifact(text: string): Paper {
  const una = text.startsWith("UNA") ? text.slice(3, 9) : ":+.? '";
  const [element, release, end] = [una[1]!, una[3]!, una[5]!];
  const body = text.startsWith("UNA") ? text.slice(9) : text;
  const segments = cut(body, end, release)
    .map((s) => s.trim())
    .filter(Boolean)
    .map((s) => {
      const [tag = "", ...elements] = cut(s, element, release);
      return { tag, elements, name: EDIFACT_NAMES[tag] ?? "" };
    });
  return { dialect: "edifact", segments, text, separator: element };
}

/** Cuts at a delimiter, not where the release character stands before it. */
function cut(text: string, at: string, release: string): string[] {
  const parts: string[] = [];
  let part = "";
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === release && release !== " ") {
      part += c + (text[++i] ?? "");
      continue;
    }
    if (c === at) {
      parts.push(part);
      part = "";
      continue;
    }
    part += c;
  }
  parts.push(part);
  return parts;
}

const X12_NAMES: Record<string, string> = {
  ISA: "Interchange header",
  GS: "Group header",
  ST: "Document header",
  SE: "Document trailer",
  GE: "Group trailer",
  IEA: "Interchange trailer",
  BEG: "Beginning of purchase order",
  BAK: "Beginning of acknowledgment",
  BCH: "Beginning of change",
  BCA: "Beginning of change acknowledgment",
  BSN: "Beginning of ship notice",
  BIA: "Beginning of inventory advice",
  AK1: "Group answered",
  AK2: "Document answered",
  AK3: "Segment in error",
  AK4: "Element in error",
  AK5: "Document verdict",
  AK9: "Group verdict",
  IK3: "Segment in error",
  IK4: "Element in error",
  IK5: "Document verdict",
  REF: "Reference",
  DTM: "Date or time",
  N1: "Party",
  N2: "Party, more name",
  N3: "Street",
  N4: "City, region, postal code",
  PER: "Contact",
  PO1: "Line ordered",
  POC: "Line changed",
  PID: "Item description",
  ACK: "Line answer",
  CTT: "Totals",
  HL: "Level",
  TD1: "Packages",
  TD5: "Carrier",
  TD3: "Equipment",
  PRF: "Purchase order named",
  LIN: "Item",
  SN1: "Quantity shipped",
  MAN: "Package marks",
  QTY: "Quantity",
  UIT: "Unit",
  SCH: "Schedule",
  CTP: "Price",
  TA1: "Interchange receipt",
  FOB: "Freight terms",
  SDQ: "Quantity by place",
  BSR: "Beginning of status report",
  OTI: "Transaction referred to",
  TED: "Technical error",
};
const EDIFACT_NAMES: Record<string, string> = {
  UNB: "Interchange header",
  UNH: "Message header",
  UNT: "Message trailer",
  UNZ: "Interchange trailer",
  BGM: "Beginning of message",
  DTM: "Date or time",
  RFF: "Reference",
  NAD: "Party",
  LIN: "Line",
  PIA: "Item number, more",
  IMD: "Item description",
  QTY: "Quantity",
  PRI: "Price",
  UNS: "Section",
  CNT: "Totals",
  MOA: "Amount",
  CUX: "Currency",
  CPS: "Packing level",
  PAC: "Packages",
  TDT: "Transport",
  LOC: "Place",
  UCI: "Interchange answered",
  UCM: "Message answered",
  UCS: "Segment in error",
  UCD: "Element in error",
  ERC: "Error",
  FTX: "Free text",
  AVA: "Availability",
  STS: "Status",
  INV: "Inventory movement",
};
