import type { Plugin } from 'esbuild';

const name = 'light-http';

/**
 * Lets ES modules import node:http without the 30 ms of `fetch`. Node gives an import a copy of all exports, and one of
 * them, a lazy getter, loads undici. grammY's HTTP client and the AWS SDK import node:http.
 */
export const lightHttp: Plugin = {
  name,
  setup(build) {
    // An `import()` would get no named exports, and a `require` copies nothing.
    build.onResolve({ filter: /^(node:)?http$/ }, ({ kind }) =>
      kind === 'import-statement' ? { path: 'http', namespace: name } : undefined,
    );
    build.onLoad({ filter: /^/, namespace: name }, () => ({
      contents: "module.exports = process.getBuiltinModule('node:http');",
    }));
  },
};
