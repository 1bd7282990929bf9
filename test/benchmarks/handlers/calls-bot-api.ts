import * as kit from '../../../functions/receiver/index.ts';

/** A namespace import, so that the file also compiles for versions of the kit without `botApi`. */
interface WithBotApi {
  botApi(): { call(method: 'sendMessage', parameters: object): Promise<unknown> };
}

export const handler = kit.receive(async ({ message }) => {
  const parameters = { chat_id: message?.chat.id, text: message?.text };
  await (kit as unknown as WithBotApi).botApi().call('sendMessage', parameters);
});
