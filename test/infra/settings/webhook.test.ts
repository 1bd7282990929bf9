import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Lazy } from 'aws-cdk-lib';
import { afterAll, describe, expect, it } from 'vitest';
import { toWebhookProperties, type WebhookSettings } from '../../../infra/settings/webhook.ts';
import { makeCertificate } from '../../sandbox/index.ts';

const directory = mkdtempSync(join(tmpdir(), 'certificate-'));
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

const pem = (await makeCertificate(['bot.example.org'])).certificate;
const damaged = pem.replace('MII', 'XXX');

describe('settings that Telegram would refuse or ignore', () => {
  it.each<[WebhookSettings, string]>([
    [{ maxConnections: 0 }, 'maxConnections must be 1 to 100, got 0'],
    [{ maxConnections: 101 }, 'maxConnections must be 1 to 100, got 101'],
    [{ maxConnections: 1.5 }, 'maxConnections must be 1 to 100, got 1.5'],
    [{ maxConnections: Number.NaN }, 'maxConnections must be 1 to 100, got NaN'],
    [{ allowedUpdates: ['mesage' as 'message'] }, 'allowedUpdates must be one of message, edited_'],
    [{ ipAddress: '::1' }, 'ipAddress must be a public IPv4 address, got ::1'],
    [{ ipAddress: '192.168.1.1' }, 'ipAddress must be a public IPv4 address, got 192.168.1.1'],
    [{ ipAddress: '127.0.0.1' }, 'got 127.0.0.1'],
    [{ ipAddress: '300.1.1.1' }, 'got 300.1.1.1'],
    [
      { existingWebhook: 'keep' as 'fail' },
      'existingWebhook must be one of replace, fail; got keep',
    ],
    [
      { dropPendingUpdates: 'yes' as unknown as boolean },
      'dropPendingUpdates must be one of true, false',
    ],
    [{ certificate: join(directory, 'absent.pem') }, 'cannot be read'],
    [{ certificate: file('bot.der', Buffer.from([0x30, 0x82])) }, 'is not PEM'],
    [{ certificate: file('empty.pem', '') }, 'is not PEM'],
    [{ certificate: file('damaged.pem', damaged) }, 'is damaged'],
    [
      { certificate: file('key.pem', `${pem}-----BEGIN PRIVATE KEY-----`) },
      'contains a private key',
    ],
    [
      { certificate: file('big.pem', pem.padEnd(70_000)) },
      'must be at most 65536 bytes, got 70000',
    ],
  ])('refuses %j', (settings, message) => {
    expect(() => toWebhookProperties(settings)).toThrow(message);
  });
});

describe('valid settings', () => {
  it.each<[WebhookSettings, object]>([
    [{ maxConnections: 1 }, { MaxConnections: '1' }],
    [{ maxConnections: 100 }, { MaxConnections: '100' }],
    [{ ipAddress: '149.154.167.220' }, { IpAddress: '149.154.167.220' }],
    [{ allowedUpdates: ['subscription'] }, { AllowedUpdates: ['subscription'] }],
  ])('turns %j into properties', (settings, properties) => {
    expect(toWebhookProperties(settings)).toMatchObject(properties);
  });

  it('accepts a value that is known only at deploy time', () => {
    const maxConnections = Lazy.number({ produce: () => 500 });
    expect(() => toWebhookProperties({ maxConnections })).not.toThrow();
  });

  it('keeps a certificate byte for byte', () => {
    const bytes = Buffer.concat([Buffer.from('# Zürich\r\n', 'latin1'), Buffer.from(pem)]);
    const { Certificate } = toWebhookProperties({ certificate: file('bot.pem', bytes) });
    expect(Buffer.from(Certificate ?? '', 'base64').equals(bytes)).toBe(true);
  });
});
