import { type IPrincipal, PolicyDocument, Role, type RoleProps } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/**
 * A role with rights that are part of it: they need no resource of their own, and the role never exists without them.
 * What an app grants to the role itself is in the role's default policy, as with any other role.
 */
export class RoleWithRights extends Role {
  /** The role, as the grantee of such rights. They must not name anything that waits for the role. */
  readonly rights: IPrincipal;

  constructor(scope: Construct, id: string, props: Omit<RoleProps, 'inlinePolicies'>) {
    const document = new PolicyDocument();
    super(scope, id, { ...props, inlinePolicies: { Rights: document } });
    const { assumeRoleAction, policyFragment, principalAccount } = this;
    const rights: Omit<IPrincipal, 'grantPrincipal'> = {
      assumeRoleAction,
      policyFragment,
      principalAccount,
      addToPrincipalPolicy: (statement) => {
        document.addStatements(statement);
        return { statementAdded: true, policyDependable: this };
      },
    };
    this.rights = Object.assign(rights, { grantPrincipal: rights as IPrincipal });
  }
}
