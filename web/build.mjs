// Bundles the editor and its styles into src/jobgraph/server/static, and notes what they were made of.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

const place = "../src/jobgraph/server/static";

await build({
  entryPoints: { editor: "editor.js" },
  outdir: place,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  loader: { ".svg": "dataurl", ".png": "dataurl", ".woff": "dataurl", ".woff2": "dataurl", ".ttf": "dataurl" },
});

// The licences of all that may be in the bundle ask to stand beside it.
const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
const used = Object.entries(lock.packages).filter(([path, facts]) => path && !facts.dev && existsSync(path));
const notices = used.map(([path, facts]) => {
  const name = readdirSync(path).find((file) => /^licen[cs]e/i.test(file));
  const text = name ? readFileSync(`${path}/${name}`, "utf8").trim() : "";
  return `${path.split("node_modules/").at(-1)} ${facts.version}: ${facts.license}\n\n${text}`.trim();
});
writeFileSync(`${place}/editor.licenses.txt`, `${notices.join(`\n\n${"-".repeat(80)}\n\n`)}\n`);

const sha256 = (path) => createHash("sha256").update(readFileSync(path)).digest("hex");
const sources = ["build.mjs", "editor.css", "editor.js", "package.json", "package-lock.json"];
const made = {
  sources: Object.fromEntries(sources.map((name) => [name, sha256(name)])),
  files: Object.fromEntries(["editor.css", "editor.js"].map((name) => [name, sha256(`${place}/${name}`)])),
};
writeFileSync(`${place}/editor.json`, `${JSON.stringify(made, null, 2)}\n`);
