import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ResourceType } from '../../../functions/contract.ts';
import type { ResourceEvent, ResourceResponse } from '../../../functions/registrar/event.ts';
import { handleEvent } from '../../../functions/registrar/handler.ts';
import { deriveWebhookSecrets } from '../../../functions/registrar/webhook/derive-secrets.ts';
import {
  create,
  deletion,
  type FakeFault,
  makeFakes,
  properties,
  refusedWith,
  stackId,
  unreachable,
  update,
  urlOf,
} from './fakes.ts';

const TWELVE_MINUTES = 12 * 60_000;
const foreign = 'https://foreign.example/their-secret-path';

interface Scenario {
  readonly event: ResourceEvent;
  readonly before: 'nothing' | 'ours' | 'foreign';
  readonly getMe?: FakeFault[];
  readonly getWebhookInfo: FakeFault[];
  readonly setWebhook: FakeFault[];
  readonly probe: (number | string)[];
}

async function play(scenario: Scenario) {
  const fakes = makeFakes();
  const { event, before, getMe = [], getWebhookInfo, probe } = scenario;
  const setWebhook = [...scenario.setWebhook];
  const isCleanUp = (url?: string) => url === '' && event.RequestType !== 'Delete';
  fakes.telegram.url = { nothing: '', ours: urlOf(fakes.token), foreign }[before];
  fakes.telegram.faults = {
    getMe: [...getMe],
    getWebhookInfo: [...getWebhookInfo],
    // Where even the clean-up is refused, nothing can be promised.
    setWebhook: (call) => (isCleanUp(call?.url) ? undefined : setWebhook.shift()),
  };
  const answers = [...probe];
  fakes.endpoint = () => {
    const answer = answers.shift() ?? 200;
    if (typeof answer === 'number') return answer;
    throw Object.assign(new Error(answer), { code: answer });
  };
  const start = fakes.clock.now();
  let answer: ResourceResponse | undefined;
  let error: Error | undefined;
  try {
    answer = await handleEvent(event, TWELVE_MINUTES, fakes.services);
  } catch (thrown) {
    error = thrown as Error;
  }
  return { fakes, answer, error, tookMs: fakes.clock.now() - start };
}

const passing = fc.constantFrom<FakeFault>(
  undefined,
  'lost',
  unreachable('setWebhook'),
  refusedWith(400, 'Bad Request: bad webhook: Failed to resolve host: x'),
  refusedWith(409, 'Conflict: terminated by other setWebhook'),
  refusedWith(429, 'Too Many Requests', 5),
  refusedWith(502, 'Bad Gateway'),
);
const final = fc.constantFrom<FakeFault>(
  refusedWith(400, 'Bad Request: no'),
  refusedWith(401, 'Unauthorized'),
  refusedWith(429, 'Too Many Requests', 5000),
);
const before = fc.constantFrom('nothing' as const, 'ours' as const, 'foreign' as const);
const failing = { ...properties, ExistingWebhook: 'fail' };
const registering = fc.constantFrom<ResourceEvent>(
  create(ResourceType.webhook),
  create(ResourceType.webhook, failing),
  update(ResourceType.webhook),
  update(ResourceType.webhook, '42'),
);
const probe = fc.array(fc.constantFrom(200, 301, 401, 404, 500, 'ENOTFOUND', 'ECONNRESET'), {
  maxLength: 4,
});

it('shows no token, path or secret, and answers in time', async () => {
  const faults = fc.array(fc.oneof(passing, final), { maxLength: 6 });
  const scenario = fc.record<Scenario>({
    event: fc.oneof(
      registering,
      fc.constant(create(ResourceType.bot)),
      fc.constant(deletion(ResourceType.webhook)),
    ),
    before,
    getMe: faults,
    getWebhookInfo: faults,
    setWebhook: faults,
    probe,
  });
  await fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const { fakes, answer, error, tookMs } = await play(given);
      const ours = deriveWebhookSecrets(fakes.token, { stackId, address: properties.Address });
      const logged = answer?.NoEcho ? fakes.lines : [fakes.lines, answer];
      const shown = JSON.stringify([logged, error?.message, error?.stack]);
      for (const hidden of [fakes.token, ours.path, ours.secret, 'their-secret-path']) {
        expect(shown).not.toContain(hidden);
      }
      expect(tookMs).toBeLessThan(TWELVE_MINUTES);
    }),
  );
});

it('is registered when it says so, and when it fails leaves what there was before or nothing', async () => {
  const scenario = fc.record<Scenario>({
    event: registering,
    before,
    getWebhookInfo: fc.array(passing, { maxLength: 3 }),
    setWebhook: fc
      .tuple(fc.array(passing, { maxLength: 3 }), fc.array(final, { maxLength: 1 }))
      .map((faults) => faults.flat()),
    probe,
  });
  await fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const { fakes, answer } = await play(given);
      const ours = urlOf(fakes.token);
      if (answer) {
        expect(fakes.telegram.url).toBe(ours);
        return;
      }
      const former = { nothing: '', ours, foreign }[given.before];
      const isFirst = !isUpdateOfSameBot(given.event);
      const allowed = isFirst ? ['', former].filter((url) => url !== ours) : ['', former, ours];
      expect(allowed).toContain(fakes.telegram.url);
    }),
  );
});

it('is gone when it says so, and never takes a foreign webhook along', async () => {
  const scenario = fc.record<Scenario>({
    event: fc.constant(deletion(ResourceType.webhook)),
    before,
    getWebhookInfo: fc.array(passing, { maxLength: 5 }),
    setWebhook: fc.array(passing, { maxLength: 5 }),
    probe: fc.constant([]),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const { fakes, answer } = await play(given);
      expect(answer).toEqual({ PhysicalResourceId: '7000000001' });
      expect(fakes.telegram.url).toBe(given.before === 'foreign' ? foreign : '');
    }),
  );
});

function isUpdateOfSameBot(event: ResourceEvent): boolean {
  return event.RequestType === 'Update' && event.PhysicalResourceId === '7000000001';
}
