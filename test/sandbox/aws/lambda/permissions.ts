import { matches } from '../policy.ts';
import { ServiceError } from '../service-error.ts';

export interface Permission {
  /** A service, such as `apigateway.amazonaws.com`, or `*` for everyone. */
  readonly principal: string;
  readonly action: string;
  /** May contain IAM's wildcards. */
  readonly sourceArn?: string;
  /** Only for `lambda:InvokeFunctionUrl`, which needs it if the principal is everyone. */
  readonly functionUrlAuthType?: 'NONE' | 'AWS_IAM';
  /** Only for `lambda:InvokeFunction`: whether the statement applies only to what comes through the function's URL. */
  readonly invokedViaFunctionUrl?: boolean;
}

/** A function's resource policy: which services may invoke it, and on whose behalf. */
export class Permissions {
  private readonly statements = new Map<string, Permission>();

  add(id: string, permission: Permission): void {
    checkUrlPermission(permission);
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
        ['*', principal].includes(statement.principal) &&
        matches(statement.action, action) &&
        !statement.invokedViaFunctionUrl &&
        (statement.sourceArn === undefined || matches(statement.sourceArn, sourceArn)),
    );
  }

  /**
   * Returns whether everyone may use the function's URL. Since October 2025 that takes two statements.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
   */
  allowsUrl(): boolean {
    const open = [...this.statements.values()].filter(
      ({ principal, sourceArn }) => principal === '*' && sourceArn === undefined,
    );
    return (
      open.some(
        ({ action, functionUrlAuthType }) =>
          action === INVOKE_URL && functionUrlAuthType === 'NONE',
      ) && open.some(({ action }) => action === INVOKE)
    );
  }
}

const INVOKE = 'lambda:InvokeFunction';
const INVOKE_URL = 'lambda:InvokeFunctionUrl';

/** Creates Lambda's refusal of a request to a function URL. */
export function forbiddenUrl(): ServiceError {
  const message =
    'Forbidden. For troubleshooting Function URL authorization issues, see: ' +
    'https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html';
  return new ServiceError('AccessDeniedException', message, 403);
}

function checkUrlPermission(permission: Permission): void {
  const { action, principal, functionUrlAuthType, invokedViaFunctionUrl } = permission;
  if (functionUrlAuthType !== undefined && action !== INVOKE_URL) {
    throw invalid(`FunctionUrlAuthType is only supported for ${INVOKE_URL} action`);
  }
  if (invokedViaFunctionUrl !== undefined && action !== INVOKE) {
    throw invalid(`InvokedViaFunctionUrl is only supported for ${INVOKE} action`);
  }
  if (action === INVOKE_URL && principal === '*' && functionUrlAuthType === undefined) {
    throw invalid(`FunctionUrlAuthType is required for ${INVOKE_URL} if everyone is the principal`);
  }
}

function invalid(message: string): ServiceError {
  return new ServiceError('InvalidParameterValueException', message);
}
