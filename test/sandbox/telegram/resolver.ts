import type { Clock } from '../clock.ts';
import { literalIp } from './webhook-address.ts';

const FAILURE_CACHED_MS = 5 * 60_000;

/**
 * Any host of the sandbox has this address: a public one, because Telegram refuses to deliver to the
 * private address that the sandbox really listens on. Nobody ever connects to it.
 */
const SANDBOX_IP = '3.208.0.1';

/** An IP address, or null for a name that does not exist. */
type LookUp = string | null | Promise<string | null>;

/** Telegram's look-up of host names, with its memory: a failure is remembered for five minutes. */
export class Resolver {
  private readonly clock: Clock;
  private readonly knows: (host: string) => boolean;
  private readonly failedUntil = new Map<string, number>();

  /** For tests of name servers: asked first; undefined leaves it to the sandbox's network. */
  override?: (host: string) => LookUp | undefined;

  constructor(clock: Clock, knows: (host: string) => boolean) {
    this.clock = clock;
    this.knows = knows;
  }

  /** Rejects when the name does not resolve, or did not within the last five minutes. */
  async resolve(host: string): Promise<string> {
    const literal = literalIp(host);
    if (literal) return literal;
    if ((this.failedUntil.get(host) ?? 0) > this.clock.now()) throw notFound();
    const ip = await this.ask(host);
    if (ip) return ip;
    this.failedUntil.set(host, this.clock.now() + FAILURE_CACHED_MS);
    throw notFound();
  }

  private ask(host: string): LookUp {
    const answer = this.override?.(host);
    if (answer !== undefined) return answer;
    return this.knows(host) ? SANDBOX_IP : null;
  }
}

function notFound(): Error {
  return new Error('Failed to resolve host: Name or service not known');
}
