// Weighs what a first visit transfers and fails past the limit, so that nobody adds a heavy library unnoticed.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const LIMIT_KB = 300; // the page weight promised in the design
const dist = new URL("./dist/", import.meta.url).pathname;
// A browser fetches latin faces only; the other subsets wait for a character that needs them.
// Pictures of the guides and their pages come when a guide is opened.
const later = /latin-ext|cyrillic|greek|vietnamese|\.woff$|\.jpg$/;

function files(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

let total = 0;
for (const path of files(dist)) {
  if (later.test(path)) continue;
  const bytes = readFileSync(path);
  const sent = /\.woff2$/.test(path) ? bytes.length : gzipSync(bytes).length;
  total += sent;
  console.log(`${(sent / 1024).toFixed(1).padStart(7)} KB  ${path.slice(dist.length)}`);
}
console.log(`${(total / 1024).toFixed(1).padStart(7)} KB  on first load, limit ${LIMIT_KB} KB`);
if (total > LIMIT_KB * 1024) process.exit(1);
