import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Delivery } from '../../infra/settings/delivery.ts';
import { Endpoint } from '../../infra/settings/endpoint.ts';
import { TelegramBotStack, type TelegramBotStackProps } from '../../infra/telegram-bot-stack.ts';
import { secretName } from '../fixtures.ts';
import { isRegistrar, makeCertificate, Sandbox } from '../sandbox/index.ts';
import { synthesized } from './app.ts';
import { expectNoSecret } from './no-secret.ts';
import { type Actor, addBot } from './test-bed.ts';

const name = 'bot.example.com';
const standsIn = (origin: string) =>
  `${origin}: the sandbox stands in for your proxy, with --online too`;

let sandbox: Sandbox;
let kit: Actor;
let directory: string;
let certificate: string;
const notes: string[] = [];

beforeAll(async () => {
  const onNote = (text: string) => notes.push(text);
  sandbox = await Sandbox.start({ mode: 'lenient', speed: 10, skipsWaits: isRegistrar, onNote });
  kit = addBot(sandbox, { username: 'kit_bot', secret: secretName });
  directory = mkdtempSync(join(tmpdir(), 'proxy-'));
  certificate = join(directory, 'proxy.pem');
  writeFileSync(certificate, (await makeCertificate([name])).certificate);
});

afterEach(() => notes.splice(0));

afterAll(async () => {
  try {
    expectNoSecret(sandbox);
  } finally {
    await sandbox.close();
    rmSync(directory, { recursive: true });
  }
});

let asked = 0;

/**
 * Waits for the answer to a new message, past repeated ones: Telegram delivers an update again if the webhook moves
 * before its response has arrived.
 */
async function expectAnswer(): Promise<void> {
  const chat = sandbox.telegram.chat(kit.bot.id, { id: 7, firstName: 'Ada' });
  const text = `message ${++asked}`;
  chat.send(text);
  while ((await chat.nextMessage()).text !== text);
}

/** Deploys the bot, and makes sure that it answers. @returns the base of its webhook's URL */
async function deploy(bot: TelegramBotStackProps['bot']): Promise<string> {
  const props = {
    botTokenSecret: secretName,
    bot: { entry: 'test/bots/echo.ts', ...bot },
  };
  const artifacts = synthesized((app) => void new TelegramBotStack(app, 'Kit', props), 'lenient');
  for (const artifact of artifacts) {
    const { status, reason } = await sandbox.cloudFormation.deploy(artifact);
    expect([status, reason]).toEqual([
      expect.stringMatching(/^(CREATE|UPDATE)_COMPLETE$/),
      undefined,
    ]);
  }
  await expectAnswer();
  return String(sandbox.telegram.webhook(kit.bot.id)?.url).replace(/\/[\w-]{43}$/, '');
}

describe('a bot behind a proxy of the user, in lenient mode', () => {
  it('is reached through a stand-in, with a base path and a port', async () => {
    const origin = `https://${name}:8443/telegram`;
    expect(await deploy({ endpoint: Endpoint.of({ origin }) })).toBe(origin);
    expect(notes).toEqual([standsIn(`https://${name}:8443`)]);
  });

  it('refuses at the stand-in what the endpoint behind it refuses', async () => {
    const url = new URL(String(sandbox.telegram.webhook(kit.bot.id)?.url));
    const at = async (path: string, method = 'POST') =>
      (await sandbox.network.request(new URL(path, url), { method, body: '{}' })).status;
    expect(await at(url.pathname)).toBe(401);
    expect(await at(url.pathname, 'GET')).toBe(404);
    expect(await at(`/telegram/${'A'.repeat(43)}`)).toBe(404);
    expect(await at(`/${url.pathname.split('/').at(-1)}`)).toBe(404);
  });

  it('keeps its certificate for the real proxy, also when the watch repairs the webhook', async () => {
    const endpoint = Endpoint.of({ origin: `https://${name}`, behind: Endpoint.functionUrl() });
    const delivery = Delivery.queued();
    expect(await deploy({ endpoint, delivery, certificate })).toBe(`https://${name}`);
    expect(notes).toEqual([
      standsIn(`https://${name}`),
      `https://${name}: the stand-in has a certificate of the sandbox's, not yours`,
    ]);
    sandbox.telegram.eraseWebhook(kit.bot.id);
    await sandbox.aws.scheduler.fireAhead(1_200_000);
    expect(sandbox.telegram.webhook(kit.bot.id)?.certificate).toBeDefined();
    await expectAnswer();
  });

  it('moves away from the proxy, and the stand-in ends', async () => {
    expect(await deploy({})).toContain('.execute-api.');
    expect(sandbox.network.knows(name)).toBe(false);
  });

  it('moves there again, and a destroy leaves nothing', async () => {
    await deploy({ endpoint: Endpoint.of({ origin: `https://${name}` }) });
    expect(sandbox.network.knows(name)).toBe(true);
    expect((await sandbox.cloudFormation.destroy('Kit')).status).toBe('DELETE_COMPLETE');
    expect(sandbox.network.knows(name)).toBe(false);
    expect(sandbox.telegram.webhook(kit.bot.id)).toBeUndefined();
  });
});
