/**
 * Thrown when a request is rejected and nothing was changed, either because CloudFormation would reject
 * it too or because the sandbox would not do it as CloudFormation does.
 */
export class ValidationError extends Error {
  override name = 'ValidationError';
}

/**
 * Thrown when a resource cannot be brought into the state that the template describes. The message is
 * the reason that the stack's events show.
 */
export class ResourceFailure extends Error {
  override name = 'ResourceFailure';
  /** Id of what the failed attempt may have left behind, so that it can be deleted. */
  physicalId: string | undefined;

  constructor(reason: string, physicalId?: string) {
    super(reason);
    this.physicalId = physicalId;
  }
}

const nouns = { create: 'creation', update: 'update', delete: 'deletion' };

/** Thrown when CloudFormation stops waiting for a resource because another one has failed. */
export class ResourceCancelled extends ResourceFailure {
  override name = 'ResourceCancelled';

  constructor(operation: keyof typeof nouns) {
    super(`Resource ${nouns[operation]} cancelled`);
  }
}
