/**
 * The request itself is refused and nothing was touched: what CloudFormation's API would refuse too,
 * and what the sandbox does not do as CloudFormation would.
 */
export class ValidationError extends Error {
  override name = 'ValidationError';
}

/**
 * A resource could not be brought to where the template wants it. The message is the reason that the
 * stack's events show.
 */
export class ResourceFailure extends Error {
  override name = 'ResourceFailure';
  /** What the failed attempt left behind, to be deleted by this id. */
  physicalId: string | undefined;

  constructor(reason: string, physicalId?: string) {
    super(reason);
    this.physicalId = physicalId;
  }
}

const nouns = { create: 'creation', update: 'update', delete: 'deletion' };

/** CloudFormation stopped waiting, because another resource had failed. */
export class ResourceCancelled extends ResourceFailure {
  override name = 'ResourceCancelled';

  constructor(operation: keyof typeof nouns) {
    super(`Resource ${nouns[operation]} cancelled`);
  }
}
