import { describe, expect, it } from 'vitest';
import { ResourceType } from '../../functions/contract.ts';
import {
  LONGEST_WAIT_MS,
  PROBE_MS,
  PROBE_TIMEOUT_MS,
  RESPONSE_MS,
  UNDO_MS,
} from '../../functions/registrar/retry/time-budget.ts';
import { CALL_TIMEOUT_MS } from '../../functions/telegram/client.ts';
import { botTemplate, findFunction } from './synth.ts';

const template = botTemplate();
const registrar = timeoutOf('Registrar/Function');
const provider = timeoutOf('Registrar/Provider/framework-onEvent');
const serviceTimeouts = Object.values(ResourceType).flatMap((type) =>
  Object.values(template.findResources(type)).map(({ Properties }) => {
    return Number(Properties.ServiceTimeout) * 1000;
  }),
);

/** One getWebhookInfo call, and a setWebhook call that depends on its answer. */
const LONGEST_ATTEMPT_MS = 2 * CALL_TIMEOUT_MS;
/** A log line, and a response of a few hundred bytes. */
const SENDING_MS = 5000;
/** The longest initialization that Lambda allows. The registrar's timeout does not include it. */
const COLD_START_MS = 10_000;
/** How long Telegram keeps a failed DNS look-up. */
const FAILED_LOOK_UP_MS = 5 * 60_000;

describe('the time limits of one event', () => {
  it('gives the provider framework more time than the registrar, and CloudFormation at least as much', () => {
    expect(registrar).toBeLessThan(provider);
    expect(serviceTimeouts).toHaveLength(2);
    for (const serviceTimeout of serviceTimeouts) {
      expect(serviceTimeout).toBeGreaterThanOrEqual(provider);
    }
  });

  it('leaves the framework time to start and to respond even if the registrar uses all of its time', () => {
    expect(provider - registrar).toBeGreaterThanOrEqual(COLD_START_MS + SENDING_MS);
  });
});

describe("the registrar's time", () => {
  const deadline = registrar - RESPONSE_MS;
  const workDeadline = deadline - UNDO_MS;

  it('leaves room for a response after an attempt that starts at the deadline', () => {
    expect(deadline + LONGEST_ATTEMPT_MS + SENDING_MS).toBeLessThanOrEqual(registrar);
  });

  it('leaves room to undo a registration whose last attempt starts at its own deadline', () => {
    const verified = workDeadline + LONGEST_ATTEMPT_MS + CALL_TIMEOUT_MS;
    expect(verified + LONGEST_ATTEMPT_MS).toBeLessThanOrEqual(deadline);
  });

  it('leaves room to retry setWebhook after a failed look-up has expired, even after the longest probe', () => {
    const probed = CALL_TIMEOUT_MS + PROBE_MS + PROBE_TIMEOUT_MS;
    const attempts = workDeadline - probed;
    expect(attempts).toBeGreaterThan(FAILED_LOOK_UP_MS + LONGEST_WAIT_MS);
  });
});

/** Returns the timeout, in milliseconds, of the function at a construct path below the stack. */
function timeoutOf(path: string): number {
  return Number(findFunction(template, path).resource.Properties.Timeout) * 1000;
}
