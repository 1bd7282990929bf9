import { randomInt } from 'node:crypto';

/** What a bot can be asked, by the method that answers it. */
export type QueryKind = 'callback' | 'inline' | 'shipping' | 'pre-checkout' | 'web app';

interface OpenQuery {
  readonly kind: QueryKind;
  readonly answered: (answer: never) => void;
}

/** The queries that wait for an answer of the bot. */
export class Queries {
  private readonly open = new Map<string, OpenQuery>();

  /** Returns an id that nothing else has: of a query, an album or a poll. */
  newId(): string {
    return String(randomInt(2 ** 47));
  }

  /** Opens a query. Its promise resolves with the bot's answer, and never if the bot gives none. */
  ask<Reply>(kind: QueryKind): { id: string; answer: Promise<Reply> } {
    let id = '';
    const answer = new Promise<Reply>((answered) => {
      id = this.expect(kind, answered);
    });
    return { id, answer };
  }

  /** Opens a query and returns its id. */
  expect<Reply>(kind: QueryKind, answered: (answer: Reply) => void): string {
    const id = this.newId();
    this.open.set(id, { kind, answered });
    return id;
  }

  /** Returns false when there is no such query of this kind. */
  answer(kind: QueryKind, id: string, answer: unknown): boolean {
    const query = this.open.get(id);
    if (query?.kind !== kind) return false;
    query.answered(answer as never);
    return true;
  }
}
