import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../clock.ts';
import { tooManyRequests } from '../telegram/bot-api-error.ts';
import { refusal } from '../telegram/faults.ts';
import { TelegramFixture } from '../telegram/fixtures.ts';
import { CallBridge } from './call-bridge.ts';
import { OtherTelegram } from './other-telegram.ts';
import { RealBotApi } from './real-bot-api.ts';

const ADA = { id: 42, firstName: 'Ada' };

/** The sandbox's Telegram, whose one port is the bot's or the registrar's, as the test says. */
let local: TelegramFixture;
let real: OtherTelegram;
let isBotCode: boolean;
let said: string[];
let made: string[];

beforeEach(async () => {
  local = await TelegramFixture.open();
  const { token, bot } = local;
  real = await OtherTelegram.open({ token, username: 'kit_bot', firstName: 'Kit' });
  isBotCode = true;
  [said, made] = [[], []];
  const bridge = new CallBridge({
    ...{ api: new RealBotApi(token, real.root), botId: bot.id, clock: systemClock },
    isBotCode: (port) => isBotCode && port === local.network.port,
    say: (text) => said.push(text),
  });
  bridge.onCall = ({ method }, answer) => made.push(`${method} ${answer?.ok}`);
  local.telegram.forwarder = bridge;
  real.telegram.chat(real.bot.id, ADA).send('hello');
  onTestFinished(async () => {
    bridge.close();
    await local.close();
    await real.close();
  });
});

it("passes the bot's calls on, and Telegram's answers back as they are", async () => {
  const { status, answer } = await local.call('sendMessage', { chat_id: ADA.id, text: 'hi' });
  expect({ status, answer }).toMatchObject({ status: 200, answer: { result: { text: 'hi' } } });
  expect((await real.telegram.chat(real.bot.id, ADA).nextMessage()).text).toBe('hi');
  expect(local.telegram.calls).toMatchObject([{ method: 'sendMessage', answer }]);
  const refused = await local.call('sendMessage', { chat_id: 7, text: 'hi' });
  expect(refused).toMatchObject({
    status: 400,
    answer: { description: 'Bad Request: chat not found' },
  });
  expect(made).toEqual(['sendMessage true', 'sendMessage false']);
});

it('takes the method from the query, and a GET without a body', async () => {
  const path = `/bot${local.token}/sendmessage?chat_id=${ADA.id}&text=hi%20there`;
  const { answer } = await local.request(path, { method: 'GET' });
  expect(answer).toMatchObject({ ok: true, result: { text: 'hi there' } });
});

it('leaves a form with a file unchanged, and downloads the file from there', async () => {
  const content = Buffer.from([0, 13, 10, 255, 45, 45]);
  const { answer } = await local.upload('sendDocument', {
    chat_id: String(ADA.id),
    document: content,
  });
  const { file_id } = (answer as never as { result: { document: { file_id: string } } }).result
    .document;
  const sent = real.telegram.calls.find(({ method }) => method === 'sendDocument');
  expect(sent?.parameters.file('document')).toEqual(content);
  const file = await local.call('getFile', { file_id });
  const { file_path } = (file.answer as never as { result: { file_path: string } }).result;
  const downloaded = new Promise((resolve) => local.telegram.downloaded.listen(resolve));
  const { body } = await local.request(`/file/bot${local.token}/${file_path}`, { method: 'GET' });
  expect(body).toEqual(content);
  expect(await downloaded).toEqual({ botId: local.bot.id, path: file_path, content });
});

it('passes a 429 on with its Retry-After', async () => {
  real.telegram.intercept = () => refusal(tooManyRequests(3));
  const { status, answer } = await local.call('sendMessage', { chat_id: ADA.id, text: 'hi' });
  expect(status).toBe(429);
  expect(answer).toMatchObject({ error_code: 429, parameters: { retry_after: 3 } });
});

it('breaks the connection when Telegram is not reached', async () => {
  real.cut();
  await expect(local.call('sendMessage', { chat_id: ADA.id, text: 'hi' })).rejects.toThrow();
  expect(made).toEqual(['sendMessage undefined']);
});

it.each(['setWebhook', 'deletewebhook', 'logOut', 'CLOSE'])(
  'never sends %s, but refuses it and says so',
  async (method) => {
    const { status, answer } = await local.call(method, { url: 'https://example.com/' });
    expect(status).toBe(400);
    expect(answer).toMatchObject({
      ok: false,
      description: expect.stringMatching(/: npm start -- --live sends no \w+ to Telegram/),
    });
    expect(said).toHaveLength(1);
    expect(real.methods()).toEqual([]);
  },
);

it.each([
  '/bot<token>/sendMessage/../setWebhook?url=https://example.com/',
  '/bot<token>/x%5c..%5csetWebhook?url=https://example.com/',
  '/bot<token>/x\\..\\setWebhook?url=https://example.com/',
  '/bot<token>/setWebhook#x',
  '/bot<token>/test/setWebhook?url=https://example.com/',
  '/file/bot<token>/../../bot<token>/setWebhook?url=https://example.com/',
  '/file/bot<token>/%2e%2e/%2e%2e/bot<token>/deleteWebhook',
  '/file/bot<token>/..%2f..%2Fbot<token>%2fdeleteWebhook',
])('does not send %s on under another name', async (path) => {
  const target = path.replaceAll('<token>', local.token);
  const status = await local.request(target, { method: 'GET' }).then(
    (answer) => answer.status,
    () => undefined,
  );
  expect(status ?? 404).toBe(404);
  expect(real.targets).toEqual([]);
});

it('names the method in the path, because Telegram may read another one in the parameters', async () => {
  // To Telegram the first parameter is `?method`.
  const query = `?method=sendMessage&method=setWebhook&chat_id=${ADA.id}&text=hi`;
  await local.request(`/bot${local.token}/?${query}`, { method: 'GET' });
  expect(real.targets).toEqual([`/bot${local.token}/sendMessage?${query}`]);
});

it('answers getWebhookInfo and getUpdates from the sandbox, where the bot has a webhook', async () => {
  isBotCode = false;
  await local.connect(() => {});
  isBotCode = true;
  const url = 'https://bot.example.com/hook?a=1';
  expect((await local.call('getWebhookInfo')).answer).toMatchObject({ result: { url } });
  expect((await local.call('getUpdates')).status).toBe(409);
  expect(real.methods()).toEqual([]);
});

it("keeps the registrar's calls in the sandbox", async () => {
  isBotCode = false;
  await local.connect(() => {});
  expect(local.bot.webhook.state).toBeDefined();
  await local.call('setMyName', { name: 'Tea' });
  await local.call('deleteWebhook');
  expect(local.bot.webhook.state).toBeUndefined();
  expect(real.methods()).toEqual([]);
  expect(real.bot.user.first_name).toBe('Kit');
  expect(local.bot.user.first_name).toBe('Tea');
});

it("does not pass on calls with another bot's token", async () => {
  expect((await local.call('getMe', {}, '7:other')).status).toBe(401);
  expect(real.methods()).toEqual([]);
});
