import { createHash } from 'node:crypto';
import { ArnFormat, Stack, Token } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IAlias, IKey } from 'aws-cdk-lib/aws-kms';
import { type CfnSecret, type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';

/**
 * Returns the id by which `functions/` finds a secret: its full ARN if the app knows it; else its name, which is
 * also what a person looks for in the console; else, because a name means a secret of the function's own account
 * and region, its ARN without AWS's suffix.
 *
 * @param scope a construct of the stack that the functions are in
 */
export function secretId(secret: ISecret, scope: IConstruct): string {
  if (secret.secretFullArn) return secret.secretFullArn;
  return isInEnvOf(scope, secret)
    ? (secretNameOf(secret) ?? secret.secretName)
    : partialArnOf(secret);
}

/**
 * Lets a function read a secret, and decrypt it if the app names its key. Unlike `ISecret.grantRead`, it grants the
 * key in the function's own policy. In the key's policy, the right would be missing for an imported key, need a
 * reference back to the function, and disappear in an update that removes the bot before its webhook is gone.
 */
export function grantTokenRead(secret: ISecret, grantee: IGrantable, scope: IConstruct): void {
  Grant.addToPrincipal({
    grantee,
    actions: ['secretsmanager:GetSecretValue'],
    resourceArns: arnPatternsOf(secret, scope),
  });
  if (!secret.encryptionKey) return;
  const { keyArn, conditions } = keyRightOf(secret.encryptionKey);
  const service = `secretsmanager.${secret.env.region}.${Stack.of(scope).urlSuffix}`;
  Grant.addToPrincipal({
    grantee,
    actions: ['kms:Decrypt'],
    resourceArns: [keyArn],
    conditions: { StringEquals: { 'kms:ViaService': service }, ...conditions },
  });
}

/** Returns a secret's name, or undefined if it is known only during the deploy. */
export function secretNameOf(secret: ISecret): string | undefined {
  // Of an ARN without AWS's suffix, the CDK's `secretName` cuts off what looks like one.
  const [, ownName] = secret.secretFullArn ? [] : (/:secret:(.+)$/.exec(secret.secretArn) ?? []);
  const name = ownName ?? secret.secretName;
  return Token.isUnresolved(name) ? undefined : name;
}

/** What distinguishes a secret from all others. */
export interface SecretIdentity {
  /** Account, region and name; for a secret whose name is not known, the reference to it. */
  readonly key: string;
  /** Whether two secrets with this key are the same wherever their stacks are deployed. */
  readonly isCertain: boolean;
}

/** Identifies a secret, the same however it is imported in a stack with a known account and region. */
export function identifySecret(secret: ISecret): SecretIdentity {
  const { account, region } = secret.env;
  const stack = Stack.of(secret);
  const name = secretNameOf(secret);
  const parts = name ? [account, region, name] : [stack.node.addr, secret.secretArn];
  // CloudFormation replaces a secret when its name changes, under the same reference.
  if (Secret.isSecret(secret)) parts.push((secret.node.defaultChild as CfnSecret).name ?? '');
  return {
    key: JSON.stringify(stack.resolve(parts)),
    isCertain: !name || ![account, region].some((part) => Token.isUnresolved(part)),
  };
}

/**
 * Returns the part of a construct id that stands for a secret: its name, for people, and a hash of its identity,
 * because `a/b` and `a-b` look the same in an id.
 */
export function secretLabel(secret: ISecret): string {
  const name = secretNameOf(secret)?.replaceAll(/[^\w-]/g, '-') ?? secret.node.id;
  const hash = createHash('sha256').update(identifySecret(secret).key).digest('hex');
  return `${name}-${hash.slice(0, 8)}`;
}

function isInEnvOf(scope: IConstruct, { env }: ISecret): boolean {
  const { account, region } = Stack.of(scope);
  return env.account === account && env.region === region;
}

interface KeyRight {
  readonly keyArn: string;
  readonly conditions?: Record<string, Record<string, string>>;
}

/** Returns what a policy has to name for a key, or for the key behind an alias, whose own ARN gives no right to it. */
function keyRightOf(key: IKey | IAlias): KeyRight {
  if (!('aliasName' in key)) return { keyArn: key.keyArn };
  try {
    return { keyArn: key.aliasTargetKey.keyArn };
  } catch {
    // The app does not know the key of an alias that it imports by name.
    return {
      keyArn: Stack.of(key).formatArn({ service: 'kms', resource: 'key', resourceName: '*' }),
      conditions: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': key.aliasName } },
    };
  }
}

/** Returns the ARNs that a policy has to name for a secret, with wildcards for a suffix that the app does not know. */
function arnPatternsOf(secret: ISecret, scope: IConstruct): string[] {
  const { secretFullArn } = secret;
  if (!secretFullArn) return [`${partialArnOf(secret)}-??????`];
  if (!Secret.isSecret(secret) || isInEnvOf(scope, secret)) return [secretFullArn];
  // In another account or region, the CDK makes up the ARN from the name, without the suffix.
  return [secretFullArn, `${secretFullArn}-??????`];
}

/** Returns a secret's ARN without the six characters that AWS appends. */
function partialArnOf({ secretArn, secretName, stack }: ISecret): string {
  if (secretArn !== secretName) return secretArn;
  // The deprecated `Secret.fromSecretName` calls the name an ARN.
  return stack.formatArn({
    service: 'secretsmanager',
    resource: 'secret',
    resourceName: secretName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
