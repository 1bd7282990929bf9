import { ServiceError } from './service-error.ts';

/**
 * Reads a filter pattern of terms: all of them must be in a line, or one of those with `?`, and none with `-`. A term
 * with other characters than letters, digits and underscores is in quotes. Case counts.
 *
 * @returns whether a line matches
 * @throws ServiceError for patterns of JSON or of columns, which the sandbox does not support
 */
export function parseFilter(pattern = ''): (line: string) => boolean {
  const terms = [...pattern.matchAll(/([-?]?)("(?:[^"\\]|\\.)*"|\S+)/g)].map(
    ([, sign = '', term = '']) => ({ sign, text: textOf(term) }),
  );
  const signed = (wanted: string) => terms.filter(({ sign }) => sign === wanted);
  return (line) => {
    const isIn = ({ text }: { text: string }) => line.includes(text);
    const any = signed('?');
    return (
      signed('').every(isIn) && !signed('-').some(isIn) && (any.length === 0 || any.some(isIn))
    );
  };
}

function textOf(term: string): string {
  if (term.length > 1 && term.startsWith('"') && term.endsWith('"')) {
    return term.slice(1, -1).replace(/\\(.)/g, '$1');
  }
  if (/^\w+$/.test(term)) return term;
  const message = `Invalid filter pattern: the sandbox supports only terms, which need quotes here: ${term}`;
  throw new ServiceError('InvalidParameterException', message);
}
