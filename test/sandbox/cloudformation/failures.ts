import { ResourceCancelled } from './errors.ts';

export interface StackFailure {
  readonly verb: 'CREATE' | 'UPDATE';
  /** Undefined when the stack as a whole failed. */
  readonly logicalId?: string;
  readonly error: Error;
}

/** Returns the reason that the stack's events show for a rollback. */
export function summaryOf(failures: readonly StackFailure[]): string {
  const list = (verb: StackFailure['verb'], word: string): string => {
    const ids = failures.flatMap((failure) =>
      failure.verb === verb && failure.logicalId !== undefined ? [failure.logicalId] : [],
    );
    return ids.length > 0
      ? `The following resource(s) failed to ${word}: [${ids.join(', ')}]. `
      : '';
  };
  const ofStack = failures.filter(({ logicalId }) => logicalId === undefined);
  const stackReasons = ofStack.map(({ error }) => `${error.message} `);
  return [list('CREATE', 'create'), list('UPDATE', 'update'), ...stackReasons].join('');
}

/** Returns the reasons of the failures, without the operations that were cancelled because of them. */
export function causeOf(failures: readonly StackFailure[]): string {
  return failures
    .filter(({ error }) => !(error instanceof ResourceCancelled))
    .map(({ error }) => error.message)
    .join(', ');
}
