import { Agent, type ClientRequest } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import timersPromises, { setImmediate as turn } from 'node:timers/promises';

/** How many turns of the event loop without a request show that code which does not wait has come to its end. */
const QUIET_TURNS = 10;

interface Wait {
  readonly endsAt: number;
  readonly end: () => void;
}

/**
 * Lets no `setTimeout` of node:timers/promises take time, if `SANDBOX_SKIPS_WAITS` is set: code that waits for AWS or
 * Telegram to settle, or retries, is done at once. As soon as everything waits, that is no HTTP request is under way,
 * `Date.now` is put forward to the end of the shortest wait: to code that works beside one that waits, no time passes.
 * `new Date()` and timeouts stay as they are, because signatures and answers of other processes depend on them.
 *
 * @returns what sets `Date.now` back, for the next invocation: otherwise its event would seem old, and its time short
 */
export function skipWaits(): () => void {
  if (process.env.SANDBOX_SKIPS_WAITS === undefined) return () => {};
  delete process.env.SANDBOX_SKIPS_WAITS;
  const { now } = Date;
  let aheadMs = 0;
  Date.now = () => now() + aheadMs;
  const untilQuiet = quietness();
  const waits = new Set<Wait>();

  const skip = async () => {
    while (waits.size > 0) {
      await untilQuiet();
      const [next] = [...waits].sort((one, other) => one.endsAt - other.endsAt);
      if (!next) return;
      aheadMs += Math.max(0, next.endsAt - Date.now());
      waits.delete(next);
      next.end();
    }
  };
  timersPromises.setTimeout = async <T>(ms = 0, value?: T, options?: { signal?: AbortSignal }) => {
    await new Promise<void>((end) => {
      waits.add({ endsAt: Date.now() + ms, end });
      if (waits.size === 1) void skip();
    });
    await turn(undefined, options);
    return value as T;
  };
  syncBuiltinESMExports();
  return () => {
    aheadMs = 0;
    for (const { end } of waits) end();
    waits.clear();
  };
}

/** Starts to count HTTP requests, and returns what waits until none has been under way for some turns. */
function quietness(): () => Promise<void> {
  const requests = new Set<ClientRequest>();
  let onEnd = () => {};
  // Every request passes here before its connection is opened. Node's diagnostics channels report it only after that.
  const prototype = Agent.prototype as unknown as {
    addRequest(request: ClientRequest, ...rest: unknown[]): void;
  };
  const { addRequest } = prototype;
  prototype.addRequest = function (request, ...rest) {
    requests.add(request);
    request.once('close', () => {
      requests.delete(request);
      onEnd();
    });
    addRequest.call(this, request, ...rest);
  };
  return async () => {
    for (let turns = 0; turns < QUIET_TURNS; turns++) {
      if (requests.size > 0) {
        await new Promise<void>((resolve) => {
          onEnd = resolve;
        });
        turns = 0;
      }
      await turn();
    }
  };
}
