import type { Chat, Message, User } from '@grammyjs/types';
import { personOf } from '../../../telegram/update-content.ts';
import type { Call, TimelineEntry, UpdateEntry } from '../../../timeline/entries.ts';
import { callsOf, messagesOf } from './calls-of.ts';
import { asCode } from './code.ts';
import { stepOf, type TestStep } from './steps.ts';
import { ifPossible, summarizeUpdate } from './summarize-update.ts';

/** What Telegram shows after a payment. */
const PAID = 'The payment was successful';

export type TestCode =
  | { readonly ok: true; readonly code: string }
  /** A sentence that says why there is none. */
  | { readonly ok: false; readonly reason: string };

/**
 * Writes a test for `test/` that does what the person did and expects the messages and calls of the bot. An update that refers
 * to a message (a pressed button, a reply, an edit, a vote, a payment) begins with the updates that led to that message.
 */
export function asTest(
  entry: UpdateEntry,
  entries: readonly TimelineEntry[],
  { isQueued }: { readonly isQueued: boolean },
): TestCode {
  const updates = entries.filter((one) => one.kind === 'update');
  const steps =
    ifPossible(() => stepsTo(entry, updates)) ?? "The update lacks what Telegram's updates have.";
  if (typeof steps === 'string') return { ok: false, reason: steps };
  const person = personOf(entry.update);
  const last = steps.at(-1) as DoneStep;
  const { chat } = last;
  const options = {
    ...(isQueued && { delivery: 'queued' }),
    ...(person && { person: personOptions(person) }),
    ...(chat && 'title' in chat && { group: groupOptions(chat, steps) }),
  };
  const lines = [...steps.slice(0, -1).flatMap(statements), ...outcome(last, updates)];
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

/** A step, and the update that it causes. */
interface DoneStep extends TestStep {
  readonly entry: UpdateEntry;
}

/** Returns the steps that lead to an update, itself the last one, or the reason why there are none. */
function stepsTo(entry: UpdateEntry, updates: readonly UpdateEntry[]): DoneStep[] | string {
  // Only earlier ones, so that the search ends.
  const earlier = updates.slice(
    0,
    updates.findIndex(({ key }) => key === entry.key),
  );
  const step = stepOf(entry, earlier);
  if (typeof step === 'string') return step;
  const before = step.source ? stepsTo(step.source, earlier) : [];
  return typeof before === 'string' ? before : [...before, { ...step, entry }];
}

function statements({ before, action }: TestStep): string[] {
  return [...(before ? [before] : []), `await ${action};`];
}

/** Returns the last step and what is expected of it. */
function outcome(step: DoneStep, updates: readonly UpdateEntry[]): string[] {
  const caused = causedBy(step.entry, updates);
  const failed = caused.find(({ status }) => status !== 'handled');
  if (failed) {
    const error = failed.invocations.findLast((invocation) => invocation.error)?.error;
    const what = error ? `: ${error.type}: ${error.message}` : '';
    return [
      `// The bot has failed${what.replaceAll(/\s+/g, ' ')}`,
      '// Until that is fixed, this line throws. Then expect what the bot is to answer.',
      ...statements(step),
    ];
  }
  const calls = caused.flatMap(callsOf);
  const results = step.isPress ? '{ answer, messages }' : 'messages';
  return [
    ...(step.before ? [step.before] : []),
    `const ${results} = await ${step.action};`,
    ...(step.isPress ? [pressExpectation(step.entry, calls)] : []),
    `expect(messages).toMatchObject(${asCode(sentIn(step, calls), 0, 61)});`,
    ...editExpectations(calls),
    `expect(chat.calls()).toMatchObject(${asCode(calls.map(expectedCall), 0, 57)});`,
  ];
}

/** Returns the updates that one action of a person causes: a vote changes the poll too, and a payment has several parts. */
function causedBy(entry: UpdateEntry, updates: readonly UpdateEntry[]): UpdateEntry[] {
  const { poll_answer, shipping_query, pre_checkout_query } = entry.update;
  const isOfBot = ({ botId }: UpdateEntry) => botId === entry.botId;
  const at = updates.findIndex(({ key }) => key === entry.key);
  if (poll_answer) {
    const poll = updates.slice(0, at).findLast(isOfBot);
    return poll?.update.poll?.id === poll_answer.poll_id ? [poll, entry] : [entry];
  }
  const payload = (shipping_query ?? pre_checkout_query)?.invoice_payload;
  if (payload === undefined) return [entry];
  const later = updates.slice(at + 1).filter(isOfBot);
  const isPart = ({ update }: UpdateEntry) =>
    (update.pre_checkout_query ?? update.message?.successful_payment)?.invoice_payload === payload;
  const isPaid = ({ update }: UpdateEntry) => update.message?.successful_payment !== undefined;
  const parts = later.filter(isPart);
  const end = parts.findIndex(isPaid);
  return [entry, ...parts.slice(0, end < 0 ? undefined : end + 1)];
}

function pressExpectation({ update }: UpdateEntry, calls: readonly Call[]): string {
  const answers = calls.filter(({ method }) =>
    /^answer(Callback|Shipping|PreCheckout)/.test(method),
  );
  const answer = answers.at(update.callback_query ? 0 : -1);
  if (!answer) return 'expect(answer).toBeUndefined();';
  const { text, error_message = PAID } = answer.parameters;
  const shown = update.callback_query ? text : error_message;
  return `expect(answer).toMatchObject(${asCode({ text: shown === undefined ? undefined : String(shown) })});`;
}

/** Returns the messages that the bot sent to the chat, by what a person sees of them. */
function sentIn({ chat, entry }: DoneStep, calls: readonly Call[]): object[] {
  const chatId = chat?.id ?? personOf(entry.update)?.id;
  return calls
    .filter(({ method }) => /^(send|copy|forward)/.test(method))
    .flatMap(messagesOf)
    .filter((message) => message.chat?.id === chatId)
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

function personOptions(user: User): object {
  return {
    firstName: user.first_name,
    lastName: user.last_name,
    username: user.username,
    ...(user.language_code !== 'en' && { languageCode: user.language_code }),
  };
}

/** In privacy mode, a bot that is no administrator reads little of what people write. */
function groupOptions({ title, type }: Chat, steps: readonly DoneStep[]): object {
  const isRead = steps.every(({ entry: { update } }) => {
    const message = update.message ?? update.edited_message;
    return !message || isMeantForBot(message);
  });
  return {
    title,
    ...(type === 'group' && { type }),
    ...(!isRead && { bot: 'administrator' }),
  };
}

function isMeantForBot(message: Message): boolean {
  const { reply_to_message, entities, caption_entities } = message;
  const marks = entities ?? caption_entities ?? [];
  return (
    reply_to_message?.from?.is_bot === true || marks.some(({ type }) => type === 'bot_command')
  );
}

function titleOf({ update }: UpdateEntry): string {
  const { type, text } = summarizeUpdate(update);
  const line = text.replaceAll(/\s+/g, ' ').slice(0, 60);
  return type === 'message' ? `answers ${line}` : `handles ${type}: ${line}`;
}
