/**
 * Thrown when a request is rejected and nothing was changed, either because CloudFormation would reject
 * it too or because the sandbox would not do it as CloudFormation does.
 */
export class ValidationError extends Error {
  override name = 'ValidationError';
}

/** Thrown for what CloudFormation would accept, and only the sandbox does not do. */
export class UnsupportedError extends ValidationError {
  override name = 'UnsupportedError';
}

/** Thrown for a property that the sandbox does not know. Lenient mode leaves it out. */
export class UnknownProperty extends UnsupportedError {
  override name = 'UnknownProperty';
  /** Where the object is, and the property's name in it. */
  readonly at: string;
  readonly key: string;

  constructor(at: string, key: string) {
    super(`${at}.${key} is not supported by the sandbox`);
    this.at = at;
    this.key = key;
  }
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

export function unresolved(name: string): ValidationError {
  return new ValidationError(
    `Template format error: Unresolved resource dependencies [${name}] in the Resources block of the template`,
  );
}
