import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { defineConfig } from 'vitest/config';
import { fileLoaders } from './infra/bundling/loaders.ts';

/** Imports files that are not code as the bundles do: their text, or their bytes. */
const files = {
  name: 'files',
  enforce: 'pre',
  load(id: string) {
    const loader = fileLoaders[extname(id)];
    if (loader === 'text') return `export default ${JSON.stringify(readFileSync(id, 'utf8'))};`;
    if (loader === 'binary') return `export default Uint8Array.of(${[...readFileSync(id)]});`;
    return undefined;
  },
} as const;

export default defineConfig({
  plugins: [files],
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/temporary-directory.ts',
    // Against hanging alone: a sandbox deployment starts real processes, and machines differ tenfold.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Most of a small test file's time is its imports, aws-cdk-lib above all: load them once a worker.
    isolate: false,
    // Vitest leaves one core to others, which is half of a small machine.
    maxWorkers: '100%',
    // CDK checks the whole template at every synth, for seconds: one test file turns it on again.
    env: { CDK_VALIDATION: 'false', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  },
});
