export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: PolicyStatement | readonly PolicyStatement[];
}

export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Principal?: { readonly Service: string | readonly string[] };
}

/**
 * The elements that a statement may have, by kind of policy. All other elements of IAM's policy
 * language are an error.
 */
const ELEMENTS = {
  permissions: ['Sid', 'Effect', 'Action', 'Resource'],
  trust: ['Sid', 'Effect', 'Action', 'Principal'],
};

/** Checks a policy. @throws for an unsupported element, because ignoring it could grant too much */
export function checkPolicy(kind: keyof typeof ELEMENTS, document: PolicyDocument): void {
  for (const statement of statementsOf(document)) {
    const known = ELEMENTS[kind];
    const unknown = Object.keys(statement).find((element) => !known.includes(element));
    if (unknown)
      throw new Error(`The sandbox's IAM does not support ${unknown} in a ${kind} policy`);
    const missing = known.find((element) => element !== 'Sid' && !(element in statement));
    if (missing) throw new Error(`A statement of a ${kind} policy needs ${missing}`);
    if (!['Allow', 'Deny'].includes(statement.Effect)) {
      throw new Error(`Effect must be Allow or Deny, got ${statement.Effect}`);
    }
    const principals = Object.keys(statement.Principal ?? {});
    if (principals.some((principal) => principal !== 'Service')) {
      throw new Error(`The sandbox's IAM supports only services as principals, got ${principals}`);
    }
  }
}

/** Evaluates policies: an explicit Deny wins, and without an Allow access is denied. */
export function permits(
  documents: Iterable<PolicyDocument>,
  action: string,
  resource: string,
): boolean {
  const applicable = [...documents].flatMap(statementsOf).filter(
    (statement) =>
      // Actions are case-insensitive, resources are not.
      listOf(statement.Action).some((pattern) =>
        matches(pattern.toLowerCase(), action.toLowerCase()),
      ) && listOf(statement.Resource).some((pattern) => matches(pattern, resource)),
  );
  return (
    applicable.some((statement) => statement.Effect === 'Allow') &&
    !applicable.some((statement) => statement.Effect === 'Deny')
  );
}

/** Returns whether a trust policy lets `service` assume the role. */
export function trusts(document: PolicyDocument, service: string): boolean {
  return statementsOf(document).some(
    (statement) =>
      statement.Effect === 'Allow' &&
      listOf(statement.Action).includes('sts:AssumeRole') &&
      listOf(statement.Principal?.Service).includes(service),
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
