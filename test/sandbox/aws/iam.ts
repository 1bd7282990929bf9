import type { Leniency } from '../leniency.ts';
import { ACCOUNT, locationOf, randomId } from './account.ts';
import { LENIENT_POLICIES, STRICT_POLICIES } from './managed-policies.ts';
import {
  type ConditionContext,
  checkPolicy,
  type PolicyDocument,
  permits,
  principalsOf,
  trusts,
  trustsRole,
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
  managed: readonly string[];
  /** ARNs of the account's managed policies that name this role. */
  readonly attached: Set<string>;
  readonly inline: Map<string, PolicyDocument>;
}

/**
 * Roles, their policies and their credentials. A role may do what its policies allow at the moment
 * of each request: a policy that CloudFormation has deleted grants nothing any more.
 */
export class Iam {
  /** By ARN. */
  private readonly roles = new Map<string, Role>();
  /** By ARN: those of AWS, and those of the account. */
  private readonly managedPolicies: Map<string, PolicyDocument>;
  private readonly leniency: Leniency | undefined;
  private readonly sessions = new Map<string, { caller: Caller; sessionToken: string }>();

  /** @param leniency accepts what is not evaluated here, with a note */
  constructor(leniency?: Leniency) {
    this.leniency = leniency;
    const known = leniency ? LENIENT_POLICIES : STRICT_POLICIES;
    this.managedPolicies = new Map(
      Object.entries(known).map(([name, policy]) => [`arn:aws:iam::aws:policy/${name}`, policy]),
    );
  }

  createRole(role: {
    name: string;
    trust: PolicyDocument;
    managedPolicyArns: string[];
    /** @default ACCOUNT */
    account?: string;
  }): { arn: string; id: string } {
    const { account = ACCOUNT } = role;
    const arn = `arn:aws:iam::${account}:role/${role.name}`;
    if (this.roles.has(arn)) {
      const message = `Role with name ${role.name} already exists.`;
      throw new ServiceError('EntityAlreadyExists', message, 409);
    }
    this.check('trust', role.trust);
    const stranger = principalsOf(role.trust).find((principal) => !this.roles.has(principal));
    if (stranger && !this.leniency) {
      const message = `Invalid principal in policy: "AWS":"${stranger}"`;
      throw new ServiceError('MalformedPolicyDocument', message);
    }
    const id = `AROA${randomId(17).toUpperCase()}`;
    const managed = role.managedPolicyArns;
    this.checkManaged(managed);
    this.roles.set(arn, {
      arn,
      id,
      trust: role.trust,
      managed,
      attached: new Set(),
      inline: new Map(),
    });
    return { arn, id };
  }

  /** Replaces the managed policies that are attached to a role. */
  attach(roleNameOrArn: string, managedPolicyArns: readonly string[]): void {
    this.checkManaged(managedPolicyArns);
    this.role(roleNameOrArn).managed = managedPolicyArns;
  }

  deleteRole(nameOrArn: string): void {
    const role = this.role(nameOrArn);
    if (role.inline.size > 0) {
      throw new ServiceError(
        'DeleteConflict',
        'Cannot delete entity, must delete policies first.',
        409,
      );
    }
    this.roles.delete(role.arn);
  }

  /** Creates a managed policy of the account, or replaces its content. */
  putManagedPolicy(arn: string, document: PolicyDocument): void {
    this.check('permissions', document);
    this.managedPolicies.set(arn, document);
  }

  /** Attaches a managed policy to a role, beside those that the role itself names. */
  attachOne(roleNameOrArn: string, policyArn: string): void {
    this.role(roleNameOrArn).attached.add(policyArn);
  }

  detachOne(roleNameOrArn: string, policyArn: string): void {
    this.role(roleNameOrArn).attached.delete(policyArn);
  }

  deleteManagedPolicy(arn: string): void {
    this.managedPolicies.delete(arn);
  }

  /** Adds an inline policy, or replaces the one with the same name. */
  putPolicy(roleName: string, policyName: string, document: PolicyDocument): void {
    this.check('permissions', document);
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
    const role = this.roles.get(roleArn);
    if (!role) return false;
    const managed = [...role.managed, ...role.attached].flatMap(
      (arn) => this.managedPolicies.get(arn) ?? [],
    );
    return permits([...managed, ...role.inline.values()], action, resource, context);
  }

  /** Returns whether `service` (such as `lambda.amazonaws.com`) may assume the role. */
  trusts(roleArn: string, service: string, context?: ConditionContext): boolean {
    const role = this.roles.get(roleArn);
    return role !== undefined && trusts(role.trust, service, context);
  }

  /** Returns whether another role may assume the role, which needs no right of its own in the same account. */
  trustsRole(roleArn: string, otherArn: string): boolean {
    const role = this.roles.get(roleArn);
    return role !== undefined && trustsRole(role.trust, otherArn);
  }

  /** Issues temporary credentials of the role. The session name becomes part of the caller's ARN. */
  credentials(roleArn: string, sessionName = 'session'): Credentials {
    const roleName = nameOf(roleArn);
    const { account } = locationOf(roleArn);
    const credentials = {
      accessKeyId: `ASIA${randomId(16).toUpperCase()}`,
      secretAccessKey: randomId(40),
      sessionToken: randomId(120),
    };
    this.sessions.set(credentials.accessKeyId, {
      caller: { roleArn, arn: `arn:aws:sts::${account}:assumed-role/${roleName}/${sessionName}` },
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
    const inline = new Map([['everything', everything]]);
    this.roles.set(arn, { arn, id: name, trust, managed: [], attached: new Set(), inline });
    return this.credentials(arn);
  }

  /** Returns the owner of the credentials in a signed request, if they are valid. */
  caller(accessKeyId: string, sessionToken: string): Caller | undefined {
    const session = this.sessions.get(accessKeyId);
    return session?.sessionToken === sessionToken ? session.caller : undefined;
  }

  private role(nameOrArn: string): Role {
    const role = this.roles.get(roleArnOf(nameOrArn));
    if (role) return role;
    const name = nameOf(nameOrArn);
    throw new ServiceError('NoSuchEntity', `The role with name ${name} cannot be found.`, 404);
  }

  private check(kind: 'trust' | 'permissions', document: PolicyDocument): void {
    try {
      checkPolicy(kind, document);
    } catch (error) {
      if (!this.leniency) throw error;
      this.leniency.note(
        `${(error as Error).message}: what such a policy allows is granted, what it denies is not enforced`,
      );
    }
  }

  private checkManaged(arns: readonly string[]): void {
    for (const arn of arns) {
      if (this.managedPolicies.has(arn)) continue;
      if (!this.leniency)
        throw new Error(`The sandbox's IAM does not support the managed policy ${arn}`);
      const name = arn.slice(arn.indexOf('/') + 1);
      this.leniency.note(
        `The managed policy ${name} grants nothing here: its content is not known to the sandbox`,
      );
    }
  }
}

/** Returns the ARN of a role. A name alone is one of the sandbox's own account. */
function roleArnOf(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn : `arn:aws:iam::${ACCOUNT}:role/${nameOrArn}`;
}

function nameOf(roleArn: string): string {
  return roleArn.slice(roleArn.lastIndexOf('/') + 1);
}
