import { describe, expect, it } from 'vitest';
import { ResourceType } from '../../functions/contract.ts';
import { MARGIN_MS } from '../../functions/registrar/handler.ts';
import { LONGEST_WAIT_MS } from '../../functions/registrar/retry/retry.ts';
import { PROBE_TIMEOUT_MS } from '../../functions/registrar/webhook/post-update.ts';
import { PROBE_MS } from '../../functions/registrar/webhook/probe.ts';
import { CLEAN_UP_MS } from '../../functions/registrar/webhook/register.ts';
import { CALL_TIMEOUT_MS } from '../../functions/telegram/client.ts';
import { botTemplate } from './synth.ts';

const template = botTemplate();
const registrar = timeoutOf('Registers the webhooks');
const provider = timeoutOf('AWS CDK resource provider framework');
const serviceTimeouts = Object.values(ResourceType).flatMap((type) =>
  Object.values(template.findResources(type)).map(({ Properties }) => {
    return Number(Properties.ServiceTimeout) * 1000;
  }),
);

/** A look with getWebhookInfo, and a setWebhook on what it showed. */
const LONGEST_ATTEMPT_MS = 2 * CALL_TIMEOUT_MS;
/** To say what has become of it: a log line, and an answer of some hundred bytes. */
const ANSWER_MS = 5000;
/** Of the registrar, which Lambda does not count as its time: 10 s is what Lambda allows. */
const COLD_START_MS = 10_000;
/** For how long Telegram remembers that it could not look a host up. */
const FAILED_LOOK_UP_MS = 5 * 60_000;

describe('the time there is for one event', () => {
  it("is the registrar's, then the provider framework's, then CloudFormation's", () => {
    expect(registrar).toBeLessThan(provider);
    expect(serviceTimeouts).toHaveLength(2);
    for (const serviceTimeout of serviceTimeouts) {
      expect(serviceTimeout).toBeGreaterThanOrEqual(provider);
    }
  });

  it('lets the framework start, and pass the answer on, around a registrar that takes all of its', () => {
    expect(provider - registrar).toBeGreaterThanOrEqual(COLD_START_MS + ANSWER_MS);
  });
});

describe('what the registrar does within its time', () => {
  const deadline = registrar - MARGIN_MS;
  const workDeadline = deadline - CLEAN_UP_MS;

  it('leaves room to answer after an attempt that begins at the deadline', () => {
    expect(deadline + LONGEST_ATTEMPT_MS + ANSWER_MS).toBeLessThanOrEqual(registrar);
  });

  it('leaves room to take a registration back whose last attempt began at its own deadline', () => {
    const verified = workDeadline + LONGEST_ATTEMPT_MS + CALL_TIMEOUT_MS;
    expect(verified + LONGEST_ATTEMPT_MS).toBeLessThanOrEqual(deadline);
  });

  it('tries past the memory of a failed look-up, even after the longest probe', () => {
    const probed = CALL_TIMEOUT_MS + PROBE_MS + PROBE_TIMEOUT_MS;
    const attempts = workDeadline - probed;
    expect(attempts).toBeGreaterThan(FAILED_LOOK_UP_MS + LONGEST_WAIT_MS);
  });
});

/** In milliseconds, of the function with this description. */
function timeoutOf(description: string): number {
  const found = Object.values(template.findResources('AWS::Lambda::Function')).filter(
    ({ Properties }) => String(Properties.Description).startsWith(description),
  );
  expect(found.length, description).toBe(1);
  return found[0]?.Properties.Timeout * 1000;
}
