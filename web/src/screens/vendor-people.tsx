// Whom to write to at a vendor, and how its people are let into the portal and shut out again.
import { useState } from "preact/hooks";
import { at } from "../api/address";
import { Problem, send } from "../api/client";
import { useResource } from "../api/resource";
import type { Source } from "../api/types";
import { Loaded, Panel, ProblemNote, say } from "../kit/parts";
import { may } from "../shell/session";
import { Once } from "./once";
import { useSending } from "../kit/asking";

export function VendorPeople({ source }: { source: Source }) {
  const contacts = useResource(at("/v1/sources/{source}/contacts", { source: source.id }));
  const [link, setLink] = useState("");
  const act = (what: () => Promise<unknown>, words?: string) =>
    void what()
      .then(() => words && say(words))
      .catch((p: Problem) => say(p.message, "stamp"));
  return (
    <Panel title="Its people">
      {link && <Once what="The link into the portal, good for a day and one use" text={link} close={() => setLink("")} />}
      <Loaded of={contacts} what="Contacts">
        {(c) => <Addresses key={c.mail.join()} source={source.id} mail={c.mail} done={contacts.reload} />}
      </Loaded>
      {may("invite_vendors") && (
        <div class="row">
          <button
            type="button"
            class="button"
            onClick={() =>
              act(() =>
                send("post", "/v1/sources/{source}/portal-link", { source: source.id }, {}).then((l) =>
                  setLink(l.path.startsWith("/") ? `${location.origin}${l.path}` : l.path),
                ),
              )
            }
          >
            Make a portal link
          </button>
          <button
            type="button"
            class="button grave"
            onClick={() =>
              act(
                () => send("delete", "/v1/sources/{source}/portal-links", { source: source.id }),
                "Every link and session of the vendor has ended",
              )
            }
          >
            Shut them out
          </button>
        </div>
      )}
    </Panel>
  );
}

function Addresses({ source, mail, done }: { source: string; mail: string[]; done: () => void }) {
  const [text, setText] = useState(mail.join("\n"));
  const { problem, busy, run } = useSending(() => undefined, done);
  const changed = text.split(/\s+/).filter(Boolean);
  return (
    <form
      class="stack tight"
      onSubmit={(e) => {
        e.preventDefault();
        run(() => send("put", "/v1/sources/{source}/contacts", { source }, { mail: changed }), "Addresses saved");
      }}
    >
      <div class="field">
        <label for="vendor-mail">Mail addresses, one a line</label>
        <textarea id="vendor-mail" rows={3} value={text} readOnly={!may("write_sources")} onInput={(e) => setText(e.currentTarget.value)} />
        <p class="hint">Purchase orders of a portal vendor go to each of them; each may ask for a link into the portal.</p>
      </div>
      {problem && <ProblemNote problem={problem} />}
      {may("write_sources") && (
        <div>
          <button class="button small" disabled={busy || changed.join() === mail.join()}>
            Save addresses
          </button>
        </div>
      )}
    </form>
  );
}
