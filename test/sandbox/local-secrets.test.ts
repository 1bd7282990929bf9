import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readLocalSecrets } from './local-secrets.ts';

function fileOf(text: string): URL {
  const file = join(mkdtempSync(join(tmpdir(), 'secrets-')), '.secrets.json');
  writeFileSync(file, text);
  return pathToFileURL(file);
}

const missing = pathToFileURL(join(tmpdir(), 'missing', '.secrets.json'));

describe('the secrets of this machine', () => {
  it('come from the file, and the arguments override them', () => {
    const file = fileOf('{ "one": "1", "two": "2" }');
    expect(readLocalSecrets(['two=b', 'three=c=d'], file)).toEqual({
      one: '1',
      two: 'b',
      three: 'c=d',
    });
  });

  it('are none without a file and arguments', () => {
    expect(readLocalSecrets([], missing)).toEqual({});
  });

  it('may have an ARN instead of a name', () => {
    const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:key-AbCdEf';
    expect(readLocalSecrets([`${arn}=x`], missing)).toEqual({ [arn]: 'x' });
  });

  it.each([
    ['an argument without a value', ['sk-123'], '{}', '--secret takes NAME=VALUE'],
    ['an argument without a name', ['=sk-123'], '{}', '--secret takes NAME=VALUE'],
    ['a file that is not JSON', [], 'key: sk-123', '.secrets.json is not JSON'],
    ['a list', [], '["sk-123"]', '.secrets.json must be an object: { "NAME": "VALUE" }'],
    [
      'a nested value',
      [],
      '{ "key": { "value": "sk-123" } }',
      '.secrets.json must hold strings; the value of key is none',
    ],
  ])('are refused for %s, without showing it', (_, args, text, message) => {
    expect(() => readLocalSecrets(args, fileOf(text))).toThrow(new Error(message));
  });
});
