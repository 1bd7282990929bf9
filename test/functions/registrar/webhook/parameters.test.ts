import { beforeAll, describe, expect, it } from 'vitest';
import type { WebhookProperties } from '../../../../functions/contract.ts';
import { parseWebhookProperties } from '../../../../functions/registrar/webhook/parameters.ts';
import { makeCertificate } from '../../../sandbox/index.ts';
import { createEvent, properties, stackId } from '../fakes.ts';

const parse = (changes: Partial<WebhookProperties>) =>
  parseWebhookProperties(createEvent('Custom::TelegramWebhook', { ...properties, ...changes }));

const base64 = (text: string | Uint8Array) => Buffer.from(text as string).toString('base64');

describe('parseWebhookProperties', () => {
  it('returns every property in the type that setWebhook takes', () => {
    expect(
      parse({
        AllowedUpdates: ['message', 'poll'],
        MaxConnections: '7',
        IpAddress: '93.184.216.34',
        DropPendingUpdates: 'true',
        ExistingWebhook: 'fail',
      }),
    ).toEqual({
      tokenSecret: 'telegram/dev/bot-token',
      apiRoot: 'https://api.telegram.org',
      environment: 'prod',
      registration: { stackId, address: properties.Address },
      endpoint: 'https://abc123.execute-api.us-east-1.amazonaws.com',
      allowedUpdates: ['message', 'poll'],
      maxConnections: 7,
      ipAddress: '93.184.216.34',
      certificate: undefined,
      dropPendingUpdates: true,
      existingWebhook: 'fail',
    });
  });

  it.each(['1', '40', '100'])('accepts %s as maxConnections', (value) => {
    expect(parse({ MaxConnections: value }).maxConnections).toBe(Number(value));
  });

  it.each(['0', '101', '-1', '1.5', '1e1', '', ' 5', 'forty'])(
    'rejects "%s" as maxConnections',
    (value) => {
      expect(() => parse({ MaxConnections: value })).toThrow(
        `maxConnections must be a whole number from 1 to 100; got ${value}. Correct it and deploy again.`,
      );
    },
  );

  it.each(['8.8.8.8', '93.184.216.34', '192.1.0.1', '223.255.255.255'])(
    'accepts %s as ipAddress',
    (value) => {
      expect(parse({ IpAddress: value }).ipAddress).toBe(value);
    },
  );

  it.each([
    ...['0.1.2.3', '10.0.0.1', '100.64.0.1', '127.0.0.1', '169.254.169.254', '172.31.255.255'],
    ...['192.0.0.1', '192.0.2.1', '192.88.99.1', '192.168.1.1', '198.19.0.1', '198.51.100.7'],
    ...['203.0.113.5', '224.0.0.1', '240.0.0.1', '255.255.255.255', '::1', '2001:4860:4860::8888'],
    ...['bot.example', '8.8.8', ''],
  ])('rejects "%s" as ipAddress', (value) => {
    expect(() => parse({ IpAddress: value })).toThrow(
      `ipAddress must be a public IPv4 address, or omitted so that Telegram uses DNS; got ${value}.`,
    );
  });

  it.each([
    ['https://bot.example', 'https://bot.example'],
    ['https://bot.example:443', 'https://bot.example'],
    ['https://bot.example:80', 'https://bot.example:80'],
    ['https://bot.example:88', 'https://bot.example:88'],
    ['https://bot.example:8443', 'https://bot.example:8443'],
    ['https://BOT.example/', 'https://bot.example'],
    ['https://bot.example/bots/sales/', 'https://bot.example/bots/sales'],
    ['https://bot.example:8443/Bots', 'https://bot.example:8443/Bots'],
    ['https://8.8.8.8', 'https://8.8.8.8'],
  ])('accepts %s as endpoint', (value, endpoint) => {
    expect(parse({ Endpoint: value }).endpoint).toBe(endpoint);
  });

  it.each([
    'http://bot.example',
    'https://bot.example:444',
    'https://bot.example/path?query',
    'https://bot.example/?query',
    'https://bot.example/#fragment',
    'https://user:password@bot.example',
    'https://127.0.0.1',
    'https://[::1]',
    'https://[2001:4860:4860::8888]',
    'bot.example',
    '',
  ])('rejects "%s" as endpoint', (value) => {
    expect(() => parse({ Endpoint: value })).toThrow(
      `; got ${value}. Correct it and deploy again.`,
    );
  });

  it('rejects dropPendingUpdates unless it is true or false', () => {
    expect(() => parse({ DropPendingUpdates: 'yes' as 'true' })).toThrow(
      'dropPendingUpdates must be true or false; got yes.',
    );
  });

  it('rejects existingWebhook unless it is replace or fail', () => {
    expect(() => parse({ ExistingWebhook: 'keep' as 'fail' })).toThrow(
      'existingWebhook must be replace or fail; got keep.',
    );
  });
});

describe('parseWebhookProperties with a certificate', () => {
  let pem: { key: string; certificate: string };

  beforeAll(async () => {
    pem = await makeCertificate(['bot.example']);
  });

  it('keeps the bytes of the certificate', () => {
    const file = `Bag Attributes: caf\u00e9\r\n${pem.certificate}`;
    expect(parse({ Certificate: base64(file) }).certificate).toEqual(Buffer.from(file));
  });

  it.each<[string, () => string | Uint8Array, string]>([
    ['is empty', () => '', 'is empty'],
    ['is over 3 MiB', () => pem.certificate.padEnd(3 * 1024 * 1024 + 1), 'has 3145729 bytes'],
    ['contains a private key', () => pem.certificate + pem.key, 'contains a private key'],
    ['is not PEM', () => 'certificate', 'is not a certificate in PEM format'],
    ['is DER', () => der(pem.certificate), 'is not a certificate in PEM format'],
    [
      'is damaged',
      () => pem.certificate.replace('MII', 'AAA'),
      'is not a certificate in PEM format',
    ],
  ])('rejects a file that %s', (_what, file, problem) => {
    expect(() => parse({ Certificate: base64(file()) })).toThrow(
      new RegExp(`^certificate ${problem}.*only the public certificate.*deploy again\\.$`),
    );
  });
});

function der(pem: string): Uint8Array {
  return Buffer.from(pem.replaceAll(/-----.*?-----|\s/g, ''), 'base64');
}
