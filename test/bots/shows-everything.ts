import { botApi, type Reply, receive, type Update } from '../../functions/receiver/index.ts';

const FORMATTED = [
  '<b>bold</b> <i>italic</i> <u>underlined</u> <s>struck</s> <tg-spoiler>hidden</tg-spoiler>',
  '<a href="https://example.com/">a link</a> <code>code</code>',
  '<blockquote>quoted</blockquote>',
  '<pre><code class="language-ts">const one = 1;</code></pre>',
].join('\n');

/** How often each update has failed. */
const failures = new Map<number, number>();

/** Throws until an update has failed so often. */
function failTimes(times: number, { update_id: id }: Update): void {
  const failed = failures.get(id) ?? 0;
  failures.set(id, failed + 1);
  if (failed < times) throw new Error(`This bot fails, ${times - failed} more`);
}

function counter(count: number) {
  const text = `Counted to ${count}`;
  const button = { text: 'Count', callback_data: String(count + 1) };
  return { text, reply_markup: { inline_keyboard: [[button]] } };
}

/** Uses what the page shows of a chat, and fails in the ways that its timeline tells apart. */
async function onUpdate(update: Update): Promise<Reply> {
  const { callback_query: press } = update;
  if (press?.message) {
    const { chat, message_id } = press.message;
    const edit = { chat_id: chat.id, message_id, ...counter(Number(press.data)) };
    await botApi().call('editMessageText', edit);
    return { method: 'answerCallbackQuery', callback_query_id: press.id, text: 'Counted' };
  }
  const message = update.message ?? update.edited_message;
  if (!message) return;
  const chat_id = message.chat.id;
  const say = (text: string): Reply => ({ method: 'sendMessage', chat_id, text });
  if (update.edited_message) return say(`You changed it to: ${message.text}`);
  if (message.photo) return say(`A photo of ${message.photo.at(-1)?.file_size} bytes`);
  if (message.document) {
    const { file_name, file_size } = message.document;
    return say(`${file_name} has ${file_size} bytes`);
  }
  if (message.group_chat_created || message.new_chat_members || message.text === undefined) return;
  switch (message.text) {
    case '/start':
      await botApi().call('setMyCommands', {
        commands: [
          { command: 'format', description: 'Formats a text' },
          { command: 'count', description: 'Counts with a button' },
        ],
      });
      return say(`Hello, ${message.from?.first_name}!`);
    case '/format':
      return { method: 'sendMessage', chat_id, text: FORMATTED, parse_mode: 'HTML' };
    case '/count':
      return { method: 'sendMessage', chat_id, ...counter(0) };
    case '/keyboard': {
      const keyboard = [[{ text: 'Tea' }, { text: 'Coffee' }]];
      const reply_markup = { keyboard, resize_keyboard: true };
      return { method: 'sendMessage', chat_id, text: 'Tea or coffee?', reply_markup };
    }
    case '/call':
      console.log('Calling Telegram');
      await botApi().call('sendMessage', { chat_id, text: 'Called' });
      return;
    case '/fail':
      throw new Error('This bot fails as you wish');
    case '/fail once':
      failTimes(1, update);
      return say('It works now');
    case '/fail twice':
      failTimes(2, update);
      return say('It works now');
    default:
      return say(`${message.from?.first_name} said: ${message.text}`);
  }
}

export const handler = receive(onUpdate);
