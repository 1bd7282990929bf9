import { ACCOUNT } from './account.ts';

export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: PolicyStatement | readonly PolicyStatement[];
}

export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Principal?: '*' | { readonly [kind: string]: string | readonly string[] };
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | string[]>>>>;
}

/** The facts about a request that conditions can test. */
export interface ConditionContext {
  /** The service that makes the request for the caller. */
  readonly 'kms:ViaService'?: string;
  /** The account and the resource for which a service assumes a role. */
  readonly 'aws:SourceAccount'?: string;
  readonly 'aws:SourceArn'?: string;
  /** The function whose code makes the request. */
  readonly 'lambda:SourceFunctionArn'?: string;
}

/** The keys that `StringEquals` can test, by kind of policy. */
const CONDITION_KEYS: Readonly<Record<string, readonly string[]>> = {
  permissions: ['kms:ViaService'],
  key: ['kms:ViaService'],
  trust: ['aws:SourceAccount', 'aws:SourceArn'],
  topic: ['aws:SourceAccount', 'aws:SourceArn'],
};

/**
 * The elements that a statement may have, by kind of policy, and those that it may omit. All other elements of
 * IAM's policy language are an error.
 */
const ELEMENTS = {
  permissions: ['Sid', 'Effect', 'Action', 'Resource', 'Condition'],
  trust: ['Sid', 'Effect', 'Action', 'Principal', 'Condition'],
  key: ['Sid', 'Effect', 'Action', 'Resource', 'Principal', 'Condition'],
  topic: ['Sid', 'Effect', 'Action', 'Resource', 'Principal', 'Condition'],
};
const OPTIONAL = ['Sid', 'Condition'];

/** The principals that policies may name: services, roles as those of roles, all identities of the account as those of keys. */
const PRINCIPALS = {
  permissions: {},
  trust: { Service: /^/, AWS: /^arn:aws:iam::\d{12}:role\// },
  topic: { Service: /^/ },
  key: { AWS: /^arn:aws:iam::\d+:root$/ },
};

/** Checks a policy. @throws for an unsupported element, because ignoring it could grant too much */
export function checkPolicy(
  kind: keyof typeof ELEMENTS,
  document: PolicyDocument,
  account = ACCOUNT,
): void {
  for (const statement of statementsOf(document)) {
    const known = ELEMENTS[kind];
    const unknown = Object.keys(statement).find((element) => !known.includes(element));
    if (unknown)
      throw new Error(`The sandbox's IAM does not support ${unknown} in a ${kind} policy`);
    const missing = known.find((element) => !OPTIONAL.includes(element) && !(element in statement));
    if (missing) throw new Error(`A statement of a ${kind} policy needs ${missing}`);
    if (!['Allow', 'Deny'].includes(statement.Effect)) {
      throw new Error(`Effect must be Allow or Deny, got ${statement.Effect}`);
    }
    checkPrincipals(kind, statement, account);
    checkCondition(kind, statement);
  }
}

function checkPrincipals(
  kind: keyof typeof ELEMENTS,
  { Principal = {} }: PolicyStatement,
  account: string,
): void {
  const supported: Readonly<Record<string, RegExp>> = PRINCIPALS[kind];
  if (typeof Principal !== 'object') throw new Error(`A ${kind} policy cannot be for everyone`);
  for (const [name, values] of Object.entries(Principal)) {
    const isOwn = (value: string) => kind !== 'key' || value.includes(`:${account}:`);
    if (listOf(values).every((value) => supported[name]?.test(value) && isOwn(value))) continue;
    throw new Error(
      `The sandbox's IAM supports only services as principals of topics, services and roles as those of roles, and the account as that of keys; got ` +
        JSON.stringify(Principal),
    );
  }
}

function checkCondition(kind: keyof typeof ELEMENTS, { Condition }: PolicyStatement): void {
  if (Condition === undefined || isForLambdaItself(Condition)) return;
  const { StringEquals, ...others } = Condition;
  const keys = Object.keys(StringEquals ?? {});
  const known = CONDITION_KEYS[kind] ?? [];
  const isKnown = keys.length > 0 && keys.every((key) => known.includes(key));
  if (isKnown && Object.keys(others).length === 0) return;
  throw new Error(
    `The sandbox's IAM does not support Condition ${JSON.stringify(Condition)}, only StringEquals for ${known.join(' and ')}`,
  );
}

/** Evaluates policies: an explicit Deny wins, and without an Allow access is denied. */
export function permits(
  documents: Iterable<PolicyDocument>,
  action: string,
  resource: string,
  context: ConditionContext = {},
  kind: keyof typeof ELEMENTS = 'permissions',
): boolean {
  const applicable = [...documents].flatMap(statementsOf).filter(
    (statement) =>
      // Actions are case-insensitive, resources are not.
      covers(action.toLowerCase(), {
        listed: listOf(statement.Action).map((pattern) => pattern.toLowerCase()),
        except: listOf(statement.NotAction).map((pattern) => pattern.toLowerCase()),
      }) &&
      covers(resource, {
        listed: listOf(statement.Resource),
        except: listOf(statement.NotResource),
      }) &&
      holds(kind, statement, context),
  );
  return (
    applicable.some((statement) => statement.Effect === 'Allow') &&
    !applicable.some((statement) => statement.Effect === 'Deny')
  );
}

function covers(
  value: string,
  patterns: { listed: readonly string[]; except: readonly string[] },
): boolean {
  const { listed, except } = patterns;
  if (except.length > 0) return !except.some((pattern) => matches(pattern, value));
  return listed.some((pattern) => matches(pattern, value));
}

/** Whether a condition excludes requests that the code of a function makes with the function's role. */
function isForLambdaItself(condition: PolicyStatement['Condition']): boolean {
  return JSON.stringify(condition) === '{"Null":{"lambda:SourceFunctionArn":"true"}}';
}

/** A condition that only lenient mode accepts does not restrict what is allowed, and denies nothing. */
function holds(
  kind: keyof typeof ELEMENTS,
  { Condition = {}, Effect }: PolicyStatement,
  context: ConditionContext,
): boolean {
  if (isForLambdaItself(Condition)) return context['lambda:SourceFunctionArn'] === undefined;
  return Object.entries(Condition).every(([operator, tests]) =>
    Object.entries(tests).every(([key, allowed]) => {
      const isKnown = operator === 'StringEquals' && CONDITION_KEYS[kind]?.includes(key);
      if (!isKnown) return Effect === 'Allow';
      return listOf(allowed).includes(String(context[key as keyof ConditionContext]));
    }),
  );
}

/** Returns whether a trust policy lets `service` assume the role. */
export function trusts(
  document: PolicyDocument,
  service: string,
  context: ConditionContext = {},
): boolean {
  return statementsOf(document).some(
    (statement) =>
      statement.Effect === 'Allow' &&
      listOf(statement.Action).includes('sts:AssumeRole') &&
      isFor(statement, service) &&
      holds('trust', statement, context),
  );
}

/** Returns whether a trust policy names another role that may assume the role. */
export function trustsRole(document: PolicyDocument, roleArn: string): boolean {
  const naming = statementsOf(document).filter(
    (statement) =>
      listOf(statement.Action).includes('sts:AssumeRole') &&
      rolesIn(statement).includes(roleArn) &&
      holds('trust', statement, {}),
  );
  return naming.length > 0 && naming.every(({ Effect }) => Effect === 'Allow');
}

/** Returns the ARNs of the roles that a trust policy names. */
export function principalsOf(document: PolicyDocument): string[] {
  return statementsOf(document).flatMap(rolesIn);
}

function rolesIn({ Principal }: PolicyStatement): readonly string[] {
  return typeof Principal === 'object' ? listOf(Principal.AWS) : [];
}

/** Returns whether the policy of a resource lets `service` act for another resource of the account. */
export function permitsService(
  document: PolicyDocument,
  service: string,
  request: { action: string; resource: string; sourceArn: string },
): boolean {
  const { action, resource, sourceArn } = request;
  const Statement = statementsOf(document).filter((statement) => isFor(statement, service));
  const context = { 'aws:SourceAccount': sourceArn.split(':')[4], 'aws:SourceArn': sourceArn };
  return permits([{ Statement }], action, resource, context, 'topic');
}

function isFor({ Principal }: PolicyStatement, service: string): boolean {
  return typeof Principal === 'object' && listOf(Principal.Service).includes(service);
}

/** Returns whether a statement only denies requests without TLS, as the CDK's `enforceSSL` writes it. */
export function isTlsDenial({ Effect, Condition }: PolicyStatement): boolean {
  return (
    Effect === 'Deny' && JSON.stringify(Condition) === '{"Bool":{"aws:SecureTransport":"false"}}'
  );
}

/** Compiled patterns. Policies are few, and every call evaluates them. */
const expressions = new Map<string, RegExp>();

/** Matches a value against IAM's wildcards: `*` for any characters, `?` for exactly one. */
export function matches(pattern: string, value: string): boolean {
  const expression = expressions.get(pattern) ?? expressionOf(pattern);
  expressions.set(pattern, expression);
  return expression.test(value);
}

function expressionOf(pattern: string): RegExp {
  const source = pattern
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's');
}

function statementsOf(document: PolicyDocument): readonly PolicyStatement[] {
  return [document.Statement].flat() as PolicyStatement[];
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : ([value].flat() as string[]);
}
