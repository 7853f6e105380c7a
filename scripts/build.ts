/** Bundles src/cli into dist/, or the folder given, one chunk per command, so that `drop --version` loads next to nothing. */
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build, type Plugin } from "esbuild";

const root = new URL("../", import.meta.url).pathname;
const dist = resolve(process.argv[2] ?? join(root, "dist"));
const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));

/** What a package asks of Node and Drop never comes to use, because it takes a while to load. */
const UNUSED_BUILTINS = [
  // Subcommands that are programs of their own.
  { builtin: "node:child_process", of: "commander" },
  // Every dispatcher is told to keep to HTTP/1.1.
  { builtin: "node:http2", of: "undici" },
] as const;

/** Packages that many a run has no use for. */
const NOT_ALWAYS_USED = ["@prometheus-io/lezer-promql", "ajv", "diff", "re2js", "yaml"];

/** Some dependencies are CommonJS and call require for Node's own modules. */
const REQUIRE =
  'import{createRequire as dropRequire}from"node:module";const require=dropRequire(import.meta.url);';

rmSync(dist, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { drop: "src/cli/main.ts" },
  outdir: dist,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node22.19",
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "linked",
  chunkNames: "chunks/[name]-[hash]",
  plugins: [
    dropUnusedOf("@kubernetes/client-node"),
    dispatchersOfUndici(),
    withoutUnusedBuiltins(),
    loadedWhenUsed(NOT_ALWAYS_USED),
  ],
  define: { DROP_VERSION: JSON.stringify(version) },
  banner: { js: REQUIRE },
});
for (const file of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
  if (file.endsWith(".js")) finish(join(dist, file));
}
chmodSync(join(dist, "drop.js"), 0o755);

/** Takes the banner out of a file that has no use for it, and says what runs the first of them. */
function finish(path: string): void {
  const text = readFileSync(path, "utf8").replace(/^#!.*\n/, "");
  const without = text.replace(`${REQUIRE}\n`, "");
  const kept = /(?<![\w$.])require\b/.test(without) ? text : without;
  writeFileSync(path, path === join(dist, "drop.js") ? `#!/usr/bin/env node\n${kept}` : kept);
}

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

/**
 * Gives src/runtime, which every command that asks a source loads, the two dispatchers of undici that it imports, and
 * their calls: undici's index loads fetch, WebSocket, caches and mocks besides, which takes twice as long.
 */
function dispatchersOfUndici(): Plugin {
  const contents = `
    import Agent from "undici/lib/dispatcher/agent.js";
    import Dispatcher from "undici/lib/dispatcher/dispatcher.js";
    import ProxyAgent from "undici/lib/dispatcher/proxy-agent.js";
    import calls from "undici/lib/api/index.js";
    Object.assign(Dispatcher.prototype, calls);
    export { Agent, ProxyAgent };
  `;
  return {
    name: "dispatchers-of-undici",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^undici$/ }, ({ importer }) =>
        importer.startsWith(`${root}src/runtime/`)
          ? { path: "dispatchers", namespace: "undici" }
          : undefined,
      );
      onLoad({ filter: /.*/, namespace: "undici" }, () => ({ contents, resolveDir: root }));
    },
  };
}

function withoutUnusedBuiltins(): Plugin {
  // What undici itself puts in its place where Node was built without HTTP/2.
  const contents = "module.exports = { constants: {} };";
  return {
    name: "unused-builtins",
    setup({ onResolve, onLoad }) {
      for (const { builtin, of } of UNUSED_BUILTINS) {
        onResolve({ filter: new RegExp(`^${builtin}$`) }, ({ importer }) =>
          importer.includes(`/node_modules/${of}/`)
            ? { path: builtin, namespace: "unused" }
            : undefined,
        );
      }
      onLoad({ filter: /.*/, namespace: "unused" }, () => ({ contents }));
    },
  };
}

/** Has packages load when one of their exports is first used. */
function loadedWhenUsed(packages: readonly string[]): Plugin {
  const filter = new RegExp(`^(${packages.join("|")})$`);
  return {
    name: "loaded-when-used",
    setup({ onResolve, onLoad }) {
      onResolve({ filter }, ({ path, importer }) =>
        importer.startsWith(`${root}src/`) ? { path, namespace: "when-used" } : undefined,
      );
      onLoad({ filter, namespace: "when-used" }, async ({ path }) => {
        const names = Object.keys(await import(path));
        return { contents: whenUsed(path, names), resolveDir: root };
      });
    },
  };
}

/** A module with these exports of a package, each looked up once and kept. */
function whenUsed(path: string, names: readonly string[]): string {
  return `
    for (const name of ${JSON.stringify(names)}) {
      const get = () => {
        const value = require(${JSON.stringify(path)})[name];
        Object.defineProperty(exports, name, { value });
        return value;
      };
      Object.defineProperty(exports, name, { get, enumerable: true, configurable: true });
    }
  `;
}
