import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOME, type Location, locationOf, REGION, randomId } from './aws/account.ts';
import { Aws } from './aws/aws.ts';
import { type FunctionConfiguration, Lambda } from './aws/lambda/lambda.ts';
import type { SecretsManager } from './aws/secrets-manager.ts';
import { WallClock } from './clock.ts';
import { readAssembly, type StackArtifact } from './cloudformation/assembly.ts';
import { CloudFormation, type StackEvent } from './cloudformation/cloudformation.ts';
import { serveCloudFormation } from './cloudformation/http-api.ts';
import { declaredBotsOf, type TokenSecret } from './declared-bots.ts';
import { checkMode, Leniency, type Mode } from './leniency.ts';
import { LocalNetwork } from './network/local-network.ts';
import type { Bot, NewBot } from './telegram/bot.ts';
import { fakeToken } from './telegram/fake-token.ts';
import { Telegram } from './telegram/telegram.ts';
import { Watchdog } from './watchdog.ts';

export interface SandboxOptions {
  /** How many seconds pass in the sandbox, for everything in it, per real second. @default 1 */
  readonly speed?: number;
  readonly onEvent?: (event: StackEvent) => void;
  /**
   * Whether Node maps every stack trace of a function to its sources, those of a crash on load included. On AWS it
   * does not, because reading the source maps would slow down every cold start.
   *
   * @default false
   */
  readonly sourceMaps?: boolean;
  /**
   * Which functions wait in vain, because nothing here needs time to settle: every `setTimeout` of node:timers/promises
   * resolves at once for them, and their `Date.now` is put forward by as much.
   *
   * @default - none
   */
  readonly skipsWaits?: (configuration: FunctionConfiguration) => boolean;
  /** Whether a custom resource fails as soon as its function does, unlike in AWS. @default false */
  readonly failsFast?: boolean;
  /**
   * What becomes of what the sandbox does not emulate. `strict`: it is an error. `lenient`: it exists in name only,
   * with a note; tables, nested stacks and stacks with an `env` work.
   *
   * @default 'strict'
   */
  readonly mode?: Mode;
  /**
   * Receives each difference between the sandbox and AWS once, and what it has done in a person's place, in lenient
   * mode: one line of text.
   */
  readonly onNote?: (text: string) => void;
  /**
   * Whether functions reach the hosts that the sandbox does not serve, in lenient mode. They get no credentials of
   * this machine.
   *
   * @default false
   */
  readonly online?: boolean;
  /** A directory for the sandbox's files, which `close` removes. @default - a new one */
  readonly directory?: string;
  /** Values of further secrets that functions read, by name or by ARN. @default none */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** An AWS account and a Telegram on this machine, behind one network that leads nowhere else. */
export class Sandbox {
  readonly clock: WallClock;
  readonly network: LocalNetwork;
  readonly aws: Aws<Lambda>;
  readonly telegram: Telegram;
  readonly cloudFormation: CloudFormation;
  /** Ends processes when this one dies without `close`. */
  readonly watchdog: Watchdog;
  readonly mode: Mode;
  private readonly directory: string;
  private readonly leniency: Leniency | undefined;
  /** Of all stacks, by token secret. */
  private readonly provided = new Map<string, Bot>();
  /** Of bots that exist elsewhere, by token secret. */
  private readonly profiles = new Map<string, NewBot>();
  private botsCreated = 0;

  static async start(options: SandboxOptions = {}): Promise<Sandbox> {
    const {
      speed,
      onEvent,
      sourceMaps,
      skipsWaits,
      failsFast,
      mode = 'strict',
      secrets = {},
    } = options;
    const leniency = mode === 'lenient' ? new Leniency(options.onNote ?? (() => {})) : undefined;
    checkMode(mode, options.online);
    const clock = new WallClock(speed);
    const { directory = realpathSync(mkdtempSync(join(tmpdir(), 'sandbox-'))) } = options;
    const watchdog = await Watchdog.start(directory);
    const network = await LocalNetwork.open(
      directory,
      leniency && { leniency, isOnline: options.online ?? false },
    );
    const aws = await Aws.start({
      network,
      leniency,
      clock,
      startLambda: (services) =>
        Lambda.start({ ...services, network, directory, clock, watchdog, sourceMaps, skipsWaits }),
    });
    const telegram = await Telegram.start({ network, clock });
    const served = new Set<string>();
    const serve = ({ region }: Location) => {
      if (served.has(region)) return;
      served.add(region);
      aws.openRegion(region);
      serveCloudFormation({ network, iam: aws.iam, cloudFormation, region });
    };
    const cloudFormation: CloudFormation = new CloudFormation({
      aws,
      clock,
      onEvent,
      failsFast,
      leniency,
      onLocation(location) {
        serve(location);
        provideSecrets(aws.secrets, secrets, location);
      },
    });
    served.add(REGION);
    serveCloudFormation({ network, iam: aws.iam, cloudFormation });
    if (leniency) aws.openRegion(REGION);
    provideSecrets(aws.secrets, secrets, HOME);
    return new Sandbox({
      mode,
      leniency,
      directory,
      watchdog,
      clock,
      network,
      aws,
      telegram,
      cloudFormation,
    });
  }

  private constructor(parts: {
    mode: Mode;
    leniency: Leniency | undefined;
    directory: string;
    watchdog: Watchdog;
    clock: WallClock;
    network: LocalNetwork;
    aws: Aws<Lambda>;
    telegram: Telegram;
    cloudFormation: CloudFormation;
  }) {
    this.mode = parts.mode;
    this.leniency = parts.leniency;
    this.directory = parts.directory;
    this.watchdog = parts.watchdog;
    this.clock = parts.clock;
    this.network = parts.network;
    this.aws = parts.aws;
    this.telegram = parts.telegram;
    this.cloudFormation = parts.cloudFormation;
  }

  /** Reads an assembly as this sandbox's mode accepts it. @throws ValidationError for what it does not support */
  readAssembly(directory: string): StackArtifact[] {
    return readAssembly(directory, this.mode);
  }

  /** Returns a path for the caller's files, which `close` removes with the sandbox's own. */
  folder(name: string): string {
    return join(this.directory, name);
  }

  /** Lets the bot of a token secret be one that exists elsewhere, as it is there: `provideBots` switches nothing. */
  useProfile(secret: TokenSecret, profile: NewBot): void {
    this.profiles.set(keyOf(secret), profile);
  }

  /** Whether a bot exists elsewhere, see `useProfile`. */
  isElsewhere(bot: Bot): boolean {
    return this.profiles.has(keyOf(this.secretOf(bot)));
  }

  /**
   * Creates a bot and the secret with its token for every bot in a stack, as a person does with
   * @BotFather and `aws secretsmanager create-secret` before the first deploy, switches it as the stack expects it, and
   * adds it to the chats that its profile names.
   *
   * @param options.onlyNew whether a secret that has been filled keeps its token and its bot
   * @returns the bots that were created
   *
   * @throws Error when a stack does not import a token secret by name or by ARN
   */
  provideBots(stack: StackArtifact, { onlyNew = false } = {}): Bot[] {
    return declaredBotsOf(stack).flatMap(({ tokenSecret, switches, switched, chats }) => {
      const { name, ...identity } = tokenSecret;
      const secret = keyOf(tokenSecret);
      const known = onlyNew ? this.provided.get(secret) : undefined;
      const profile = this.profiles.get(secret);
      const bot = known ?? (profile ? this.telegram.createBot(profile) : this.createBot());
      if (!profile) {
        bot.switch(switches);
        if (switched.length > 0) {
          this.leniency?.note(
            `@${bot.user.username}: set as the stack expects it in @BotFather: ${switched.join(', ')}`,
          );
        }
      }
      for (const chat of chats) bot.meet(chat);
      if (known) return [];
      this.provided.set(secret, bot);
      this.aws.secrets.put(name, bot.token, identity);
      return bot;
    });
  }

  /** Returns the token that the app reads for a bot; undefined if its secret has none any more. */
  storedTokenOf(bot: Bot): string | undefined {
    const { name, arn, ...location } = this.secretOf(bot);
    return this.aws.secrets.valueOf(arn ?? name, location);
  }

  /** Puts a bot's token into its secret, as a person does after @BotFather has replaced it. */
  storeTokenOf(bot: Bot): void {
    const { name, ...identity } = this.secretOf(bot);
    this.aws.secrets.put(name, bot.token, identity);
  }

  private secretOf(bot: Bot): TokenSecret {
    const [secret] = [...this.provided].find(([, provided]) => provided === bot) ?? [];
    if (secret === undefined) throw new Error(`No stack of the app has bot ${bot.id}`);
    const [name, identity] = JSON.parse(secret);
    return { name, ...identity };
  }

  private createBot(): Bot {
    // Counted over all stacks, because every bot of an app needs its own id.
    const number = ++this.botsCreated;
    return this.telegram.createBot({
      // Unpredictable, because other users of this machine can reach the local Bot API too.
      token: fakeToken(7_000_000_000 + number, randomId(24)),
      username: `sandbox${number === 1 ? '' : number}_bot`,
      firstName: number === 1 ? 'Sandbox bot' : `Sandbox bot ${number}`,
    });
  }

  /** Ends every process, closes every socket and removes every file of the sandbox. */
  async close(): Promise<void> {
    await this.telegram.close();
    const rest = this.cloudFormation.close();
    await this.aws.close();
    await rest;
    await this.network.close();
    rmSync(this.directory, { recursive: true });
  }
}

function keyOf({ name, ...identity }: TokenSecret): string {
  return JSON.stringify([name, identity]);
}

/** Puts the values that a person has given into the location of a stack, where it does not know them yet. */
function provideSecrets(
  manager: SecretsManager,
  secrets: Readonly<Record<string, string>>,
  location: Location,
): void {
  for (const [id, value] of Object.entries(secrets)) {
    const isArn = id.startsWith('arn:');
    const place = isArn ? { ...locationOf(id), arn: id } : location;
    if (!manager.has(id, isArn ? {} : location)) manager.put(id, value, place);
  }
}
