import type { Plugin } from 'esbuild';

const name = 'light-http';

/**
 * Lets ES modules, such as those of node-fetch, import node:http without loading undici, which takes 17 ms. Node copies
 * all exports of a module that is imported, and reading one of them loads undici.
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
