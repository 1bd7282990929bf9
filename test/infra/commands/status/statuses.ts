import type { BotStatus, UnknownStatus } from '../../../../infra/commands/status/read-status.ts';

/** The time that the ages in tests are counted from. */
export const now = Date.parse('2027-03-01T12:00:00Z');

export const healthy: BotStatus = {
  health: 'healthy',
  bot: 'TelegramBot-prod/Bot',
  stack: {
    name: 'TelegramBot-prod',
    arn: 'arn:aws:cloudformation:eu-west-1:123456789012:stack/TelegramBot-prod/0a1b2c3d',
    region: 'eu-west-1',
    status: 'UPDATE_COMPLETE',
    deployedAt: '2027-03-01T09:00:00.000Z',
  },
  report: {
    condition: 'healthy',
    severity: 'ok',
    cause: '',
    fix: '',
    bot: { id: 123456, username: 'kit_bot', name: 'Kit' },
    webhook: {
      host: 'a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com',
      isOurs: true,
      pendingUpdates: 0,
      differences: [],
    },
  },
  queue: { waiting: 0, inFlight: 0, deadLetters: 0 },
  alarms: { total: 5, inAlarm: [] },
  errors: [],
};

export const unhealthy: BotStatus = {
  ...healthy,
  health: 'unhealthy',
  stack: { ...healthy.stack, status: 'UPDATE_ROLLBACK_COMPLETE', statusReason: 'A reason' },
  report: {
    condition: 'endpoint-failing',
    severity: 'error',
    cause: 'The endpoint answers Telegram with 500, because the bot throws on every update.',
    fix: 'Read the errors below, correct the bot and run npm run deploy.',
    bot: { id: 123456, username: 'kit_bot', name: 'Kit \u001b]0;title\u0007' },
    webhook: {
      host: 'a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com',
      isOurs: true,
      pendingUpdates: 12,
      lastError: {
        at: '2027-03-01T11:58:30.000Z',
        message: 'Wrong response from the webhook: 500 Internal Server Error',
      },
      differences: [{ setting: 'maxConnections', declared: '40', actual: '10' }],
    },
  },
  queue: { waiting: 3, inFlight: 1, oldestSeconds: 4000, deadLetters: 2 },
  alarms: {
    total: 5,
    inAlarm: [
      {
        name: 'TelegramBot-prod-DeadLetters',
        reason: 'Threshold Crossed: 1 datapoint [2.0] was greater than the threshold (0.0).',
        since: '2027-02-27T12:00:00.000Z',
      },
    ],
  },
  errors: [
    {
      at: '2027-03-01T11:59:59.500Z',
      message: 'TypeError: x is not a function (at functions/bot.ts:12:5)',
    },
  ],
};

export const denied: BotStatus = {
  ...healthy,
  health: 'unknown',
  report: {
    unreadable: 'Not authorized\nRun the command with --help to see the permissions that it needs.',
  },
  queue: undefined,
  alarms: { total: 0, inAlarm: [] },
  errors: { unreadable: 'Not authorized' },
};

export const notDeployed: UnknownStatus = {
  health: 'unknown',
  stack: { name: 'TelegramBot-test' },
  bots: ['TelegramBot-test/Bot'],
  unreadable:
    'Stack TelegramBot-test is not deployed in eu-west-1. Deploy it with `npm run deploy`.',
};
