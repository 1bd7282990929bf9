/**
 * A recording: JSON Lines with a header, then one line for each update that was done, in the order in which that happened.
 * It holds no token. Of a file it has what identifies it, and the content if the bot has downloaded it and it is small.
 */
import { readFileSync } from 'node:fs';
import type { Update } from '@grammyjs/types';
import { queueOf, typeOf } from '../telegram/update-types.ts';
import type { CallAnswer } from '../timeline/entries.ts';

/** The version of the format, which changes when an older kit could not read it. */
const VERSION = 1;

export interface Recording {
  readonly bots: readonly RecordingBot[];
  readonly updates: readonly RecordingUpdate[];
}

/** A bot as it was when the first update was done. */
export interface RecordingBot {
  /** Path of its construct in the app: `TelegramBot-dev/Bot`. */
  readonly path: string;
  readonly id: number;
  readonly username: string;
  readonly firstName: string;
  /** For readers only: a replay may use the other one. */
  readonly delivery: 'direct' | 'queued';
}

/** An update, and what the bot did at the last attempt to handle it. */
export interface RecordingUpdate {
  /** Path of the bot's construct. */
  readonly bot: string;
  readonly update: Update;
  /** Why it was not handled. */
  readonly failed?: string;
  /** How many attempts it took until it was handled. @default 1 */
  readonly attempts?: number;
  readonly calls: readonly RecordingCall[];
  /** Contents of the files that the bot has downloaded, in base64, by their `file_path`. @default - none */
  readonly files?: Readonly<Record<string, string>>;
}

export interface RecordingCall {
  readonly method: string;
  readonly via: 'token' | 'webhook reply';
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly answer?: CallAnswer;
  /** Whether it began before a call above it was answered, so that their order means nothing. */
  readonly isParallel?: true;
}

/** Thrown for a file that cannot be replayed. */
export class RecordingError extends Error {}

/** Returns the first line of a recording. */
export function headerLine(bots: readonly RecordingBot[], date: Date): string {
  return `${JSON.stringify({ recording: VERSION, date, bots })}\n`;
}

/** Returns the line of an update. */
export function updateLine(record: RecordingUpdate): string {
  return `${JSON.stringify(record)}\n`;
}

/** @throws RecordingError for a file that cannot be read, or is no recording */
export function readRecording(file: string): Recording {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new RecordingError(`The recording cannot be read: ${(error as Error).message}`);
  }
  return parseRecording(text, file);
}

/** @throws RecordingError with the name and the line of what is not a recording */
export function parseRecording(text: string, file: string): Recording {
  const [header = '', ...lines] = text.replace(/\n$/, '').split('\n');
  // Ordinary JSON goes on in the next line.
  if (!/^\s*\{.*\}\s*$/.test(header)) throw new RecordingError(`${file}:1: ${NO_RECORDING}`);
  const bots = parseLine(header, `${file}:1`, parseHeader);
  if (lines.length === 0) {
    throw new RecordingError(
      `${file} has no updates. Record it again: write to the bot while it runs.`,
    );
  }
  const known = new Set<string>();
  const updates = lines.map((line, index) =>
    parseLine(line, `${file}:${index + 2}`, (json) => parseUpdate(json, known)),
  );
  return { bots, updates };
}

const NO_RECORDING = 'this is no recording of npm start, which begins with {"recording":1,…}';

function parseLine<T>(line: string, at: string, parse: (json: Fields) => T): T {
  try {
    const json = parseJson(line);
    if (typeof json !== 'object' || json === null) throw new Error('a line must be an object');
    return parse(json as Fields);
  } catch (error) {
    throw new RecordingError(`${at}: ${(error as Error).message}`);
  }
}

type Fields = Readonly<Record<string, unknown>>;

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new Error(
      `the line is not JSON: ${(error as Error).message}. Delete the line, or record again.`,
    );
  }
}

function parseHeader({ recording, bots }: Fields): RecordingBot[] {
  if (recording === undefined) {
    throw new Error(NO_RECORDING);
  }
  if (recording !== VERSION) {
    throw new Error(`the recording has version ${recording}, and this kit reads ${VERSION}`);
  }
  const isBot = (bot: Partial<RecordingBot> | null) =>
    [bot?.path, bot?.username, bot?.firstName].every((text) => typeof text === 'string') &&
    Number.isSafeInteger(bot?.id);
  if (!Array.isArray(bots) || !bots.every(isBot)) {
    throw new Error(
      'the header must have a list of bots with their path, id, username and firstName',
    );
  }
  return bots;
}

/** @throws Error for an update without what Telegram's queues need */
function checkQueue(update: Update): void {
  const type = typeOf(update);
  try {
    queueOf(type, update);
  } catch {
    throw new Error(`the ${type} lacks the chat or the user that every ${type} of Telegram has`);
  }
}

/** @param known the updates above, and this one after it, because a bot gets each one once */
function parseUpdate(fields: Fields, known: Set<string>): RecordingUpdate {
  const { bot, update, calls, files = {} } = fields as Partial<RecordingUpdate>;
  if (typeof bot !== 'string') throw new Error("a line must have the path of the update's bot");
  if (typeof update?.update_id !== 'number') throw new Error('a line must have an update');
  checkQueue(update);
  const key = `update ${update.update_id} of ${bot}`;
  if (known.has(key)) throw new Error(`${key} is already above`);
  known.add(key);
  const isCall = ({ method, parameters }: Partial<RecordingCall>) =>
    typeof method === 'string' && typeof parameters === 'object' && parameters !== null;
  if (!Array.isArray(calls) || !calls.every(isCall)) {
    throw new Error('a line must have a list of calls with their method and parameters');
  }
  if (!Object.values(files).every((content) => typeof content === 'string')) {
    throw new Error("a line's files must have their contents in base64");
  }
  return fields as unknown as RecordingUpdate;
}
