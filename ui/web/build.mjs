// Bundles the browser scripts into ../dist. Each entry is one page script; what
// several share becomes a chunk. `make build` runs it after `npm ci`.
import { build } from "esbuild";
import { existsSync, readdirSync, rmSync } from "node:fs";

const out = "../dist";
for (const f of readdirSync(out)) if (!f.startsWith(".")) rmSync(`${out}/${f}`, { recursive: true });
const entries = ["capture", "console", "studio", "layout"].flatMap((n) => [`src/${n}.ts`, `src/${n}.tsx`]).filter((f) => existsSync(f));
if (entries.length) {
  await build({
    entryPoints: entries, outdir: out, bundle: true, minify: true, format: "esm", target: ["es2022"],
    jsx: "automatic", define: { "process.env.NODE_ENV": '"production"' }, legalComments: "linked", logLevel: "info",
  });
}
