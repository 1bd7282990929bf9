import {
  type Bot,
  findLocalBots,
  isError,
  isRegistrar,
  type LocalBot,
  readAppCommand,
  readableLog,
  readCliContext,
  Sandbox,
  synthesize,
  type Telegram,
} from '../sandbox/index.ts';

export interface DeployOptions {
  /** Command that runs the CDK app. @default - `app` in cdk.json */
  readonly app?: string;
  /** As with `-c key=value`. @default - only the context in cdk.json */
  readonly context?: Readonly<Record<string, string>>;
  /** Values of further secrets that the bot reads, by name. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** An app that is deployed to the local cloud, as `npm start` deploys it. `chatWith` talks to its first bot. */
export class DeployedApp {
  readonly sandbox: Sandbox;
  /** What is not emulated, and exists in name only. */
  readonly notes: readonly string[];
  private readonly deployed: LocalBot;

  /** @throws Error when the app cannot be synthesized or deployed */
  static async deploy(options: DeployOptions = {}): Promise<DeployedApp> {
    const { app = readAppCommand(), context = {}, secrets } = options;
    const notes: string[] = [];
    const sandbox = await Sandbox.start({
      mode: 'lenient',
      failsFast: true,
      skipsWaits: isRegistrar,
      sourceMaps: true,
      secrets,
      onNote: (text) => notes.push(text),
    });
    try {
      const assembly = sandbox.folder('cdk.out');
      await synthesize(assembly, { app, context: { ...readCliContext([]), ...context } });
      const stacks = sandbox.readAssembly(assembly);
      const bots = stacks.flatMap((stack) => sandbox.provideBots(stack));
      const states = [];
      for (const stack of stacks) {
        const state = await sandbox.cloudFormation.deploy(stack);
        if (state.status !== 'CREATE_COMPLETE') {
          throw new Error(`${stack.name} could not be deployed: ${state.reason}`);
        }
        states.push(state);
      }
      const [deployed] = findLocalBots(sandbox.aws, states, bots);
      if (!deployed) throw new Error('No stack in the app has a TelegramBot');
      return new DeployedApp(sandbox, deployed, notes);
    } catch (error) {
      await sandbox.close();
      throw error;
    }
  }

  private constructor(sandbox: Sandbox, deployed: LocalBot, notes: readonly string[]) {
    this.sandbox = sandbox;
    this.deployed = deployed;
    this.notes = notes;
  }

  get telegram(): Telegram {
    return this.sandbox.telegram;
  }

  get bot(): Bot {
    return this.deployed.bot;
  }

  watch(): () => Promise<void> {
    const { telegram, aws } = this.sandbox;
    // Behind a queue, the bot may have handled an update that Telegram has not seen acknowledged yet.
    const before = new Set(this.bot.pending.inOrder());
    /** Whether the bot has failed, by the ids of updates that have reached it. */
    const outcomes = new Map<number, boolean>();
    let wake = () => {};
    const onOutcome = (updateId: number, hasFailed: boolean) => {
      outcomes.set(updateId, hasFailed);
      wake();
    };
    const stops = [
      telegram.attempted.listen(({ update, problem }) => {
        // Behind a queue, a delivered update has not reached the bot yet.
        if (problem || !this.deployed.queue) onOutcome(update.update_id, problem !== undefined);
      }),
      aws.eventSources.handled.listen(({ batch, failedIds }) => {
        for (const { id, body } of batch) onOutcome(JSON.parse(body).update_id, failedIds.has(id));
      }),
    ];
    const waitForAll = async () => {
      for (const waiting of this.bot.pending.inOrder()) {
        const { update } = waiting;
        if (before.has(waiting)) continue;
        while (!outcomes.has(update.update_id)) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        if (outcomes.get(update.update_id)) throw new Error(`The bot failed:\n${this.lastError()}`);
      }
    };
    return () =>
      waitForAll().finally(() => {
        for (const stop of stops) stop();
      });
  }

  /** Ends every process and removes every file of the local cloud. */
  async close(): Promise<void> {
    await this.sandbox.close();
  }

  private lastError(): string {
    const lines = this.deployed.logGroups.flatMap((group) => this.sandbox.aws.logs.lines(group));
    const last = lines.filter(isError).at(-1);
    return last === undefined ? 'it has logged no error' : readableLog(last);
  }
}
