import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import {
  type DeclaredProfile,
  ResourceType,
  type WatchEvent,
} from '../../../functions/contract.ts';
import type { ResourceEvent } from '../../../functions/registrar/event.ts';
import { handleEvent } from '../../../functions/registrar/handler.ts';
import { ATTEMPT_MS, NEW_SETTINGS_MS } from '../../../functions/registrar/retry/time-budget.ts';
import type { AnyMethod } from '../../../functions/registrar/services.ts';
import { handleWatch, type WatchServices } from '../../../functions/registrar/watch/watch.ts';
import {
  deriveWebhookSecrets,
  webhookUrl,
} from '../../../functions/registrar/webhook/derive-secrets.ts';
import { TelegramUnreachableError } from '../../../functions/telegram/errors.ts';
import { ManualClock } from '../../sandbox/index.ts';
import { MessageDelays, randomNumbers } from './message-delays.ts';
import { modelToken } from './model-stack.ts';

const BOT_ID = '7000000001';
const STACK_ID = 'arn:aws:cloudformation:us-east-1:123456789012:stack/a/1';
const TWELVE_MINUTES = 12 * 60_000;
const properties = {
  TokenSecret: 'telegram/bot-token',
  ApiRoot: 'https://api.telegram.org',
  Address: 'address-1',
};
const webhook = {
  ...properties,
  Username: 'kit_bot',
  Endpoint: 'https://a1.execute-api.us-east-1.amazonaws.com',
  AllowedUpdates: [],
  MaxConnections: '40',
  DropPendingUpdates: 'false' as const,
  ExistingWebhook: 'replace' as const,
};

/** The languages of the name; '' is that of everybody else. */
const LANGUAGES = ['', 'de', 'fr'] as const;
type Names = Readonly<Partial<Record<(typeof LANGUAGES)[number], string>>>;

type Act = { readonly afterMs: number } & (
  | { readonly do: 'deploy'; readonly names: Names; readonly fails: boolean }
  | { readonly do: 'destroy' }
  | { readonly do: 'check'; readonly latenessMs: number }
  | { readonly do: 'edit'; readonly language: (typeof LANGUAGES)[number]; readonly name: string }
);

export interface ProfileInterleaving {
  readonly seed: number;
  readonly acts: readonly Act[];
}

const afterMs = fc.oneof(
  { weight: 4, arbitrary: fc.nat(12_000) },
  { weight: 2, arbitrary: fc.nat(45_000) },
  fc.nat(NEW_SETTINGS_MS + 200_000),
);
const name = fc.constantFrom('A', 'B');
const names: fc.Arbitrary<Names> = fc.record(
  { '': name, de: name, fr: name },
  { requiredKeys: [] },
);
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('check' as const),
      afterMs,
      latenessMs: fc.oneof(fc.nat(3000), fc.nat(75_000)),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('deploy' as const),
      afterMs,
      names,
      fails: fc.nat(4).map((one) => one === 0),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('destroy' as const), afterMs }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('edit' as const),
      afterMs,
      language: fc.constantFrom(...LANGUAGES),
      name,
    }),
  },
);

/** A person changes a name, a check sees it, and the stack no longer declares it when the check comes to repair it. */
const race: fc.Arbitrary<Act[]> = fc
  .tuple(
    fc.constantFrom(...LANGUAGES),
    names,
    fc.oneof(fc.nat(1500), fc.nat(25_000)),
    fc.constantFrom('deploy' as const, 'destroy' as const),
  )
  .map(([language, next, later, how]) => [
    { do: 'edit', afterMs: NEW_SETTINGS_MS + 60_000, language, name: 'C' },
    { do: 'check', afterMs: 100, latenessMs: 0 },
    how === 'destroy'
      ? { do: 'destroy', afterMs: later }
      : { do: 'deploy', afterMs: later, names: { ...next, [language]: undefined }, fails: false },
  ]);

export const profileInterleavings: fc.Arbitrary<ProfileInterleaving> = fc.record({
  seed: fc.nat(),
  acts: fc
    .array(
      fc.oneof(
        act.map((one) => [one]),
        race,
      ),
      {
        minLength: 2,
        maxLength: 8,
        size: 'max',
      },
    )
    .map((parts) => parts.flat()),
});

/** Plays the acts, lets everything end, and checks what is left of the bot's names. */
export async function playProfileInterleaving({ seed, acts }: ProfileInterleaving): Promise<void> {
  const model = new Model(seed);
  await model.play(acts);
}

class Model {
  private readonly clock = new ManualClock();
  private readonly delays: MessageDelays;
  private readonly set = new Map<string, string>();
  /** The languages whose name a person has set last. */
  private readonly byHand = new Set<string>();
  private status = '';
  private updatedAt = 0;
  private declared?: DeclaredProfile;
  private unfinished = '';
  private requests = 0;
  private lastOperation: Promise<void> = Promise.resolve();
  private readonly rations = new Map<string, number>();

  constructor(seed: number) {
    this.delays = new MessageDelays(this.clock, randomNumbers(seed));
  }

  async play(acts: readonly Act[]): Promise<void> {
    await this.during(this.deploy({ '': 'A', de: 'B', fr: 'A' }, false));
    const running: Promise<unknown>[] = [];
    for (const next of acts) {
      await this.clock.advance(next.afterMs);
      running.push(this.begin(next));
    }
    await this.during(Promise.all(running));
    await this.clock.advance(ATTEMPT_MS);
    this.delays.areShort = true;
    await this.clock.advance(NEW_SETTINGS_MS);
    await this.during(this.check(0));
    this.expectDeclared();
  }

  private expectDeclared(): void {
    const wanted = new Map(
      (this.declared?.Slots ?? []).map((slot): [string, string] => {
        const { name = '', language_code = '' } = JSON.parse(slot);
        return [language_code, name];
      }),
    );
    for (const language of LANGUAGES) {
      const expected = wanted.get(language);
      const seen = this.read(language);
      if (expected !== undefined) assert.equal(seen, expected, `the name in '${language}'`);
      else if (!this.byHand.has(language)) {
        const own = this.set.get(language);
        // A name that equals the one for everybody else may be left: no read tells it from none.
        const isHidden = own === undefined || (language !== '' && own === this.read(''));
        assert.ok(isHidden, `the name in '${language}' is left behind: ${own}`);
      }
    }
  }

  private begin(next: Act): Promise<void> {
    switch (next.do) {
      case 'deploy':
        return this.inTurn(() => this.deploy(next.names, next.fails));
      case 'destroy':
        return this.inTurn(() => this.destroy());
      case 'check':
        return this.check(next.latenessMs);
      case 'edit':
        this.set.set(next.language, next.name);
        this.byHand.add(next.language);
        return Promise.resolve();
    }
  }

  private inTurn(operate: () => Promise<void>): Promise<void> {
    this.lastOperation = this.lastOperation.then(operate);
    return this.lastOperation;
  }

  private async deploy(names: Names, fails: boolean): Promise<void> {
    const before = this.declared;
    const after: DeclaredProfile = {
      Slots: Object.entries(names).flatMap(([language_code, name]) =>
        name === undefined
          ? []
          : [JSON.stringify(language_code === '' ? { name } : { name, language_code })],
      ),
    };
    this.updatedAt = this.clock.now();
    this.status = before ? 'UPDATE_IN_PROGRESS' : 'CREATE_IN_PROGRESS';
    await this.pause();
    await this.send(after, before);
    if (fails && before) {
      this.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
      await this.send(before, after);
      this.status = 'UPDATE_ROLLBACK_COMPLETE';
      return;
    }
    this.declared = after;
    this.status = before ? 'UPDATE_COMPLETE' : 'CREATE_COMPLETE';
  }

  private async destroy(): Promise<void> {
    const { declared } = this;
    if (!declared) return;
    this.updatedAt = this.clock.now();
    this.status = 'DELETE_IN_PROGRESS';
    await this.pause();
    await this.send(undefined, declared);
    this.declared = undefined;
    this.status = 'DELETE_COMPLETE';
  }

  /** Sends an event, again and again as a person does, until it succeeds. */
  private async send(after?: DeclaredProfile, before?: DeclaredProfile): Promise<void> {
    const event = {
      RequestType: after ? (before ? 'Update' : 'Create') : 'Delete',
      RequestId: String(++this.requests),
      ResourceType: ResourceType.profile,
      StackId: STACK_ID,
      LogicalResourceId: 'Profile',
      ResourceProperties: { ...properties, ...(after ?? before) },
      ...(before && { PhysicalResourceId: BOT_ID }),
      ...(before && after && { OldResourceProperties: { ...properties, ...before } }),
    } as ResourceEvent;
    for (;;) {
      try {
        const { Data } = await handleEvent(event, TWELVE_MINUTES, this.services());
        this.unfinished = (Data as { Unfinished?: string } | undefined)?.Unfinished ?? '';
        return;
      } catch {
        await this.pause();
      }
    }
  }

  private async check(latenessMs: number): Promise<void> {
    if (!this.declared) return;
    const event: WatchEvent = {
      RequestType: 'Watch',
      Purpose: 'watch',
      ScheduledTime: new Date(this.clock.now()).toISOString(),
      Repair: 'true',
      Metric: 'false',
      StackId: STACK_ID,
      Bot: 'a/Bot',
      BotId: BOT_ID,
      WebhookSecretSha256: this.secrets.secretSha256,
      ResourceProperties: webhook,
      Profile: { ...this.declared, Unfinished: this.unfinished },
    };
    await this.clock.sleep(latenessMs);
    await handleWatch(event, TWELVE_MINUTES, this.services());
  }

  private get secrets() {
    return deriveWebhookSecrets(modelToken, { stackId: STACK_ID, address: properties.Address });
  }

  private read(language: string): string {
    return this.set.get(language) ?? this.set.get('') ?? '';
  }

  private services(): WatchServices {
    const { clock, delays, rations } = this;
    const nothing = () => {};
    const unused = () => Promise.reject(new Error('Nothing in this model needs it'));
    const call = (method: string, parameters: { language_code?: string; name?: string }) =>
      delays.call(
        () => {
          const { language_code = '', name } = parameters;
          if (method === 'getMyName') return { name: this.read(language_code) };
          assert.equal(method, 'setMyName');
          this.byHand.delete(language_code);
          if (name) this.set.set(language_code, name);
          else this.set.delete(language_code);
          return true;
        },
        () => new TelegramUnreachableError(method, 'no answer within 10 s'),
      );
    return {
      readToken: async () => modelToken,
      botApi: () => ({
        getMe: unused,
        getWebhookInfo: async () => ({
          url: webhookUrl(webhook.Endpoint, this.secrets.path),
          has_custom_certificate: false,
          pending_update_count: 0,
        }),
        setWebhook: unused,
        call: call as unknown as AnyMethod['call'],
      }),
      post: unused,
      invoke: unused,
      describeStack: () =>
        delays.call(
          () => ({ status: this.status, updatedAt: this.updatedAt }),
          () => Object.assign(new Error('no answer'), { name: 'TimeoutError' }),
        ),
      getObject: unused,
      rations,
      clock: { now: () => clock.now(), sleep: (ms) => clock.sleep(ms), random: delays.random },
      log: { info: nothing, warn: nothing, error: nothing },
      writeMetric: nothing,
    };
  }

  private pause(): Promise<void> {
    return this.clock.sleep(this.delays.upTo(5000));
  }

  /** Advances the clock until a promise is settled. */
  private async during(work: Promise<unknown>): Promise<void> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    while (!isDone) await this.clock.advance(1000);
    await done;
  }
}
