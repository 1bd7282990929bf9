import type { Clock } from '../clock.ts';
import { literalIp } from './webhook-address.ts';

/** How long Telegram caches a failed lookup (tdlib, GetHostByNameActor.h). */
const FAILURE_CACHED_MS = 5 * 60_000;

/**
 * The address of every host in the sandbox. It is a public one, because Telegram refuses to deliver to
 * the private address that the sandbox really listens on. No connection is ever made to it.
 */
const SANDBOX_IP = '3.208.0.1';

/** An IP address, or null for a name that does not exist. */
type LookUp = string | null | Promise<string | null>;

/** Telegram's lookup of host names, which caches a failure for five minutes. */
export class Resolver {
  private readonly clock: Clock;
  private readonly knows: (host: string) => boolean;
  private readonly failedUntil = new Map<string, number>();

  /** Plays a name server in tests. It is asked first; undefined leaves it to the sandbox's network. */
  override?: (host: string) => LookUp | undefined;

  constructor(clock: Clock, knows: (host: string) => boolean) {
    this.clock = clock;
    this.knows = knows;
  }

  /** Rejects when the lookup fails, or has failed within the last five minutes. */
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
