// Bundles the page into dist/; with --tests the unit tests into .tests/ for node's own runner; with --keyboard a page that shows the keyboard alone into .keyboard/.
import { build, transform } from "esbuild";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { promisify } from "node:util";

/** Style sheets that a script carries as text, made small first. */
const smallCss = {
  name: "small css",
  setup(builder) {
    builder.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true });
      return { contents: code, loader: "text" };
    });
  },
};

/** Changes with every file that is built: a kiosk that runs an older page opens itself anew. */
async function versionOf(folder) {
  const digest = createHash("sha256");
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    if (/\.(ts|css|html|svg)$/.test(name)) digest.update(name).update(await readFile(`${folder}/${name}`));
  }
  return digest.digest("hex").slice(0, 12);
}

/** The table of words for the keyboard on the screen, made of the knowledge by the project's own Python. */
async function keyboardTable(out) {
  await promisify(execFile)("../.venv/bin/python", ["../scripts/keyboard_table.py", out]);
}

const shared = { bundle: true, minify: true, target: "es2020", charset: "utf8", legalComments: "none" };
const script = { ...shared, format: "iife", loader: { ".css": "text" }, plugins: [smallCss] };

if (process.argv.includes("--tests")) {
  await rm(".tests", { recursive: true, force: true });
  const names = (await readdir("test")).filter((name) => name.endsWith(".test.ts"));
  await build({
    entryPoints: names.map((name) => `test/${name}`),
    outdir: ".tests",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
  });
  await keyboardTable(".tests/keyboard.txt");
} else if (process.argv.includes("--keyboard")) {
  await mkdir(".keyboard", { recursive: true });
  await build({ ...script, entryPoints: ["test/keyboard.page.ts"], outfile: ".keyboard/page.js" });
  await copyFile("test/keyboard.page.html", ".keyboard/index.html");
  await copyFile("src/icon.svg", ".keyboard/icon.svg");
  await keyboardTable(".keyboard/keyboard.txt");
} else {
  await rm("dist", { recursive: true, force: true });
  await mkdir("dist", { recursive: true });
  const version = await versionOf("src");
  const define = { __VERSION__: JSON.stringify(version) };
  await build({ ...script, entryPoints: ["src/faces/page.ts"], outfile: "dist/app.js" });
  await build({ ...script, entryPoints: ["src/faces/widget.ts"], outfile: "dist/widget.js" });
  await build({ ...script, define, entryPoints: ["src/faces/kiosk.ts"], outfile: "dist/kiosk.js" });
  await build({ ...script, entryPoints: ["src/faces/kiosk-closed.ts"], outfile: "dist/kiosk-closed.js" });
  await build({ ...script, define, entryPoints: ["src/kiosk/worker.ts"], outfile: "dist/kiosk-worker.js" });
  await build({ ...shared, entryPoints: ["src/page.all.css"], outfile: "dist/app.css" });
  await build({ ...shared, entryPoints: ["src/kiosk.all.css"], outfile: "dist/kiosk.css" });
  await writeFile("dist/kiosk.version", `${version}\n`);
  for (const name of ["index.html", "kiosk.html", "kiosk-closed.html", "icon.svg"]) await copyFile(`src/${name}`, `dist/${name}`);
  await keyboardTable("dist/keyboard.txt");
}
