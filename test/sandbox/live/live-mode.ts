import type { Sandbox } from '../sandbox.ts';
import type { Print } from '../terminal/chat.ts';
import type { ReloadedSession } from '../terminal/live.ts';
import type { Staging } from '../terminal/staging.ts';
import { note } from '../terminal/status-line.ts';
import { line, visible } from '../terminal/style.ts';
import { explainWorkLeft } from '../terminal/work-left.ts';
import { CallBridge } from './call-bridge.ts';
import { FunctionPorts } from './function-ports.ts';
import { LiveSession } from './live-session.ts';
import type { RealBot } from './real-bot.ts';

/** Runs a bot of the app on the real Telegram. */
export class LiveMode {
  private readonly real: RealBot;
  private readonly bridge: CallBridge;

  /**
   * Lets the sandbox's bot be the real one, before it is deployed. Its code calls the real Bot API from the moment it is
   * loaded; the registrar knows only the emulated Telegram.
   */
  constructor(sandbox: Sandbox, real: RealBot) {
    const { clock, telegram, aws, network } = sandbox;
    sandbox.useProfile(real.secret, real.profile);
    note(
      line`${visible(`@${real.profile.username}`)} has no webhook on Telegram, and gets none: the app is deployed on this machine alone.`,
    );
    const root = new URL(real.api.root);
    // What the code calls there itself would go past the bridge.
    if (!network.knows(root.hostname)) network.refuse(root);
    this.real = real;
    const ports = new FunctionPorts(aws.lambda);
    this.bridge = new CallBridge({
      ...{ clock, api: real.api, botId: real.id },
      isBotCode: (port) => ports.isBotCode(port),
      say: (text) => note(visible(text)),
    });
    telegram.forwarder = this.bridge;
  }

  /** Runs the bot until it is interrupted. @returns whether nothing else has ended it */
  async run(
    staging: Staging,
    interrupted: AbortSignal,
    { onOpen }: { readonly onOpen: (print: Print, session: ReloadedSession) => void },
  ): Promise<boolean> {
    const { sandbox } = staging;
    const { id, api, profile } = this.real;
    const bot = staging.findLocalBots().find(({ bot }) => bot.id === id);
    if (!bot) throw new Error('The bot is not among those that were deployed.');
    const session = new LiveSession({
      ...{ sandbox, bot, api, bridge: this.bridge, note },
      print: (text) => process.stdout.write(`${text}\n`),
    });
    explainWorkLeft(sandbox.aws.lambda, note);
    const name = visible(`@${profile.username}`);
    note(
      line`\n${name} runs here now: write to it in Telegram. Its updates come from ${visible(api.root)}. Ctrl-C ends it.`,
    );
    onOpen(note, session);
    try {
      return await session.run(interrupted);
    } finally {
      session.close();
    }
  }
}
