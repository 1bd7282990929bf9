import type { FunctionConfiguration } from './configuration.ts';
import type { Permission } from './permissions.ts';
import type { CompletedInvocation } from './revision.ts';

/** Lambda as CloudFormation and the other services use it. */
export interface LambdaService {
  create(configuration: FunctionConfiguration): { arn: string };
  update(configuration: FunctionConfiguration): void;
  /** Functions outside `HOME` have no name, only an ARN, for this and the methods below. */
  delete(nameOrArn: string): Promise<void>;
  has(nameOrArn: string): boolean;
  configurationOf(nameOrArn: string): FunctionConfiguration;
  /** Adds the name of a version or an alias. Strict mode has neither. */
  addQualifier?(nameOrArn: string, qualifier: string): void;
  removeQualifier?(nameOrArn: string, qualifier: string): void;
  addPermission(functionName: string, id: string, permission: Permission): void;
  removePermission(functionName: string, id: string): void;
  /** Invokes without checking permissions. */
  invoke(nameOrArn: string, event: unknown): Promise<CompletedInvocation>;
  /** Invokes for another AWS service, if the function's resource policy allows it. */
  invokeAs(
    principal: string,
    sourceArn: string,
    nameOrArn: string,
    event: unknown,
  ): Promise<CompletedInvocation>;
  /** Invokes for whoever calls the function's URL, if the function's resource policy allows that to everyone. */
  invokeByUrl(nameOrArn: string, event: unknown): Promise<CompletedInvocation>;
  /** Serves the API of another region. Strict mode has only one. */
  serveIn?(region: string): void;
  close(): Promise<void>;
}
