/** Bundles src/cli into dist/, one chunk per command, so that `drop --version` loads next to nothing. */
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { build, type Plugin } from "esbuild";

const root = new URL("../", import.meta.url).pathname;
const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));

rmSync(`${root}dist`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { drop: "src/cli/main.ts" },
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node22.19",
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "linked",
  chunkNames: "chunks/[name]-[hash]",
  plugins: [dropUnusedOf("@kubernetes/client-node")],
  define: { DROP_VERSION: JSON.stringify(version) },
  // Some dependencies are CommonJS and call require for Node's own modules.
  banner: {
    js: 'import{createRequire as dropRequire}from"node:module";const require=dropRequire(import.meta.url);',
  },
});
const entry = `${root}dist/drop.js`;
writeFileSync(entry, `#!/usr/bin/env node\n${readFileSync(entry, "utf8").replace(/^#!.*\n/, "")}`);
chmodSync(entry, 0o755);

/** Leaves out what no command imports of a package that does not say so itself: nothing happens when it is loaded. */
function dropUnusedOf(name: string): Plugin {
  return {
    name: "drop-unused",
    setup({ onResolve, resolve }) {
      const again = Symbol(name);
      onResolve({ filter: /^[.@]/ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
        if (pluginData === again) return undefined;
        const isWithin = path === name || importer.includes(`/node_modules/${name}/`);
        if (!isWithin) return undefined;
        const found = await resolve(path, { importer, resolveDir, kind, pluginData: again });
        return { ...found, sideEffects: false };
      });
    },
  };
}
