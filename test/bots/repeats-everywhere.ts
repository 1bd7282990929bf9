import { botApi, type Reply, receive, type Update } from '../../functions/receiver/index.ts';

/** Calls that Telegram may refuse, for example because of a URL's scheme. */
async function attempt(call: Promise<unknown>): Promise<void> {
  await call.catch(() => {});
}

/** The presses that have failed already. Telegram delivers them again, and others wait in the meantime. */
const failed = new Set<string>();

/**
 * Puts what a person writes wherever a bot can put a text: into messages, formatting, names of files, captions, buttons,
 * the command menu, its log, the answer to a pressed button, and the error that it throws then.
 */
async function onUpdate({ message, callback_query: press }: Update): Promise<Reply> {
  const api = botApi();
  if (press) {
    if (failed.has(press.id)) return;
    failed.add(press.id);
    await api.call('answerCallbackQuery', { callback_query_id: press.id, text: press.data });
    throw new Error(press.data);
  }
  const text = message?.text ?? message?.caption;
  if (!message || !text) return;
  const chat_id = message.chat.id;
  console.log(text);
  const link = { type: 'text_link', offset: 0, length: text.length, url: text } as const;
  const code = { type: 'pre', offset: 0, length: text.length, language: text } as const;
  const commands = [{ command: 'hostile', description: text }];
  const fallback = { inline_keyboard: [[{ text, url: text }]] };
  await attempt(api.call('setMyCommands', { commands }));
  await attempt(api.call('sendMessage', { chat_id, text, entities: [link] }));
  await attempt(api.call('sendMessage', { chat_id, text, entities: [code] }));
  await attempt(api.call('sendMessage', { chat_id, text, reply_markup: fallback }));
  const document = new File([text], text);
  await attempt(api.call('sendDocument', { chat_id, document, caption: text }));
  const keyboard = [[{ text }]];
  const options = { keyboard, input_field_placeholder: text.slice(0, 64) };
  await attempt(api.call('sendMessage', { chat_id, text, reply_markup: options }));
  const callback_data = text.slice(0, 60);
  const reply_markup = { inline_keyboard: [[{ text, callback_data }]] };
  return { method: 'sendMessage', chat_id, text, reply_markup };
}

export const handler = receive(onUpdate);
