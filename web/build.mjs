// Bundles the page into dist/, or with --tests the unit tests into .tests/ for node's own runner.
import { build } from "esbuild";
import { copyFile, mkdir, readdir, rm } from "node:fs/promises";

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
  const shared = { bundle: true, minify: true, target: "es2020", charset: "utf8" };
  await build({ ...shared, entryPoints: ["src/main.ts"], outfile: "dist/app.js", format: "iife" });
  await build({ ...shared, entryPoints: ["src/app.css"], outfile: "dist/app.css" });
  for (const name of ["index.html", "icon.svg"]) await copyFile(`src/${name}`, `dist/${name}`);
}
