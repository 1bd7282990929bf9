import { type MessagePort, parentPort } from 'node:worker_threads';
import { build } from './build.ts';
import type { BuildRequest, BuildResult } from './build-request.ts';

/** A request, and where to put its outcome: `signal` changes from 0 to 1 when the outcome is at `port`. */
export interface Job {
  readonly request: BuildRequest;
  readonly port: MessagePort;
  readonly signal: Int32Array;
}

/** Only an error's message survives, because the caller's stack is the one that helps. */
export type Outcome = { readonly result: BuildResult } | { readonly error: string };

parentPort?.on('message', async ({ request, port, signal }: Job) => {
  const outcome: Outcome = await build(request).then(
    (result) => ({ result }),
    (error: Error) => ({ error: error.message }),
  );
  port.postMessage(outcome);
  Atomics.store(signal, 0, 1);
  Atomics.notify(signal, 0);
});
