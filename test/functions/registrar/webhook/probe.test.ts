import { describe, expect, it } from 'vitest';
import { probe } from '../../../../functions/registrar/webhook/probe.ts';
import { type Fakes, makeFakes } from '../fakes.ts';

const target = { url: new URL('https://bot.example/secret-path'), secret: 'webhook-secret' };

function failure(code: string): Error {
  return Object.assign(new Error(`${code} at ${target.url}`), { code });
}

/** Makes an endpoint that fails this many times, then answers 200. */
function failing(times: number, fail: () => number) {
  return () => (times-- > 0 ? fail() : 200);
}

async function reasonOf(fakes: Fakes, extra: object = {}): Promise<string> {
  return probe({ ...target, ...extra }, fakes.context()).then(
    () => expect.unreachable('the probe succeeded'),
    (error: Error) => error.message,
  );
}

describe('probe', () => {
  it.each([200, 201, 204, 299])('succeeds with HTTP %i', async (status) => {
    const fakes = makeFakes();
    fakes.endpoint = () => status;
    await probe(target, fakes.context());
    expect(fakes.probes).toEqual([target]);
  });

  it('sends an update without content', async () => {
    const fakes = makeFakes();
    const sent: object[] = [];
    const post = async (_target: object, update: object) => {
      sent.push(update);
      return 200;
    };
    await probe(target, { ...fakes.context(), post });
    expect(sent).toEqual([{ update_id: 0 }]);
  });

  it.each([403, 404, 401, 429, 500, 503])('retries after HTTP %i', async (status) => {
    const fakes = makeFakes();
    fakes.endpoint = failing(5, () => status);
    await probe(target, fakes.context());
    expect(fakes.probes).toHaveLength(6);
  });

  it.each(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ECONNRESET', 'CERT_NOT_YET_VALID'])(
    'retries after %s',
    async (code) => {
      const fakes = makeFakes();
      fakes.endpoint = failing(5, () => {
        throw failure(code);
      });
      await probe(target, fakes.context());
      expect(fakes.probes).toHaveLength(6);
    },
  );

  it('retries for three minutes until the host name resolves', async () => {
    const fakes = makeFakes();
    const ready = fakes.clock.now() + 180_000;
    fakes.endpoint = () => {
      if (fakes.clock.now() < ready) throw failure('ENOTFOUND');
      return 200;
    };
    await probe(target, fakes.context());
  });
});

describe('probe when the endpoint keeps failing', () => {
  it.each<[number, string]>([
    [500, 'the receiver crashes on load, times out, or may not be invoked. Run `npm start`'],
    [503, 'the receiver crashes on load, times out, or may not be invoked. Run `npm start`'],
    [401, 'the receiver expects the webhook secret of another token'],
    [403, 'the gateway or a firewall in front of it refused'],
    [404, 'the gateway has no such route'],
    [429, 'the gateway throttles. Raise `throttle`'],
    [418, 'a proxy or firewall in front of the receiver refused it'],
  ])('stops within a minute on HTTP %i, and says why', async (status, meaning) => {
    const fakes = makeFakes();
    fakes.endpoint = () => status;
    const reason = await reasonOf(fakes);
    expect(reason).toContain(
      `The endpoint bot.example answered the probe with ${status}: ${meaning}`,
    );
    expect(reason).toContain('The webhook was left unchanged');
    const limitMs = status >= 500 ? 20_000 : 60_000;
    expect(fakes.clock.slept).toBeGreaterThan(limitMs / 2);
    expect(fakes.clock.slept).toBeLessThanOrEqual(limitMs);
  });

  it.each([301, 302, 307, 308])('stops immediately on a redirect with HTTP %i', async (status) => {
    const fakes = makeFakes();
    fakes.endpoint = () => status;
    expect(await reasonOf(fakes)).toContain('Telegram does not follow redirects');
    expect(fakes.probes).toHaveLength(1);
  });

  it('stops within four minutes on a name that never resolves', async () => {
    const fakes = makeFakes();
    fakes.endpoint = () => {
      throw failure('ENOTFOUND');
    };
    expect(await reasonOf(fakes)).toContain(
      "The endpoint's host bot.example has no IPv4 address in DNS (ENOTFOUND)",
    );
    expect(fakes.clock.slept).toBeGreaterThan(180_000);
    expect(fakes.clock.slept).toBeLessThanOrEqual(240_000);
  });

  it('stops within a minute on a connection that always fails', async () => {
    const fakes = makeFakes();
    fakes.endpoint = () => {
      throw failure('ECONNREFUSED');
    };
    expect(await reasonOf(fakes)).toContain(
      'The endpoint bot.example could not be reached over HTTPS (ECONNREFUSED): ' +
        'make sure that it is up and has a certificate for its name; then deploy again.',
    );
    expect(fakes.clock.slept).toBeLessThanOrEqual(60_000);
  });

  it('stops at the deadline if that comes first', async () => {
    const fakes = makeFakes();
    fakes.endpoint = () => {
      throw failure('ENOTFOUND');
    };
    await expect(
      probe(target, { ...fakes.context(), deadline: fakes.clock.now() + 20_000 }),
    ).rejects.toThrow('ENOTFOUND');
    expect(fakes.clock.slept).toBeLessThanOrEqual(20_000);
  });

  it('mentions the fixed address and the certificate when they are set', async () => {
    const fakes = makeFakes();
    fakes.endpoint = () => {
      throw failure('DEPTH_ZERO_SELF_SIGNED_CERT');
    };
    const reason = await reasonOf(fakes, { ipAddress: '8.8.8.8', certificate: Buffer.from('pem') });
    expect(reason).toContain('The endpoint bot.example at 8.8.8.8');
    expect(reason).toContain('that `certificate` is its certificate');
    expect(reason).toContain('that the host at `ipAddress` accepts connections from AWS');
  });

  it.each([404, 'ENOTFOUND', 'ECONNREFUSED'])(
    'says where the proxy must forward to on %s',
    async (fault) => {
      const fakes = makeFakes();
      fakes.endpoint = () => {
        if (typeof fault === 'number') return fault;
        throw failure(fault);
      };
      const behind = 'https://api.example/bots';
      expect(await reasonOf(fakes, { behind })).toContain(
        ' Your proxy must forward to https://api.example/bots/<secret path>. The webhook was left',
      );
    },
  );

  it('reports a timeout in plain words', async () => {
    const fakes = makeFakes();
    fakes.endpoint = () => {
      throw Object.assign(new Error('aborted'), { name: 'AbortError', code: 'ABORT_ERR' });
    };
    expect(await reasonOf(fakes)).toContain('(timed out)');
  });

  it.each([500, 'ENOTFOUND', 'ECONNRESET'])(
    'shows neither path nor secret on %s',
    async (fault) => {
      const fakes = makeFakes();
      fakes.endpoint = () => {
        if (typeof fault === 'number') return fault;
        throw failure(fault);
      };
      expect(await reasonOf(fakes)).not.toMatch(/secret-path|webhook-secret/);
    },
  );
});
