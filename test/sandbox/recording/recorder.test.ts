import type { Update } from '@grammyjs/types';
import { beforeEach, expect, it } from 'vitest';
import { Signal } from '../signal.ts';
import type { Download } from '../telegram/bot-api.ts';
import { messageIn } from '../telegram/fixtures.ts';
import type { TimelineEntry, UpdateEntry, UpdateStatus } from '../timeline/entries.ts';
import { Recorder, type RecorderOptions } from './recorder.ts';
import { parseRecording } from './recording.ts';

let changed: Signal<TimelineEntry>;
let downloaded: Signal<Download>;
let text: string;
beforeEach(() => {
  changed = new Signal();
  downloaded = new Signal();
  text = '';
});

function start(write = append): Recorder {
  const bots: RecorderOptions['bots'] = () => [
    { path: 'App/Bot', id: 42, username: 'a_bot', firstName: 'A', delivery: 'direct' },
  ];
  const file = { name: 'chat.jsonl', write };
  const timeline = { changed, entries: [] };
  return new Recorder({ file, timeline, downloaded, bots, date: new Date(0) });
}

function append(line: string): void {
  text += line;
}

const entry = (id: number, status: UpdateStatus, over: Partial<UpdateEntry> = {}): UpdateEntry => ({
  ...{ kind: 'update', key: String(id), botId: 42, at: 0, origin: 'person', status },
  update: { update_id: id, ...messageIn(1, 'hello') } as Update,
  ...{ deliveries: [], invocations: [], calls: [] },
  ...over,
});

const recordedIds = () =>
  parseRecording(text, 'chat.jsonl').updates.map(({ update, failed }) =>
    failed === undefined ? update.update_id : `${update.update_id} failed`,
  );

it('writes each update once, when it is done', () => {
  const recorder = start();
  for (const status of ['waiting', 'running'] as const) changed.emit(entry(1, status));
  changed.emit(entry(2, 'handled'));
  expect(recordedIds()).toEqual([2]);
  changed.emit(entry(1, 'failing'));
  changed.emit(entry(1, 'handled'));
  changed.emit(entry(1, 'handled'));
  changed.emit(entry(3, 'dropped'));
  changed.emit(entry(4, 'dead letter'));
  expect(recordedIds()).toEqual([2, 1, '3 failed', '4 failed']);
  expect(recorder.close()).toBe('Recorded 4 updates with 0 calls in chat.jsonl');
});

it('ends with the updates that have failed, and without those in progress', () => {
  const recorder = start();
  const call = { key: 'c', at: 0, method: 'leaveChat', via: 'token', parameters: {} } as const;
  changed.emit(entry(1, 'failing', { calls: [call] }));
  changed.emit(entry(2, 'running', { deliveries: [{ at: 0, problem: 'no' }, { at: 1 }] }));
  changed.emit(entry(3, 'running', { queue: { enqueuedAt: 0, attempts: 2 } }));
  changed.emit(entry(4, 'running', { deliveries: [{ at: 0 }] }));
  changed.emit(entry(5, 'waiting'));
  expect(recorder.close()).toBe(
    'Recorded 3 updates with 1 call in chat.jsonl, without 2 updates in progress',
  );
  changed.emit(entry(4, 'handled'));
  expect(recordedIds()).toEqual(['1 failed', '2 failed', '3 failed']);
});

it('leaves out what other functions do, and updates of bots that are not deployed', () => {
  const recorder = start();
  const invocation = { requestId: 'r', function: 'Watch', at: 0, memoryMb: 1, log: [], calls: [] };
  changed.emit({ kind: 'invocation', key: 'i', botId: 42, at: 0, invocation });
  changed.emit(entry(1, 'handled', { botId: 43 }));
  expect(recorder.close()).toBe('The bot has finished no update, so there is no chat.jsonl');
  expect(text).toBe('');
});

it('does not count an update as in progress whose bot is gone', () => {
  const recorder = start();
  changed.emit(entry(1, 'running', { botId: 43 }));
  changed.emit(entry(1, 'dropped', { botId: 43 }));
  changed.emit(entry(2, 'handled'));
  expect(recorder.close()).toBe('Recorded 1 update with 0 calls in chat.jsonl');
});

it('keeps a file with the update whose bot has asked for it and downloaded it', () => {
  const asks = (path: string): Partial<UpdateEntry> => ({
    calls: [
      {
        ...{ key: 'c', at: 0, method: 'getFile', via: 'token', parameters: {} },
        answer: { ok: true, result: { file_id: 'f', file_path: path } },
      },
    ],
  });
  start();
  for (const botId of [42, 43]) {
    downloaded.emit({ botId, path: 'photos/1.jpg', content: Buffer.from(`of ${botId}`) });
  }
  changed.emit(entry(1, 'handled'));
  changed.emit(entry(2, 'handled', asks('photos/2.jpg')));
  changed.emit(entry(3, 'handled', asks('photos/1.jpg')));
  changed.emit(entry(4, 'handled', asks('photos/1.jpg')));
  expect(parseRecording(text, 'chat.jsonl').updates.map(({ files }) => files)).toEqual([
    undefined,
    undefined,
    { 'photos/1.jpg': Buffer.from('of 42').toString('base64') },
    undefined,
  ]);
});

it('does not disturb the bot when the disk is full, but fails at the end', () => {
  let lines = 0;
  const recorder = start(() => {
    if (++lines > 1) throw new Error('ENOSPC: no space left on device, write');
  });
  changed.emit(entry(1, 'handled'));
  changed.emit(entry(2, 'handled'));
  changed.emit(entry(3, 'handled'));
  expect(lines).toBe(2);
  expect(() => recorder.close()).toThrow(
    'The recording ends early, it cannot be written: ENOSPC: no space left on device, write',
  );
});
