import { isIPv6 } from 'node:net';
import { isSpace } from './characters.ts';

/** A link as Telegram stores it, or why Telegram does not accept it, in its words. */
export type CheckedLink = { readonly url: string } | { readonly problem: string };

/**
 * Checks a link and writes it as Telegram does: with a scheme, a host in lower case and a path
 * (tdlib, LinkManager.cpp and HttpUrl.cpp).
 *
 * @param options.httpsOnly what login URLs and Web Apps demand
 */
export function checkLink(link: string, { httpsOnly = false } = {}): CheckedLink {
  const { scheme, rest } = splitOwnScheme(link);
  const parsed = parseHttpUrl(rest);
  if ('problem' in parsed) return parsed;
  if (httpsOnly && (parsed.protocol !== 'https' || scheme)) {
    return { problem: 'Only HTTPS links are allowed' };
  }
  if (scheme) return ownLink(scheme, rest, parsed);
  if (!parsed.host.includes('.') && !parsed.isIpv6) return { problem: 'Wrong HTTP URL' };
  const { protocol, userinfo, host, port, query } = parsed;
  return {
    url: `${protocol}://${userinfo && `${userinfo}@`}${host}${port ? `:${port}` : ''}${query}`,
  };
}

/** Returns the user whom a link such as `tg://user?id=1` mentions. */
export function mentionedUser(link: string): number | undefined {
  const id = queryOf(link.toLowerCase(), 'user')?.get('id');
  const value = parseInteger(id);
  return value !== undefined && value > 0 && value < 2 ** 40 ? Number(value) : undefined;
}

/** Returns the first value of each parameter of a `tg:` link to `host`; undefined for other links. */
export function queryOf(link: string, host: string): Map<string, string> | undefined {
  const [, query] = new RegExp(`^tg:(?://)?${host}/?\\?([^#]*)`, 'i').exec(link) ?? [];
  if (query === undefined) return undefined;
  const parameters = new Map<string, string>();
  for (const parameter of query.split('&')) {
    const [, key = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(parameter) ?? [];
    if (!parameters.has(key)) parameters.set(key, value);
  }
  return parameters;
}

/** Returns the number that a text is; undefined when it is none, or written in another way. */
export function parseInteger(text: string | undefined): bigint | undefined {
  return text !== undefined && /^(?:0|-?[1-9]\d*)$/.test(text) ? BigInt(text) : undefined;
}

interface HttpUrl {
  readonly protocol: string;
  readonly userinfo: string;
  readonly host: string;
  readonly isIpv6: boolean;
  /** 0 when the URL names none. */
  readonly port: number;
  /** Path and query: begins with a slash. */
  readonly query: string;
}

function splitOwnScheme(link: string): { scheme: string | undefined; rest: string } {
  const [prefix, scheme] = /^(tg|ton|tonsite):(?:\/\/)?/i.exec(link) ?? [];
  return { scheme: scheme?.toLowerCase(), rest: link.slice(prefix?.length ?? 0) };
}

function ownLink(scheme: string, rest: string, parsed: HttpUrl): CheckedLink {
  const { protocol, userinfo, host, isIpv6: ipv6, port, query } = parsed;
  if (/^http:\/\//i.test(rest) || protocol === 'https' || userinfo || port || ipv6) {
    return { problem: scheme === 'tg' ? 'Wrong tg URL' : 'Wrong ton URL' };
  }
  if (!(scheme === 'tonsite' ? /^[a-z\d_.-]*$/ : /^[a-z\d_-]*$/).test(host)) {
    return { problem: 'Unallowed characters in URL host' };
  }
  return { url: `${scheme}://${host}${query.replace(/^\/\?/, '?')}` };
}

function parseHttpUrl(url: string): HttpUrl | { problem: string } {
  const [prefix, scheme] = /^([^:/?#@[\]]*):\/\//.exec(url) ?? [];
  const protocol = scheme?.toLowerCase() ?? 'http';
  if (protocol !== 'http' && protocol !== 'https') return { problem: 'Unsupported URL protocol' };
  const rest = url.slice(prefix?.length ?? 0);
  const [authority = ''] = /^[^/?#]*/.exec(rest) ?? [];

  const [portSuffix, portText] = /(?<=.):([^:\]@]*)$/s.exec(authority) ?? [];
  const port = portText === undefined ? 0 : readPort(portText);
  if (port === undefined) return { problem: 'Wrong port number specified in the URL' };
  const userinfoAndHost = portSuffix ? authority.slice(0, -portSuffix.length) : authority;
  const at = userinfoAndHost.lastIndexOf('@');
  const userinfo = userinfoAndHost.slice(0, Math.max(at, 0));
  const host = userinfoAndHost.slice(at + 1).replace(/[A-Z]/g, (letter) => letter.toLowerCase());

  const ipv6 = /^\[(.*)\]$/s.exec(host)?.[1];
  if (ipv6 !== undefined && !isIPv6(ipv6)) {
    return { problem: 'Wrong IPv6 address specified in the URL' };
  }
  if (host === '') return { problem: 'URL host is empty' };
  if (host === '.') return { problem: 'Host is invalid' };
  const problem =
    ipv6 === undefined ? (problemOf(host, 'host') ?? problemOf(userinfo, 'userinfo')) : undefined;
  if (problem) return { problem };
  const query = pathAndQuery(rest.slice(authority.length));
  return { protocol, userinfo, host, isIpv6: ipv6 !== undefined, port, query };
}

function readPort(text: string): number | undefined {
  const port = Number(parseInteger(text.replace(/^0+(?=.)/s, '')) ?? 0);
  return port > 0 && port <= 65_535 ? port : undefined;
}

function problemOf(part: string, name: 'host' | 'userinfo'): string | undefined {
  const allowed = name === 'host' ? /[\w.!$,~*'();&+=-]/ : /[\w.!$,~*'();&+=:-]/;
  for (let index = 0; index < part.length; index++) {
    const character = part.charAt(index);
    if (character === '%') {
      if (!/^%[\da-f]{2}/i.test(part.slice(index, index + 3))) {
        return `Wrong percent-encoded symbol in URL ${name}`;
      }
      index += 2;
    } else if (character < '\x80' && !allowed.test(character)) {
      return `Disallowed character in URL ${name}`;
    }
  }
  return undefined;
}

function pathAndQuery(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text.charAt(end - 1))) end--;
  const query = [...text.slice(0, end)]
    .map((character) => (character <= ' ' ? percentEncode(character) : character))
    .join('');
  return query.startsWith('/') ? query : `/${query}`;
}

function percentEncode(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
