import type { ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import type { BotApiError } from './bot-api-error.ts';

/** An HTTP response. */
export interface FaultReply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | Buffer;
}

/** A way in which a call fails. */
export type TelegramFault =
  /** Another answer arrives: an error from Telegram, or the HTML of a proxy on the way. */
  | ({ readonly kind: 'answer'; readonly acted?: boolean } & Partial<FaultReply>)
  /** The connection breaks before an answer (`reset`), or no answer ever comes (`hang`). */
  | { readonly kind: 'reset' | 'hang'; readonly acted?: boolean }
  /** Telegram's own answer breaks off halfway, although its Content-Length promised more. */
  | { readonly kind: 'cut' }
  /** Telegram's own answer arrives one byte at a time. */
  | { readonly kind: 'trickle'; readonly everyMs: number };

/** Returns a fault by which Telegram refuses a call, whatever it would have answered. */
export function refusal({ code, answer }: BotApiError) {
  return {
    kind: 'answer',
    status: code,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(answer),
  } as const satisfies TelegramFault;
}

/** Returns whether Telegram executes the call, whatever the caller then learns about it. */
export function acts(fault: TelegramFault): boolean {
  return fault.kind === 'cut' || fault.kind === 'trickle' || fault.acted === true;
}

/** Sends whatever the fault leaves of the answer. `signal` stops it when the caller disconnects. */
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
