/** Characters that are invisible, or that change the order of others. Joiners are not: emoji and languages need them. */
const HIDDEN = /[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu;

/** Writes what is invisible, or changes the order of other characters, as an escape: for JSON, code and logs. */
export function escapeHidden(text: string): string {
  return text.replace(HIDDEN, (character) =>
    character === '\n' || character === '\t'
      ? character
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
