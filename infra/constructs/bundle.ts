import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Bundles one function into `outputDirectory`: `index.mjs`, and a chunk for each module that it
 * imports lazily. What a request does not ask for, the AWS SDK above all, lies in a chunk that is
 * not even parsed. The output depends on the sources alone, so an unchanged function keeps its hash.
 *
 * @throws esbuild's `BuildFailure`, after printing each error with its place in the source.
 */
export function bundle(entry: string, outputDirectory: string): void {
  buildSync({
    absWorkingDir: projectRoot,
    entryPoints: { index: entry },
    outdir: outputDirectory,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunk-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // The SDK's CommonJS build cannot be split; its ES modules can.
    mainFields: ['module', 'main'],
    minify: true,
    // grammY finds some of its parts by their class names.
    keepNames: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
}
