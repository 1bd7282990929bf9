import type { Message, User } from '@grammyjs/types';
import type { Call, TimelineEntry, UpdateEntry } from '../../../timeline/entries.ts';
import { callsOf } from './calls-of.ts';
import { asCode } from './code.ts';
import { stepOf, type TestStep } from './steps.ts';
import { summarizeUpdate } from './summarize-update.ts';

export type TestCode =
  | { readonly ok: true; readonly code: string }
  /** A sentence that says why there is none. */
  | { readonly ok: false; readonly reason: string };

/**
 * Writes a test for `test/` that does what the person did and expects the messages and calls of the bot. An update that refers
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
  const last = steps.at(-1) as TestStep;
  const lines = [...steps.slice(0, -1).flatMap(statements), ...outcome(entry, last)];
  const code = `import { expect, it } from 'vitest';
import { chatWith } from './chat/chat-with.ts';

it(${asCode(titleOf(entry))}, async () => {
  const chat = await chatWith(() => import('../functions/bot.ts'), ${asCode(options, 2, 27)});
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
function stepsTo(entry: UpdateEntry, entries: readonly TimelineEntry[]): TestStep[] | string {
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
  return entries.slice(0, end).findLast(
    (each): each is UpdateEntry =>
      each.kind === 'update' &&
      each.botId === entry.botId &&
      personOf(each)?.id === personOf(entry)?.id &&
      callsOf(each)
        .flatMap(messagesOf)
        .some(({ message_id }) => message_id === messageId),
  );
}

function statements({ before, action }: TestStep): string[] {
  return [...(before ? [before] : []), `await ${action};`];
}

/** Returns the last step and what is expected of it. */
function outcome(entry: UpdateEntry, step: TestStep): string[] {
  if (entry.status !== 'handled') {
    const error = entry.invocations.findLast((invocation) => invocation.error)?.error;
    const what = error ? `: ${error.type}: ${error.message}` : '';
    return [
      `// The bot has failed${what.replaceAll(/\s+/g, ' ')}`,
      '// Until that is fixed, this line throws. Then expect what the bot is to answer.',
      ...statements(step),
    ];
  }
  const calls = callsOf(entry);
  const results = step.isPress ? '{ answer, messages }' : 'messages';
  return [
    ...(step.before ? [step.before] : []),
    `const ${results} = await ${step.action};`,
    ...(step.isPress ? [pressExpectation(calls)] : []),
    `expect(messages).toMatchObject(${asCode(sentTo(entry, calls), 0, 61)});`,
    ...editExpectations(calls),
    `expect(chat.calls()).toMatchObject(${asCode(calls.map(expectedCall), 0, 57)});`,
  ];
}

function pressExpectation(calls: readonly Call[]): string {
  const answer = calls.find(({ method }) => method === 'answerCallbackQuery');
  if (!answer) return 'expect(answer).toBeUndefined();';
  const { text } = answer.parameters;
  return `expect(answer).toMatchObject(${asCode({ text: text === undefined ? undefined : String(text) })});`;
}

/** Returns the messages that the bot sent to the person, by what the person sees of them. */
function sentTo(entry: UpdateEntry, calls: readonly Call[]): object[] {
  return calls
    .filter(({ method }) => /^(send|copy|forward)/.test(method))
    .flatMap(messagesOf)
    .filter(({ chat }) => chat?.id === personOf(entry)?.id)
    .map(contentOf);
}

function editExpectations(calls: readonly Call[]): string[] {
  return calls
    .filter(({ method }) => method.startsWith('edit'))
    .flatMap(messagesOf)
    .map(
      (message) =>
        `expect(chat.person.messages).toContainEqual(expect.objectContaining(${asCode(contentOf(message))}));`,
    );
}

/** An album is a list of messages, and most methods return none. */
function messagesOf({ answer }: Call): Partial<Message>[] {
  if (!answer?.ok) return [];
  return [answer.result].flat().filter((result) => isMessage(result));
}

function isMessage(value: unknown): value is Partial<Message> {
  return typeof value === 'object' && value !== null && 'message_id' in value && 'chat' in value;
}

/** In the test, messages, files and moments are others. */
function contentOf({ text, caption, reply_markup }: Partial<Message>): object {
  return { text, caption, reply_markup };
}

function expectedCall({ method, answer }: Call): object {
  if (!answer) return { method };
  return {
    method,
    answer: answer.ok ? { ok: true } : { ok: false, error_code: answer.error_code },
  };
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
  return type === 'message' ? `answers ${line}` : `handles ${type}: ${line}`;
}
