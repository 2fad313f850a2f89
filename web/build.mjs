// Bundles what the pages load into src/jobgraph/server/static, and notes what it was made of.
//   node build.mjs           everything: the editor, and a script for each src/<page>.ts with what they share in chunks
//   node build.mjs <page>    the script of one page by itself, to try it; build everything before it is committed
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const place = "../src/jobgraph/server/static";
const shared = { outdir: place, bundle: true, minify: true, target: "es2022", charset: "utf8", legalComments: "none" };
const pages = readdirSync("src").filter((file) => file.endsWith(".ts")).sort();
const only = process.argv[2];

if (only) {
  await build({ ...shared, entryPoints: [`src/${only}.ts`], format: "esm" });
} else {
  await buildAll();
}

async function buildAll() {
  const old = readdirSync(place).filter((file) => /\.(js|css)$/.test(file) && file !== "style.css");
  for (const file of old) rmSync(`${place}/${file}`);
  const fonts = { ".woff": "dataurl", ".woff2": "dataurl", ".ttf": "dataurl" };
  const loader = { ".svg": "dataurl", ".png": "dataurl", ...fonts };
  await build({ ...shared, entryPoints: ["editor.js"], format: "iife", loader });
  const entryPoints = pages.map((file) => `src/${file}`);
  await build({ ...shared, entryPoints, format: "esm", splitting: true, chunkNames: "chunk-[hash]" });
  writeLicenses();
  writeRecord();
}

// The licences of all that may be in the bundles ask to stand beside them.
function writeLicenses() {
  const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
  const used = Object.entries(lock.packages).filter(([path, facts]) => path && !facts.dev && existsSync(path));
  const notices = used.map(([path, facts]) => {
    const name = readdirSync(path).find((file) => /^licen[cs]e/i.test(file));
    const text = name ? readFileSync(`${path}/${name}`, "utf8").trim() : "";
    return `${path.split("node_modules/").at(-1)} ${facts.version}: ${facts.license}\n\n${text}`.trim();
  });
  writeFileSync(`${place}/licenses.txt`, `${notices.join(`\n\n${"-".repeat(80)}\n\n`)}\n`);
}

function writeRecord() {
  const sha256 = (path) => createHash("sha256").update(readFileSync(path)).digest("hex");
  const library = readdirSync("src/lib").map((file) => `src/lib/${file}`);
  const settings = ["build.mjs", "editor.css", "editor.js", "package.json", "package-lock.json", "tsconfig.json"];
  const sources = [...settings, ...library, ...pages.map((file) => `src/${file}`)].sort();
  const files = readdirSync(place).filter((file) => /\.(js|css)$/.test(file) && file !== "style.css");
  const made = {
    sources: Object.fromEntries(sources.map((name) => [name, sha256(name)])),
    files: Object.fromEntries(files.sort().map((name) => [name, sha256(`${place}/${name}`)])),
  };
  writeFileSync(`${place}/built.json`, `${JSON.stringify(made, null, 2)}\n`);
}
