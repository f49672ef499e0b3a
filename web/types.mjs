// Writes src/api/schema.d.ts from the server's own OpenAPI document, so that a screen which asks for what the API does
// not have fails `npm run check`. The file is not kept in git: it is made of the build that it is checked against.
//
//   COUNTERSIGN_BIN=../target/debug/countersign   a binary that is there already, instead of `cargo run`
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";

const root = new URL("../", import.meta.url).pathname;
const file = new URL("./src/api/schema.d.ts", import.meta.url).pathname;
const bin = process.env.COUNTERSIGN_BIN;
const [program, args] = bin
  ? [resolve(bin), ["admin", "openapi"]]
  : ["cargo", ["run", "--quiet", "--package", "countersign-server", "--", "admin", "openapi"]];
const spec = execFileSync(program, args, { cwd: root, encoding: "utf8", maxBuffer: 1 << 26 });
const text = `// Made by types.mjs of the server's OpenAPI document. Not to be edited.\n${astToString(await openapiTS(JSON.parse(spec)))}`;
if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeFileSync(file, text);
