import type { Update } from '@grammyjs/types';
import { expect, it } from 'vitest';
import { messageIn } from '../telegram/fixtures.ts';
import { describeDifference, describeReplay } from './describe-difference.ts';
import type { RecordingCall } from './recording.ts';

const record = {
  ...{ bot: 'App/Bot', calls: [] },
  update: { update_id: 7, ...messageIn(1, '/start \u001b[31m') } as Update,
};
const call: RecordingCall = { method: 'sendMessage', via: 'token', parameters: { text: 'Hi' } };

it('shows a difference like a diff, and no control characters of a bot or a person', () => {
  const text = describeDifference({
    ...{ at: 'chat.jsonl:3', record },
    difference: {
      failsNow: 'TypeError: no',
      calls: [
        {
          ...{ kind: 'changed', method: 'sendMessage' },
          parameters: [
            { path: 'text', was: 'Hello', is: 'Hi\u001b' },
            { path: 'parse_mode', was: undefined, is: 'HTML' },
            { path: 'reply_markup', was: { force_reply: true }, is: undefined },
          ],
        },
        { kind: 'moved', call, was: 1, is: 3 },
        { kind: 'added', call },
        { kind: 'missing', call },
      ],
    },
    notes: ['getChat is not in the recording, and was answered with 501'],
  });
  expect(text.split('\n')).toEqual([
    'chat.jsonl:3 “/start ␛[31m” from Ada to App/Bot',
    '  changed sendMessage',
    '    - text: "Hello"',
    '    + text: "Hi\\u001b"',
    '    + parse_mode: "HTML"',
    '    - reply_markup: {"force_reply":true}',
    '  moved from 1 to 3: sendMessage {"text":"Hi"}',
    '  added sendMessage {"text":"Hi"}',
    '  missing sendMessage {"text":"Hi"}',
    '  fails now: TypeError: no',
    '  note: getChat is not in the recording, and was answered with 501',
  ]);
});

it('shows that an update no longer fails, also if nobody has sent it', () => {
  const poll = { poll: { id: '1' } } as Partial<Update>;
  const text = describeDifference({
    ...{ at: 'chat.jsonl:2', notes: [] },
    record: { ...record, update: { update_id: 7, ...poll } },
    difference: { failedThen: 'Error: no', calls: [] },
  });
  expect(text).toBe(
    'chat.jsonl:2 the poll 7 to App/Bot\n  no longer fails, as it did with: Error: no',
  );
});

it('counts', () => {
  expect(describeReplay(1, 0)).toBe('1 update: 1 unchanged, 0 changed');
  expect(describeReplay(12, 1)).toBe('12 updates: 11 unchanged, 1 changed');
});
