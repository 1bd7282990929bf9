import type { WaitingUpdate } from '../../telegram/delivery.ts';
import { describeUpdate } from '../describe-update.ts';
import { ordinal } from '../failures.ts';
import { line, visible } from '../style.ts';
import type { Command } from './command.ts';

const waiting: Command = {
  name: 'waiting',
  help: 'shows the updates that the bot has not handled yet',
  run(session) {
    const { conversation } = session;
    const updates = conversation.inTransit.list();
    if (updates.length === 0) session.print(line`No update waits.`);
    for (const each of updates) {
      session.print(visible(`  ${describe(each, conversation.failures.when(each.update))}`));
    }
  },
};

const retry: Command = {
  name: 'retry',
  help: 'delivers the update that has failed now',
  run: ({ conversation }) => conversation.retry(),
};

const drop: Command = {
  name: 'drop',
  help: 'drops the update that has failed, so that the chat goes on',
  run: ({ conversation }) => conversation.drop(),
};

export const waitingCommands = [waiting, retry, drop];

function describe(
  { update, failures, nextAttemptAt, behind }: WaitingUpdate,
  when: string,
): string {
  const name = describeUpdate(update);
  if (behind) return `${name} waits behind ${describeUpdate(behind)}`;
  if (nextAttemptAt === undefined) return `${name} is being handled`;
  return `${name} has failed ${failures === 1 ? 'once' : `${failures} times`}, ${ordinal(failures + 1)} attempt ${when}`;
}
