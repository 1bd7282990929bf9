import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { ATTEMPT_MS, NEW_SETTINGS_MS } from '../../../functions/registrar/retry/time-budget.ts';
import { ManualClock } from '../../sandbox/index.ts';
import { MessageDelays, randomNumbers } from './message-delays.ts';
import { ModelStack, type StackChange } from './model-stack.ts';
import { type ModelCaller, ModelTelegram, type WebhookChange } from './model-telegram.ts';

/** How long the checks of other bots may take, before Lambda ends their round. */
const LONGEST_WAIT_MS = 10 * 60_000;
const AT_ONCE: Delays = { latenessMs: 0, waitMs: 0 };
const FOREIGN_URL = 'https://foreign.example/path';
const names = ['a', 'b'] as const;
type Name = (typeof names)[number];

/** What delays a check after its time. */
interface Delays {
  /** How long its event is on the way. */
  readonly latenessMs: number;
  /** How long it then waits for checks of other bots. */
  readonly waitMs: number;
}

/** Something that begins at a time of its own, whatever else is under way. */
export type Act = { readonly afterMs: number } & (
  | { readonly do: 'deploy'; readonly stack: Name; readonly change: StackChange }
  | { readonly do: 'destroy'; readonly stack: Name }
  | ({ readonly do: 'check'; readonly stack: Name } & Delays)
  /** A person sets, removes or overwrites the webhook by hand. */
  | { readonly do: 'set foreign' | 'remove' | 'overwrite settings' | 'overwrite secret' }
);

export interface Interleaving {
  readonly seed: number;
  readonly acts: readonly Act[];
}

const stack = fc.constantFrom(...names);
/** Most acts begin while the ones before them are under way. */
const afterMs = fc.oneof(
  { weight: 4, arbitrary: fc.nat(12_000) },
  { weight: 2, arbitrary: fc.nat(45_000) },
  fc.nat(200_000),
);
/** Most bots are alone, or their checks are short. */
const waitMs = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.nat(60_000) },
  fc.nat(LONGEST_WAIT_MS),
);
const change: fc.Arbitrary<StackChange> = fc.record({
  maxConnections: fc.constantFrom<StackChange['maxConnections']>(3, 40),
  isRenamed: fc.nat(5).map((one) => one === 0),
  hasNewApi: fc.nat(5).map((one) => one === 0),
  fails: fc.nat(5).map((one) => one === 0),
});
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('check' as const),
      stack,
      afterMs,
      latenessMs: fc.oneof(fc.nat(3000), fc.nat(75_000)),
      waitMs,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('deploy' as const), stack, afterMs, change }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('destroy' as const), stack, afterMs }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), afterMs }) },
  fc.record({
    do: fc.constantFrom(
      'set foreign' as const,
      'overwrite settings' as const,
      'overwrite secret' as const,
    ),
    afterMs,
  }),
);

/** Two stacks that both have the bot: one is deployed again, while the other one's checks begin. */
const rivalry: fc.Arbitrary<Act[]> = fc
  .tuple(
    fc.constantFrom<[Name, Name]>(['a', 'b'], ['b', 'a']),
    change,
    fc.array(fc.nat(8000), { minLength: 1, maxLength: 3 }),
  )
  .map(([[deployed, rival], changed, checks]) => [
    { do: 'deploy', stack: deployed, afterMs: 90_000, change: { ...changed, isRenamed: false } },
    ...checks.map((afterMs) => ({
      do: 'check' as const,
      stack: rival,
      afterMs,
      latenessMs: 0,
      waitMs: 0,
    })),
  ]);

/** Stack `a` is deployed before anything else. */
export const interleavings: fc.Arbitrary<Interleaving> = fc.record({
  seed: fc.nat(),
  acts: fc
    .array(fc.oneof({ weight: 6, arbitrary: act.map((one) => [one]) }, rivalry), {
      minLength: 2,
      maxLength: 14,
      size: 'max',
    })
    .map((parts) => parts.flat()),
});

/** Plays the acts, lets everything end, and checks what is left. */
export async function playInterleaving({ seed, acts }: Interleaving): Promise<void> {
  const model = new Model(seed);
  await model.play(acts);
}

class Model {
  private readonly clock = new ManualClock();
  private readonly delays: MessageDelays;
  private readonly endpoints = new Map<string, string>();
  private readonly telegram: ModelTelegram;
  private readonly stacks: Readonly<Record<Name, ModelStack>>;
  /** The stack whose successful deploy is the last thing that was meant to change the webhook. */
  private owner?: Name;
  /** Who has last changed the webhook because that was the purpose. */
  private lastMeant?: ModelCaller;
  private mayBeOrphaned = false;
  /** Whether a person has set the current webhook, which may then be any. */
  private isByHand = false;
  private readonly problems: string[] = [];

  constructor(seed: number) {
    this.delays = new MessageDelays(this.clock, randomNumbers(seed));
    this.telegram = new ModelTelegram(this.delays);
    const { telegram, delays, endpoints } = this;
    const newStack = (name: Name) => {
      const created = new ModelStack(name, { telegram, delays, endpoints });
      created.onDeployed = (succeeded, isOrphaned) =>
        this.recordDeploy(name, succeeded, isOrphaned);
      return created;
    };
    this.stacks = { a: newStack('a'), b: newStack('b') };
    telegram.onChange = (changed) => this.recordChange(changed);
    telegram.isRejected = ({ url, secret }) => {
      const accepted = endpoints.get(url);
      return accepted !== undefined && accepted !== secret;
    };
  }

  async play(acts: readonly Act[]): Promise<void> {
    const first: StackChange = {
      maxConnections: 40,
      isRenamed: false,
      hasNewApi: false,
      fails: false,
    };
    await this.during(this.stacks.a.deploy(first));
    const running: Promise<unknown>[] = [];
    for (const next of acts) {
      await this.clock.advance(next.afterMs);
      running.push(this.begin(next));
    }
    await this.during(Promise.all(running));
    // Whatever is still on its way to Telegram arrives.
    await this.clock.advance(ATTEMPT_MS);
    this.checkOwner();
    this.checkLeftBehind();
    await this.checkRepair();
    assert.deepEqual(this.problems, []);
  }

  private begin(next: Act): Promise<void> {
    switch (next.do) {
      case 'deploy':
        return this.stacks[next.stack].deploy(next.change);
      case 'destroy':
        return this.stacks[next.stack].destroy();
      case 'check':
        return this.stacks[next.stack].check(next);
      default:
        return this.interfere(next.do);
    }
  }

  private async interfere(
    how: 'set foreign' | 'remove' | 'overwrite settings' | 'overwrite secret',
  ) {
    const api = this.telegram.api({ kind: 'person', stack: '' });
    const { url = '', secret = '' } = this.telegram.webhook ?? {};
    const parameters = {
      'set foreign': { url: FOREIGN_URL },
      remove: { url: '' },
      'overwrite settings': { url, secret_token: secret, max_connections: 99 },
      'overwrite secret': { url, secret_token: 'guessed' },
    }[how];
    await api.setWebhook(parameters).catch(() => {});
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

  private recordChange({ at, caller, url, previous, previousAt }: WebhookChange): void {
    if (url !== '') this.isByHand = caller.kind === 'person';
    const isTaken = previous && !this.isOf(previous.url, caller) && caller.kind !== 'person';
    const isOld = at - previousAt > ATTEMPT_MS;
    if (caller.kind === 'watch' && isTaken && isOld) {
      this.problems.push(`a check of ${caller.stack} takes over ${previous.url}`);
    }
    if (caller.kind === 'destroy' && isTaken && isOld) {
      this.problems.push(`a destroy of ${caller.stack} removes ${previous.url}`);
    }
    const isMeant =
      caller.kind === 'person' ||
      (caller.kind === 'deploy' && (url !== '' || !isTaken)) ||
      (caller.kind === 'destroy' && !isTaken && previous !== undefined);
    if (!isMeant) return;
    this.lastMeant = caller;
    if (caller.stack !== this.owner) this.owner = undefined;
  }

  private recordDeploy(name: Name, succeeded: boolean, isOrphaned: boolean): void {
    if (isOrphaned) this.mayBeOrphaned = true;
    // What others did after the deploy's last look is as good as what they do after its end.
    const isLast = this.lastMeant?.kind === 'deploy' && this.lastMeant.stack === name;
    if (succeeded && isLast) this.owner = name;
    else if (this.owner === name) this.owner = undefined;
  }

  /** Whether a URL is one that the caller's stack has, or had. */
  private isOf(url: string, { stack: name }: ModelCaller): boolean {
    return name !== '' && new URL(url).host.startsWith(name);
  }

  private checkOwner(): void {
    const { owner, telegram } = this;
    if (owner === undefined) return;
    const expected = this.stacks[owner].registered?.url;
    const actual = telegram.webhook?.url;
    if (actual !== expected && expected !== undefined) {
      this.problems.push(
        `${owner} has reported success, but the webhook is ${actual ?? 'missing'}`,
      );
    }
  }

  private checkLeftBehind(): void {
    const { webhook } = this.telegram;
    if (!webhook || this.isByHand || this.mayBeOrphaned) return;
    const isServed = Object.values(this.stacks).some(
      ({ registered, isSettled }) => isSettled && registered?.url === webhook.url,
    );
    if (!isServed) this.problems.push(`${webhook.url} is left behind`);
  }

  /** The next check of each stack, with nothing else under way, leaves the webhook as it is declared. */
  private async checkRepair(): Promise<void> {
    this.delays.areShort = true;
    await this.clock.advance(NEW_SETTINGS_MS);
    for (const name of names) await this.during(this.stacks[name].check(AT_ONCE));
    const { webhook } = this.telegram;
    const live = Object.values(this.stacks).filter(
      ({ registered, isSettled }) => registered && isSettled,
    );
    if (live.length === 0) return;
    const served = live.find(({ registered }) => registered?.url === webhook?.url)?.registered;
    if (!served) {
      const isForeign = webhook && (this.isByHand || this.mayBeOrphaned);
      if (live.length === 1 && !isForeign) this.problems.push(`${webhook?.url} is not repaired`);
      return;
    }
    const hasSettings = String(webhook?.maxConnections) === served.properties.MaxConnections;
    const hasSecret = webhook?.secret === this.endpoints.get(served.url);
    if (!hasSettings || !hasSecret) this.problems.push('the settings are not repaired');
  }
}
