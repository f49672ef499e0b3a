// What can be seen once only, until it is put away.
import { say } from "../kit/parts";

export function Once({ what, text, close }: { what: string; text: string; close: () => void }) {
  return (
    <div class="note ink-ours" role="status">
      <h3>{what}</h3>
      <p class="mono once">{text}</p>
      <p class="quiet">It is not shown again.</p>
      <div class="row">
        <button type="button" class="button small" onClick={() => void navigator.clipboard?.writeText(text).then(() => say("Copied"))}>
          Copy
        </button>
        <button type="button" class="button small" onClick={close}>
          I have kept it
        </button>
      </div>
    </div>
  );
}
