import {
  botApi,
  botToken,
  type InvocationContext,
  type Reply,
  receive,
  type Update,
} from '../../functions/receiver/index.ts';

type LambdaHandler = (event: unknown, context: InvocationContext) => Promise<unknown>;

/** Where two invocations meet, so that both are certainly in progress. */
export const MEETING = 'https://meeting.execute-api.us-east-1.amazonaws.com/';

const failedOnce = new Set<number>();

/** Does what the first word of a text says, and says which update it has handled. */
async function onUpdate(update: Update): Promise<Reply> {
  const { message, update_id: id } = update;
  if (!message?.text) return;
  const { chat, text } = message;
  const call = { chat_id: chat.id, text: `did ${text}` };
  const [word] = text.split(' ');
  if (word === 'throw') throw new TypeError('told to throw');
  if (word === 'retry' && !failedOnce.has(id)) {
    failedOnce.add(id);
    throw new Error('told to fail once');
  }
  if (word === 'meet') await fetch(MEETING);
  if (word === 'leak') {
    const token = await botToken();
    console.log(`My token is ${token}`);
    await botApi().call('sendMessage', { ...call, text: `${token} ${encodeURIComponent(token)}` });
    throw new Error(`GET https://api.telegram.org/bot${token}/getMe failed`);
  }
  if (word === 'reply') return { method: 'sendMessage', ...call };
  console.log(`calls for ${text}`);
  await botApi().call('sendMessage', call);
}

const receiver: LambdaHandler = receive(onUpdate);

/** Logs the whole event, with the webhook's path and secret, when the update's text asks for it. */
export const handler: LambdaHandler = (event, context) => {
  const json = JSON.stringify(event);
  if (json.includes('leak')) console.log(json);
  return receiver(event, context);
};
