import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { secretName } from '../fixtures.ts';
import { fakeToken, type Sandbox } from '../sandbox/index.ts';
import { kitStack } from './app.ts';
import { newTestBed, setForeignWebhook } from './test-bed.ts';

const testBed = newTestBed();

describe('a first deploy', () => {
  it('sets up a bot that answers what Telegram delivers', async () => {
    const { sandbox, bot, ask } = testBed();
    const state = await sandbox.cloudFormation.deploy(kitStack());
    expect(state).toMatchObject({
      status: 'CREATE_COMPLETE',
      outputs: { BotLink: 'https://t.me/kit_bot' },
    });
    const url = new URL(sandbox.telegram.webhook(bot.id)?.url ?? '');
    expect(url.host).toBe(state.outputs.EndpointHost);
    expect(url.pathname).toMatch(/^\/[\w-]{43}$/);
    expect((await ask('hello')).text).toBe('hello');
    expect(bot.pending.size).toBe(0);
  });

  it('probes the endpoint before it registers the webhook', async () => {
    const { sandbox, methods } = testBed();
    const state = await sandbox.cloudFormation.deploy(kitStack());
    expect(methods()).toEqual([
      'getMe',
      'getWebhookInfo',
      // Looked at again after the probe.
      'getWebhookInfo',
      'setWebhook',
      'getWebhookInfo',
    ]);
    const accessLog = sandbox.aws.logs.lines(state.outputs.AccessLogGroup);
    expect(accessLog.map((line) => JSON.parse(line).status)).toEqual(['200']);
  });

  it('sends every setting, whatever Telegram has kept from before', async () => {
    const { sandbox, bot } = testBed();
    await sandbox.cloudFormation.deploy(kitStack());
    expect(sandbox.telegram.webhook(bot.id)).toMatchObject({
      maxConnections: 40,
      allowedUpdates: undefined,
      fixedIp: undefined,
      certificate: undefined,
    });
    const set = sandbox.telegram.calls.find(({ method }) => method === 'setWebhook');
    expect([...(set?.parameters.texts.keys() ?? [])].sort()).toEqual([
      'allowed_updates',
      'drop_pending_updates',
      'max_connections',
      'secret_token',
      'url',
    ]);
  });

  it('delivers the updates that Telegram has kept until then', async () => {
    const { sandbox, bot } = testBed();
    const chat = sandbox.telegram.chat(bot.id, { id: 7, firstName: 'Early' });
    chat.send('are you there?');
    await sandbox.cloudFormation.deploy(kitStack());
    expect((await chat.nextMessage()).text).toBe('are you there?');
  });

  it('drops pending updates on request, and only then', async () => {
    const { sandbox, bot, ask } = testBed();
    sandbox.telegram.chat(bot.id, { id: 7, firstName: 'Early' }).send('are you there?');
    await sandbox.cloudFormation.deploy(kitStack({ dropPendingUpdates: true }));
    expect(bot.pending.size).toBe(0);
    expect((await ask('hello')).text).toBe('hello');
  });

  it('replaces a foreign webhook and reports its host', async () => {
    const { sandbox, bot } = testBed();
    await setForeignWebhook(testBed());
    const state = await sandbox.cloudFormation.deploy(kitStack());
    expect(sandbox.telegram.webhook(bot.id)?.url).toContain(state.outputs.EndpointHost);
    expect(state.outputs.ReplacedWebhookHost).toBe('elsewhere.execute-api.us-east-1.amazonaws.com');
  });
});

describe('every parameter of setWebhook', () => {
  it('reaches Telegram, the certificate byte for byte', async () => {
    const { sandbox, bot, ask } = testBed();
    // The network's certificate is its own authority, like one that a person makes for a proxy.
    const pem = Buffer.from(`Zürich\r\n${sandbox.network.ca}`, 'latin1');
    const certificate = join(mkdtempSync(join(tmpdir(), 'certificate-')), 'proxy.pem');
    writeFileSync(certificate, pem);
    sandbox.telegram.chat(bot.id, { id: 7, firstName: 'Early' }).send('are you there?');

    await sandbox.cloudFormation.deploy(
      kitStack({
        certificate,
        ipAddress: '149.154.167.220',
        maxConnections: 5,
        allowedUpdates: ['message', 'callback_query'],
        dropPendingUpdates: true,
      }),
    );

    expect(sandbox.telegram.webhook(bot.id)).toMatchObject({
      url: expect.stringMatching(
        /^https:\/\/\w+\.execute-api\.us-east-1\.amazonaws\.com\/[\w-]{43}$/,
      ),
      secretToken: expect.stringMatching(/^[\w-]{43}$/),
      maxConnections: 5,
      allowedUpdates: ['message', 'callback_query'],
      fixedIp: '149.154.167.220',
    });
    expect(sandbox.telegram.webhook(bot.id)?.certificate?.equals(pem)).toBe(true);
    expect(bot.pending.size).toBe(0);
    expect((await ask('through the proxy')).text).toBe('through the proxy');
  });
});

describe('a first deploy that fails', () => {
  it("leaves a foreign webhook alone with existingWebhook: 'fail'", async () => {
    const { sandbox, bot, methods } = testBed();
    const url = await setForeignWebhook(testBed());
    const state = await sandbox.cloudFormation.deploy(kitStack({ existingWebhook: 'fail' }));
    expect(state.status).toBe('ROLLBACK_COMPLETE');
    expect(failureOf(sandbox)).toContain(
      'already delivers to elsewhere.execute-api.us-east-1.amazonaws.com',
    );
    expect(sandbox.telegram.webhook(bot.id)?.url).toBe(url);
    expect(methods().filter((method) => method === 'setWebhook')).toHaveLength(1);
  });

  it('reports a wrong token immediately, before anything is built', async () => {
    const { sandbox } = testBed();
    sandbox.aws.secrets.put(secretName, fakeToken(7_000_000_001, 'y'));
    const state = await sandbox.cloudFormation.deploy(kitStack());
    expect(state.status).toBe('ROLLBACK_COMPLETE');
    expect(failureOf(sandbox)).toContain(
      `getMe: Telegram refused with 401 Unauthorized. The token in secret ${secretName} is unknown or revoked`,
    );
    const created = sandbox.cloudFormation.events.filter(
      ({ status, type }) => status === 'CREATE_COMPLETE' && type.startsWith('AWS::Lambda'),
    );
    expect(created.map(({ path }) => path)).not.toContain('Kit/Bot/Endpoint/Receiver/Resource');
  });

  it('explains how to create the secret when there is none', async () => {
    const { sandbox } = testBed();
    sandbox.aws.secrets.delete(secretName);
    const state = await sandbox.cloudFormation.deploy(kitStack());
    expect(state.status).toBe('ROLLBACK_COMPLETE');
    expect(failureOf(sandbox)).toContain(
      `npm run token -- --secret ${secretName} --region us-east-1`,
    );
  });

  it('leaves the old webhook in place when the bot crashes on load', async () => {
    const { sandbox, bot } = testBed();
    const url = await setForeignWebhook(testBed());
    const state = await sandbox.cloudFormation.deploy(
      kitStack({ entry: 'test/bots/crashes-on-load.ts' }),
    );
    expect(state.status).toBe('ROLLBACK_COMPLETE');
    expect(failureOf(sandbox)).toMatch(/answered the probe with 500: the receiver crashes on load/);
    expect(sandbox.telegram.webhook(bot.id)?.url).toBe(url);
  });
});

/** Returns the reason that the terminal shows for the resource that failed first. */
function failureOf({ cloudFormation }: Sandbox): string {
  const failed = cloudFormation.events.find(
    ({ status, type }) => status.endsWith('_FAILED') && type.startsWith('Custom::'),
  );
  return failed?.reason ?? 'no custom resource has failed';
}
