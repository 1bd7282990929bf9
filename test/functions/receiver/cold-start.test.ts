import { describe, expect, it } from 'vitest';
import { coldStart, PACKAGES } from './cold-start.ts';

/** The code that gets the token and calls the Bot API. */
const CALLS = /^functions\/(aws|bot-token|http|telegram)\/|bot-api\.ts$/;
/** The code for updates from a queue. */
const QUEUE = /^functions\/receiver\/(consume|receive-batch)\.ts$/;

/** Errors are shared: the receiver classifies those that a bot throws. */
const files = (paths: readonly string[], pattern: RegExp) =>
  paths.filter((path) => pattern.test(path) && !path.endsWith('/errors.ts'));

describe('a bot that only returns calls', () => {
  const bot = coldStart('test/bots/echo.ts');

  it('parses less than 12 KiB', () => {
    expect(bot.eager).toContain('functions/receiver/receive.ts');
    expect(bot.bytes).toBeLessThan(12 * 1024);
  });

  it("loads no package, and none of Node's built-in modules", () => {
    expect(files(bot.eager, PACKAGES)).toEqual([]);
    expect(bot.builtins).toEqual([]);
  });

  it('contains no code for the token, for calls, or for a queue', () => {
    const all = [...bot.eager, ...bot.lazy];
    expect(files(all, CALLS)).toEqual([]);
    expect(files(all, QUEUE)).toEqual([]);
  });
});

describe.each([
  ['the token', 'test/bots/calls-by-fetch.ts'],
  ['the Bot API', 'test/bots/calls-the-api.ts'],
])('a bot that asks for %s', (_what, entry) => {
  it('loads the code for it at once, and no package', () => {
    const bot = coldStart(entry);
    expect(bot.eager).toEqual(
      expect.arrayContaining([
        'functions/aws/secrets-manager.ts',
        'functions/http/connections.ts',
        'functions/receiver/bot-api.ts',
        'functions/telegram/client.ts',
      ]),
    );
    expect(files(bot.eager, PACKAGES)).toEqual([]);
    expect(files([...bot.eager, ...bot.lazy], QUEUE)).toEqual([]);
  });
});

describe('a bot behind a queue', () => {
  it('contains the code for it and for calls, and no package', () => {
    const { eager, lazy } = coldStart('test/bots/echo.ts', 'queued');
    const all = [...eager, ...lazy];
    expect(files(all, QUEUE)).toHaveLength(2);
    expect(all).toContain('functions/receiver/bot-api.ts');
    expect(files(all, PACKAGES)).toEqual([]);
  });
});

describe('the ingress', () => {
  it('parses less than 20 KiB, and loads no package', () => {
    const ingress = coldStart('functions/ingress/index.ts');
    expect(ingress.eager).toContain('functions/ingress/enqueue.ts');
    expect(files(ingress.eager, PACKAGES)).toEqual([]);
    expect(ingress.bytes).toBeLessThan(20 * 1024);
    expect(ingress.lazy).toEqual([]);
  });
});
