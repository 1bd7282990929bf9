import type { MessageEntity } from '@grammyjs/types';
import { sortEntities, withoutOverlaps } from './entities.ts';
import { findLinks, type Range } from './links.ts';

type FoundType = MessageEntity.CommonMessageEntity['type'];

/** A character of a word, and one of a hashtag, for character classes (tdlib, MessageEntity.cpp). */
const WORD = '\\p{L}\\p{N}_';
const TAG = '\\p{L}\\p{Nd}_\\u200c\\u00b7\\u0d80-\\u0dff';

const MENTION = new RegExp(`(?<![${WORD}])@(\\w{2,32})(?![${WORD}])`, 'gu');
const COMMAND = new RegExp(
  `(?<![${WORD}/<>])/\\w{1,64}(?!\\w)(?:@\\w{3,32}|(?!@))(?![${WORD}/<>])`,
  'gu',
);
const HASHTAG = new RegExp(`(?<![${TAG}])#([${TAG}]+)(?:@(\\w*))?`, 'gu');
const CASHTAG = new RegExp(
  `(?<![${TAG}$])\\$(?:1INCH|[A-Z]{1,8})(?![A-Z])(?:@\\w{3,32}(?!\\w))?(?![${TAG}$])`,
  'gu',
);
/**
 * An approximation: only Telegram's closed servers find phone numbers, and how is not documented.
 */
const PHONE_NUMBER = new RegExp(`(?<![${WORD}+])\\+\\d[\\d ()-]{5,}\\d(?![${WORD}])`, 'gu');
/** Digits with spaces and dashes between them. After 16 to 19 digits in a row, a space ends the number. */
const CARD_NUMBER = /\d{16,19}(?= )|\d[\d -]*/g;

/** The names shorter than four characters that can be mentioned. */
const SHORT_NAMES = ['gif', 'nft', 'pic', 'ufc', 'vid'];

/**
 * Finds what Telegram marks by itself: mentions, commands, hashtags, cashtags, links, e-mail
 * addresses, phone numbers and card numbers (tdlib, MessageEntity.cpp).
 */
export function findEntities(text: string): MessageEntity[] {
  const found: MessageEntity[] = [
    ...mark('mention', mentions(text)),
    ...mark('bot_command', matches(text, COMMAND)),
    ...mark('hashtag', hashtags(text)),
    ...mark('cashtag', matches(text, CASHTAG)),
    ...mark('phone_number', matches(text, PHONE_NUMBER).filter(isPhoneNumber(text))),
    ...mark('bank_card_number', cardNumbers(text)),
    ...findLinks(text).flatMap(({ kind, range }) => mark(kind, [range])),
  ];
  return withoutOverlaps(sortEntities(found));
}

function mark(type: FoundType | 'bank_card_number', ranges: readonly Range[]): MessageEntity[] {
  // The type bank_card_number is Telegram's, though @grammyjs/types and the documentation omit it.
  return ranges.map(([start, end]) => ({
    type: type as FoundType,
    offset: start,
    length: end - start,
  }));
}

function matches(text: string, pattern: RegExp): Range[] {
  return [...text.matchAll(pattern)].map((match) => [match.index, match.index + match[0].length]);
}

function mentions(text: string): Range[] {
  return matches(text, MENTION).filter(([start, end]) => {
    const name = text.slice(start + 1, end);
    return name.length >= 4 || SHORT_NAMES.includes(name.toLowerCase());
  });
}

/** A hashtag has at most 256 characters, one of them a letter, and may name a chat. */
function hashtags(text: string): Range[] {
  return [...text.matchAll(HASHTAG)].flatMap(({ index, 1: word = '', 2: name = '' }): Range[] => {
    const characters = [...word].slice(0, 256).join('');
    let end = index + 1 + word.length;
    if (name.length >= 3) end += 1 + Math.min(name.length, 32);
    if (text[end] === '#' || !/\p{L}/u.test(characters)) return [];
    return [[index, characters === word ? end : index + 1 + characters.length]];
  });
}

const digitsOf = (text: string, [start, end]: Range) => text.slice(start, end).replace(/\D/g, '');

function isPhoneNumber(text: string) {
  return (range: Range) => {
    const { length } = digitsOf(text, range);
    return length >= 7 && length <= 15;
  };
}

function cardNumbers(text: string): Range[] {
  return matches(text, CARD_NUMBER).flatMap(([start, end]): Range[] => {
    const number = text.slice(start, end).replace(/[ -]+$/, '');
    const digits = number.replace(/\D/g, '');
    const { length } = digits;
    const isCard =
      length >= 13 && length <= 19 && number.length < 2 * length && isValidCard(digits);
    const isWithin =
      /[\p{L}_+.,-]$/u.test(text.slice(Math.max(start - 2, 0), start)) ||
      /^[\p{L}_-]/u.test(text.slice(start + number.length));
    return isCard && !isWithin ? [[start, start + number.length]] : [];
  });
}

function isValidCard(digits: string): boolean {
  const { length } = digits;
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (1 + (index % 2));
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  if (sum % 10 !== 0) return false;
  const two = Number(digits.slice(0, 2));
  const four = Number(digits.slice(0, 4));
  if (digits.startsWith('4')) return [13, 16, 18, 19].includes(length);
  if ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720)) return length === 16;
  if (two === 34 || two === 37) return length === 15;
  if (two === 62 || two === 81) return length >= 16;
  return !(four >= 2200 && four <= 2204) || length === 16;
}
