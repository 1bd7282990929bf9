import { describe, expect, it } from 'vitest';
import { RetryLaterError } from '../../../functions/receiver/index.ts';
import {
  delivery,
  message,
  SECRET,
  SECRET_HEADER,
  SECRET_SHA256,
  sendUpdate,
  sha256,
} from '../../harness.ts';
import { fakeToken } from '../../sandbox/index.ts';

const MIB = 1024 * 1024;
const OK = { statusCode: 200 };
const HELLO = { method: 'sendMessage', chat_id: 42, text: 'Hello' };

/** Returns a status alone: no body that tells an attacker anything, and no log line that costs money. */
function refusedWith(statusCode: number) {
  return { response: { statusCode }, seen: [], logged: [] };
}

describe('the secret', () => {
  it('passes a delivery with the right secret to the bot', async () => {
    const update = message('hi');
    expect(await sendUpdate(delivery(update))).toEqual({
      response: OK,
      seen: [update],
      logged: [],
    });
  });

  it.each([
    ['no headers', {}],
    ['no secret header', { 'content-type': 'application/json' }],
    ['an undefined secret', { [SECRET_HEADER]: undefined }],
    ['an empty secret', { [SECRET_HEADER]: '' }],
    ['a wrong secret', { [SECRET_HEADER]: 'wrong' }],
    ['a wrong secret of the right length', { [SECRET_HEADER]: `${SECRET.slice(0, -1)}1` }],
    ['the beginning of the secret', { [SECRET_HEADER]: SECRET.slice(0, -1) }],
    ['the secret and more', { [SECRET_HEADER]: `${SECRET}0` }],
    ['the secret in another case', { [SECRET_HEADER]: SECRET.toLowerCase() }],
    ['the hash in place of the secret', { [SECRET_HEADER]: SECRET_SHA256 }],
    ['the secret twice, joined by the gateway', { [SECRET_HEADER]: `${SECRET},${SECRET}` }],
    ['a wrong and the right secret, joined', { [SECRET_HEADER]: `wrong, ${SECRET}` }],
    [
      'two headers, neither in lower case',
      { 'X-TELEGRAM-BOT-API-SECRET-TOKEN': SECRET, 'X-Telegram-Bot-Api-Secret-Token': SECRET },
    ],
    ['the secret in another header', { authorization: SECRET }],
  ])('refuses a request with %s', async (_, headers) => {
    expect(await sendUpdate(delivery(message('hi'), { headers }))).toEqual(refusedWith(401));
  });

  it('refuses a Function URL another path, before it looks at the secret', async () => {
    const request = delivery(message('hi'), { requestContext: { routeKey: '$default' } });
    const locks = { secretSha256: SECRET_SHA256, pathSha256: sha256('path') };
    expect(await sendUpdate(request, undefined, locks)).toEqual(refusedWith(404));
    expect(await sendUpdate({ ...request, headers: {} }, undefined, locks)).toEqual(
      refusedWith(404),
    );
  });

  it.each(['X-Telegram-Bot-Api-Secret-Token', 'X-TELEGRAM-BOT-API-SECRET-TOKEN'])(
    'finds the header spelled %s',
    async (name) => {
      const { response, seen } = await sendUpdate(
        delivery(message('hi'), { headers: { [name]: SECRET } }),
      );
      expect(response).toEqual(OK);
      expect(seen).toHaveLength(1);
    },
  );

  it('accepts a secret of 256 characters and refuses a longer one, whatever its hash', async () => {
    const outcome = async (length: number) => {
      const secret = 's'.repeat(length);
      const request = delivery(message('hi'), { headers: { [SECRET_HEADER]: secret } });
      return (await sendUpdate(request, undefined, { secretSha256: sha256(secret) })).response
        .statusCode;
    };
    expect(await outcome(256)).toBe(200);
    expect(await outcome(257)).toBe(401);
  });

  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['truncated', SECRET_SHA256.slice(0, 8)],
    ['the secret itself', SECRET],
  ])('refuses every request when the configured hash is %s', async (_, hash) => {
    for (const secret of [SECRET, '', 'undefined', hash]) {
      const request = delivery(message('hi'), { headers: { [SECRET_HEADER]: secret } });
      expect(await sendUpdate(request, undefined, { secretSha256: hash })).toEqual(
        refusedWith(401),
      );
    }
  });

  it('refuses an empty secret even when the configured hash is that of an empty string', async () => {
    const request = delivery(message('hi'), { headers: { [SECRET_HEADER]: '' } });
    expect(await sendUpdate(request, undefined, { secretSha256: sha256('') })).toEqual(
      refusedWith(401),
    );
  });

  it.each([
    ['too large', 'x'.repeat(MIB + 1)],
    ['not JSON', '{'],
    ['a probe', '{"update_id":1}'],
  ])(
    'refuses a request without the secret before it looks at a body that is %s',
    async (_, body) => {
      expect(await sendUpdate(delivery(body, { headers: {} }))).toEqual(refusedWith(401));
    },
  );
});

describe('the body', () => {
  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['blank', '  \n'],
    ['broken JSON', '{"update_id":1,"message":{'],
    ['a form', 'update_id=1'],
    ['null', 'null'],
    ['a number', '1'],
    ['a string', '"update_id"'],
    ['true', 'true'],
    ['an array', '[{"update_id":1,"message":{}}]'],
    ['an object without update_id', '{"message":{}}'],
    ['an object whose update_id is null', '{"update_id":null,"message":{}}'],
    ['an object whose update_id is a string', '{"update_id":"1","message":{}}'],
    ['an object whose update_id is fractional', '{"update_id":1.5,"message":{}}'],
    ['an object whose update_id is negative', '{"update_id":-1,"message":{}}'],
    ['an object whose update_id is beyond exact integers', '{"update_id":1e300,"message":{}}'],
    ['an object whose update_id is an array', '{"update_id":[1],"message":{}}'],
  ])('refuses a body that is %s', async (_, body) => {
    expect(await sendUpdate({ ...delivery(''), body })).toEqual(refusedWith(400));
  });

  it.each([0, 1, 2 ** 31, Number.MAX_SAFE_INTEGER])('accepts the update_id %d', async (id) => {
    const { response, seen } = await sendUpdate(delivery(message('hi', id)));
    expect(response).toEqual(OK);
    expect(seen).toEqual([message('hi', id)]);
  });

  it('passes the whole update to the bot when the gateway encoded it in base64', async () => {
    const update = message('Grüße 👋');
    const body = Buffer.from(JSON.stringify(update)).toString('base64');
    expect((await sendUpdate(delivery(body, { isBase64Encoded: true }))).seen).toEqual([update]);
  });

  it('refuses a body that claims to be base64 and is not', async () => {
    expect(await sendUpdate(delivery(message('hi'), { isBase64Encoded: true }))).toEqual(
      refusedWith(400),
    );
  });

  describe.each([
    ['plain text', (text: string) => delivery(text)],
    [
      'base64',
      (text: string) => delivery(Buffer.from(text).toString('base64'), { isBase64Encoded: true }),
    ],
  ])('in %s', (_, request) => {
    const update = JSON.stringify(message('ü'));
    const bytes = Buffer.byteLength(update);

    it('accepts a body of 1 MiB', async () => {
      const { response, seen } = await sendUpdate(request(update + ' '.repeat(MIB - bytes)));
      expect(response).toEqual(OK);
      expect(seen).toHaveLength(1);
    });

    it('refuses a body of one byte more than 1 MiB', async () => {
      expect(await sendUpdate(request(update + ' '.repeat(MIB - bytes + 1)))).toEqual(
        refusedWith(413),
      );
    });
  });

  it('measures the body in bytes, not in characters', async () => {
    expect(await sendUpdate(delivery('ü'.repeat(MIB / 2 + 1)))).toEqual(refusedWith(413));
  });
});

describe('the probe of a deploy', () => {
  it('acknowledges a probe without calling the bot', async () => {
    expect(await sendUpdate(delivery({ update_id: 0 }), () => HELLO)).toEqual({
      response: OK,
      seen: [],
      logged: [],
    });
  });

  it('passes an update of an unknown type to the bot, because it is not a probe', async () => {
    expect((await sendUpdate(delivery({ update_id: 1, brand_new: {} }))).seen).toHaveLength(1);
  });
});

describe('the value that the bot returns', () => {
  const respond = async (onUpdate: () => unknown) =>
    sendUpdate(delivery(message('hi', 99)), onUpdate);

  it.each([
    ['synchronously', () => HELLO],
    ['asynchronously', async () => HELLO],
  ])('sends a call that is returned %s as the webhook reply', async (_, onUpdate) => {
    const { response } = await respond(onUpdate);
    expect(response).toEqual({
      statusCode: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(HELLO),
    });
  });

  it.each([
    ['nothing', () => {}],
    ['nothing asynchronously', async () => {}],
    ['null', () => null],
  ])(
    'acknowledges the update with an empty response when the bot returns %s',
    async (_, onUpdate) => {
      expect(await respond(onUpdate)).toMatchObject({ response: OK, logged: [] });
    },
  );

  it.each([
    ['an object without a method', { chat_id: 42, text: 'private' }],
    ['an object without a method', { method: 7, text: 'private' }],
    ['an array', [HELLO]],
    ['a string', 'sendMessage'],
    ['a number', 0],
    ['a boolean', false],
    ['a function', () => HELLO],
  ])('fails the delivery when the bot returns %s: %j', async (kind, returned) => {
    const { response, logged } = await respond(() => returned);
    expect(response).toEqual({ statusCode: 500 });
    expect(logged).toMatchObject([
      {
        event: 'update.failed',
        updateId: 99,
        errorType: 'TypeError',
        errorMessage: `onUpdate returned ${kind}. Return one Bot API call, { method: 'sendMessage', ... }, or nothing.`,
      },
    ]);
    expect(JSON.stringify(logged)).not.toContain('private');
  });

  it('fails the delivery when the call cannot be written as JSON', async () => {
    const loop: Record<string, unknown> = { ...HELLO };
    loop.self = loop;
    expect(await respond(() => loop)).toMatchObject({
      response: { statusCode: 500 },
      logged: [{ updateId: 99, errorType: 'TypeError' }],
    });
  });

  it('accepts a call up to 1 MiB as JSON, because Telegram treats a larger one as a failure', async () => {
    const textLength = MIB - JSON.stringify({ ...HELLO, text: '' }).length;
    const fits = await respond(() => ({ ...HELLO, text: 'x'.repeat(textLength) }));
    expect(fits.response.statusCode).toBe(200);
    expect(fits.response.body).toHaveLength(MIB);

    const tooLarge = await respond(() => ({ ...HELLO, text: 'x'.repeat(textLength + 1) }));
    expect(tooLarge.response).toEqual({ statusCode: 500 });
    expect(tooLarge.logged).toMatchObject([{ updateId: 99, errorType: 'RangeError' }]);
    expect(tooLarge.logged).toMatchObject([
      { errorMessage: expect.stringContaining(`${MIB + 1} bytes`) },
    ]);
    expect(JSON.stringify(tooLarge.logged)).not.toContain('xxx');
  });
});

describe('a bot that fails', () => {
  class OutOfTea extends Error {
    override name = 'OutOfTea';
  }

  it.each([
    [
      'throws',
      () => {
        throw new OutOfTea('the pot is empty');
      },
    ],
    [
      'rejects',
      async () => {
        throw new OutOfTea('the pot is empty');
      },
    ],
  ])(
    'makes Telegram deliver again, and logs the reason in one line, when the bot %s',
    async (_, onUpdate) => {
      const { response, logged } = await sendUpdate(delivery(message('my diary', 99)), onUpdate);
      expect(response).toEqual({ statusCode: 500 });
      expect(logged).toEqual([
        {
          event: 'update.failed',
          updateId: 99,
          errorType: 'OutOfTea',
          errorMessage: 'the pot is empty',
          stackTrace: expect.arrayContaining([expect.stringContaining('receive.test.ts')]),
        },
      ]);
      expect(JSON.stringify(logged)).not.toContain('my diary');
    },
  );

  it('logs no bot token', async () => {
    const token = fakeToken();
    const url = `https://api.telegram.org/bot${token}/sendMessage`;
    const { logged } = await sendUpdate(delivery(message('hi')), () => {
      throw new Error(`404 from ${url}`, { cause: new Error(`POST ${encodeURIComponent(url)}`) });
    });
    expect(logged).toMatchObject([
      { errorMessage: '404 from https://api.telegram.org/bot<bot token>/sendMessage' },
    ]);
    expect(JSON.stringify(logged)).not.toContain(token.split(':')[1]);
  });

  it('still handles the next update', async () => {
    await sendUpdate(delivery(message('one')), () => Promise.reject(new Error('no')));
    expect((await sendUpdate(delivery(message('two')), () => HELLO)).response.statusCode).toBe(200);
  });
});

describe('receiveRequest with a call that a bot may not return', () => {
  it.each([
    'setWebhook',
    'deleteWebhook',
    'logOut',
    'close',
    'getUpdates',
    'SETWEBHOOK',
    '../../x',
    'sendMessage?chat_id=5',
    '',
  ])('acknowledges the update without the call of %j, and logs it', async (method) => {
    const { response, logged } = await sendUpdate(delivery(message('hi', 99)), () => ({ method }));
    expect(response).toEqual(OK);
    expect(logged).toMatchObject([
      { event: 'call.refused', updateId: 99, description: expect.stringContaining('onUpdate') },
    ]);
  });

  it('returns closeForumTopic, whose name only begins like close', async () => {
    const call = { method: 'closeForumTopic', chat_id: 1, message_thread_id: 1 };
    const { response } = await sendUpdate(delivery(message('hi')), () => call);
    expect(JSON.parse(response.body ?? '')).toEqual(call);
  });
});

describe('receiveRequest after a failure', () => {
  it('asks Telegram to wait as long as a RetryLaterError says', async () => {
    const { response, logged } = await sendUpdate(delivery(message('hi')), () => {
      throw new RetryLaterError('The weather service is down', { seconds: 90 });
    });
    expect(response).toEqual({ statusCode: 500, headers: { 'retry-after': '90' } });
    expect(logged).toMatchObject([{ event: 'update.failed', errorType: 'RetryLaterError' }]);
  });

  it('responds whatever was thrown', async () => {
    const fail = () => {
      throw new Error('hostile');
    };
    const { response, logged } = await sendUpdate(delivery(message('hi')), () => {
      throw new Proxy({}, { get: fail, getPrototypeOf: fail });
    });
    expect(response).toEqual({ statusCode: 500 });
    expect(logged).toMatchObject([
      { errorMessage: expect.stringContaining('cannot be inspected') },
    ]);
  });
});
