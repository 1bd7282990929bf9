import { describeUpdate } from '../describe-update.ts';
import { updateIn } from '../in-transit.ts';
import type { Session } from '../session.ts';
import { line, visible } from '../style.ts';
import type { Command } from './command.ts';

const deadLetters: Command = {
  name: 'dead-letters',
  help: 'lists the updates that failed at every attempt',
  run(session) {
    const messages = queueOf(session)?.queue.messages() ?? [];
    if (messages.length === 0) return session.print(line`There are no dead letters.`);
    for (const message of messages) {
      const update = updateIn(message);
      session.print(visible(`  ${describeUpdate(update)} (update ${update.update_id})`));
    }
    session.print(line`:redrive delivers them again.`);
  },
};

const redrive: Command = {
  name: 'redrive',
  help: 'delivers the dead letters again',
  run(session) {
    const found = queueOf(session);
    if (!found || found.queue.size === 0) return session.print(line`There are no dead letters.`);
    const updates = found.queue.messages().map((message) => updateIn(message).update_id);
    const { sqs } = session.options;
    session.print(
      visible(`Redriving ${updates.length === 1 ? '1 update' : `${updates.length} updates`}.`),
    );
    return session.conversation.follow(updates, () => sqs.redrive(found.arn));
  },
};

export const deadLetterCommands = [deadLetters, redrive];

/** Returns the queue of the current bot's dead letters; says why there is none. */
function queueOf(session: Session) {
  const found = session.current.queue?.deadLetters;
  if (!found)
    session.print(
      line`Telegram delivers directly to this bot: there is no queue, and no dead letters.`,
    );
  return found;
}
