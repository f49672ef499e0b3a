// What changed about a case between two looks, in sentences; nothing for changes that a person need not weigh.
import type { Case } from "../api/types";
import { actorName, spell } from "../words/words";

export function changesBetween(before: Case, after: Case): string[] {
  const told: string[] = [];
  if (after.resolution && !before.resolution) told.push(`${actorName(after.resolution.by)} resolved it.`);
  if (actorName(before.assigned_to) !== actorName(after.assigned_to))
    told.push(after.assigned_to ? `${actorName(after.assigned_to)} took it on.` : "Nobody has it any more.");
  for (const c of after.comments.slice(before.comments.length)) told.push(`${actorName(c.by)} wrote: ${c.words}`);
  if (before.severity !== after.severity) told.push(`It is now ${spell(after.severity).toLowerCase()}.`);
  if (before.role !== after.role) told.push(`It went up to ${spell(after.role)}.`);
  if (JSON.stringify(before.options) !== JSON.stringify(after.options)) told.push("The choices are others now.");
  return told;
}
