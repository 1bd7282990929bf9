import { expect, it } from 'vitest';
import { parseUrl } from '../../../infra/settings/checks.ts';

it('parses a name outside ASCII however often, unlike `URL.canParse` of Node 20', () => {
  const hosts = Array.from({ length: 30_000 }, () => parseUrl('https://bücher.example')?.host);
  expect(new Set(hosts)).toEqual(new Set(['xn--bcher-kva.example']));
  expect(parseUrl('bücher.example')).toBeUndefined();
});
