import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ResourceType } from '../../../functions/contract.ts';
import type { ResourceAnswer, ResourceEvent } from '../../../functions/registrar/event.ts';
import { handle } from '../../../functions/registrar/handler.ts';
import { webhookSecrets } from '../../../functions/registrar/webhook/derive-secrets.ts';
import {
  create,
  deletion,
  type Fault,
  makeWorld,
  properties,
  refused,
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
  readonly getMe?: Fault[];
  readonly getWebhookInfo: Fault[];
  readonly setWebhook: Fault[];
  readonly probe: (number | string)[];
}

async function play(scenario: Scenario) {
  const world = makeWorld();
  const { event, before, getMe = [], getWebhookInfo, probe } = scenario;
  const setWebhook = [...scenario.setWebhook];
  const isCleanUp = (url?: string) => url === '' && event.RequestType !== 'Delete';
  world.telegram.url = { nothing: '', ours: urlOf(world.token), foreign }[before];
  world.telegram.faults = {
    getMe: [...getMe],
    getWebhookInfo: [...getWebhookInfo],
    // Where even the clean-up is refused, nothing can be promised.
    setWebhook: (call) => (isCleanUp(call?.url) ? undefined : setWebhook.shift()),
  };
  const answers = [...probe];
  world.endpoint = () => {
    const answer = answers.shift() ?? 200;
    if (typeof answer === 'number') return answer;
    throw Object.assign(new Error(answer), { code: answer });
  };
  const start = world.clock.now();
  let answer: ResourceAnswer | undefined;
  let error: Error | undefined;
  try {
    answer = await handle(event, TWELVE_MINUTES, world.services);
  } catch (thrown) {
    error = thrown as Error;
  }
  return { world, answer, error, tookMs: world.clock.now() - start };
}

const passing = fc.constantFrom<Fault>(
  undefined,
  'lost',
  unreachable('setWebhook'),
  refused(400, 'Bad Request: bad webhook: Failed to resolve host: x'),
  refused(409, 'Conflict: terminated by other setWebhook'),
  refused(429, 'Too Many Requests', 5),
  refused(502, 'Bad Gateway'),
);
const final = fc.constantFrom<Fault>(
  refused(400, 'Bad Request: no'),
  refused(401, 'Unauthorized'),
  refused(429, 'Too Many Requests', 5000),
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
      const { world, answer, error, tookMs } = await play(given);
      const ours = webhookSecrets(world.token, { stackId, address: properties.Address });
      const logged = answer?.NoEcho ? world.lines : [world.lines, answer];
      const shown = JSON.stringify([logged, error?.message, error?.stack]);
      for (const hidden of [world.token, ours.path, ours.secret, 'their-secret-path']) {
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
      const { world, answer } = await play(given);
      const ours = urlOf(world.token);
      if (answer) {
        expect(world.telegram.url).toBe(ours);
        return;
      }
      const former = { nothing: '', ours, foreign }[given.before];
      const isFirst = !isUpdateOfSameBot(given.event);
      const allowed = isFirst ? ['', former].filter((url) => url !== ours) : ['', former, ours];
      expect(allowed).toContain(world.telegram.url);
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
      const { world, answer } = await play(given);
      expect(answer).toEqual({ PhysicalResourceId: '7000000001' });
      expect(world.telegram.url).toBe(given.before === 'foreign' ? foreign : '');
    }),
  );
});

function isUpdateOfSameBot(event: ResourceEvent): boolean {
  return event.RequestType === 'Update' && event.PhysicalResourceId === '7000000001';
}
