import assert from 'node:assert/strict';
import { botIdOf } from '../../functions/bot-token/parse.ts';
import { Delivery } from '../../infra/settings/delivery.ts';
import { Endpoint } from '../../infra/settings/endpoint.ts';
import { type Bot, type StackState, settle } from '../sandbox/index.ts';
import type { BotNumber, SequenceStep, Settings, StackName } from './sequences.ts';
import { Simulation } from './simulation.ts';
import { activate, mayPreventUndo, mayPreventUnregister, type StepFault } from './step-faults.ts';

const FOREIGN_HOST = 'foreign.example';

/** The states from which a stack can be deployed. In any other state a person has to destroy it first. */
const DEPLOYABLE = ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', undefined];

/** The last registration that a stack reported as SUCCESS. */
interface Registered {
  readonly id: Settings['id'];
  readonly bot: Bot;
  readonly token: string;
  readonly host: string;
  readonly settings: Pick<Settings, 'maxConnections' | 'allowedUpdates'>;
}

/**
 * Plays one sequence in a simulation of its own. Checks after each step that Telegram delivers to every stack
 * that reports SUCCESS, that no webhook points to a destroyed stack, and that foreign webhooks change only if
 * a step asks for it.
 */
export async function run(steps: readonly SequenceStep[]): Promise<void> {
  const simulation = await Simulation.start();
  try {
    const sequence = new Sequence(simulation);
    for (const step of steps) await sequence.take(step);
  } finally {
    await simulation.close();
  }
}

class Sequence {
  private readonly simulation: Simulation;
  private readonly bots: Readonly<Record<BotNumber, Bot>>;
  /** The token in each stack's secret. */
  private readonly tokens: Record<StackName, string>;
  private readonly registered = new Map<StackName, Registered>();
  /** The stack that last reported SUCCESS for a bot, unless the bot's webhook or token has changed since. */
  private readonly owner = new Map<Bot, StackName>();
  /** Bots whose webhook may be orphaned, because a fault or a lost token made its removal impossible. */
  private readonly mayBeOrphaned = new Set<Bot>();
  private rotations = 0;

  constructor(simulation: Simulation) {
    this.simulation = simulation;
    const [one, two] = (['A', 'B'] as const).map((secret, index) =>
      simulation.addBot({ id: 7_000_000_001 + index, secret }),
    ) as [Bot, Bot];
    this.bots = { 1: one, 2: two };
    this.tokens = { A: one.token, B: two.token };
  }

  async take(step: SequenceStep): Promise<void> {
    switch (step.do) {
      case 'deploy':
        await this.deploy(step.stack, step.settings, step.fault);
        break;
      case 'destroy':
        await this.destroy(step.stack, step.fault);
        break;
      case 'rotate token':
        this.rotate(this.bots[step.bot], step.isStored);
        break;
      case 'store token':
        this.store(step.stack, this.bots[step.bot].token);
        break;
      case 'set foreign webhook':
        await this.simulation.setForeignWebhook(this.bots[step.bot], FOREIGN_HOST);
        this.forget(this.bots[step.bot]);
        break;
      case 'delete webhook':
        await this.simulation.deleteWebhook(this.bots[step.bot]);
        this.forget(this.bots[step.bot]);
    }
    await this.check();
  }

  private async deploy(name: StackName, settings: Settings, fault?: StepFault): Promise<void> {
    if (!DEPLOYABLE.includes(this.simulation.cloudFormation.describe(name)?.status)) {
      await this.destroy(name);
      await this.check();
    }
    const token = this.tokens[name];
    const bot = this.botOf(token);
    const previous = this.registered.get(name);
    const isFirst = previous?.id !== settings.id || previous.bot !== bot;
    const before = this.webhooks();
    const unfinishedBefore = this.unfinishedRollbacks();

    const { id, existingWebhook, maxConnections, allowedUpdates, isQueued } = settings;
    const endpoint = endpoints[settings.endpoint];
    const delivery = isQueued ? Delivery.queued() : Delivery.direct();
    const telegram = { existingWebhook, maxConnections, allowedUpdates };
    const description = { id, secret: name, delivery, endpoint, ...telegram };
    const state = await this.during(fault, () =>
      this.simulation.deploy({ name, bots: [description] }),
    );

    const isRefused = isFirst && existingWebhook === 'fail' && before.get(bot)?.url !== undefined;
    this.checkUnchanged(before, isRefused ? undefined : bot);
    if (state.status === 'CREATE_COMPLETE' || state.status === 'UPDATE_COMPLETE') {
      assert(!isRefused, `${name} replaced a webhook in spite of existingWebhook: 'fail'`);
      assert.equal(token, bot.token, `${name} succeeded with a revoked token`);
      const host = this.hostIn(state);
      this.recordSuccess(name, {
        id,
        bot,
        token,
        host,
        settings: { maxConnections, allowedUpdates },
      });
    } else {
      const isUnfinished = this.unfinishedRollbacks() > unfinishedBefore;
      // A fault, a revoked token, or another bot's: nothing else excuses it.
      const canBeUnfinished = fault !== undefined || token !== bot.token || previous?.bot !== bot;
      assert(
        !isUnfinished || canBeUnfinished,
        `${name} leaves its rollback unfinished for no reason`,
      );
      const webhook = before.get(bot);
      this.recordFailure(bot, state, { previous, isFirst, isUnfinished, token, webhook, fault });
    }
  }

  private recordSuccess(name: StackName, now: Registered): void {
    const previous = this.registered.get(name);
    if (previous && previous.bot !== now.bot && this.owner.get(previous.bot) === name) {
      // The secret no longer holds this bot's token, so the stack cannot remove its webhook.
      this.forget(previous.bot);
      this.mayBeOrphaned.add(previous.bot);
    }
    this.registered.set(name, now);
    this.forget(now.bot);
    this.owner.set(now.bot, name);
  }

  private recordFailure(
    bot: Bot,
    { name, status }: StackState,
    was: {
      previous?: Registered;
      isFirst: boolean;
      /** The rollback succeeded with a warning, because Telegram or the endpoint failed: the next deploy finishes it. */
      isUnfinished: boolean;
      token: string;
      webhook: Webhook;
      fault?: StepFault;
    },
  ): void {
    const isOwner = this.owner.get(bot) === name;
    const isRolledBack = status === 'UPDATE_ROLLBACK_COMPLETE';
    const { previous, token } = was;
    const url = webhookOf(this.simulation, bot)?.url;
    const isRegistered = url !== was.webhook?.url && previous && url?.includes(previous.host);
    // The secret holds another bot's token by now, so the rollback cannot return to the previous bot: it registers
    // this one, with the previous settings.
    if (isRolledBack && !was.isUnfinished && isRegistered && previous.bot !== bot) {
      this.recordSuccess(name as StackName, { ...previous, bot, token });
      return;
    }
    const isUnchanged = url === was.webhook?.url;
    if (isUnchanged && !was.isUnfinished && (isRolledBack || !isOwner)) return;
    // The rollback has registered the previous webhook again, and must restore it completely.
    const isRestored = isRolledBack && !was.isUnfinished;
    if (isOwner && isRestored && !was.isFirst && was.previous?.token === was.token) return;
    this.forget(bot);
    if (was.isUnfinished || mayPreventUndo(was.fault)) this.mayBeOrphaned.add(bot);
  }

  /** Returns how often a registrar has logged that a rollback is unfinished. */
  private unfinishedRollbacks(): number {
    return this.simulation.aws.logs
      .lines()
      .filter((line) => line.includes('"outcome":"unfinished"')).length;
  }

  private async destroy(name: StackName, fault?: StepFault): Promise<void> {
    const before = this.webhooks();
    const registered = this.registered.get(name);
    const bot = registered?.bot;
    const isOurs = bot && before.get(bot)?.url?.includes(registered.host);
    const { status } = await this.during(fault, () => this.simulation.destroy(name));
    this.checkUnchanged(before, isOurs ? bot : undefined);
    if (isOurs) {
      this.forget(bot);
      const hasToken = this.tokens[name] === bot.token;
      if (!hasToken || mayPreventUnregister(fault)) this.mayBeOrphaned.add(bot);
    }
    if (status === 'DELETE_COMPLETE') this.registered.delete(name);
  }

  private rotate(bot: Bot, isStored: boolean): void {
    const revoked = bot.token;
    this.rotations += 1;
    const token = this.simulation.rotateToken(bot, 'abcdefghij'[this.rotations] ?? 'k');
    this.forget(bot);
    if (!isStored) return;
    for (const name of ['A', 'B'] as const) {
      if (this.tokens[name] === revoked) this.store(name, token);
    }
  }

  private store(name: StackName, token: string): void {
    this.tokens[name] = token;
    this.simulation.storeToken(token, name);
  }

  /** Acts under a fault, then waits for duplicate events that are still being handled. */
  private async during<T>(fault: StepFault | undefined, act: () => Promise<T>): Promise<T> {
    this.simulation.faults = fault ? activate(fault) : {};
    try {
      return await act();
    } finally {
      for (let second = 0; second < 5; second++) {
        await settle();
        await this.simulation.clock.advance(1000);
      }
      this.simulation.faults = {};
    }
  }

  private async check(): Promise<void> {
    const { simulation } = this;
    for (const bot of Object.values(this.bots)) {
      const name = this.owner.get(bot);
      const host = simulation.webhookHost(bot);
      if (name !== undefined) {
        const { host: expected, settings } = this.registered.get(name) as Registered;
        assert.equal(
          await simulation.delivers(bot),
          expected,
          `${name} reports SUCCESS, but its bot does not deliver there`,
        );
        const { maxConnections, allowedUpdates = [] } = webhookOf(simulation, bot) ?? {};
        const set = { maxConnections, allowedUpdates };
        assert.deepEqual(
          set,
          settings,
          `${name} reports SUCCESS, but its settings are not in force`,
        );
      } else if (host !== '' && !this.mayBeOrphaned.has(bot)) {
        assert(simulation.network.knows(host), `a webhook at ${host} is orphaned`);
      }
    }
  }

  /** Checks that every bot except one has the same webhook as before. */
  private checkUnchanged(before: ReadonlyMap<Bot, Webhook>, except: Bot | undefined): void {
    for (const [bot, webhook] of before) {
      if (bot === except) continue;
      assert.deepEqual(
        webhookOf(this.simulation, bot),
        webhook,
        'the webhook of an uninvolved bot has changed',
      );
    }
  }

  /** Returns the host of the stack's endpoint. */
  private hostIn({ name, resources }: StackState): string {
    for (const { type, physicalId } of resources.values()) {
      if (type === 'AWS::ApiGatewayV2::Api') {
        return `${physicalId}.execute-api.us-east-1.amazonaws.com`;
      }
      if (type === 'AWS::Lambda::Url') {
        return new URL(this.simulation.aws.functionUrls.urlOf(physicalId)).host;
      }
    }
    throw new Error(`Stack ${name} has no endpoint`);
  }

  private forget(bot: Bot): void {
    this.owner.delete(bot);
    this.mayBeOrphaned.delete(bot);
  }

  private botOf(token: string): Bot {
    const found = Object.values(this.bots).find(({ id }) => String(id) === botIdOf(token));
    return found as Bot;
  }

  private webhooks(): Map<Bot, Webhook> {
    return new Map(Object.values(this.bots).map((bot) => [bot, webhookOf(this.simulation, bot)]));
  }
}

type Webhook = ReturnType<typeof webhookOf>;

function webhookOf(simulation: Simulation, bot: Bot) {
  const webhook = simulation.telegram.webhook(bot.id);
  if (!webhook) return undefined;
  const { url, secretToken, maxConnections, allowedUpdates } = webhook;
  return { url, secretToken, maxConnections, allowedUpdates };
}

const endpoints: Readonly<Record<Settings['endpoint'], Endpoint>> = {
  API: Endpoint.httpApi(),
  'base path': Endpoint.httpApi({ basePath: 'bots' }),
  'Function URL': Endpoint.functionUrl(),
};
