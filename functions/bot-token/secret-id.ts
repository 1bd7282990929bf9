/** What the id of a secret, its name or ARN, says about it. */
export interface SecretId {
  readonly name: string;
  /** Undefined for a name, which means a secret in the reader's own region. */
  readonly region?: string;
  /** Whether the id ends with the characters that AWS appends, which differ after the secret is created again. */
  readonly isUnique: boolean;
}

/**
 * Parses a secret's id. An ARN ends with a hyphen and six characters that AWS appends to the name, unless the app
 * knows only the ARN without them.
 */
export function parseSecretId(secretId: string): SecretId {
  const [, region, name, suffix] =
    /^arn:[^:]*:secretsmanager:([^:]*):[^:]*:secret:(.+?)(-[A-Za-z0-9]{6})?$/.exec(secretId) ?? [];
  return name
    ? { name, region, isUnique: suffix !== undefined }
    : { name: secretId, isUnique: false };
}
