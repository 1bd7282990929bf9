import type { ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import type { BotApiError } from './bot-api-error.ts';

/** What goes over the wire. */
export interface FaultReply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | Buffer;
}

/** How a call goes wrong. */
export type TelegramFault =
  /** Something else answers: Telegram with an error, or a proxy on the way with its HTML. */
  | ({ readonly kind: 'answer'; readonly acted?: boolean } & Partial<FaultReply>)
  /** The connection breaks before an answer (`reset`), or nothing ever comes (`hang`). */
  | { readonly kind: 'reset' | 'hang'; readonly acted?: boolean }
  /** Telegram's own answer breaks off half-way, though its length promised more. */
  | { readonly kind: 'cut' }
  /** Telegram's own answer comes a byte at a time. */
  | { readonly kind: 'trickle'; readonly everyMs: number };

/** Telegram refuses, whatever it would have done. */
export function refusal({ code, answer }: BotApiError) {
  return {
    kind: 'answer',
    status: code,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(answer),
  } as const satisfies TelegramFault;
}

/** Whether Telegram does what the call asks, whatever the caller then gets to know of it. */
export function acts(fault: TelegramFault): boolean {
  return fault.kind === 'cut' || fault.kind === 'trickle' || fault.acted === true;
}

/** Sends what is left of the answer. `signal` ends it when the caller has gone. */
export async function sendFaulty(
  fault: TelegramFault,
  reply: FaultReply,
  response: ServerResponse,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  switch (fault.kind) {
    case 'answer': {
      const { status = 200, headers = {}, body = '' } = fault;
      return sendReply({ status, headers, body }, response);
    }
    case 'reset':
      response.destroy();
      return;
    case 'hang':
      return;
    case 'cut':
      writeHead(reply, response);
      response.write(half(reply.body), () => response.destroy());
      return;
    case 'trickle':
      writeHead(reply, response);
      for (const byte of Buffer.from(reply.body)) {
        response.write(Buffer.of(byte));
        await clock.sleep(fault.everyMs, signal);
      }
      response.end();
  }
}

export function sendReply(reply: FaultReply, response: ServerResponse): void {
  writeHead(reply, response);
  response.end(reply.body);
}

function writeHead({ status, headers, body }: FaultReply, response: ServerResponse): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
}

function half(body: string | Buffer): Buffer {
  const bytes = Buffer.from(body);
  return bytes.subarray(0, Math.floor(bytes.length / 2));
}
