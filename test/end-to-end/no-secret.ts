import { expect } from 'vitest';
import type { Sandbox } from '../sandbox/index.ts';

/**
 * Searches everything that functions logged and CloudFormation reported, including what Telegram's
 * answers left in either, for tokens, webhook secrets and secret paths: in the clear, URL-encoded and in
 * base64. Fails when it finds any.
 */
export function expectNoSecret(sandbox: Sandbox): void {
  const texts = [
    ...sandbox.aws.logs.lines(),
    ...sandbox.cloudFormation.events.map((event) => JSON.stringify(event)),
  ];
  // The leak itself is not printed, because that would be another leak.
  expect(leaksIn(texts, secretsOf(sandbox)), 'lines that hold a secret').toBe(0);
}

/** Returns how many of the texts hold a secret, in any of its spellings. */
export function leaksIn(texts: readonly string[], secrets: readonly string[]): number {
  const spelled = secrets.flatMap(spellings);
  return texts.filter((text) => spelled.some((secret) => text.includes(secret))).length;
}

/** Returns the part that every `fakeToken` shares, and the path and secret_token of every webhook so far. */
function secretsOf({ telegram }: Sandbox): string[] {
  const webhooks = telegram.calls.flatMap(({ method, parameters }) => {
    const url = parameters.text('url');
    if (method !== 'setWebhook') return [];
    return [parameters.text('secret_token'), url.slice(url.lastIndexOf('/') + 1)];
  });
  return ['FAKE-TOKEN-', ...webhooks].filter((secret) => secret !== '');
}

/** Returns a secret as it is, URL-encoded, and in base64 at each of the three offsets in a longer text. */
function spellings(secret: string): string[] {
  const inBase64 = ['', ' ', '  '].map((before) => {
    const encoded = Buffer.from(before + secret).toString('base64');
    return encoded.slice(before.length ? 4 : 0, -4);
  });
  return [secret, encodeURIComponent(secret), ...inBase64];
}
