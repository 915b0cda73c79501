// Bundles the page into dist/, or with --tests the unit tests into .tests/ for node's own runner.
import { build, transform } from "esbuild";
import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";

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
} else {
  await rm("dist", { recursive: true, force: true });
  await mkdir("dist", { recursive: true });
  const shared = { bundle: true, minify: true, target: "es2020", charset: "utf8", legalComments: "none" };
  const version = await versionOf("src");
  const define = { __VERSION__: JSON.stringify(version) };
  const script = { ...shared, format: "iife", loader: { ".css": "text" }, plugins: [smallCss] };
  await build({ ...script, entryPoints: ["src/faces/page.ts"], outfile: "dist/app.js" });
  await build({ ...script, entryPoints: ["src/faces/widget.ts"], outfile: "dist/widget.js" });
  await build({ ...script, define, entryPoints: ["src/faces/kiosk.ts"], outfile: "dist/kiosk.js" });
  await build({ ...script, entryPoints: ["src/faces/kiosk-closed.ts"], outfile: "dist/kiosk-closed.js" });
  await build({ ...script, define, entryPoints: ["src/kiosk/worker.ts"], outfile: "dist/kiosk-worker.js" });
  await build({ ...shared, entryPoints: ["src/page.all.css"], outfile: "dist/app.css" });
  await build({ ...shared, entryPoints: ["src/kiosk.all.css"], outfile: "dist/kiosk.css" });
  await writeFile("dist/kiosk.version", `${version}\n`);
  for (const name of ["index.html", "kiosk.html", "kiosk-closed.html", "icon.svg"]) await copyFile(`src/${name}`, `dist/${name}`);
}
