import type { FaultCode, FaultView } from '../page/protocol.ts';
import type { RecordedCall } from './bot-api.ts';
import { type BotApiError, badRequest, forbidden, tooManyRequests } from './bot-api-error.ts';
import { methodNamed } from './methods.ts';

const REFUSALS: Readonly<Record<FaultCode, () => BotApiError>> = {
  400: () => badRequest('chat not found'),
  403: () => forbidden('bot was blocked by the user'),
  429: () => tooManyRequests(5),
};

/**
 * Answers that a person has asked for: each one refuses the next call of its method, with the token or in a webhook's
 * reply, and Telegram does not execute it.
 */
export class NextFaults {
  private readonly waiting: (FaultView & { readonly botId: number })[] = [];

  /** @param method is known in any case */
  add(botId: number, method: string, code: FaultCode): void {
    this.waiting.push({ botId, method: methodNamed(method), code });
  }

  /** Returns what is still to come, in order. */
  list(botId: number): FaultView[] {
    return this.waiting
      .filter((fault) => fault.botId === botId)
      .map(({ method, code }) => ({ method, code }));
  }

  clear(botId: number): void {
    const others = this.waiting.filter((fault) => fault.botId !== botId);
    this.waiting.splice(0, this.waiting.length, ...others);
  }

  /** Takes the first fault for this call. */
  take({ botId, method }: Pick<RecordedCall, 'botId' | 'method'>): BotApiError | undefined {
    const index = this.waiting.findIndex(
      (fault) => fault.botId === botId && fault.method === method,
    );
    const [fault] = index < 0 ? [] : this.waiting.splice(index, 1);
    return fault && REFUSALS[fault.code]();
  }
}
