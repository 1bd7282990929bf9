import { describe, expect, it } from 'vitest';
import { ATTEMPT_MS, SECOND_LOOK_MS } from '../../../../functions/registrar/retry/time-budget.ts';
import { unhealthiness } from '../../../../functions/registrar/watch/watch.ts';
import { deriveWebhookSecrets } from '../../../../functions/registrar/webhook/derive-secrets.ts';
import { foreignUrl, properties, refusedWith, stackId, unreachable, urlOf } from '../fakes.ts';
import {
  check,
  type Deployed,
  makeDeployed,
  sendCheck,
  show,
  showError,
  watchEvent,
} from './fixtures.ts';

function withoutWebhook(): Deployed {
  const deployed = makeDeployed();
  show(deployed, { url: '' });
  return deployed;
}

describe('a check of a healthy webhook', () => {
  it('makes one call, reads the secret once, and asks nothing of CloudFormation', async () => {
    const deployed = makeDeployed();
    let reads = 0;
    deployed.secret = () => {
      reads += 1;
      return deployed.token;
    };
    deployed.status = () => expect.unreachable('the stack was described');
    await check(deployed);
    expect([reads, deployed.telegram.methods]).toEqual([1, ['getWebhookInfo']]);
  });
});

describe('a repair', () => {
  it.each<[string, (deployed: Deployed) => void]>([
    ['a webhook that is missing', (it) => show(it, { url: '' })],
    ['a webhook with other settings', (it) => show(it, { max_connections: 1 })],
    [
      'a webhook whose secret the receiver rejects',
      (it) => showError(it, 'Wrong response from the webhook: 401 Unauthorized'),
    ],
    [
      'a webhook of ours at another endpoint',
      (it) => show(it, { url: it.webhook.url.replace('abc123', 'gone99') }),
    ],
  ])('sets %s again, with every setting, and drops nothing', async (_, arrange) => {
    const deployed = makeDeployed();
    arrange(deployed);
    const report = await check(deployed);
    expect(report).toMatchObject({ severity: 'warning', repair: 'done' });
    const { secret } = deriveWebhookSecrets(deployed.token, {
      stackId,
      address: properties.Address,
    });
    expect(deployed.telegram.set).toEqual([
      {
        url: urlOf(deployed.token),
        secret_token: secret,
        max_connections: 40,
        allowed_updates: [],
        drop_pending_updates: false,
      },
    ]);
    expect(deployed.probes).toHaveLength(1);
    expect(unhealthiness(report)).toBe(0);
  });

  it('looks twice, ten seconds apart, before it calls a webhook missing', async () => {
    const deployed = withoutWebhook();
    deployed.clock.sleep = async (ms) => {
      expect(ms).toBe(SECOND_LOOK_MS);
      deployed.telegram.url = foreignUrl;
    };
    const report = await check(deployed);
    expect(report).toMatchObject({ condition: 'foreign', repair: 'not ours' });
    expect([deployed.probes, deployed.telegram.set]).toEqual([[], []]);
  });

  it('leaves a foreign webhook that was set during the probe', async () => {
    const deployed = withoutWebhook();
    deployed.endpoint = () => {
      deployed.telegram.url = foreignUrl;
      return 200;
    };
    await expect(check(deployed)).resolves.toMatchObject({ condition: 'foreign' });
    expect(deployed.telegram.url).toBe(foreignUrl);
  });

  it('leaves the webhook of a stack whose update or delete began during the probe', async () => {
    const deployed = withoutWebhook();
    deployed.endpoint = () => {
      deployed.status = () => 'DELETE_IN_PROGRESS';
      return 200;
    };
    await expect(check(deployed)).resolves.toMatchObject({ condition: 'stack-busy' });
    expect(deployed.telegram.set).toEqual([]);
  });

  it.each([
    ['CREATE_IN_PROGRESS', 'warning'],
    ['UPDATE_IN_PROGRESS', 'warning'],
    ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'warning'],
    ['UPDATE_ROLLBACK_IN_PROGRESS', 'warning'],
    ['DELETE_IN_PROGRESS', 'warning'],
    ['UPDATE_FAILED', 'error'],
    ['UPDATE_ROLLBACK_FAILED', 'error'],
    ['ROLLBACK_COMPLETE', 'warning'],
    ['DELETE_COMPLETE', 'warning'],
    ['REVIEW_IN_PROGRESS', 'warning'],
  ])('does nothing while the stack is in %s', async (status, severity) => {
    const deployed = withoutWebhook();
    deployed.status = () => status;
    const report = await check(deployed);
    expect(report).toMatchObject({
      condition: 'stack-busy',
      severity,
      cause: expect.stringContaining(status),
    });
    expect([deployed.probes, deployed.telegram.set]).toEqual([[], []]);
  });

  it.each(['CREATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'IMPORT_COMPLETE'])(
    'is made while the stack is in %s',
    async (status) => {
      const deployed = withoutWebhook();
      deployed.status = () => status;
      await expect(check(deployed)).resolves.toMatchObject({ repair: 'done' });
    },
  );

  it('is left to a later check when the stack was updated after this one was scheduled', async () => {
    const deployed = withoutWebhook();
    deployed.updatedAt = deployed.clock.now() - 5000;
    const report = await check(deployed);
    expect(report).toMatchObject({
      condition: 'stack-busy',
      cause: expect.stringContaining('just deployed'),
    });
    expect(deployed.telegram.set).toEqual([]);
  });

  it('of other settings waits for a quarter of an hour after a deploy', async () => {
    const deployed = makeDeployed();
    show(deployed, { max_connections: 1 });
    deployed.updatedAt = deployed.clock.now() - 14 * 60_000;
    await expect(check(deployed)).resolves.toMatchObject({ condition: 'stack-busy' });
    deployed.updatedAt = deployed.clock.now() - 15 * 60_000;
    await expect(check(deployed)).resolves.toMatchObject({ repair: 'done' });
  });

  it('is not attempted when the status of the stack is unknown', async () => {
    const deployed = withoutWebhook();
    deployed.status = () => {
      throw Object.assign(new Error('no'), { name: 'AccessDenied' });
    };
    const report = await check(deployed);
    expect(report).toMatchObject({
      condition: 'missing',
      repair: 'failed',
      severity: 'error',
      cause: expect.stringMatching(/: the status of the stack could not be read \(AccessDenied\)$/),
      fix: expect.stringContaining('cloudformation:DescribeStacks'),
    });
    expect(deployed.telegram.set).toEqual([]);
  });

  it('fails with the reason of the probe, and sets nothing', async () => {
    const deployed = withoutWebhook();
    deployed.endpoint = () => 404;
    const report = await check(deployed);
    expect(report).toMatchObject({
      condition: 'missing',
      repair: 'failed',
      fix: expect.stringContaining('answered the probe with 404'),
    });
    expect(deployed.telegram.set).toEqual([]);
    expect(unhealthiness(report)).toBe(1);
  });

  it('tries again after a failure, and looks again before it does', async () => {
    const deployed = withoutWebhook();
    deployed.telegram.faults.setWebhook = [
      unreachable('setWebhook'),
      refusedWith(429, 'Too Many', 1),
    ];
    await expect(check(deployed)).resolves.toMatchObject({ repair: 'done' });
    const { methods } = deployed.telegram;
    const calls = methods.flatMap((method, index) => (method === 'setWebhook' ? [index] : []));
    expect(calls).toHaveLength(3);
    for (const index of calls) expect(methods[index - 1]).toBe('getWebhookInfo');
  });

  it('counts as done when only the response was lost', async () => {
    const deployed = withoutWebhook();
    deployed.telegram.faults.setWebhook = ['lost'];
    await expect(check(deployed)).resolves.toMatchObject({ repair: 'done' });
    expect(deployed.telegram.set).toHaveLength(1);
  });

  it('fails when Telegram keeps other settings', async () => {
    const deployed = makeDeployed();
    deployed.telegram.getWebhookInfo = async () => ({ ...deployed.webhook, max_connections: 7 });
    await expect(check(deployed)).resolves.toMatchObject({
      condition: 'changed',
      repair: 'failed',
    });
  });

  it('is off when it is not wanted, and nothing is probed', async () => {
    const deployed = withoutWebhook();
    const report = await check(deployed, { Repair: 'false' });
    expect(report).toMatchObject({ condition: 'missing', repair: 'off' });
    expect([deployed.probes, deployed.telegram.set]).toEqual([[], []]);
  });

  it('is never made for npm run status, which writes nothing at all', async () => {
    const deployed = withoutWebhook();
    await check(deployed, { Purpose: 'status', ScheduledTime: undefined });
    const { probes, telegram, lines, metrics } = deployed;
    expect([probes, telegram.set, lines, metrics]).toEqual([[], [], [], []]);
  });
});

describe('an event of the schedule', () => {
  it.each([
    ['is older than a minute', -61_000],
    ['does not say when it was scheduled', Number.NaN],
  ])('is dropped when it %s', async (_, age) => {
    const deployed = withoutWebhook();
    const at = deployed.clock.now() + age;
    const ScheduledTime = Number.isNaN(at) ? undefined : new Date(at).toISOString();
    await expect(
      sendCheck(deployed, watchEvent(deployed, { ScheduledTime })),
    ).resolves.toBeUndefined();
    expect(deployed.telegram.methods).toEqual([]);
    expect(deployed.lines).toMatchObject([{ level: 'warn', facts: { event: 'watch.dropped' } }]);
  });

  it('ends in one line of the log, at a level that fits', async () => {
    const deployed = makeDeployed();
    await check(deployed);
    show(deployed, { url: foreignUrl });
    await check(deployed);
    expect(deployed.lines).toMatchObject([
      { level: 'info', facts: { event: 'watch.report', bot: 'bot-dev/Bot', condition: 'healthy' } },
      {
        level: 'error',
        facts: { event: 'watch.report', condition: 'foreign', repair: 'not ours' },
      },
    ]);
  });

  it.each<[0 | 0.5 | 1, string, (deployed: Deployed) => void]>([
    [0, 'healthy', () => {}],
    [0, 'repaired', (it) => show(it, { url: '' })],
    [0.5, 'failing', (it) => showError(it, 'Connection refused')],
    [1, 'foreign', (it) => show(it, { url: foreignUrl })],
  ])('is measured with %d when the webhook is %s', async (value, _, arrange) => {
    const deployed = makeDeployed();
    arrange(deployed);
    await check(deployed);
    expect(deployed.metrics).toHaveLength(1);
    const line = JSON.parse(deployed.metrics[0] ?? '');
    expect(line).toMatchObject({
      _aws: {
        Timestamp: deployed.clock.now(),
        CloudWatchMetrics: [
          {
            Namespace: 'TelegramWebhookKit',
            Dimensions: [['Stack', 'Bot']],
            Metrics: [{ Name: 'WebhookUnhealthy' }],
          },
        ],
      },
      Stack: 'bot-dev',
      Bot: 'bot-dev/Bot',
      WebhookUnhealthy: value,
    });
  });

  it('is not measured without alerts, because a metric has a price', async () => {
    const deployed = makeDeployed();
    await check(deployed, { Metric: 'false' });
    expect(deployed.metrics).toEqual([]);
  });
});

it('waits less between its last look and its call than others wait for it', async () => {
  const deployed = withoutWebhook();
  const { telegram, clock } = deployed;
  let lookedAt = 0;
  const look = telegram.getWebhookInfo;
  telegram.getWebhookInfo = async () => {
    lookedAt = clock.now();
    return look();
  };
  telegram.faults.setWebhook = () => {
    expect(clock.now() - lookedAt).toBeLessThan(ATTEMPT_MS / 2);
    return undefined;
  };
  await check(deployed);
  expect(telegram.set).toHaveLength(1);
});
