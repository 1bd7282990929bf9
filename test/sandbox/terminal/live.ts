import {
  type PageNews,
  showDeployed,
  showDeployFailure,
  showReload,
  showSynthesisFailure,
} from '../page/news.ts';
import { readBundles } from '../reload/bundles.ts';
import { Reload } from '../reload/reload.ts';
import type { Print } from './chat.ts';
import { describeReload } from './reload-report.ts';
import type { Session } from './session.ts';
import type { Staging } from './staging.ts';
import { indent, line, type SafeText, style, visible } from './style.ts';

export interface LiveOptions {
  readonly staging: Staging;
  readonly session: Session;
  readonly print: Print;
  readonly page: PageNews;
  /** The folder of the assembly that is deployed. */
  readonly assembly: string;
  /** When it was synthesized, in milliseconds since the epoch. */
  readonly since: number;
  /** Synthesizes the app again. @returns the folder of the new assembly @throws Error that says why it cannot */
  readonly synthesize: () => Promise<string>;
  /** Called when something was reloaded or deployed. */
  readonly onChange: () => void;
  /** Whether to be ready for the first change, at the price of a process that may never be used. */
  readonly isWarm: boolean;
}

/** How many lines of the reason are shown when the app cannot be synthesized. */
const REASON_LINES = 8;

/** Keeps a deployed app up to date with its files while the chat goes on. @returns what ends it */
export async function keepLive(options: LiveOptions): Promise<Reload> {
  const { staging, session, print, page, assembly, since, onChange, isWarm } = options;
  const { sandbox } = staging;
  let folders = 0;
  return Reload.start(
    {
      bundles: readBundles(assembly),
      since,
      lambda: sandbox.aws.lambda,
      folder: () => sandbox.folder(`bundle-${++folders}`),
      now: () => performance.now(),
      redeploy: () => redeploy(options),
      async report(report) {
        print(describeReload(report));
        showReload(page, report);
        if (report.kind !== 'reloaded') return;
        onChange();
        await retryWaiting(session);
      },
    },
    { isWarm },
  );
}

/** Deploys the app in place. @returns how to bundle its functions now; undefined if nothing has changed */
async function redeploy({
  staging,
  session,
  print,
  page,
  synthesize,
  onChange,
}: LiveOptions): Promise<ReturnType<typeof readBundles> | undefined> {
  const start = performance.now();
  try {
    const assembly = await synthesize();
    const printed: SafeText[] = [];
    const succeeded = await staging.redeploy(staging.sandbox.readAssembly(assembly), (text) => {
      printed.push(text);
      print(text);
    });
    session.redeployed(staging.findLocalBots());
    page.redeployed();
    if (!succeeded) {
      showDeployFailure(page, printed);
      return undefined;
    }
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    print(style('dim', `deployed again in ${seconds} s`));
    showDeployed(page, seconds);
    onChange();
    await retryWaiting(session);
    return readBundles(assembly);
  } catch (error) {
    const { message } = error as Error;
    const reason = message.trim().split('\n').slice(0, REASON_LINES).join('\n');
    print(style('red', 'Nothing was deployed, and the app runs as before:'));
    print(line`${indent(visible(reason))}`);
    showSynthesisFailure(page, message.trim());
    return undefined;
  }
}

/** Delivers at once what waits for another attempt: the new code may be the answer to its failure. */
async function retryWaiting({ partners }: Session): Promise<void> {
  for (const { conversation } of partners) {
    if (conversation.inTransit.failing().length > 0) await conversation.retry();
  }
}
