import { expect, it } from 'vitest';
import { fakeToken } from '../telegram/fake-token.ts';
import { Scrubber } from './scrubber.ts';

const token = fakeToken(7_000_000_001);
const url = 'https://a1.execute-api.us-east-1.amazonaws.com/telegram/0123456789abcdef0123';
const secret = 'secret-of-the-webhook';

function learned(): Scrubber {
  const scrubber = new Scrubber();
  scrubber.learn({ url, secret });
  return scrubber;
}

it.each([
  ['a token', `bot ${token}!`, 'bot <token>!'],
  ['a token in a URL', `/bot${token}/getMe`, '/bot<token>/getMe'],
  ['an encoded token', encodeURIComponent(token), '<token>'],
  ['one encoded in lower case', token.replace(':', '%3a'), '<token>'],
  ['one encoded twice', encodeURIComponent(encodeURIComponent(token)), '<token>'],
  ['a path', url, 'https://a1.execute-api.us-east-1.amazonaws.com/<webhook path>'],
  [
    'an encoded path',
    encodeURIComponent(url).slice(8),
    expect.stringMatching(/%2F<webhook path>$|<webhook path>$/),
  ],
  ['the last part of a path', 'at 0123456789abcdef0123', 'at <webhook path>'],
  ['a secret', `x${secret}x`, 'x<secret>x'],
  ['anything else', 'at 12:30, 7000000001, /telegram', 'at 12:30, 7000000001, /telegram'],
])('hides %s', (_, text, clean) => {
  expect(learned().text(text)).toEqual(clean);
});

it('hides secrets anywhere in a value, names of fields included, and leaves the value itself alone', () => {
  const value = { [token]: [{ deep: `"${secret}"` }], number: 1 };
  expect(learned().value(value)).toEqual({ '<token>': [{ deep: '"<secret>"' }], number: 1 });
  expect(value).toHaveProperty([token]);
});

it('keeps a value whole whose numbers or syntax look like a secret', () => {
  const scrubber = new Scrubber();
  scrubber.learn({ url: 'https://example.com/","x100100","x100100', secret: '100100' });
  const value = { id: 7_001_001_005, list: ['/', 'x100100', 'x100100'] };
  expect(scrubber.value(value)).toEqual({ ...value, list: ['/', 'x<secret>', 'x<secret>'] });
});

it('does not take a short path or secret for one, because it may be a word or a command', () => {
  const scrubber = new Scrubber();
  scrubber.learn({ url: 'https://example.com/', secret: 'abc' });
  scrubber.learn({ url: 'https://example.com/s' });
  scrubber.learn({ url: 'https://example.com/webhook' });
  scrubber.learn({ url: '' });
  const text = 'abc / example.com/ /start /webhook functions/webhook.ts';
  expect(scrubber.text(text)).toBe(text);
});

it.each(['/s', '/webhook', '/hook?key=1', '?key=1'])('hides the short %s in its URL', (path) => {
  const scrubber = new Scrubber();
  scrubber.learn({ url: `https://example.com${path}` });
  expect(scrubber.text(`at https://example.com${path}.`)).toBe(
    'at https://example.com/<webhook path>.',
  );
});

it('does not take the beginning of another URL for a short path', () => {
  const scrubber = new Scrubber();
  scrubber.learn({ url: 'https://example.com/s' });
  expect(scrubber.text('https://example.com/shop')).toBe('https://example.com/shop');
});

it('hides special characters of a path as they are', () => {
  const scrubber = new Scrubber();
  scrubber.learn({ url: 'https://example.com/a.b(c)*d/of-this-bot?key=1' });
  const text = '/a.b(c)*d/of-this-bot /a.b(c)*d/of-this-bot?key=1 /aXb(c)*d/of-this-bot';
  expect(scrubber.text(text)).toBe('/<webhook path> /<webhook path> /aXb(c)*d/of-this-bot');
});

it('hides a path that no URL can have', () => {
  const path = '/half-a-character-\ud83d';
  const scrubber = new Scrubber();
  scrubber.learn({ url: `https://example.com${path}` });
  expect(scrubber.text(`at ${path}`)).toBe('at /<webhook path>');
});
