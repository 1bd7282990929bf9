import { badRequest } from '../bot-api-error.ts';

/** Telegram's parsers read a zero behind the end of a text, and treat it as white space. */
export const END = '\0';

export function isSpace(character: string): boolean {
  return ' \t\r\n\v\0'.includes(character) && character !== '';
}

/** Returns the position in bytes at which Telegram reports a problem. */
export function byteOffset(text: string, index: number): number {
  return Buffer.byteLength(text.slice(0, index));
}

/** Changes only ASCII letters, as Telegram does. */
export function toLowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/**
 * Replaces control characters with spaces, and removes carriage returns, characters that change the
 * direction of text, and marks that draw vertical lines (tdlib, misc.cpp).
 */
export function cleanText(text: string): string {
  return replaceMarks(text.replace(REMOVED, '').replace(CONTROLS, ' '));
}

/** Of several direction marks in a row only the last one stays (tdlib, misc.cpp). */
export function replaceMarks(text: string): string {
  return text.replace(/[\u200e\u200f](?=[\u200e\u200f])/g, '\u200c');
}

export function isRemoved(character: string): boolean {
  return character.search(REMOVED) === 0;
}

export function isControl(character: string): boolean {
  return character.search(CONTROLS) === 0;
}

const CONTROLS = /(?![\n\r\x7f-\x9f])\p{Cc}/gu;
const REMOVED = /[\r\u2028-\u202e]|\u0333|\u033f|\u030a/g;

/** Returns whether nothing of a text can be seen (tdlib, misc.cpp). */
export function isInvisible(text: string): boolean {
  return /^[\s\u180e\u200b-\u200f\u202e\u2800\ufeff\ufffc\u{e0000}-\u{e007f}]*$/u.test(text);
}

/** Returns false for a text with half of a surrogate pair, which cannot be written in UTF-8. */
export function isUtf8(text: string): boolean {
  return !/\p{Cs}/u.test(text);
}

/** Thrown by the parsers, whose problems Telegram reports with a prefix. */
export function cannotParse(problem: string): Error {
  return badRequest(`Can't parse entities: ${problem}`);
}
