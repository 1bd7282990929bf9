import { ACCOUNT, randomId } from './account.ts';
import {
  type ConditionContext,
  checkPolicy,
  type PolicyDocument,
  permits,
  trusts,
} from './policy.ts';
import { ServiceError } from './service-error.ts';

export type { PolicyDocument, PolicyStatement } from './policy.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** The identity that made a request. */
export interface Caller {
  readonly roleArn: string;
  /** `arn:aws:sts::<account>:assumed-role/<role>/<session>`, as AWS names it in refusals. */
  readonly arn: string;
}

interface Role {
  readonly arn: string;
  readonly id: string;
  readonly trust: PolicyDocument;
  readonly managed: readonly PolicyDocument[];
  readonly inline: Map<string, PolicyDocument>;
}

/** The AWS managed policies that the stack attaches. */
const MANAGED_POLICIES: Readonly<Record<string, PolicyDocument>> = {
  'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole': {
    Statement: {
      Effect: 'Allow',
      Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: '*',
    },
  },
};

/**
 * Roles, their policies and their credentials. A role may do what its policies allow at the moment
 * of each request: a policy that CloudFormation has deleted grants nothing any more.
 */
export class Iam {
  private readonly roles = new Map<string, Role>();
  private readonly sessions = new Map<string, { caller: Caller; sessionToken: string }>();

  createRole(role: { name: string; trust: PolicyDocument; managedPolicyArns: string[] }): {
    arn: string;
    id: string;
  } {
    if (this.roles.has(role.name)) {
      const message = `Role with name ${role.name} already exists.`;
      throw new ServiceError('EntityAlreadyExists', message, 409);
    }
    checkPolicy('trust', role.trust);
    const arn = `arn:aws:iam::${ACCOUNT}:role/${role.name}`;
    const id = `AROA${randomId(17).toUpperCase()}`;
    const managed = role.managedPolicyArns.map(managedPolicy);
    this.roles.set(role.name, { arn, id, trust: role.trust, managed, inline: new Map() });
    return { arn, id };
  }

  deleteRole(name: string): void {
    const role = this.role(name);
    if (role.inline.size > 0) {
      throw new ServiceError(
        'DeleteConflict',
        'Cannot delete entity, must delete policies first.',
        409,
      );
    }
    this.roles.delete(name);
  }

  /** Adds an inline policy, or replaces the one with the same name. */
  putPolicy(roleName: string, policyName: string, document: PolicyDocument): void {
    checkPolicy('permissions', document);
    this.role(roleName).inline.set(policyName, document);
  }

  deletePolicy(roleName: string, policyName: string): void {
    if (!this.role(roleName).inline.delete(policyName)) {
      const message = `The role policy with name ${policyName} cannot be found.`;
      throw new ServiceError('NoSuchEntity', message, 404);
    }
  }

  /** Returns whether the role's policies allow the action. A deleted role may do nothing. */
  allows(roleArn: string, action: string, resource: string, context?: ConditionContext): boolean {
    const role = this.roles.get(nameOf(roleArn));
    if (!role) return false;
    return permits([...role.managed, ...role.inline.values()], action, resource, context);
  }

  /** Returns whether `service` (such as `lambda.amazonaws.com`) may assume the role. */
  trusts(roleArn: string, service: string): boolean {
    const role = this.roles.get(nameOf(roleArn));
    return role !== undefined && trusts(role.trust, service);
  }

  /** Issues temporary credentials of the role. The session name becomes part of the caller's ARN. */
  credentials(roleArn: string, sessionName = 'session'): Credentials {
    const roleName = nameOf(roleArn);
    const credentials = {
      accessKeyId: `ASIA${randomId(16).toUpperCase()}`,
      secretAccessKey: randomId(40),
      sessionToken: randomId(120),
    };
    this.sessions.set(credentials.accessKeyId, {
      caller: { roleArn, arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${roleName}/${sessionName}` },
      sessionToken: credentials.sessionToken,
    });
    return credentials;
  }

  /** Issues credentials of an administrator, who may do everything. */
  administrator(): Credentials {
    const name = 'Administrator';
    const arn = `arn:aws:iam::${ACCOUNT}:role/${name}`;
    const everything = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };
    const trust = { Statement: [] };
    this.roles.set(name, { arn, id: name, trust, managed: [everything], inline: new Map() });
    return this.credentials(arn);
  }

  /** Returns the owner of the credentials in a signed request, if they are valid. */
  caller(accessKeyId: string, sessionToken: string): Caller | undefined {
    const session = this.sessions.get(accessKeyId);
    return session?.sessionToken === sessionToken ? session.caller : undefined;
  }

  private role(name: string): Role {
    const role = this.roles.get(name);
    if (role) return role;
    throw new ServiceError('NoSuchEntity', `The role with name ${name} cannot be found.`, 404);
  }
}

function managedPolicy(arn: string): PolicyDocument {
  const policy = MANAGED_POLICIES[arn];
  if (policy) return policy;
  throw new Error(`The sandbox's IAM does not support the managed policy ${arn}`);
}

function nameOf(roleArn: string): string {
  return roleArn.slice(roleArn.lastIndexOf('/') + 1);
}
