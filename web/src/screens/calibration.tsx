// How far the learnt chances of acceptance can be trusted: told against what came, by tenths; the score beside the base
// rate's; what each source's answers amount to.
import { at } from "../api/address";
import { sourceName } from "../api/lookups";
import { useResource } from "../api/resource";
import type { CalibrationReport } from "../api/types";
import { Loaded, Panel } from "../kit/parts";
import { Stats } from "../kit/stat";
import { Table, type Column } from "../kit/table";
import { When } from "../kit/when";

type Tenth = CalibrationReport["tenths"][number];
type OfSource = CalibrationReport["sources"][number];
const percent = (share: string | null | undefined) => (share == null ? "–" : `${(Number(share) * 100).toFixed(1)} %`);
const of = (part: number, whole: number) => (whole > 0 ? `${((part / whole) * 100).toFixed(1)} %` : "–");

const TENTHS: Column<Tenth>[] = [
  { head: "Chance told", text: (t) => `${(Number(t.from) * 100).toFixed(0)} to ${(Number(t.from) * 100 + 10).toFixed(0)} %` },
  { head: "On average", text: (t) => percent(t.expected), right: true },
  { head: "Accepted", text: (t) => percent(t.accepted), right: true },
  { head: "Answers", text: (t) => t.answers, right: true },
];
const SOURCES: Column<OfSource>[] = [
  { head: "Source", text: (s) => sourceName(s.source) },
  { head: "Answers", text: (s) => s.answers, right: true },
  { head: "Accepted whole", text: (s) => s.accepted, right: true },
  { head: "Share", text: (s) => of(s.accepted, s.answers), right: true },
];

export function Calibration() {
  const report = useResource(at("/v1/reports/calibration", {}), (e) => e.type === "acknowledgment.recorded");
  return (
    <Loaded of={report} what="The calibration">
      {(r) => (
        <>
          <Stats
            label="Calibration"
            of={[
              { name: "Answers learnt from", value: r.answers.toLocaleString("en"), note: `${of(r.accepted, r.answers)} accepted whole and in time` },
              { name: "Judged", value: r.judged.toLocaleString("en"), note: "chances told before the answer came" },
              { name: "Brier score", value: r.brier ? Number(r.brier).toFixed(4) : "–", note: "mean squared error; smaller is better", ink: better(r) ? "theirs" : undefined },
              { name: "Score of the base rate", value: r.base_rate_brier ? Number(r.base_rate_brier).toFixed(4) : "–", note: "had one share been told for all" },
            ]}
          />
          <div class="order-grid">
            <Panel title="Reliability">
              <Diagram tenths={r.tenths} />
              <p class="small muted">
                A dot on the line is a chance that came true as often as it was told; the larger, the more answers. Above the line vendors
                accepted more often than was told.
              </p>
            </Panel>
            <Table name="calibration" caption="Reliability, figures" rows={r.tenths.filter((t) => t.answers > 0)} columns={TENTHS} keyOf={(t) => t.from} />
          </div>
          <Table name="calibration-sources" caption="Answers by source" rows={r.sources} columns={SOURCES} keyOf={(s) => s.source} />
          <p class="small muted">
            Every chance is judged by the answer that came after it, and only then learnt from. Read up to entry {r.position.toLocaleString("en")}
            {r.as_of && (
              <>
                {" "}
                of <When at={r.as_of} seconds />
              </>
            )}
            .
          </p>
        </>
      )}
    </Loaded>
  );
}

const better = (r: CalibrationReport) => r.brier != null && r.base_rate_brier != null && Number(r.brier) < Number(r.base_rate_brier);

const SIDE = 300;
const EDGE = 34;
const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** Told against came, with the line on which both agree. */
function Diagram({ tenths }: { tenths: Tenth[] }) {
  const x = (share: number) => EDGE + share * (SIDE - EDGE - 10);
  const y = (share: number) => SIDE - EDGE - share * (SIDE - EDGE - 10);
  const known = tenths.filter((t) => t.answers > 0 && t.expected != null && t.accepted != null);
  const most = Math.max(1, ...known.map((t) => t.answers));
  const points = known.map((t) => ({ t, at: [x(Number(t.expected)), y(Number(t.accepted))] as const }));
  return (
    <svg class="reliability" viewBox={`0 0 ${SIDE} ${SIDE}`} role="img" aria-label="Reliability diagram; its figures stand in the table beside it">
      {TICKS.map((t) => (
        <g key={t}>
          <path class="grid" d={`M${x(t)} ${y(0)}V${y(1)}M${x(0)} ${y(t)}H${x(1)}`} />
          <text x={x(t)} y={SIDE - 18} text-anchor={t === 1 ? "end" : "middle"}>
            {t * 100} %
          </text>
          <text x={EDGE - 5} y={y(t) + 4} text-anchor="end">
            {t * 100}
          </text>
        </g>
      ))}
      <path class="even" d={`M${x(0)} ${y(0)}L${x(1)} ${y(1)}`} />
      <path class="curve" d={points.map(({ at: [px, py] }, i) => `${i ? "L" : "M"}${px} ${py}`).join("")} />
      {points.map(({ t, at: [px, py] }) => (
        <circle key={t.from} cx={px} cy={py} r={3 + 6 * Math.sqrt(t.answers / most)}>
          <title>
            {percent(t.expected)} told, {percent(t.accepted)} accepted, {t.answers} answers
          </title>
        </circle>
      ))}
      <text x={(x(0) + x(1)) / 2} y={SIDE - 3} text-anchor="middle">
        chance told
      </text>
    </svg>
  );
}
