import type { Message, Update } from '@grammyjs/types';
import { typeOf } from '../telegram/update-types.ts';
import type { CallAnswer } from '../timeline/entries.ts';
import { isSameCall } from './compare.ts';
import { Ignored } from './ignored.ts';
import type { RecordingCall, RecordingUpdate } from './recording.ts';

/** Methods whose result is `true`. */
const SUCCEED =
  /^(answer(?!WebApp)|set|delete|ban|unban|restrict|promote|approve|decline|pin|unpin|leave|close|reopen|hide|unhide|send(ChatAction|Gift|\w*Draft)$|editUserStar)/;
/** Methods whose result is a message. */
const SEND =
  /^(send(?!MediaGroup)|edit(?!ChatInviteLink|ForumTopic|GeneralForumTopic|Story)|forwardMessage$|copyMessage$)/;

/** Where the ids of made-up messages begin: no chat has as many messages. */
const FIRST_MADE_UP_ID = 2_000_000_001;

const EVERYTHING = new Ignored();

/** Answers the calls of a bot as they were answered when they were recorded. */
export class Playback {
  private record: RecordingUpdate | undefined;
  private unused: RecordingCall[] = [];
  private madeUp = 0;
  private readonly found: string[] = [];

  /** Begins an attempt to handle an update. */
  begin(record: RecordingUpdate): void {
    this.record = record;
    this.unused = [...record.calls];
    this.found.length = 0;
  }

  /** What a bot got in place of what the recording does not have, since the attempt began. */
  get notes(): readonly string[] {
    return this.found;
  }

  /**
   * Returns the recorded answer of the same call, else of the next call of its method. An answer that is not recorded is
   * made up where it tells nothing: `true`, or the message that was sent. Everything else is refused with 501.
   *
   * @returns undefined for a call that the emulated Telegram should answer: getMe, because it knows the bot
   */
  answer(call: Pick<RecordingCall, 'method' | 'parameters'>): CallAnswer | undefined {
    const { method } = call;
    if (!this.record || method === 'getMe') return undefined;
    const known = this.take((other) => isSameCall(other, { ...call, via: 'token' }, EVERYTHING));
    const { answer } = known ?? this.take((other) => other.method === method) ?? {};
    return answer ?? this.makeUp(call, this.record);
  }

  /** Returns the content of a file that the bot downloads, if the recording has it. */
  file(path: string): Buffer | undefined {
    const content = this.record?.files?.[path];
    if (content !== undefined) return Buffer.from(content, 'base64');
    this.note(`${path} is not in the recording, and was answered with 404`);
    return undefined;
  }

  private take(matches: (call: RecordingCall) => boolean): RecordingCall | undefined {
    const index = this.unused.findIndex(matches);
    return index < 0 ? undefined : this.unused.splice(index, 1)[0];
  }

  private makeUp(
    { method, parameters }: Pick<RecordingCall, 'method' | 'parameters'>,
    { update }: RecordingUpdate,
  ): CallAnswer {
    const isSent = SEND.test(method);
    if (SUCCEED.test(method) || (isSent && 'inline_message_id' in parameters)) {
      return { ok: true, result: true };
    }
    if (isSent) {
      const id = FIRST_MADE_UP_ID + this.madeUp++;
      return { ok: true, result: messageOf(id, parameters, update) };
    }
    const what = `${method} is not in the recording`;
    this.note(`${what}, and was answered with 501`);
    return { ok: false, error_code: 501, description: `Not Implemented: ${what}` };
  }

  private note(text: string): void {
    if (!this.found.includes(text)) this.found.push(text);
  }
}

/** Returns the message that a call would have sent or edited. */
function messageOf(
  madeUpId: number,
  { chat_id, message_id = madeUpId, text, caption, reply_markup }: RecordingCall['parameters'],
  update: Update,
): object {
  const { chat, date = 0 } = messageIn(update);
  return {
    ...{ message_id, date, text, caption, reply_markup },
    chat: chat?.id === chat_id ? chat : { id: chat_id, type: 'private' },
  };
}

/** Returns the message that an update is, or is about. */
function messageIn(update: Update): Partial<Message> {
  const payload = update[typeOf(update)] as Partial<Message> & { message?: Partial<Message> };
  return payload.message ?? payload;
}
