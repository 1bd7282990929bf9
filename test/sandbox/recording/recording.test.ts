import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Update } from '@grammyjs/types';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { messageIn } from '../telegram/fixtures.ts';
import {
  headerLine,
  parseRecording,
  type RecordingBot,
  RecordingError,
  type RecordingUpdate,
  readRecording,
  updateLine,
} from './recording.ts';
import { RecordingFile } from './recording-file.ts';

const bot: RecordingBot = {
  ...{ path: 'App/Bot', id: 42, username: 'shop_bot', firstName: 'Shop' },
  delivery: 'direct',
};
const update = { update_id: 7, ...messageIn(1, 'hello') } as Update;
const record: RecordingUpdate = {
  ...{ bot: 'App/Bot', update, failed: 'Error: no', attempts: 2 },
  calls: [{ method: 'sendMessage', via: 'token', parameters: { chat_id: 1, text: 'hello' } }],
};
const header = headerLine([bot], new Date(0));

describe('a recording', () => {
  it('is read as it was written', () => {
    const files = { 'photos/file_0.jpg': 'aGVsbG8=' };
    const other = { ...record, update: { ...update, update_id: 8 }, calls: [], files };
    const text = header + updateLine(record) + updateLine(other);
    expect(parseRecording(text, 'chat.jsonl')).toEqual({
      bots: [bot],
      updates: [record, other],
    });
  });

  it.each([
    ['', 'chat.jsonl:1: this is no recording of npm start'],
    ['{\n  "name": "package"\n}\n', 'chat.jsonl:1: this is no recording of npm start'],
    ['{"name":"package"}\n', 'chat.jsonl:1: this is no recording of npm start'],
    ['[]\n', 'chat.jsonl:1: this is no recording of npm start'],
    [`${header}1\n`, 'chat.jsonl:2: a line must be an object'],
    ['{"recording":2,"bots":[]}\n', 'the recording has version 2, and this kit reads 1'],
    ['{"recording":1}\n', 'chat.jsonl:1: the header must have a list of bots'],
    ['{"recording":1,"bots":[null]}\n', 'chat.jsonl:1: the header must have a list of bots'],
    [
      '{"recording":1,"bots":[{"path":"App/Bot"}]}\n',
      'with their path, id, username and firstName',
    ],
    [header, 'chat.jsonl has no updates. Record it again'],
    [`${header}${updateLine(record)}{"bot":\n`, 'chat.jsonl:3: the line is not JSON'],
    [`${header}\n${updateLine(record)}`, 'chat.jsonl:2: the line is not JSON'],
    [`${header}{"update":{"update_id":1}}\n`, 'chat.jsonl:2: a line must have the path of the'],
    [`${header}{"bot":"App/Bot"}\n`, 'chat.jsonl:2: a line must have an update'],
    [`${header}{"bot":"App/Bot","update":{"update_id":1},"calls":[]}\n`, 'exactly one of Telegram'],
    [
      `${header}{"bot":"App/Bot","update":{"update_id":1,"message":{}},"calls":[]}\n`,
      'chat.jsonl:2: the message lacks the chat or the user',
    ],
    [header + updateLine(record).repeat(2), 'chat.jsonl:3: update 7 of App/Bot is already above'],
    [header + updateLine({ ...record, files: { a: 1 as never } }), 'their contents in base64'],
    [header + updateLine({ ...record, calls: undefined as never }), 'must have a list of calls'],
    [header + updateLine({ ...record, calls: [{ method: 'getMe' } as never] }), 'list of calls'],
  ])('is not %j', (text, message) => {
    const parse = () => parseRecording(text, 'chat.jsonl');
    expect(parse).toThrow(RecordingError);
    expect(parse).toThrow(message);
  });

  it('must exist', () => {
    const read = () => readRecording('no-such-folder/chat.jsonl');
    expect(read).toThrow(RecordingError);
    expect(read).toThrow('The recording cannot be read: ENOENT');
  });
});

describe('the file of a recording', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'recording-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('is readable only for its owner', () => {
    const name = join(directory, 'chat.jsonl');
    const file = new RecordingFile(name);
    file.write('one\n');
    file.close();
    expect(readFileSync(name, 'utf8')).toBe('one\n');
    if (process.platform !== 'win32') expect(statSync(name).mode & 0o777).toBe(0o600);
  });

  it('does not replace another file', () => {
    const name = join(directory, 'chat.jsonl');
    new RecordingFile(name).write('one\n');
    expect(() => new RecordingFile(name)).toThrow(
      `${name} exists. Record to another file, or move it away first.`,
    );
    expect(readFileSync(name, 'utf8')).toBe('one\n');
  });

  it('must be one that can be written', () => {
    const name = join(directory, 'no-such-folder/chat.jsonl');
    expect(() => new RecordingFile(name)).toThrow('The recording cannot be written: ENOENT');
  });

  it('does not stay behind empty', () => {
    const name = join(directory, 'chat.jsonl');
    new RecordingFile(name).close();
    expect(existsSync(name)).toBe(false);
  });
});
