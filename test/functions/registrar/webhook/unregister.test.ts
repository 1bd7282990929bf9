import { describe, expect, it } from 'vitest';
import {
  type TokenProblem,
  TokenUnavailable,
} from '../../../../functions/bot-token/token-unavailable.ts';
import { removeRegistration } from '../../../../functions/registrar/webhook/unregister.ts';
import { fakeToken } from '../../../fixtures.ts';
import {
  makeWorld,
  properties,
  refused,
  stackId,
  unreachable,
  urlOf,
  type World,
} from '../fakes.ts';

const elsewhere = 'https://new.example/their-secret-path';

function registered(): World {
  const world = makeWorld();
  world.telegram.url = urlOf(world.token);
  return world;
}

function remove(world: World, changes: object = {}, botId = '7000000001') {
  const request = { stackId, botId, properties: { ...properties, ...changes } };
  return removeRegistration(request, world.tools());
}

describe('a registration that is deleted', () => {
  it('takes its webhook with it', async () => {
    const world = registered();
    await expect(remove(world)).resolves.toEqual({ outcome: 'removed' });
    expect(world.telegram.set).toEqual([{ url: '' }]);
  });

  it('keeps the updates that wait', async () => {
    const world = registered();
    await remove(world);
    expect(world.telegram.pending).toBe(3);
  });

  it('finds its webhook however the endpoint is spelled', async () => {
    const world = registered();
    const spelled = { Endpoint: 'https://ABC123.execute-api.us-east-1.amazonaws.com:443/' };
    await expect(remove(world, spelled)).resolves.toEqual({ outcome: 'removed' });
  });
});

describe('a registration whose create was cancelled, so that CloudFormation knows no id,', () => {
  const cancelled = (world: World) => remove(world, {}, 'Kit-BotRegistration541C9316-1ABCDEFGHIJ');

  it('takes its webhook with it', async () => {
    const world = registered();
    await expect(cancelled(world)).resolves.toEqual({ outcome: 'removed' });
  });

  it.each([
    ['has not set it yet', [5]],
    ['sets it once more, after a lost answer', [1, 3]],
  ])('takes it along when the create is still at work and %s', async (_, looksThatFindIt) => {
    const world = makeWorld();
    let looks = 0;
    world.telegram.faults.getWebhookInfo = () => {
      looks += 1;
      if (looksThatFindIt.includes(looks)) world.telegram.url = urlOf(world.token);
      return undefined;
    };
    await expect(cancelled(world)).resolves.toEqual({ outcome: 'removed' });
    expect(world.telegram.set).toEqual(looksThatFindIt.map(() => ({ url: '' })));
    expect(world.telegram.url).toBe('');
  });

  it('is watched no longer than its last probe and its last call can take', async () => {
    const world = makeWorld();
    await expect(cancelled(world)).resolves.toMatchObject({ outcome: 'left' });
    expect(world.clock.slept).toBe(45_000);
  });

  it('is watched no longer than there is time', async () => {
    const world = makeWorld();
    const tools = { ...world.tools(), deadline: world.clock.now() + 12_000 };
    await removeRegistration({ stackId, botId: 'made-up', properties }, tools);
    expect(world.clock.slept).toBe(10_000);
  });

  it('leaves a foreign webhook alone, all the while', async () => {
    const world = makeWorld();
    world.telegram.url = elsewhere;
    await expect(cancelled(world)).resolves.toMatchObject({ outcome: 'left' });
    expect(world.telegram.set).toEqual([]);
  });
});

describe('a webhook is left alone, and that is a success,', () => {
  const left = (because: RegExp) => ({ outcome: 'left', because: expect.stringMatching(because) });

  it('when there is none', async () => {
    await expect(remove(makeWorld())).resolves.toEqual(left(/the bot has no webhook/));
  });

  it.each([
    ['another host', elsewhere, /new\.example$/],
    ['another path of the same host', `${properties.Endpoint}/other`, /abc123.*amazonaws\.com$/],
  ])('when it is at %s, of which only the host is shown', async (_what, url, because) => {
    const world = makeWorld();
    world.telegram.url = url;
    await expect(remove(world)).resolves.toEqual(left(because));
    expect(world.telegram.set).toEqual([]);
  });

  it('when it belongs to another construct of the same stack, as after a rename', async () => {
    const world = registered();
    await expect(remove(world, { Address: 'c8former' })).resolves.toMatchObject({
      outcome: 'left',
    });
    expect(world.telegram.set).toEqual([]);
  });

  it("when the secret holds another bot's token", async () => {
    const world = makeWorld();
    world.token = fakeToken(42);
    world.telegram.url = urlOf(world.token);
    await expect(remove(world)).resolves.toEqual(
      left(/token of bot 42, and not of bot 7000000001/),
    );
    expect(world.telegram.methods).toEqual([]);
  });

  it.each<[TokenProblem]>([['missing'], ['denied'], ['unusable']])(
    'when the token is %s',
    async (reason) => {
      const world = registered();
      world.secret = () => {
        throw new TokenUnavailable(reason, `the token is ${reason}`);
      };
      await expect(remove(world)).resolves.toEqual(left(new RegExp(`the token is ${reason}`)));
      expect(world.telegram.methods).toEqual([]);
    },
  );

  it.each([refused(401, 'Unauthorized'), refused(404, 'Not Found'), refused(400, 'Logged out')])(
    'when the token is no longer good: $message',
    async (no) => {
      const world = registered();
      world.telegram.faults.getWebhookInfo = [no];
      await expect(remove(world)).resolves.toEqual(left(new RegExp(no.description)));
      expect(world.clock.slept).toBe(0);
    },
  );

  it('when the token is revoked between the look and the removal', async () => {
    const world = registered();
    world.telegram.faults.setWebhook = [refused(401, 'Unauthorized')];
    await expect(remove(world)).resolves.toEqual(left(/Unauthorized/));
  });

  it.each(['TokenSecret', 'ApiRoot', 'Address', 'Endpoint'])(
    'when the resource has no %s',
    async (name) => {
      const world = registered();
      await expect(remove(world, { [name]: undefined })).resolves.toEqual(left(/lacks properties/));
      expect(world.telegram.methods).toEqual([]);
    },
  );

  it('when the endpoint is none', async () => {
    await expect(remove(registered(), { Endpoint: 'gone' })).resolves.toEqual(
      left(/lacks properties/),
    );
  });
});

describe('trouble on the way', () => {
  it('is waited out', async () => {
    const world = registered();
    world.telegram.faults = {
      getWebhookInfo: [unreachable(), refused(502, 'Bad Gateway')],
      setWebhook: [refused(429, 'Too Many Requests', 3), unreachable()],
    };
    let throttled = 2;
    world.secret = () => {
      if (throttled-- > 0) throw new TokenUnavailable('unreachable', 'throttled');
      return world.token;
    };
    await expect(remove(world)).resolves.toEqual({ outcome: 'removed' });
    expect(world.telegram.url).toBe('');
  });

  it('does not remove a webhook that came while an answer was lost', async () => {
    const world = registered();
    world.telegram.faults.setWebhook = ['lost'];
    world.telegram.afterwards = () => {
      world.telegram.url = elsewhere;
    };
    await expect(remove(world)).resolves.toMatchObject({ outcome: 'left' });
    expect(world.telegram.url).toBe(elsewhere);
  });

  it('with Telegram that does not pass fails the deletion at the deadline', async () => {
    const world = registered();
    const { deadline } = world.tools();
    world.telegram.faults.getWebhookInfo = () => unreachable();
    await expect(remove(world)).rejects.toThrow('Telegram was not reached');
    expect(world.clock.now()).toBeGreaterThan(deadline - 60_000);
    expect(world.clock.now()).toBeLessThanOrEqual(deadline + 10_000);
  });

  it('with Secrets Manager that does not pass fails the deletion at the deadline', async () => {
    const world = registered();
    world.secret = () => {
      throw new TokenUnavailable('unreachable', 'throttled');
    };
    await expect(remove(world)).rejects.toThrow('throttled');
    expect(world.clock.slept).toBeGreaterThan(10 * 60_000);
  });

  it('of a kind that nobody foresaw fails the deletion', async () => {
    const world = registered();
    world.telegram.faults.setWebhook = [refused(400, 'Bad Request: something new')];
    await expect(remove(world)).rejects.toThrow('something new');
  });
});
