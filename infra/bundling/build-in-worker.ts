import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { buildSync } from 'esbuild';
import type { BuildRequest, BuildResult } from './build-request.ts';
import type { Job, Outcome } from './worker.ts';

/** How long a build may take before the worker counts as dead. */
const LIMIT_MS = 600_000;

let worker: Worker | undefined;

/**
 * Builds in a worker thread, and waits for it. CDK constructs are synchronous, but esbuild's synchronous API takes
 * no plugins.
 *
 * @throws Error with esbuild's errors, formatted for a terminal
 */
export function buildInWorker(request: BuildRequest): BuildResult {
  worker ??= startWorker();
  const { port1, port2 } = new MessageChannel();
  const signal = new Int32Array(new SharedArrayBuffer(4));
  worker.postMessage({ request, port: port2, signal } satisfies Job, [port2]);
  Atomics.wait(signal, 0, 0, LIMIT_MS);
  const outcome: Outcome | undefined = receiveMessageOnPort(port1)?.message;
  port1.close();
  if (!outcome) throw new Error(`The bundler did not respond within ${LIMIT_MS / 1000} seconds`);
  if ('error' in outcome) throw new Error(outcome.error);
  return outcome.result;
}

/**
 * Starts the worker from JavaScript that esbuild makes of it, because not every process that loads this module can
 * load TypeScript in a worker: tsx, vitest and Node differ.
 */
function startWorker(): Worker {
  const esbuild = createRequire(import.meta.url).resolve('esbuild');
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL('worker.ts', import.meta.url))],
    bundle: true,
    format: 'cjs',
    platform: 'node',
    alias: { esbuild },
    external: [esbuild],
    write: false,
  });
  const started = new Worker(String(outputFiles[0]?.text), { eval: true });
  started.unref();
  return started;
}
