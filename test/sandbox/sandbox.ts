import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomId } from './aws/account.ts';
import { Aws } from './aws/aws.ts';
import { Lambda } from './aws/lambda/lambda.ts';
import { WallClock } from './clock.ts';
import type { StackArtifact } from './cloudformation/assembly.ts';
import { CloudFormation, type StackEvent } from './cloudformation/cloudformation.ts';
import { serveCloudFormation } from './cloudformation/http-api.ts';
import { LocalNetwork } from './network/local-network.ts';
import type { Bot } from './telegram/bot.ts';
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
  /** Whether a custom resource fails as soon as its function does, unlike in AWS. @default false */
  readonly failsFast?: boolean;
}

/** The kit's custom resource that names a token secret. Only `start.ts` and `terminal/` know more about it. */
export const BOT_TYPE = 'Custom::TelegramBot';

/** An AWS account and a Telegram on this machine, behind one network that leads nowhere else. */
export class Sandbox {
  readonly clock: WallClock;
  readonly network: LocalNetwork;
  readonly aws: Aws<Lambda>;
  readonly telegram: Telegram;
  readonly cloudFormation: CloudFormation;
  /** Ends processes when this one dies without `close`. */
  readonly watchdog: Watchdog;
  private readonly directory: string;
  /** Counted over all stacks, because every bot of an app needs its own id. */
  private botsProvided = 0;

  static async start(options: SandboxOptions = {}): Promise<Sandbox> {
    const { speed, onEvent, sourceMaps, failsFast } = options;
    const clock = new WallClock(speed);
    const directory = realpathSync(mkdtempSync(join(tmpdir(), 'sandbox-')));
    const watchdog = await Watchdog.start(directory);
    const network = await LocalNetwork.open(directory);
    const aws = await Aws.start({
      network,
      clock,
      startLambda: (services) =>
        Lambda.start({ ...services, network, directory, clock, watchdog, sourceMaps }),
    });
    const telegram = await Telegram.start({ network, clock });
    const cloudFormation = new CloudFormation({ aws, clock, onEvent, failsFast });
    serveCloudFormation({ network, iam: aws.iam, cloudFormation });
    return new Sandbox({
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
    directory: string;
    watchdog: Watchdog;
    clock: WallClock;
    network: LocalNetwork;
    aws: Aws<Lambda>;
    telegram: Telegram;
    cloudFormation: CloudFormation;
  }) {
    this.directory = parts.directory;
    this.watchdog = parts.watchdog;
    this.clock = parts.clock;
    this.network = parts.network;
    this.aws = parts.aws;
    this.telegram = parts.telegram;
    this.cloudFormation = parts.cloudFormation;
  }

  /** Returns a path for the caller's files, which `close` removes with the sandbox's own. */
  folder(name: string): string {
    return join(this.directory, name);
  }

  /**
   * Creates a bot and the secret with its token for every bot in a stack, as a person does with
   * @BotFather and `aws secretsmanager create-secret` before the first deploy.
   *
   * @throws Error when a stack does not import a token secret by name
   */
  provideBots(stack: StackArtifact): Bot[] {
    const wanted = Object.values(stack.template.Resources).filter(({ Type }) => Type === BOT_TYPE);
    return wanted.map(({ Properties }) => {
      const secret = Properties.TokenSecret;
      if (typeof secret !== 'string' || secret.startsWith('arn:')) {
        throw new Error(
          'The sandbox can fill only token secrets that the app imports by name ' +
            '(Secret.fromSecretNameV2): it does not know others before the deploy',
        );
      }
      const number = ++this.botsProvided;
      // Unpredictable, because other users of this machine can reach the local Bot API too.
      const token = fakeToken(7_000_000_000 + number, randomId(24));
      this.aws.secrets.put(secret, token);
      return this.telegram.createBot({
        token,
        username: `sandbox${number === 1 ? '' : number}_bot`,
        firstName: number === 1 ? 'Sandbox bot' : `Sandbox bot ${number}`,
      });
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
