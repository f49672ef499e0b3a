// Files taken in: sent as they are, watched until they are through. The one call whose body is not JSON.
import { at, join } from "./address";
import { get, loggedOut, problemOf } from "./client";
import type { ImportJob } from "./types";

/** Between two looks at a running job. */
const LOOK_MS = 300;

export async function takeIn(kind: string, csv: string, dryRun: boolean, tell: (job: ImportJob) => void): Promise<ImportJob> {
  const answer = await fetch(join("/v1/imports", {}, { kind, dry_run: dryRun }), {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "text/csv", "X-Countersign-Csrf": "1", Accept: "application/json" },
    body: csv,
  });
  if (answer.status === 401) loggedOut.value = true;
  if (!answer.ok) throw await problemOf(answer);
  let job = (await answer.json()) as ImportJob;
  while (job.state === "running") {
    tell(job);
    await new Promise((go) => setTimeout(go, LOOK_MS));
    job = await get(at("/v1/imports/{job}", { job: job.id }));
  }
  tell(job);
  return job;
}
