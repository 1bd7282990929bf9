import { describe, expect, it } from 'vitest';
import { findEntities } from './detect.ts';

const found = (text: string) =>
  findEntities(text).map(
    ({ type, offset, length }) => `${type} ${text.slice(offset, offset + length)}`,
  );

describe('entities that Telegram finds', () => {
  it.each([
    ['/start now', ['bot_command /start']],
    ['/help@kit_bot', ['bot_command /help@kit_bot']],
    ['say /a, then (/b).', ['bot_command /a', 'bot_command /b']],
    ['a/b /c/d </e> /help@ab /', []],
    ['@ada_l and @pic', ['mention @ada_l', 'mention @pic']],
    ['me@ada @abc @a é@adam', []],
    ['#tag #été_1 #1a', ['hashtag #tag', 'hashtag #été_1', 'hashtag #1a']],
    ['#1 a#b #a#b #', []],
    ['#tag@channel', ['hashtag #tag@channel']],
    ['$USD $1INCH', ['cashtag $USD', 'cashtag $1INCH']],
    ['$usd $ABCDEFGHI a$USD $$USD', []],
    ['example.com.', ['url example.com']],
    ['(see http://example.com/a_(b)?c=d#e).', ['url http://example.com/a_(b)?c=d#e']],
    ['HTTPS://Example.COM:8443/', ['url HTTPS://Example.COM:8443/']],
    ['ftp://a.b-c.de', ['url ftp://a.b-c.de']],
    ['http://10.0.0.1:80/x 1.2.3.4', ['url http://10.0.0.1:80/x', 'url 1.2.3.4']],
    ['http://example.internal example.internal', ['url http://example.internal']],
    ['пример.рф xn--e1afmkfd.xn--p1ai', ['url пример.рф', 'url xn--e1afmkfd.xn--p1ai']],
    ['tg://resolve?domain=x.', ['url tg://resolve?domain=x']],
    ['user:pw@example.com', ['url user:pw@example.com']],
    ['ada.l@example.co.uk a+b@a.de', ['email ada.l@example.co.uk', 'email a+b@a.de']],
    ['mailto:ada@example.com', ['email ada@example.com']],
    ['the end.But not 1.5 or file.ts or a_b.c_d.com ...', []],
    ['http://localhost sftp://a.de', []],
    ['+1 (212) 555-0123', ['phone_number +1 (212) 555-0123']],
    ['1+2345678, +123', []],
    ['4111 1111 1111 1111', ['bank_card_number 4111 1111 1111 1111']],
    ['4111111111111111 4111111111111112', ['bank_card_number 4111111111111111']],
    ['4111-1111-1111-1112 a4111111111111111', []],
    ['😀 @ada_l', ['mention @ada_l']],
  ])('in %j are %j', (text, expected) => {
    expect(found(text)).toEqual(expected);
  });

  it('have lengths in UTF-16 units', () => {
    expect(findEntities('😀 #😀 #a😀b')).toEqual([{ type: 'hashtag', offset: 7, length: 2 }]);
  });
});
