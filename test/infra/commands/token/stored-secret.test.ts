import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import {
  StoredSecret,
  tokenIn,
  withToken,
} from '../../../../infra/commands/token/stored-secret.ts';
import { fakeToken } from '../../../sandbox/index.ts';

const old = fakeToken(42, 'a');
const token = fakeToken(42, 'b');

describe('withToken', () => {
  it.each([
    ['nothing', undefined, token],
    ['a token', `${old}\n`, token],
    ['something else', 'kT5#xQ2!vB9_zW4$yN7', token],
    ['broken JSON', '{"token":', token],
    [
      'JSON in a layout',
      `{\n  "token": "${old}",\n  "n": 1\n}\n`,
      `{\n  "token": "${token}",\n  "n": 1\n}\n`,
    ],
    [
      'a large number',
      `{"token":"${old}","n":12345678901234567890}`,
      `{"token":"${token}","n":12345678901234567890}`,
    ],
    ['JSON without a token', '{"note":"mine"}', `{"note":"mine","token":"${token}"}`],
    ['an empty token', '{"token":"","note":""}', `{"token":"${token}","note":""}`],
    ['a token that is a number', '{"n":42,"token":42}', `{"n":42,"token":"${token}"}`],
    [
      'a copy before the token',
      `{"copy":"${old}","token":"${old}"}`,
      `{"copy":"${old}","token":"${token}"}`,
    ],
  ])('replaces %s', (_what, value, expected) => {
    expect(withToken(value, token)).toBe(expected);
    expect(tokenIn(withToken(value, token))).toBe(token);
  });

  it('takes the characters of a token literally', () => {
    expect(withToken(`{"token":"${old}"}`, '1:$&')).toBe('{"token":"1:$&"}');
  });
});

function secretThat(answer: object | Error, id = 'telegram/dev/bot-token') {
  const sent: object[] = [];
  const client = {
    async send({ constructor: { name }, input }: { constructor: { name: string }; input: object }) {
      sent.push({ [name]: input });
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  return { secret: new StoredSecret(client as unknown as SecretsManagerClient, id), sent };
}

const failure = (name: string, message: string) => Object.assign(new Error(message), { name });

describe('the state of a secret', () => {
  it.each([
    [{ SecretString: old }, { kind: 'present', value: old }],
    [{ SecretBinary: new Uint8Array() }, { kind: 'present', value: undefined }],
    [failure('ResourceNotFoundException', "can't find the specified secret."), { kind: 'missing' }],
    [failure('ResourceNotFoundException', 'for staging label: AWSCURRENT'), { kind: 'present' }],
    [failure('InvalidRequestException', 'it was marked for deletion.'), { kind: 'deleted' }],
    [failure('InvalidRequestException', 'it is scheduled for deletion.'), { kind: 'deleted' }],
  ])('is read from %s', async (answer, state) => {
    expect(await secretThat(answer).secret.read()).toEqual(state);
  });

  it.each([
    failure('AccessDeniedException', 'Access to KMS is not allowed'),
    failure('InvalidRequestException', 'the key is disabled'),
  ])('is unknown when AWS answers %s', async (error) => {
    await expect(secretThat(error).secret.read()).rejects.toBe(error);
  });
});

describe('a new secret', () => {
  const arn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:telegram/dev/bot-token';

  it.each(['telegram/dev/bot-token', arn, `${arn}-Ab12Cd`])('of %s has its name', async (id) => {
    const { secret, sent } = secretThat({ ARN: `${arn}-Xy98Zw` }, id);
    expect(await secret.create(token)).toBe(`${arn}-Xy98Zw`);
    expect(sent).toEqual([
      {
        CreateSecretCommand: expect.objectContaining({
          Name: 'telegram/dev/bot-token',
          SecretString: token,
        }),
      },
    ]);
  });
});
