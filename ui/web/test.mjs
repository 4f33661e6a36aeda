// Runs test/*.test.ts with node's own test runner: esbuild bundles them into a
// folder of their own, which is removed afterwards.
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";

const out = mkdtempSync("node_modules/.test-");
try {
  const entries = readdirSync("test").filter((f) => f.endsWith(".test.ts")).map((f) => `test/${f}`);
  await build({ entryPoints: entries, outdir: out, outExtension: { ".js": ".mjs" }, bundle: true, platform: "node", format: "esm", target: ["node20"], jsx: "automatic", loader: { ".css": "empty" },
    // React's packages are CommonJS and ask for their parts as such.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' }, logLevel: "warning" });
  const files = readdirSync(out).map((f) => `${out}/${f}`);
  process.exitCode = spawnSync(process.execPath, ["--test", "--test-reporter=spec", ...files], { stdio: "inherit" }).status ?? 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
