import { expect, it } from 'vitest';
import { errorIn, readableLog, readLine } from './readable-log.ts';

const failed = (fields: object = {}) =>
  JSON.stringify({
    level: 'ERROR',
    message: {
      ...{
        event: 'update.failed',
        updateId: 7,
        errorType: 'TypeError',
        errorMessage: 'fetch failed',
      },
      stackTrace: ['TypeError: fetch failed', '    at onUpdate (functions/bot.ts:4:9)'],
      cause: 'Error ENOTFOUND: getaddrinfo ENOTFOUND example.com',
      ...fields,
    },
  });

it('shows an error with its stack and its cause', () => {
  expect(readableLog(failed())).toBe(
    'TypeError: fetch failed\n    at onUpdate (functions/bot.ts:4:9)\n' +
      '  cause: Error ENOTFOUND: getaddrinfo ENOTFOUND example.com',
  );
});

it("leaves out the sandbox's own frames and folders", () => {
  const stackTrace = [
    'TypeError: fetch failed',
    '    at onUpdate (/tmp/sandbox-a1/functions/Bot-1/index.mjs:4:9)',
    '    at async file:///tmp/sandbox-a1/runtime/bootstrap.mjs:284:29',
  ];
  expect(readableLog(failed({ stackTrace, cause: undefined }))).toBe(
    'TypeError: fetch failed\n    at onUpdate (index.mjs:4:9)',
  );
});

it('knows the error of the same update again, and no other', () => {
  expect(errorIn(failed({ attempt: 2 }))).toBe(errorIn(failed({ attempt: 1 })));
  expect(errorIn(failed({ updateId: 8 }))).not.toBe(errorIn(failed()));
  expect(errorIn(failed({ cause: 'other' }))).not.toBe(errorIn(failed()));
  expect(errorIn('{"level":"INFO","message":"hello"}')).toBeUndefined();
  expect(errorIn('plain')).toBeUndefined();
});

it('knows a timeout again, although each has an id of its own', () => {
  const timeout = (id: string) => `2026-01-01 ${id} Task timed out after 25.00 seconds`;
  const [one, two] = [
    'bc236786-bf0e-4faa-9b61-6cf1342ccbc7',
    'ac236786-bf0e-4faa-9b61-6cf1342ccbc7',
  ];
  expect(errorIn(timeout(one as string))).toBe(errorIn(timeout(two as string)));
});

const logged = (level: string, message: unknown) => JSON.stringify({ level, message });

it.each([
  ['an error of the bot', failed(), true],
  ['a refused call', logged('ERROR', { event: 'call.refused', updateId: 7 }), true],
  ['a fact that the kit logs', logged('ERROR', { event: 'registrar.done' }), false],
  ['what the bot logs as an error', logged('ERROR', 'Oh no'), true],
  ['an object that the bot logs as an error', logged('ERROR', { why: 'because' }), true],
  ['what the bot logs', logged('INFO', 'errorMessage'), false],
  ['a timeout', '2026-01-01T00:00:00Z 1 Task timed out after 3.00 seconds', true],
  ['plain text', 'hello', false],
  ['null, which a library writes', 'null', false],
  ['null, which the bot logs', logged('INFO', null), false],
  ['null, which the bot logs as an error', logged('ERROR', null), true],
])('tells errors from other lines: %s', (_, line, isError) => {
  expect(readLine(line)).toMatchObject({ text: readableLog(line), isError });
});

it('tells which error a line holds, and of which update', () => {
  const error = { type: 'TypeError', message: 'fetch failed' };
  expect(readLine(failed()).error).toEqual({ ...error, updateId: 7 });
  expect(readLine(failed({ updateId: undefined })).error).toEqual(error);
  expect(readLine('hello')).not.toHaveProperty('error');
});

it('reads a long line without spaces in linear time', () => {
  const line = 'x'.repeat(1_000_000);
  expect(readableLog(line)).toBe(line);
});
