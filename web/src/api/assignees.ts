// To whom a case may be given: the logins of the retailer's people, where the server tells them to this one.
import { useEffect, useState } from "preact/hooks";
import { may, session } from "../shell/session";
import { at, type Address } from "./address";
import { Problem, get } from "./client";

export interface Assignee {
  name: string;
  role: string;
}

/** The server's own list; where it has none, the logins for those who keep them. */
async function readAssignees(): Promise<Assignee[] | null> {
  try {
    return (await get("/v1/assignees" as Address<{ items: Assignee[] }>)).items;
  } catch (cause) {
    if (!(cause instanceof Problem && (cause.isAbsent || cause.status === 403))) throw cause;
  }
  if (!may("manage_keys")) return null;
  const people = await get(at("/v1/people", {}));
  return people.items.filter((p) => p.role !== "vendor" && p.role !== "auditor");
}

/** `null` where nobody tells: the name is typed then, and the server checks it. */
export function useAssignees(): Assignee[] | null | undefined {
  const [all, set] = useState<Assignee[] | null | undefined>();
  useEffect(() => {
    readAssignees()
      .catch(() => null)
      .then((list) => set(list && list.filter((a) => a.name !== session.peek()?.name)));
  }, []);
  return all;
}
