import { describe, expect, it } from 'vitest';
import {
  type TokenProblem,
  TokenUnavailableError,
} from '../../../../functions/bot-token/errors.ts';
import { ResourceType } from '../../../../functions/contract.ts';
import { parseRegistration } from '../../../../functions/registrar/webhook/parameters.ts';
import { unregisterWebhook } from '../../../../functions/registrar/webhook/unregister.ts';
import { fakeToken } from '../../../sandbox/index.ts';
import {
  deletion,
  type Fakes,
  makeFakes,
  properties,
  refusedWith,
  unreachable,
  urlOf,
} from '../fakes.ts';

const elsewhere = 'https://new.example/their-secret-path';

function registered(): Fakes {
  const fakes = makeFakes();
  fakes.telegram.url = urlOf(fakes.token);
  return fakes;
}

function registration(changes: object = {}) {
  return parseRegistration(deletion(ResourceType.webhook, 'unused', { ...properties, ...changes }));
}

function remove(fakes: Fakes, changes: object = {}, botId = '7000000001') {
  return unregisterWebhook(botId, registration(changes), fakes.context());
}

describe('a registration that is deleted', () => {
  it('takes its webhook with it', async () => {
    const fakes = registered();
    await expect(remove(fakes)).resolves.toEqual({ outcome: 'removed' });
    expect(fakes.telegram.set).toEqual([{ url: '' }]);
  });

  it('keeps the updates that wait', async () => {
    const fakes = registered();
    await remove(fakes);
    expect(fakes.telegram.pending).toBe(3);
  });

  it('finds its webhook however the endpoint is spelled', async () => {
    const fakes = registered();
    const spelled = { Endpoint: 'https://ABC123.execute-api.us-east-1.amazonaws.com:443/' };
    await expect(remove(fakes, spelled)).resolves.toEqual({ outcome: 'removed' });
  });
});

describe('a registration whose create was cancelled, so that CloudFormation knows no id,', () => {
  const cancelled = (fakes: Fakes) => remove(fakes, {}, 'Kit-BotRegistration541C9316-1ABCDEFGHIJ');

  it('takes its webhook with it', async () => {
    const fakes = registered();
    await expect(cancelled(fakes)).resolves.toEqual({ outcome: 'removed' });
  });

  it.each([
    ['has not set it yet', [5]],
    ['sets it once more, after a lost answer', [1, 3]],
  ])('takes it along when the create is still at work and %s', async (_, looksThatFindIt) => {
    const fakes = makeFakes();
    let looks = 0;
    fakes.telegram.faults.getWebhookInfo = () => {
      looks += 1;
      if (looksThatFindIt.includes(looks)) fakes.telegram.url = urlOf(fakes.token);
      return undefined;
    };
    await expect(cancelled(fakes)).resolves.toEqual({ outcome: 'removed' });
    expect(fakes.telegram.set).toEqual(looksThatFindIt.map(() => ({ url: '' })));
    expect(fakes.telegram.url).toBe('');
  });

  it('is watched no longer than its last probe and its last call can take', async () => {
    const fakes = makeFakes();
    await expect(cancelled(fakes)).resolves.toMatchObject({ outcome: 'left' });
    expect(fakes.clock.slept).toBe(45_000);
  });

  it('is watched no longer than there is time', async () => {
    const fakes = makeFakes();
    const context = { ...fakes.context(), deadline: fakes.clock.now() + 12_000 };
    await unregisterWebhook('made-up', registration(), context);
    expect(fakes.clock.slept).toBe(10_000);
  });

  it('leaves a foreign webhook alone, all the while', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = elsewhere;
    await expect(cancelled(fakes)).resolves.toMatchObject({ outcome: 'left' });
    expect(fakes.telegram.set).toEqual([]);
  });
});

describe('a webhook is left alone, and that is a success,', () => {
  const left = (because: RegExp) => ({ outcome: 'left', because: expect.stringMatching(because) });

  it('when there is none', async () => {
    await expect(remove(makeFakes())).resolves.toEqual(left(/the bot has no webhook/));
  });

  it.each([
    ['another host', elsewhere, /new\.example$/],
    ['another path of the same host', `${properties.Endpoint}/other`, /abc123.*amazonaws\.com$/],
  ])('when it is at %s, of which only the host is shown', async (_what, url, because) => {
    const fakes = makeFakes();
    fakes.telegram.url = url;
    await expect(remove(fakes)).resolves.toEqual(left(because));
    expect(fakes.telegram.set).toEqual([]);
  });

  it('when it belongs to another construct of the same stack, as after a rename', async () => {
    const fakes = registered();
    await expect(remove(fakes, { Address: 'c8former' })).resolves.toMatchObject({
      outcome: 'left',
    });
    expect(fakes.telegram.set).toEqual([]);
  });

  it("when the secret holds another bot's token", async () => {
    const fakes = makeFakes();
    fakes.token = fakeToken(42);
    fakes.telegram.url = urlOf(fakes.token);
    await expect(remove(fakes)).resolves.toEqual(left(/token of bot 42 instead of bot 7000000001/));
    expect(fakes.telegram.methods).toEqual([]);
  });

  it.each<[TokenProblem]>([['missing'], ['denied'], ['unusable']])(
    'when the token is %s',
    async (reason) => {
      const fakes = registered();
      fakes.secret = () => {
        throw new TokenUnavailableError(reason, `the token is ${reason}`);
      };
      await expect(remove(fakes)).resolves.toEqual(left(new RegExp(`the token is ${reason}`)));
      expect(fakes.telegram.methods).toEqual([]);
    },
  );

  it.each([
    refusedWith(401, 'Unauthorized'),
    refusedWith(404, 'Not Found'),
    refusedWith(400, 'Logged out'),
  ])('when the token is no longer good: $message', async (no) => {
    const fakes = registered();
    fakes.telegram.faults.getWebhookInfo = [no];
    await expect(remove(fakes)).resolves.toEqual(left(new RegExp(no.description)));
    expect(fakes.clock.slept).toBe(0);
  });

  it('when the token is revoked between the look and the removal', async () => {
    const fakes = registered();
    fakes.telegram.faults.setWebhook = [refusedWith(401, 'Unauthorized')];
    await expect(remove(fakes)).resolves.toEqual(left(/Unauthorized/));
  });

  it.each(['TokenSecret', 'ApiRoot', 'Address', 'Endpoint'])(
    'when the resource has no %s',
    async (name) => {
      const fakes = registered();
      await expect(remove(fakes, { [name]: undefined })).resolves.toEqual(left(/lacks properties/));
      expect(fakes.telegram.methods).toEqual([]);
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
    const fakes = registered();
    fakes.telegram.faults = {
      getWebhookInfo: [unreachable(), refusedWith(502, 'Bad Gateway')],
      setWebhook: [refusedWith(429, 'Too Many Requests', 3), unreachable()],
    };
    let throttled = 2;
    fakes.secret = () => {
      if (throttled-- > 0) throw new TokenUnavailableError('unreachable', 'throttled');
      return fakes.token;
    };
    await expect(remove(fakes)).resolves.toEqual({ outcome: 'removed' });
    expect(fakes.telegram.url).toBe('');
  });

  it('does not remove a webhook that came while an answer was lost', async () => {
    const fakes = registered();
    fakes.telegram.faults.setWebhook = ['lost'];
    fakes.telegram.afterwards = () => {
      fakes.telegram.url = elsewhere;
    };
    await expect(remove(fakes)).resolves.toMatchObject({ outcome: 'left' });
    expect(fakes.telegram.url).toBe(elsewhere);
  });

  it('with Telegram that does not pass fails the deletion at the deadline', async () => {
    const fakes = registered();
    const { deadline } = fakes.context();
    fakes.telegram.faults.getWebhookInfo = () => unreachable();
    await expect(remove(fakes)).rejects.toThrow('Telegram was not reached');
    expect(fakes.clock.now()).toBeGreaterThan(deadline - 60_000);
    expect(fakes.clock.now()).toBeLessThanOrEqual(deadline + 10_000);
  });

  it('with Secrets Manager that does not pass fails the deletion at the deadline', async () => {
    const fakes = registered();
    fakes.secret = () => {
      throw new TokenUnavailableError('unreachable', 'throttled');
    };
    await expect(remove(fakes)).rejects.toThrow('throttled');
    expect(fakes.clock.slept).toBeGreaterThan(10 * 60_000);
  });

  it('of a kind that nobody foresaw fails the deletion', async () => {
    const fakes = registered();
    fakes.telegram.faults.setWebhook = [refusedWith(400, 'Bad Request: something new')];
    await expect(remove(fakes)).rejects.toThrow('something new');
  });
});
