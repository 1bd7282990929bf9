/**
 * A token, also in URL encoding, once or several times: the Bot API has it in the path of every call. It is looked for only
 * where a number begins, because a log may hold long ones.
 */
const TOKEN = String.raw`(?<!\d)\d{5,}(?::|%(?:25)*3[Aa])[\w-]{30,}`;
/** A shorter one may be an ordinary word. */
const SHORTEST_SECRET = 6;
/** A shorter path is no secret, and may be a command that a person types: `/webhook`. */
const SHORTEST_PATH = 16;

/** Takes tokens, and the paths and secrets of webhooks, out of what is shown or saved. */
export class Scrubber {
  /** What stands for a secret, by the secret. */
  private readonly words = new Map<string, string>();
  private pattern = new RegExp(TOKEN, 'g');

  /** Hides a webhook from now on. */
  learn({ url, secret }: { url: string; secret?: string }): void {
    const [, host = '', path = '', query = ''] =
      /^https?:(\/\/[^/?#]+)([^?#]*)(\?[^#]*)?/i.exec(url) ?? [];
    const segment = path.slice(path.lastIndexOf('/') + 1);
    for (const target of [path + query, path]) {
      if (target.length > 1) this.add(host + target, `${host}/<webhook path>`);
      if (target.length >= SHORTEST_PATH) this.add(target, '/<webhook path>');
    }
    if (segment.length >= SHORTEST_PATH) this.add(segment, '<webhook path>');
    if (secret && secret.length >= SHORTEST_SECRET) this.add(secret, '<secret>');
  }

  text(text: string): string {
    return text.replace(this.pattern, (found) => this.words.get(found) ?? '<token>');
  }

  /** Returns a copy of a JSON value. */
  value<T>(value: T): T {
    return JSON.parse(JSON.stringify(value), (_, part) => this.scrubbed(part));
  }

  /** Numbers and the syntax stay: they may look like a secret too. */
  private scrubbed(part: unknown): unknown {
    if (typeof part === 'string') return this.text(part);
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(
      Object.entries(part).map(([name, field]) => [this.text(name), field]),
    );
  }

  private add(secret: string, name: string): void {
    const encoded = encodeURIComponent(secret.toWellFormed());
    for (const spelling of [secret, encoded, encodeURIComponent(encoded)]) {
      if (this.words.has(spelling)) continue;
      this.words.set(spelling, name);
      // The longest first, because a path contains its last segment.
      const words = [...this.words.keys()].sort((a, b) => b.length - a.length);
      this.pattern = new RegExp([...words.map(patternOf), TOKEN].join('|'), 'g');
    }
  }
}

/** A URL may be the beginning of another one; a secret may stand in the middle of anything. */
function patternOf(word: string): string {
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return /^(\/|%2F|%252F){2}/.test(word) ? String.raw`${escaped}(?![\w-])` : escaped;
}
