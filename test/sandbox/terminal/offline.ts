import { type SafeText, style } from './style.ts';

/** How Node reports a name that DNS does not know. */
const NOT_FOUND = /\bENOTFOUND ([\w.-]+)/;

/** Explains, once for each host, that functions cannot reach it because the sandbox is offline. */
export class Offline {
  private readonly explained = new Set<string>();

  /** @returns undefined if the text does not name a host that was not found, or one that has been explained */
  explain(text: string): SafeText | undefined {
    const [, host] = NOT_FOUND.exec(text) ?? [];
    if (host === undefined || this.explained.has(host)) return undefined;
    this.explained.add(host);
    return style('yellow', `${host} cannot be reached: npm start is offline on purpose.`);
  }
}
