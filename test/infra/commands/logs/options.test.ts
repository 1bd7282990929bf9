import { describe, expect, it } from 'vitest';
import type { DeployedBot } from '../../../../infra/commands/deployed-bots/deployed-stack.ts';
import { dayOf, layOutEvent } from '../../../../infra/commands/logs/layout-line.ts';
import { parseSince } from '../../../../infra/commands/logs/since.ts';
import { logSources } from '../../../../infra/commands/logs/sources.ts';

const now = Date.parse('2027-03-01T12:00:00Z');

describe('--since', () => {
  it.each([
    ['90s', now - 90_000],
    ['15m', now - 900_000],
    ['1h', now - 3_600_000],
    ['2d', now - 172_800_000],
    ['2027-02-28T10:00Z', Date.parse('2027-02-28T10:00Z')],
    ['2027-02-28T10:00', new Date(2027, 1, 28, 10).getTime()],
    ['2027-02-28', new Date(2027, 1, 28).getTime()],
  ])('takes %s', (text, expected) => {
    expect(parseSince(text, now)).toBe(expected);
  });

  it.each(['1', 'h', '1w', '-1h', '1.5h', 'yesterday', '2027-03-02', '2027-13-01', ''])(
    'refuses %j',
    (text) => {
      expect(() => parseSince(text, now)).toThrow(`got ${text}`);
    },
  );
});

function deployed(path: string, queued = false): DeployedBot {
  const group = (name: string) => ({ name, logGroup: `/aws/lambda/${path}-${name}` });
  return {
    path,
    webhook: {},
    alarms: [],
    stack: {
      name: 'Shop',
      arn: 'arn:aws-cn:cloudformation:cn-north-1:123456789012:stack/Shop/1',
      region: 'cn-north-1',
      status: 'CREATE_COMPLETE',
    },
    bot: group('bot'),
    ingress: queued ? group('ingress') : undefined,
    registrar: { name: 'Registrar', logGroup: 'Registrar' },
    frameworkLogGroup: 'Framework',
    accessLogGroup: `/aws/vendedlogs/${path}`,
  };
}

describe('the log groups', () => {
  it('of one bot are named by what writes them', () => {
    const sources = logSources([deployed('Shop/Sales', true)]);
    expect(sources.map(({ label }) => label)).toEqual([
      'bot',
      'ingress',
      'access',
      'registrar',
      'framework',
    ]);
    expect(sources[3]?.arn).toBe('arn:aws-cn:logs:cn-north-1:123456789012:log-group:Registrar');
  });

  it('of several bots are named by the bot, and a shared registrar is read once', () => {
    const sources = logSources([deployed('Shop/Sales'), deployed('Shop/Support')]);
    expect(sources.map(({ label }) => label)).toEqual([
      ...['Shop/Sales bot', 'Shop/Sales access', 'Shop registrar', 'Shop framework'],
      ...['Shop/Support bot', 'Shop/Support access'],
    ]);
  });
});

describe('a printed event', () => {
  const [source] = logSources([deployed('Shop/Sales')]);
  const timestamp = new Date(2027, 2, 1, 8, 5, 3, 7).getTime();
  const print = (isColoured: boolean) =>
    layOutEvent(
      { timestamp, source: source as never },
      { text: 'Oops\n    at f', level: 'error' },
      { isColoured, labelWidth: 6 },
    );

  it('begins with its local time and its writer, and indents what follows', () => {
    expect(print(false)).toBe('08:05:03.007 bot    Oops\n      at f');
    expect(dayOf(timestamp)).toBe('2027-03-01');
  });

  it('is coloured on request', () => {
    expect(print(true)).toContain('\u001b[31mOops');
  });
});
