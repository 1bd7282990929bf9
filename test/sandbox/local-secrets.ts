import { existsSync, readFileSync } from 'node:fs';

/** A file that Git ignores, at the root of the project. */
const SECRETS_FILE = new URL('../../.secrets.json', import.meta.url);

/**
 * Returns the values of the bot's own secrets: those in `.secrets.json`, overridden by the arguments of `--secret`.
 *
 * @throws Error when the file or an argument is malformed. It never shows a value
 */
export function readLocalSecrets(
  args: readonly string[],
  file = SECRETS_FILE,
): Record<string, string> {
  const secrets = existsSync(file) ? readFile(file) : {};
  for (const arg of args) {
    const [, name, value] = /^((?:arn:)?[^=]+)=(.*)$/s.exec(arg) ?? [];
    if (name === undefined || value === undefined) throw new Error('--secret takes NAME=VALUE');
    secrets[name] = value;
  }
  return secrets;
}

function readFile(file: URL): Record<string, string> {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // The message of JSON.parse quotes the text, which is secret.
    throw new Error('.secrets.json is not JSON');
  }
  const isObject = typeof content === 'object' && content !== null && !Array.isArray(content);
  const values = isObject ? Object.entries(content as object) : [];
  const wrong = values.find(([, value]) => typeof value !== 'string');
  if (isObject && !wrong) return Object.fromEntries(values);
  throw new Error(
    wrong
      ? `.secrets.json must hold strings; the value of ${wrong[0]} is none`
      : '.secrets.json must be an object: { "NAME": "VALUE" }',
  );
}
