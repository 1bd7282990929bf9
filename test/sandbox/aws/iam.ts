import { ACCOUNT, randomId } from './account.ts';
import { checkPolicy, type PolicyDocument, permits, trusts } from './policy.ts';
import { ServiceError } from './service-error.ts';

export type { PolicyDocument, PolicyStatement } from './policy.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Who made a request. */
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

/** AWS's own policies, as far as the stack attaches them. */
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
 * Roles, their policies and their credentials. A role may do what its policies say at the moment of
 * each request: a policy that CloudFormation has deleted grants nothing any more.
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

  /** Adds an inline policy, or replaces the one of that name. */
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

  /** Whether the role's policies grant it; a role that is gone may do nothing. */
  allows(roleArn: string, action: string, resource: string): boolean {
    const role = this.roles.get(nameOf(roleArn));
    return (
      role !== undefined && permits([...role.managed, ...role.inline.values()], action, resource)
    );
  }

  /** Whether `service` (`lambda.amazonaws.com`) may take the role. */
  trusts(roleArn: string, service: string): boolean {
    const role = this.roles.get(nameOf(roleArn));
    return role !== undefined && trusts(role.trust, service);
  }

  /** Temporary credentials of the role; the session's name is part of what AWS calls the caller. */
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

  /** Of a person who may do everything. */
  administrator(): Credentials {
    const name = 'Administrator';
    const arn = `arn:aws:iam::${ACCOUNT}:role/${name}`;
    const everything = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };
    const trust = { Statement: [] };
    this.roles.set(name, { arn, id: name, trust, managed: [everything], inline: new Map() });
    return this.credentials(arn);
  }

  /** The owner of a pair of credentials, as a signed request shows them. */
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
  throw new Error(`The sandbox's IAM does not know the managed policy ${arn}`);
}

function nameOf(roleArn: string): string {
  return roleArn.slice(roleArn.lastIndexOf('/') + 1);
}
