import type { Message, User } from '@grammyjs/types';
import type { Call, TimelineEntry, UpdateEntry } from '../../../timeline/entries.ts';
import { callsOf } from './calls-of.ts';
import { asCode } from './code.ts';
import { type Step, stepOf } from './steps.ts';
import { summarizeUpdate } from './summarize-update.ts';

export type TestCode =
  | { readonly ok: true; readonly code: string }
  /** A sentence that says why there is none. */
  | { readonly ok: false; readonly reason: string };

/**
 * Writes a test for `test/` that does what the person did and expects the calls that the bot made. An update that refers
 * to a message of the bot (a pressed button, a reply, a reaction) begins with the updates that led to that message.
 */
export function asTest(
  entry: UpdateEntry,
  entries: readonly TimelineEntry[],
  { isQueued }: { readonly isQueued: boolean },
): TestCode {
  const steps = stepsTo(entry, entries);
  if (typeof steps === 'string') return { ok: false, reason: steps };
  const person = personOf(entry);
  const options = {
    ...(isQueued && { delivery: 'queued' }),
    ...(person && { person: personOptions(person) }),
  };
  const lines = [
    ...steps.slice(0, -1).map(({ code }) => code),
    ...outcome(entry, steps.at(-1) as Step),
  ];
  const code = `import { expect, it } from 'vitest';
import { chatWith } from './chat/chat-with.ts';

it(${asCode(titleOf(entry))}, async () => {
  const chat = await chatWith(() => import('../functions/bot.ts'), ${asCode(options, 2)});
  try {
${lines.map((line) => line.replace(/^(?=.)/gm, '    ')).join('\n')}
  } finally {
    chat.close();
  }
});
`;
  return { ok: true, code };
}

/** Returns the steps that lead to an update, itself the last one, or the reason why there are none. */
function stepsTo(entry: UpdateEntry, entries: readonly TimelineEntry[]): Step[] | string {
  const step = stepOf(entry.update);
  if (typeof step === 'string') return step;
  if (step.needs === undefined) return [step];
  const source = sourceOf(step.needs, entry, entries);
  if (!source) return 'The update refers to a message that no update in the timeline has led to.';
  const before = stepsTo(source, entries);
  return typeof before === 'string' ? before : [...before, step];
}

/** Finds the update for which the bot sent a message; only earlier ones, so that the search ends. */
function sourceOf(messageId: number, entry: UpdateEntry, entries: readonly TimelineEntry[]) {
  const end = entries.findIndex(({ key }) => key === entry.key);
  return entries
    .slice(0, end)
    .findLast(
      (each): each is UpdateEntry =>
        each.kind === 'update' &&
        each.botId === entry.botId &&
        personOf(each)?.id === personOf(entry)?.id &&
        callsOf(each).some((call) => sentMessageId(call) === messageId),
    );
}

function sentMessageId({ answer }: Call): number | undefined {
  return answer?.ok ? (answer.result as Partial<Message> | null)?.message_id : undefined;
}

function outcome(entry: UpdateEntry, { code }: Step): string[] {
  const error = entry.invocations.findLast((invocation) => invocation.error)?.error;
  if (entry.status !== 'handled') {
    const what = error ? `: ${error.type}: ${error.message}` : '';
    return [
      `// The bot has failed${what.replaceAll(/\s+/g, ' ')}`,
      '// Until that is fixed, this line throws. Then expect what the bot is to call.',
      code,
      'expect(chat.calls()).toMatchObject([]);',
    ];
  }
  const calls = callsOf(entry).map((call) => expectedCall(call, entry));
  return [code, `expect(chat.calls()).toMatchObject(${asCode(calls)});`];
}

/** In the test, messages and queries have other ids. A webhook reply repeats its method as a parameter. */
const CHANGING =
  /^(method|chat_id|message_id|user_id|.*_query_id|query_id|reply_parameters|draft_id)$/;

function expectedCall({ method, parameters, answer }: Call, entry: UpdateEntry): object {
  const stable = Object.entries(parameters).filter(
    ([name, value]) => !(CHANGING.test(name) && !isElsewhere(name, value, entry)) && !isFile(value),
  );
  return {
    method,
    ...(stable.length > 0 && { parameters: Object.fromEntries(stable) }),
    ...(answer && !answer.ok && { answer: { ok: false, error_code: answer.error_code } }),
  };
}

/** A message to another chat, an owner's say, is part of what the bot is to do. */
function isElsewhere(name: string, value: unknown, entry: UpdateEntry): boolean {
  return name === 'chat_id' && String(value) !== String(personOf(entry)?.id);
}

function isFile(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'file' in value;
}

function personOf({ update }: UpdateEntry): User | undefined {
  const content = Object.entries(update).find(([key]) => key !== 'update_id')?.[1];
  return content?.from ?? content?.user;
}

function personOptions(user: User): object {
  return {
    firstName: user.first_name,
    lastName: user.last_name,
    username: user.username,
    ...(user.language_code !== 'en' && { languageCode: user.language_code }),
  };
}

function titleOf({ update }: UpdateEntry): string {
  const { type, text } = summarizeUpdate(update);
  const line = text.replaceAll(/\s+/g, ' ').slice(0, 60);
  return type === 'message' ? `answers ${line}` : `handles that somebody ${line}`;
}
