// Files taken in: sent as they are, watched until they are through. The calls whose body is not JSON.
import { at, join } from "./address";
import { Problem, get, loggedOut, problemOf, unheard } from "./client";
import type { History, ImportJob } from "./types";

/** Between two looks at a running job. */
const LOOK_MS = 300;

export async function takeIn(kind: string, csv: string, dryRun: boolean, tell: (job: ImportJob) => void): Promise<ImportJob> {
  let job = await upload<ImportJob>("POST", join("/v1/imports", {}, { kind, dry_run: dryRun }), csv, { "Content-Type": "text/csv" });
  while (job.state === "running") {
    tell(job);
    await new Promise((go) => setTimeout(go, LOOK_MS));
    job = await get(at("/v1/imports/{job}", { job: job.id }));
  }
  tell(job);
  return job;
}

/** A history: the mapping and the files that it names. */
export async function takeInHistory(name: string, mapping: File, files: File[], dryRun: boolean): Promise<History> {
  const form = new FormData();
  form.set("mapping", await mapping.text());
  for (const file of files) form.append("file", file, file.name);
  return upload<History>("PUT", join("/v1/histories/{name}", { name }, { dry_run: dryRun }), form);
}

async function upload<T>(method: string, path: string, body: string | FormData, headers: Record<string, string> = {}): Promise<T> {
  const answer = await fetch(path, {
    method,
    credentials: "same-origin",
    headers: { ...headers, "X-Countersign-Csrf": "1", Accept: "application/json" },
    body,
  }).catch(() => {
    throw new Problem(0, "The server cannot be reached", unheard(false));
  });
  if (answer.status === 401) loggedOut.value = true;
  if (!answer.ok) throw await problemOf(answer);
  return (await answer.json()) as T;
}
