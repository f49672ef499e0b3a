// A text as a QR code. Its own file, so that whoever never needs one never loads how it is made.
import encodeQR from "qr";

/** Quiet modules around it, as the standard asks. */
const BORDER = 4;

/** The dark modules as one path: a stroke for each run of a row. */
export function pathOf(rows: boolean[][]): string {
  return rows
    .map((row, y) => {
      let path = "";
      for (let x = 0; x < row.length; x++) {
        if (!row[x] || row[x - 1]) continue;
        const end = row.indexOf(false, x);
        path += `M${x} ${y}h${(end < 0 ? row.length : end) - x}v1H${x}z`;
      }
      return path;
    })
    .join("");
}

export default function QrCode({ text, label }: { text: string; label: string }) {
  const rows = encodeQR(text, "raw", { border: BORDER });
  return (
    <svg class="qr" viewBox={`0 0 ${rows.length} ${rows.length}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect width={rows.length} height={rows.length} fill="#fff" />
      <path d={pathOf(rows)} fill="#000" />
    </svg>
  );
}
