import type { Session } from '../session.ts';

/** A command of the chat. To add one, write it down in the list of a file of this folder; `index.ts` has all lists. */
export interface Command {
  /** Without the colon. */
  readonly name: string;
  /** What follows the name: `LAT,LON`. */
  readonly parameters?: string;
  /** What it does, in a few words. */
  readonly help: string;
  /** Resolves when the bot has handled what the command caused. An error that it throws is shown. */
  readonly run: (session: Session, argument: string) => Promise<void> | void;
}

/** Thrown by a command that cannot read its argument: the chat shows how it is used. */
export class UsageError extends Error {}
