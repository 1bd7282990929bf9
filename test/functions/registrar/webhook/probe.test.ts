import { describe, expect, it } from 'vitest';
import { probe } from '../../../../functions/registrar/webhook/probe.ts';
import { type Fakes, makeFakes } from '../fakes.ts';

const destination = { url: new URL('https://bot.example/secret-path'), secret: 'webhook-secret' };

function failure(code: string): Error {
  return Object.assign(new Error(`${code} at ${destination.url}`), { code });
}

/** An endpoint that fails this many times, then answers 200. */
function heals(times: number, fail: () => number) {
  return () => (times-- > 0 ? fail() : 200);
}

async function reasonOf(fakes: Fakes, extra: object = {}): Promise<string> {
  return probe({ ...destination, ...extra }, fakes.context()).then(
    () => expect.unreachable('the probe succeeded'),
    (error: Error) => error.message,
  );
}

describe('the probe', () => {
  it.each([200, 201, 204, 299])('succeeds with HTTP %i', async (status) => {
    const fakes = makeFakes();
    fakes.endpoint = () => status;
    await probe(destination, fakes.context());
    expect(fakes.probes).toEqual([destination]);
  });

  it('sends an update that carries nothing', async () => {
    const fakes = makeFakes();
    const sent: object[] = [];
    const post = async (_destination: object, update: object) => {
      sent.push(update);
      return 200;
    };
    await probe(destination, { ...fakes.context(), post });
    expect(sent).toEqual([{ update_id: 0 }]);
  });

  it.each([403, 404, 401, 429, 500, 503])('waits for HTTP %i to pass', async (status) => {
    const fakes = makeFakes();
    fakes.endpoint = heals(5, () => status);
    await probe(destination, fakes.context());
    expect(fakes.probes).toHaveLength(6);
  });

  it.each(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ECONNRESET', 'CERT_NOT_YET_VALID'])(
    'waits for %s to pass',
    async (code) => {
      const fakes = makeFakes();
      fakes.endpoint = heals(5, () => {
        throw failure(code);
      });
      await probe(destination, fakes.context());
      expect(fakes.probes).toHaveLength(6);
    },
  );

  it('waits three minutes for a name', async () => {
    const fakes = makeFakes();
    const ready = fakes.clock.now() + 180_000;
    fakes.endpoint = () => {
      if (fakes.clock.now() < ready) throw failure('ENOTFOUND');
      return 200;
    };
    await probe(destination, fakes.context());
  });
});

describe('the probe gives up', () => {
  it.each<[number, string]>([
    [500, 'the receiver crashes on load, times out, or may not be invoked. Run `npm start`'],
    [503, 'the receiver crashes on load, times out, or may not be invoked. Run `npm start`'],
    [401, 'the receiver expects the webhook secret of another token'],
    [403, 'the gateway or a firewall in front of it refused'],
    [404, 'the gateway has no such route'],
    [429, 'the gateway throttles. Raise `throttle`'],
    [418, 'something in front of the receiver refused it'],
  ])('within a minute on HTTP %i, and says why', async (status, meaning) => {
    const fakes = makeFakes();
    fakes.endpoint = () => status;
    const reason = await reasonOf(fakes);
    expect(reason).toContain(
      `The endpoint bot.example answered the probe with ${status}: ${meaning}`,
    );
    expect(reason).toContain('The webhook was left unchanged');
    const patienceMs = status >= 500 ? 20_000 : 60_000;
    expect(fakes.clock.slept).toBeGreaterThan(patienceMs / 2);
    expect(fakes.clock.slept).toBeLessThanOrEqual(patienceMs);
  });

  it.each([301, 302, 307, 308])('at once on a redirect with HTTP %i', async (status) => {
    const fakes = makeFakes();
    fakes.endpoint = () => status;
    expect(await reasonOf(fakes)).toContain('Telegram does not follow redirects');
    expect(fakes.probes).toHaveLength(1);
  });

  it('on a name that never resolves, within four minutes', async () => {
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

  it('on a connection that never works, within a minute', async () => {
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

  it('at the deadline, if that comes first', async () => {
    const fakes = makeFakes();
    fakes.endpoint = () => {
      throw failure('ENOTFOUND');
    };
    await expect(
      probe(destination, { ...fakes.context(), deadline: fakes.clock.now() + 20_000 }),
    ).rejects.toThrow('ENOTFOUND');
    expect(fakes.clock.slept).toBeLessThanOrEqual(20_000);
  });

  it('with a hint at the fixed address and the certificate, if it has them', async () => {
    const fakes = makeFakes();
    fakes.endpoint = () => {
      throw failure('DEPTH_ZERO_SELF_SIGNED_CERT');
    };
    const reason = await reasonOf(fakes, { ipAddress: '8.8.8.8', certificate: Buffer.from('pem') });
    expect(reason).toContain('The endpoint bot.example at 8.8.8.8');
    expect(reason).toContain('that `certificate` is its certificate');
    expect(reason).toContain('that the host at `ipAddress` accepts connections from AWS');
  });

  it('on a time-out, and calls it one', async () => {
    const fakes = makeFakes();
    fakes.endpoint = () => {
      throw Object.assign(new Error('aborted'), { name: 'AbortError', code: 'ABORT_ERR' });
    };
    expect(await reasonOf(fakes)).toContain('(timed out)');
  });

  it.each([500, 'ENOTFOUND', 'ECONNRESET'])(
    'on %s without showing path or secret',
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
