import { RemovalPolicy } from 'aws-cdk-lib';
import { type IGrantable, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { RoleWithRights } from './role-with-rights.ts';

export interface FunctionLoggingProps {
  readonly retention: RetentionDays;
  /**
   * Whether the role is created before what its rights name, which are in its default policy then. It is for roles that
   * much of a deploy waits for.
   *
   * @default false
   */
  readonly hasEarlyRole?: boolean;
}

/** A log group that is deleted with the stack, and a Lambda role that may write only to it. */
export class FunctionLogging extends Construct {
  readonly logGroup: LogGroup;
  readonly role: Role;
  /** The grantee of what the kit itself grants to the function. */
  readonly rights: IGrantable;

  constructor(scope: Construct, id: string, props: FunctionLoggingProps) {
    super(scope, id);
    const { retention, hasEarlyRole = false } = props;
    this.logGroup = new LogGroup(this, 'LogGroup', {
      retention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const assumedBy = new ServicePrincipal('lambda.amazonaws.com');
    if (hasEarlyRole) {
      this.role = new Role(this, 'Role', { assumedBy });
      this.rights = this.role;
    } else {
      const role = new RoleWithRights(this, 'Role', { assumedBy });
      this.role = role;
      this.rights = role.rights;
    }
    this.logGroup.grantWrite(this.rights);
  }
}
