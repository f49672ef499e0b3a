// A test exchange with a vendor, live: step by step what was tried and what came of it, with the sample paper. Sends no order.
import { useState } from "preact/hooks";
import { Problem, send } from "../api/client";
import type { ConnectionTest } from "../api/types";
import { Tag } from "../kit/badge";
import { PaperText } from "../kit/paper";
import { onePerLine } from "../words/papers";
import { Panel, ProblemNote } from "../kit/parts";
import { settingSentence } from "../words/settings";
import { spell } from "../words/words";

export function ConnectionTester({ source, tested }: { source: string; tested?: (passed: boolean) => void }) {
  const [result, setResult] = useState<ConnectionTest | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const run = () => {
    setBusy(true);
    setProblem(null);
    send("post", "/v1/sources/{source}/connection/test", { source })
      .then((r) => {
        setResult(r);
        tested?.(r.passed);
      })
      .catch(setProblem)
      .finally(() => setBusy(false));
  };
  return (
    <Panel
      title="Test exchange"
      end={result && <Tag ink={result.passed ? "theirs" : "stamp"}>{result.passed ? "All went well" : "Something is missing"}</Tag>}
    >
      <p class="quiet">
        Makes the connector from the settings, reaches the other side, asks for availability where it can be asked, and writes a sample
        purchase order in the vendor's own dialect. Nothing is ordered, and nothing is taken away.
      </p>
      <div aria-live="polite">
        {result?.steps.map((s) => (
          <div key={s.step} class="outcome">
            <span class={s.passed ? "ink-theirs" : "ink-stamp"} aria-hidden="true">
              {s.passed ? "✓" : "✗"}
            </span>
            <b>
              {spell(s.step)}
              <span class="only-heard">{s.passed ? " went well" : " failed"}</span>
            </b>
            <span>{settingSentence(s.sentence)}</span>
            <span class="muted small">{s.took_ms} ms</span>
          </div>
        ))}
      </div>
      {problem && <ProblemNote problem={problem} />}
      <div class="row">
        <button type="button" class={result ? "button" : "button main"} disabled={busy} onClick={run}>
          {busy ? "Trying…" : result ? "Try again" : "Run the test"}
        </button>
      </div>
      {result?.sample && (
        <details class="paper out">
          <summary>
            <span class="way ink-ours">Sample</span>
            <span class="grow cut">{result.sample_name}</span>
          </summary>
          <PaperText text={onePerLine(result.sample)} name={result.sample_name ?? "sample"} />
        </details>
      )}
    </Panel>
  );
}
