import { describe, expectTypeOf, it } from 'vitest';
import type { BotApiCall, OnUpdate, Reply } from '../../../functions/receiver/index.ts';

type Method = BotApiCall['method'];

// tsc checks these types: a line marked @ts-expect-error must not compile, or tsc reports the mark.
describe('BotApiCall', () => {
  it("holds a method's name beside its parameters", () => {
    expectTypeOf({ method: 'sendMessage', chat_id: 1, text: 'Hi' } as const).toExtend<BotApiCall>();
    expectTypeOf<Method>().extract<'answerCallbackQuery' | 'sendPhoto'>().not.toBeNever();
  });

  it('rejects a wrong or missing parameter on the line that has it', () => {
    // @ts-expect-error: text is missing
    const missing: BotApiCall = { method: 'sendMessage', chat_id: 1 };
    // @ts-expect-error: no such method
    const unknown: BotApiCall = { method: 'sendMesage', chat_id: 1, text: 'Hi' };
    const misspelled: BotApiCall = {
      method: 'sendMessage',
      chat_id: 1,
      text: 'Hi',
      // @ts-expect-error: not a parameter of sendMessage
      parsemode: 'HTML',
    };
    expectTypeOf([missing, unknown, misspelled]).toBeArray();
  });

  it('excludes methods that Telegram does not execute from a reply', () => {
    expectTypeOf<
      Extract<Method, `get${string}` | 'setWebhook' | 'deleteWebhook' | 'close' | 'logOut'>
    >().toBeNever();
    expectTypeOf<Extract<Method, 'closeForumTopic'>>().not.toBeNever();
  });

  it('refers to files by file_id or URL, because a reply carries none', () => {
    type Photo = Extract<BotApiCall, { method: 'sendPhoto' }>['photo'];
    expectTypeOf<Photo>().toEqualTypeOf<string>();
  });
});

describe('OnUpdate', () => {
  it('accepts functions with or without async, with or without a reply', () => {
    const silent = () => {};
    const later = async () => {};
    const sometimes = async ({ message }: { message?: object }): Promise<Reply> => {
      if (message) return { method: 'sendMessage', chat_id: 1, text: 'Hi' };
    };
    expectTypeOf(silent).toExtend<OnUpdate>();
    expectTypeOf(later).toExtend<OnUpdate>();
    expectTypeOf(sometimes).toExtend<OnUpdate>();
    expectTypeOf(() => 'Hi').not.toExtend<OnUpdate>();
  });
});
