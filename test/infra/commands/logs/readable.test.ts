import { describe, expect, it } from 'vitest';
import { readEvent } from '../../../../infra/commands/logs/readable.ts';

const lambda = (message: unknown, level = 'ERROR', root = {}) =>
  JSON.stringify({ timestamp: '2027-03-01T12:00:00Z', level, requestId: 'r', message, ...root });

const error = {
  errorType: 'TypeError',
  errorMessage: 'x is not a function',
  stackTrace: [
    'TypeError: x is not a function',
    '    at onUpdate (functions/bot.ts:12:9)',
    '    at receiveOne (functions/receiver/receive.ts:1:1)',
    '    at Array.map (<anonymous>)',
    '    at process (node:internal/process:1:1)',
    '    at handle (file:///var/runtime/index.mjs:1:1)',
  ],
};

const report = {
  event: 'watch.report',
  bot: { id: 42, username: 'kit_bot', name: 'Kit' },
  condition: 'healthy',
  severity: 'ok',
  cause: '',
  fix: '',
};

describe('a line of a Lambda', () => {
  it.each<[string, string, string, string]>([
    ['text', lambda('hello', 'INFO'), 'info', 'hello'],
    ['a warning', lambda('careful', 'WARN'), 'warn', 'careful'],
    ['an object', lambda({ a: 1, b: 'two words' }, 'INFO'), 'info', 'a=1 b="two words"'],
    [
      'an error with its source lines',
      lambda({ event: 'update.failed', updateId: 7, ...error, cause: 'Error: why' }),
      'error',
      'update.failed updateId=7\n  TypeError: x is not a function\n' +
        '      at onUpdate (functions/bot.ts:12:9)\n    cause: Error: why',
    ],
    [
      'an error alone',
      lambda(error),
      'error',
      'TypeError: x is not a function\n    at onUpdate (functions/bot.ts:12:9)',
    ],
    [
      'an error beside a text',
      lambda('It failed', 'ERROR', error),
      'error',
      'It failed\n  TypeError: x is not a function\n      at onUpdate (functions/bot.ts:12:9)',
    ],
    [
      'a text that contains its error',
      lambda('It failed: TypeError: x is not a function', 'ERROR', error),
      'error',
      'It failed: TypeError: x is not a function',
    ],
    [
      'a report of the watch',
      lambda({
        ...report,
        severity: 'error',
        condition: 'missing',
        cause: 'Gone.',
        fix: 'Deploy.',
      }),
      'error',
      'watch.report @kit_bot missing Gone. Deploy.',
    ],
    [
      'a repair of the watch',
      lambda({ ...report, bot: 'Shop/Bot', repair: 'done' }, 'INFO'),
      'info',
      'watch.report Shop/Bot healthy (repair done)',
    ],
    [
      'a timeout',
      lambda('Task timed out after 3.00 seconds', 'INFO'),
      'error',
      'Task timed out after 3.00 seconds',
    ],
    [
      'an invocation that failed',
      '{"time":"t","type":"platform.report","record":{"status":"timeout","metrics":{"durationMs":3000.4,"maxMemoryUsedMB":90,"memorySizeMB":256}}}',
      'error',
      'Lambda report timeout 3000 ms 90 of 256 MB',
    ],
    ['text format', '2027-03-01T12:00:00.000Z\tr-1\tERROR\tboom', 'error', 'boom'],
    ['JSON of its own', '{"a":1}', 'info', 'a=1'],
    ['broken JSON', '{"a":', 'info', '{"a":'],
    ['line breaks as Lambda writes them', 'one\rtwo\n', 'info', 'one\ntwo'],
  ])('is readable: %s', (_what, message, level, text) => {
    expect(readEvent(message)).toEqual({ text, level, isRoutine: false });
  });

  it('keeps all frames of an error in the receiver itself', () => {
    const stackTrace = ['Error: x', '    at receive (functions/receiver/receive.ts:1:1)'];
    const { text } = readEvent(lambda({ errorType: 'Error', errorMessage: 'x', stackTrace }));
    expect(text).toBe('Error: x\n    at receive (functions/receiver/receive.ts:1:1)');
  });

  it('shows no control characters', () => {
    const { text } = readEvent(lambda('a\u001b]0;title\u0007b\u009bc\u202ed', 'INFO'));
    expect(text).toBe('a ]0;title b c d');
  });

  it.each([
    '{"time":"t","type":"platform.start","record":{"requestId":"r"}}',
    '{"time":"t","type":"platform.report","record":{"status":"success","metrics":{"durationMs":1}}}',
    lambda(report, 'INFO'),
    '{"_aws":{"Timestamp":1},"WebhookUnhealthy":0}',
    'REPORT RequestId: r Duration: 1 ms',
    '2027-03-01T12:00:00.000Z\tr-1\tINFO\t[provider-framework] onEvent',
  ])('is routine: %s', (message) => {
    expect(readEvent(message).isRoutine).toBe(true);
  });

  it('is no routine when the provider framework fails', () => {
    const message = '2027-03-01T12:00:00.000Z\tr-1\tERROR\t[provider-framework] boom';
    expect(readEvent(message)).toMatchObject({ isRoutine: false, level: 'error' });
  });
});

describe('a line of the access log', () => {
  const access = (status: string, integrationError = '-') =>
    JSON.stringify({
      method: 'POST',
      status,
      responseLatency: '12',
      sourceIp: '192.0.2.1',
      integrationError,
    });

  it.each([
    ['200', '-', 'info', 'POST 200 in 12 ms from 192.0.2.1'],
    ['401', '-', 'warn', 'POST 401 in 12 ms from 192.0.2.1'],
    ['503', 'throttled', 'error', 'POST 503 in 12 ms from 192.0.2.1: throttled'],
  ])('with status %s (%s) is a(n) %s', (status, integrationError, level, text) => {
    expect(readEvent(access(status, integrationError))).toEqual({ text, level, isRoutine: false });
  });
});
