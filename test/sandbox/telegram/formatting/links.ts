import { TOP_LEVEL_DOMAINS } from './top-level-domains.ts';

/** Where something begins and ends in a text, in UTF-16 units. */
export type Range = readonly [start: number, end: number];

export interface FoundLink {
  readonly kind: 'url' | 'email';
  readonly range: Range;
}

/** Characters of general punctuation that no URL has; joiners and dashes are allowed. */
const URL_CHARACTER = '(?![\\u2000-\\u200b\\u200e\\u200f\\u2016-\\u206f])\\P{Z}';
const IN_PATH = `(?![\\n<>"«»])${URL_CHARACTER}`;
const PATH_CHARACTER = new RegExp(`^${IN_PATH}$`, 'u');
const OWN_LINK = new RegExp(`(?:tg|tonsite|ton)://[a-z\\d_-]{1,253}([/?#](?:${IN_PATH})*)?`, 'giu');
const USER_CHARACTER = new RegExp(`^(?![\\n/[\\]{}()'\`<>"@«»])${URL_CHARACTER}$`, 'u');
const HIGH_DOMAIN_CHARACTER = new RegExp(`^${URL_CHARACTER}$`, 'u');
const WORD_CHARACTER = /^[\p{L}\p{N}_]$/u;
/** Punctuation that ends the sentence around a URL, not the URL. */
const SENTENCE_END = ".:;,('?!`";

const isPathCharacter = (character: string) => PATH_CHARACTER.test(character);
const isUserCharacter = (character: string) => USER_CHARACTER.test(character);
const isDomainCharacter = (character: string) =>
  character < '\xc0' ? /^[.\w~-]$/.test(character) : HIGH_DOMAIN_CHARACTER.test(character);
const isSchemeCharacter = (character: string) =>
  character < '\x80' ? /^[a-z\d+-]$/i.test(character) : !/^\p{Z}$/u.test(character);

/** Finds links and e-mail addresses (tdlib, MessageEntity.cpp). */
export function findLinks(text: string): FoundLink[] {
  return [...findOwnLinks(text), ...findDottedLinks(text)];
}

/** Finds links of Telegram and TON, whose hosts have no dots. */
function findOwnLinks(text: string): FoundLink[] {
  return [...text.matchAll(OWN_LINK)].map(({ index, 0: link, 1: path = '' }) => {
    const characters = [...path];
    const kept = characters.slice(0, pathEnd(characters, 0)).join('');
    return { kind: 'url', range: [index, index + link.length - path.length + kept.length] };
  });
}

function findDottedLinks(text: string): FoundLink[] {
  const scan = new LinkScan(text);
  return scan.candidates().flatMap(([start, end]): FoundLink[] => {
    const found = text.slice(start, end);
    if (isEmailAddress(found)) return [{ kind: 'email', range: [start, end] }];
    if (found.startsWith('mailto:') && isEmailAddress(found.slice(7))) {
      return [{ kind: 'email', range: [start + 7, end] }];
    }
    const length = validUrlLength(found);
    return length > 0 ? [{ kind: 'url', range: [start, start + length] }] : [];
  });
}

/** Looks around every dot for what could be a URL. Positions are in characters, not UTF-16 units. */
class LinkScan {
  private readonly characters: string[];
  private readonly offsets: number[] = [];
  /** What lies before belongs to an earlier candidate. */
  private begin = 0;

  constructor(text: string) {
    this.characters = [...text];
    let offset = 0;
    for (const character of this.characters) {
      this.offsets.push(offset);
      offset += character.length;
    }
    this.offsets.push(offset);
  }

  candidates(): Range[] {
    const found: Range[] = [];
    for (;;) {
      const dot = this.characters.indexOf('.', this.begin);
      if (dot < 0 || dot + 1 === this.characters.length) return found;
      if (this.characters[dot + 1] === ' ') {
        this.begin = dot + 2;
        continue;
      }
      const [start, end] = this.around(dot);
      if (start !== undefined && end > dot + 1) {
        found.push([this.offsets[start] ?? 0, this.offsets[end] ?? 0]);
      }
      this.begin = Math.max(this.next(dot, end, start !== undefined), dot + 1);
    }
  }

  /** Returns where a URL around the dot would begin, undefined when it is none, and where it would end. */
  private around(dot: number): [start: number | undefined, end: number] {
    const domainEnd = this.forward(dot, (c) => c === '@' || isDomainCharacter(c));
    const hasUser = this.characters.slice(dot, domainEnd).includes('@');
    let domain = this.back(dot, isDomainCharacter);
    if (hasUser) domain = this.back(domain, isUserCharacter);

    let end = pathEnd(this.characters, this.portEnd(domainEnd));
    while (end > dot + 1 && this.characters[end - 1] === '.') end--;

    let start = domain;
    if (this.before(start) === '@') {
      start = this.back(domain - 1, isUserCharacter);
      if (hasUser || start === domain - 1) return [undefined, end];
    }
    return [this.withScheme(start), end];
  }

  /** Returns where a URL begins together with its scheme; undefined when it cannot begin there. */
  private withScheme(start: number): number | undefined {
    const before = this.before(start);
    if (before === undefined) return start;
    if (start - this.begin >= 6 && this.characters.slice(start - 3, start).join('') === '://') {
      const schemeStart = this.back(start - 3, isSchemeCharacter);
      const scheme = this.characters
        .slice(schemeStart, start - 3)
        .join('')
        .toLowerCase();
      const [known] = /(?:https?|ftp|tonsite)$/.exec(scheme) ?? [];
      const isOther = ['shttp', 'tftp', 'sftp'].includes(scheme);
      return known && !isOther ? start - 3 - known.length : undefined;
    }
    return WORD_CHARACTER.test(before) || '/#@'.includes(before) ? undefined : start;
  }

  private portEnd(domainEnd: number): number {
    const rest = this.characters.slice(domainEnd, domainEnd + 100).join('');
    const [port, digits = ''] = /^:0*([1-9]\d{0,4})(?!\d)/.exec(rest) ?? [];
    return port && Number(digits) <= 65_535 ? domainEnd + port.length : domainEnd;
  }

  private next(dot: number, end: number, isCandidate: boolean): number {
    let next = end;
    if (isCandidate) while (this.characters[next] === '.') next++;
    else while (next > dot && this.characters[next - 1] !== '.') next--;
    return next;
  }

  private before(position: number): string | undefined {
    return position > this.begin ? this.characters[position - 1] : undefined;
  }

  private back(from: number, matches: (character: string) => boolean): number {
    let position = from;
    for (let c = this.before(position); c !== undefined && matches(c); c = this.before(position)) {
      position--;
    }
    return position;
  }

  private forward(from: number, matches: (character: string) => boolean): number {
    let position = from;
    while (position < this.characters.length && matches(this.characters[position] ?? ''))
      position++;
    return position;
  }
}

/** Returns where the path or query that begins at `start` ends; `start` when there is none. */
function pathEnd(characters: readonly string[], start: number): number {
  if (!'/?#'.includes(characters[start] ?? ' ')) return start;
  let end = start + 1;
  while (end < characters.length && isPathCharacter(characters[end] ?? '')) end++;
  while (end > start + 1 && SENTENCE_END.includes(characters[end - 1] ?? ' ')) end--;
  return characters[start] === '/' || end > start + 1 ? end : start;
}

function isEmailAddress(text: string): boolean {
  const [, user, domain] = /^([^@]*)@(.+)$/s.exec(text) ?? [];
  if (user === undefined || domain === undefined) return false;
  return (
    /^(?:[\w-]{0,26}[.+]){0,10}[\w-]{1,35}$/.test(user) &&
    /^(?:(?:[a-z\d][\w-]{0,28})?[a-z\d]\.){1,6}[a-z]{2,8}$/i.test(domain)
  );
}

/** Returns how much of a candidate is a URL; 0 when none of it is. */
function validUrlLength(candidate: string): number {
  const [scheme = ''] = /^(?:https?|ftp|tonsite):\/\//i.exec(candidate) ?? [];
  const [authority = ''] = /^[^/?#]*/.exec(candidate.slice(scheme.length)) ?? [];
  const domain = authority.replace(/^[^@]*@/, '').replace(/:[^:]*$/, '');
  if (domain.toLowerCase() === 'teiegram.org' || !isDomain(domain, scheme !== '')) return 0;
  const before = scheme.length + authority.length;
  return before + balancedLength(candidate.slice(before));
}

/** A path ends before a bracket that closes none of its own. */
function balancedLength(path: string): number {
  const depths = [0, 0, 0];
  let end = 0;
  for (; end < path.length; end++) {
    const character = path.charAt(end);
    for (const [index, pair] of ['()', '[]', '{}'].entries()) {
      const change = character === pair[0] ? 1 : character === pair[1] ? -1 : 0;
      depths[index] = (depths[index] ?? 0) + change;
    }
    if (depths.some((depth) => depth < 0)) break;
  }
  while (end > 0 && SENTENCE_END.includes(path.charAt(end - 1))) end--;
  return end;
}

function isDomain(domain: string, hasScheme: boolean): boolean {
  const parts = domain.split('.');
  const isPart = (part: string) => {
    const bytes = Buffer.byteLength(part);
    return bytes > 0 && bytes < 64 && !part.endsWith('-');
  };
  if (parts.length === 1 || !parts.every(isPart)) return false;
  const isByte = (part: string) =>
    /^(?:0|[1-9]\d{0,2})$/.test(part) && (part.length < 3 || part < '256');
  if (parts.length === 4 && parts.every(isByte)) return true;
  if (/^[\d.]*$/.test(domain)) return false;
  const top = parts.at(-1) ?? '';
  return isTopLevel(top, hasScheme) && !parts.at(-2)?.includes('_');
}

function isTopLevel(name: string, hasScheme: boolean): boolean {
  if ([...name].length <= 1) return false;
  if (name.startsWith('xn--')) return /^xn--[a-z\d]{2,}$/i.test(name);
  if (/[_-]/.test(name)) return false;
  if (hasScheme) return true;
  const lower = name.toLowerCase();
  // "end.But" begins a sentence: it is no domain.
  const isCapitalized =
    lower !== name && [...lower].slice(1).join('') === [...name].slice(1).join('');
  return !isCapitalized && TOP_LEVEL_DOMAINS.has(lower);
}
