import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { botIdOf } from '../../functions/bot-token/parse.ts';
import type { WebhookApi } from '../../functions/registrar/services.ts';
import { BotApi } from '../../functions/telegram/client.ts';
import type { ManualClock, Telegram, TelegramFault } from '../sandbox/index.ts';

/** A call that the registrar is about to make. */
export interface ApiCall {
  readonly botId: number;
  /**
   * By what it is for: a `removal` is a setWebhook with an empty URL, and `verify` a getWebhookInfo once
   * a setWebhook has been tried.
   */
  readonly method: 'getMe' | 'getWebhookInfo' | 'setWebhook' | 'verify' | 'removal';
}

/**
 * What befalls it. `erases` is Telegram's trap: it has taken down the former webhook before it refuses.
 */
export type ApiFault = (TelegramFault | { readonly kind: 'refused' }) & {
  readonly erases?: boolean;
};

/**
 * How long an answer is waited for, in real milliseconds: where it will come, and where a fault keeps it
 * back. The registrar's own patience is what the clock is turned by in place of the latter.
 */
const PATIENCE = { sure: 20_000, vain: 3, clock: 10_000 };

/** The emulated Bot API on a socket of this machine, and the registrar's own client for it. */
export class BotApiServer {
  /** For tests of faults: asked about every call of the registrar's. */
  intercept?: (call: ApiCall) => ApiFault | undefined;
  private readonly server: Server;
  private readonly clock: ManualClock;
  /** The fault of the call that is under way, by its bot. */
  private readonly armed = new Map<number, ApiFault>();
  /** One call at a time, or a fault could befall another than the one it is meant for. */
  private turn: Promise<unknown> = Promise.resolve();

  static async start(telegram: Telegram, clock: ManualClock): Promise<BotApiServer> {
    const server = createServer((request, response) => telegram.handle(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new BotApiServer(server, telegram, clock);
  }

  private constructor(server: Server, telegram: Telegram, clock: ManualClock) {
    this.server = server;
    this.clock = clock;
    telegram.intercept = ({ botId = 0 }) => {
      const fault = this.armed.get(botId);
      this.armed.delete(botId);
      if (!fault || fault.kind === 'refused') return undefined;
      if (fault.erases) telegram.eraseWebhook(botId);
      return fault;
    };
  }

  /** A client whom nothing befalls. */
  plainClient(token: string, timeoutMs = PATIENCE.sure): BotApi {
    const { port } = this.server.address() as AddressInfo;
    return new BotApi({ token, apiRoot: `http://127.0.0.1:${port}`, timeoutMs });
  }

  /** The registrar's client. */
  client(token: string): WebhookApi {
    const here = this.plainClient(token);
    const inVain = this.plainClient(token, PATIENCE.vain);
    // Nobody listens on this one, and `fetch` does not refuse it by itself.
    const nowhere = new BotApi({ token, apiRoot: 'http://127.0.0.1:2' });
    const botId = Number(botIdOf(token));
    const inTurn = async <T>(method: ApiCall['method'], act: (api: BotApi) => Promise<T>) => {
      const fault = this.intercept?.({ botId, method });
      if (!fault) return act(here);
      if (fault.kind === 'refused') return act(nowhere);
      this.armed.set(botId, fault);
      try {
        return await underFault(fault, act);
      } finally {
        // A token that Telegram does not know is refused before any fault, which is for this call alone.
        this.armed.delete(botId);
      }
    };
    const underFault = async <T>(fault: ApiFault, act: (api: BotApi) => Promise<T>) => {
      if (fault.kind !== 'hang' && fault.kind !== 'trickle') return act(here);
      if (fault.kind === 'hang' && fault.acted) {
        // First of all, or the client may be gone before Telegram has acted.
        this.armed.delete(botId);
        await act(here).catch(() => {});
        this.armed.set(botId, { kind: 'hang' });
      }
      try {
        return await act(inVain);
      } finally {
        await this.clock.advance(PATIENCE.clock);
      }
    };
    const through = <T>(method: ApiCall['method'], act: (api: BotApi) => Promise<T>) => {
      const call = this.turn.then(() => inTurn(method, act));
      this.turn = call.catch(() => {});
      return call;
    };
    let hasTried = false;
    return {
      getMe: () => through('getMe', (api) => api.getMe()),
      getWebhookInfo: () =>
        through(hasTried ? 'verify' : 'getWebhookInfo', (api) => api.getWebhookInfo()),
      setWebhook(parameters) {
        const isRemoval = parameters.url === '';
        if (!isRemoval) hasTried = true;
        return through(isRemoval ? 'removal' : 'setWebhook', (api) => api.setWebhook(parameters));
      },
    };
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}
