import { matches } from '../policy.ts';
import { ServiceError } from '../service-error.ts';

export interface Permission {
  /** A service, such as `apigateway.amazonaws.com`. */
  readonly principal: string;
  readonly action: string;
  /** May contain IAM's wildcards. */
  readonly sourceArn?: string;
}

/** A function's resource policy: which services may invoke it, and on whose behalf. */
export class Permissions {
  private readonly statements = new Map<string, Permission>();

  add(id: string, permission: Permission): void {
    if (this.statements.has(id)) {
      const message = `The statement id (${id}) provided already exists.`;
      throw new ServiceError('ResourceConflictException', message, 409);
    }
    this.statements.set(id, permission);
  }

  remove(id: string): void {
    if (!this.statements.delete(id)) {
      const message = `Statement ${id} is not found in resource policy.`;
      throw new ServiceError('ResourceNotFoundException', message, 404);
    }
  }

  allows(principal: string, action: string, sourceArn: string): boolean {
    return [...this.statements.values()].some(
      (statement) =>
        statement.principal === principal &&
        matches(statement.action, action) &&
        (statement.sourceArn === undefined || matches(statement.sourceArn, sourceArn)),
    );
  }
}
