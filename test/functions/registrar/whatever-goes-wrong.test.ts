import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ResourceType } from '../../../functions/contract.ts';
import type { ResourceEvent, ResourceResponse } from '../../../functions/registrar/event.ts';
import { handleEvent } from '../../../functions/registrar/handler.ts';
import { deriveWebhookSecrets } from '../../../functions/registrar/webhook/derive-secrets.ts';
import {
  createEvent,
  deleteEvent,
  type FakeFault,
  makeFakes,
  properties,
  refusedWith,
  stackId,
  TWELVE_MINUTES,
  unreachable,
  updateEvent,
  urlOf,
} from './fakes.ts';

const foreignUrl = 'https://foreign.example/their-secret-path';

interface Scenario {
  readonly event: ResourceEvent;
  readonly before: 'nothing' | 'ours' | 'foreign';
  readonly getMe?: FakeFault[];
  readonly getWebhookInfo: FakeFault[];
  readonly setWebhook: FakeFault[];
  readonly probe: (number | string)[];
  readonly isRollback?: boolean;
}

async function run(scenario: Scenario) {
  const fakes = makeFakes();
  const { event, before, getMe = [], getWebhookInfo, probe } = scenario;
  const setWebhook = [...scenario.setWebhook];
  const isUndo = (url?: string) => url === '' && event.RequestType !== 'Delete';
  fakes.telegram.url = { nothing: '', ours: urlOf(fakes.token), foreign: foreignUrl }[before];
  fakes.telegram.faults = {
    getMe: [...getMe],
    getWebhookInfo: [...getWebhookInfo],
    // The undo always succeeds, because nothing is guaranteed if even that is refused.
    setWebhook: (call) => (isUndo(call?.url) ? undefined : setWebhook.shift()),
  };
  const probeResults = [...probe];
  fakes.endpoint = () => {
    const result = probeResults.shift() ?? 200;
    if (typeof result === 'number') return result;
    throw Object.assign(new Error(result), { code: result });
  };
  if (scenario.isRollback) fakes.status = () => 'UPDATE_ROLLBACK_IN_PROGRESS';
  const start = fakes.clock.now();
  let response: ResourceResponse | undefined;
  let error: Error | undefined;
  try {
    response = await handleEvent(event, TWELVE_MINUTES, fakes.services);
  } catch (thrown) {
    error = thrown as Error;
  }
  return { fakes, response, error, tookMs: fakes.clock.now() - start };
}

const transientFault = fc.constantFrom<FakeFault>(
  undefined,
  'lost',
  unreachable('setWebhook'),
  refusedWith(400, 'Bad Request: bad webhook: Failed to resolve host: x'),
  refusedWith(409, 'Conflict: terminated by other setWebhook'),
  refusedWith(429, 'Too Many Requests', 5),
  refusedWith(502, 'Bad Gateway'),
);
const finalFault = fc.constantFrom<FakeFault>(
  refusedWith(400, 'Bad Request: no'),
  refusedWith(401, 'Unauthorized'),
  refusedWith(429, 'Too Many Requests', 5000),
);
const before = fc.constantFrom('nothing' as const, 'ours' as const, 'foreign' as const);
const failOnExisting = { ...properties, ExistingWebhook: 'fail' };
const registration = fc.constantFrom<ResourceEvent>(
  createEvent(ResourceType.webhook),
  createEvent(ResourceType.webhook, failOnExisting),
  updateEvent(ResourceType.webhook),
  updateEvent(ResourceType.webhook, '42'),
);
const probe = fc.array(fc.constantFrom(200, 301, 401, 404, 500, 'ENOTFOUND', 'ECONNRESET'), {
  maxLength: 4,
});

it('shows no token, path or secret, and finishes in time', async () => {
  const faults = fc.array(fc.oneof(transientFault, finalFault), { maxLength: 6 });
  const scenario = fc.record<Scenario>({
    event: fc.oneof(
      registration,
      fc.constant(createEvent(ResourceType.bot)),
      fc.constant(deleteEvent(ResourceType.webhook)),
    ),
    before,
    getMe: faults,
    getWebhookInfo: faults,
    setWebhook: faults,
    probe,
    isRollback: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const { fakes, response, error, tookMs } = await run(given);
      const ours = deriveWebhookSecrets(fakes.token, { stackId, address: properties.Address });
      const logged = response?.NoEcho ? fakes.lines : [fakes.lines, response];
      const shown = JSON.stringify([logged, error?.message, error?.stack]);
      for (const hidden of [fakes.token, ours.path, ours.secret, 'their-secret-path']) {
        expect(shown).not.toContain(hidden);
      }
      expect(tookMs).toBeLessThan(TWELVE_MINUTES);
    }),
  );
});

it('registers the webhook when it succeeds, and when it fails leaves the previous one or none', async () => {
  const scenario = fc.record<Scenario>({
    event: registration,
    before,
    getWebhookInfo: fc.array(transientFault, { maxLength: 3 }),
    setWebhook: fc
      .tuple(fc.array(transientFault, { maxLength: 3 }), fc.array(finalFault, { maxLength: 1 }))
      .map((faults) => faults.flat()),
    probe,
  });
  await fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const { fakes, response } = await run(given);
      const ours = urlOf(fakes.token);
      if (response) {
        expect(fakes.telegram.url).toBe(ours);
        return;
      }
      const previous = { nothing: '', ours, foreign: foreignUrl }[given.before];
      const isFirst = !isUpdateOfSameBot(given.event);
      const allowed = isFirst ? ['', previous].filter((url) => url !== ours) : ['', previous, ours];
      expect(allowed).toContain(fakes.telegram.url);
    }),
  );
});

it('never fails a rollback, and leaves the previous webhook or none', async () => {
  const faults = fc.array(fc.oneof(transientFault, finalFault), { maxLength: 6 });
  const scenario = fc.record<Scenario>({
    event: fc.constantFrom<ResourceEvent>(
      updateEvent(ResourceType.bot),
      updateEvent(ResourceType.webhook),
      updateEvent(ResourceType.webhook, '42', failOnExisting),
    ),
    before,
    getMe: faults,
    getWebhookInfo: faults,
    setWebhook: faults,
    probe,
    isRollback: fc.constant(true),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const { fakes, error, response, tookMs } = await run(given);
      expect(error).toBeUndefined();
      expect(Object.values(response?.Data ?? {})).not.toContain(undefined);
      expect(['', foreignUrl, urlOf(fakes.token)]).toContain(fakes.telegram.url);
      expect(tookMs).toBeLessThan(TWELVE_MINUTES);
    }),
  );
});

it('removes its own webhook on Delete, and never a foreign one', async () => {
  const scenario = fc.record<Scenario>({
    event: fc.constant(deleteEvent(ResourceType.webhook)),
    before,
    getWebhookInfo: fc.array(transientFault, { maxLength: 5 }),
    setWebhook: fc.array(transientFault, { maxLength: 5 }),
    probe: fc.constant([]),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const { fakes, response } = await run(given);
      expect(response).toEqual({ PhysicalResourceId: '7000000001' });
      expect(fakes.telegram.url).toBe(given.before === 'foreign' ? foreignUrl : '');
    }),
  );
});

function isUpdateOfSameBot(event: ResourceEvent): boolean {
  return event.RequestType === 'Update' && event.PhysicalResourceId === '7000000001';
}
