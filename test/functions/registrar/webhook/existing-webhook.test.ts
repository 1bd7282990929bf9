import { describe, expect, it } from 'vitest';
import {
  botId,
  foreignUrl,
  makeFakes,
  properties,
  refusedWith,
  register,
  sameBot,
  unreachable,
  urlOf,
} from '../fakes.ts';

describe('registerWebhook when the bot has a webhook', () => {
  it('replaces the webhook, and reports its host', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = foreignUrl;
    await expect(register(fakes)).resolves.toMatchObject({ replacedHost: 'old.example' });
    expect(fakes.telegram.url).toBe(urlOf(fakes.token));
  });

  it("leaves the webhook unchanged with existingWebhook 'fail', and shows only its host", async () => {
    const fakes = makeFakes();
    fakes.telegram.url = foreignUrl;
    const failure = register(fakes, { ExistingWebhook: 'fail' });
    await expect(failure).rejects.toThrow(
      "Bot 7000000001 already delivers to old.example, and existingWebhook is 'fail'. Remove " +
        "that webhook, or set existingWebhook to 'replace' to take it over, and deploy again.",
    );
    expect(fakes.telegram.url).toBe(foreignUrl);
    expect(fakes.probes).toEqual([]);
  });

  it("accepts its own webhook with existingWebhook 'fail', as when a create is delivered again", async () => {
    const fakes = makeFakes();
    fakes.telegram.url = urlOf(fakes.token);
    await expect(register(fakes, { ExistingWebhook: 'fail' })).resolves.toMatchObject({
      replacedHost: '',
    });
  });

  it('treats the webhook of another deployment on the same host as foreign', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = `${properties.Endpoint}/another-path`;
    await expect(register(fakes, { ExistingWebhook: 'fail' })).rejects.toThrow(
      'already delivers to',
    );
  });

  it("replaces the webhook on an update even with existingWebhook 'fail'", async () => {
    const fakes = makeFakes();
    fakes.telegram.url = foreignUrl;
    const registered = await register(fakes, { ExistingWebhook: 'fail' }, sameBot);
    expect(registered.replacedHost).toBe('old.example');
    expect(fakes.telegram.url).toBe(urlOf(fakes.token));
  });

  it.each([
    ['with the previous token', `${properties.Endpoint}/previous-path`, sameBot],
    [
      'at the previous endpoint',
      'https://previous.example/path',
      { botId, endpoint: 'https://previous.example', isChanged: true },
    ],
    [
      'at the previous base path',
      'https://previous.example/bots/path',
      { botId, endpoint: 'https://previous.example/bots', isChanged: true },
    ],
  ])('does not report its own webhook %s as replaced', async (_what, url, previous) => {
    const fakes = makeFakes();
    fakes.telegram.url = url;
    await expect(register(fakes, {}, previous)).resolves.toMatchObject({ replacedHost: '' });
  });

  it('reports the webhook of another base path on the previous host', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = 'https://previous.example/others/path';
    const previous = { botId, endpoint: 'https://previous.example/bots', isChanged: true };
    const { replacedHost } = await register(fakes, {}, previous);
    expect(replacedHost).toBe('previous.example');
  });

  it('recognizes its own webhook by the whole host', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = `${properties.Endpoint}.evil.example/x`;
    const host = new URL(fakes.telegram.url).host;
    await expect(register(fakes, {}, sameBot)).resolves.toMatchObject({ replacedHost: host });
  });
});

describe('registerWebhook when another process sets a webhook in the meantime', () => {
  /** Makes fakes whose probe takes minutes, in which another process sets a webhook. */
  function makeContested() {
    const fakes = makeFakes();
    fakes.endpoint = () => {
      fakes.telegram.url = foreignUrl;
      return 200;
    };
    return fakes;
  }

  it("leaves that webhook unchanged with existingWebhook 'fail'", async () => {
    const fakes = makeContested();
    await expect(register(fakes, { ExistingWebhook: 'fail' })).rejects.toThrow(
      "Bot 7000000001 already delivers to old.example, and existingWebhook is 'fail'. Remove ",
    );
    expect(fakes.telegram.set).toEqual([]);
    expect(fakes.telegram.url).toBe(foreignUrl);
  });

  it("leaves it unchanged with existingWebhook 'fail' when it appears between two attempts", async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.setWebhook = () => {
      fakes.telegram.url = foreignUrl;
      return refusedWith(502, 'Bad Gateway');
    };
    await expect(register(fakes, { ExistingWebhook: 'fail' })).rejects.toThrow(
      'already delivers to old.example',
    );
    expect(fakes.telegram.url).toBe(foreignUrl);
  });

  it('reports the host that it replaced, and not the one that it saw first', async () => {
    const fakes = makeContested();
    fakes.telegram.url = 'https://first.example/x';
    await expect(register(fakes)).resolves.toMatchObject({ replacedHost: 'old.example' });
  });

  it('reports no host when the webhook that it saw first is gone', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = foreignUrl;
    fakes.endpoint = () => {
      fakes.telegram.url = '';
      return 200;
    };
    await expect(register(fakes)).resolves.toMatchObject({ replacedHost: '' });
  });

  it('reports the host that it replaced when only the response was lost', async () => {
    const fakes = makeFakes();
    fakes.telegram.url = foreignUrl;
    fakes.telegram.faults.setWebhook = ['lost'];
    await expect(register(fakes)).resolves.toMatchObject({ replacedHost: 'old.example' });
  });

  it('names no orphaned webhook when it has set none and Telegram then fails', async () => {
    const fakes = makeContested();
    let looks = 0;
    fakes.telegram.faults.getWebhookInfo = () =>
      ++looks > 2 ? unreachable('getWebhookInfo') : undefined;
    await expect(register(fakes, { ExistingWebhook: 'fail' })).rejects.toThrow(
      'already delivers to old.example',
    );
  });

  it.each(['at the same pace', 'one behind the other'])(
    "lets one of two simultaneous first deploys with existingWebhook 'fail' win: %s",
    async (pace) => {
      const fakes = makeFakes();
      const deploy = (host: string) =>
        register(fakes, {
          ExistingWebhook: 'fail',
          Endpoint: `https://${host}`,
          Address: `c8${host}`,
        });
      const first = deploy('one.example');
      let probes = 0;
      const waits = pace === 'one behind the other';
      fakes.endpoint = () => (++probes > 1 && waits ? first.then(() => 200) : 200);
      const results = await Promise.allSettled([first, deploy('two.example')]);
      const failures = results.filter((result) => result.status === 'rejected');
      expect(failures).toHaveLength(1);
      const { host } = new URL(fakes.telegram.url);
      expect(String(failures[0]?.reason)).toContain(host);
    },
  );
});
