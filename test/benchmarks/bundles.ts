import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { bundle } from '../../infra/bundling/bundle-in-synth.ts';
import type { BenchHandler } from './cases.ts';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** Bundles handlers, each into a folder of its own, and returns the paths of the files to load by their entries. */
export async function bundleAll(
  handlers: readonly BenchHandler[],
  directory: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const { entry, bundler = 'kit', delivery } of handlers) {
    if (files.has(entry)) continue;
    // The bundlers block this process, which could not be stopped until all of them are through.
    await turn();
    signal.throwIfAborted();
    const target = join(directory, String(files.size));
    mkdirSync(target);
    files.set(entry, bundler === 'kit' ? byKit(entry, target, delivery) : byEsbuild(entry, target));
  }
  return files;
}

function byKit(entry: string, target: string, delivery = 'direct'): string {
  const define = { 'process.env.UPDATE_DELIVERY': JSON.stringify(delivery) };
  bundle(entry, { define }).write(target);
  return join(target, 'index.mjs');
}

/** Bundles as the CDK's `NodejsFunction` does by default, but with the AWS SDK, which then loads faster. */
function byEsbuild(entry: string, target: string): string {
  const outfile = join(target, 'index.js');
  buildSync({
    absWorkingDir: projectRoot,
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    target: 'node24',
    outfile,
    logLevel: 'error',
  });
  return outfile;
}
