import type { Poll } from '@grammyjs/types';

/** The votes in the polls of a chat. */
export class Polls {
  private readonly votes = new Map<string, Map<number, readonly number[]>>();

  /** Returns the poll with a user's votes counted; an empty list retracts them. */
  vote(poll: Poll, userId: number, options: readonly number[]): Poll {
    const byUser = this.votes.get(poll.id) ?? new Map<number, readonly number[]>();
    this.votes.set(poll.id, byUser);
    if (options.length > 0) byUser.set(userId, options);
    else byUser.delete(userId);
    const chosen = [...byUser.values()].flat();
    return {
      ...poll,
      total_voter_count: byUser.size,
      options: poll.options.map((option, index) => ({
        ...option,
        voter_count: chosen.filter((choice) => choice === index).length,
      })),
    };
  }

  /** Returns the positions of the options that a user has voted for. */
  choiceOf(poll: Poll, userId: number): readonly number[] {
    return this.votes.get(poll.id)?.get(userId) ?? [];
  }
}
