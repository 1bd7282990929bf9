/**
 * Stops a command whose flags npm has kept for itself: without `--` in front of them, `npm run destroy -c
 * stage=prod` would run `cdk destroy` on the default stage. Imported before a command, or run in front of it.
 */

/** npm's variables for flags of the kit's commands and of the CDK, and how each flag is spelled. */
const FLAGS: Readonly<Record<string, string>> = {
  npm_config_all: '--all',
  npm_config_api_root: '--api-root',
  npm_config_app: '--app',
  npm_config_bot: '--bot',
  npm_config_call: '-c',
  npm_config_calm: '--calm',
  npm_config_chats: '--chats',
  npm_config_context: '--context',
  npm_config_count: '--count',
  npm_config_delivery: '--delivery',
  npm_config_exclusively: '--exclusively',
  npm_config_follow: '--follow',
  npm_config_from_secret: '--from-secret',
  npm_config_grep: '--grep',
  npm_config_hotswap: '--hotswap',
  npm_config_json: '--json',
  npm_config_live: '--live',
  npm_config_online: '--online',
  npm_config_only: '--only',
  npm_config_outputs_file: '--outputs-file',
  npm_config_path: '--path',
  npm_config_profile: '--profile',
  npm_config_purge: '--purge',
  npm_config_record: '--record',
  npm_config_redrive: '--redrive',
  npm_config_region: '--region',
  npm_config_replay: '--replay',
  npm_config_replay_ignore: '--replay-ignore',
  npm_config_require_approval: '--require-approval',
  npm_config_rollback: '--no-rollback',
  npm_config_runs: '--runs',
  npm_config_secret: '--secret',
  npm_config_seed: '--seed',
  npm_config_show: '--show',
  npm_config_stack: '--stack',
  npm_config_since: '--since',
  npm_config_stage: '--stage',
  npm_config_strict: '--strict',
  npm_config_telegram_api_root: '--telegram-api-root',
  npm_config_unchecked: '--unchecked',
  npm_config_updates: '--updates',
};

const CDK_COMMANDS = ['synth', 'deploy', 'diff', 'destroy'];

/**
 * Explains which flags npm has kept for itself, with the command that passes them on; undefined if there are
 * none.
 *
 * @param env the environment of a script that npm runs
 * @param positional arguments that npm has passed on: the values of flags it does not know
 */
export function explainKeptFlags(
  env: Readonly<Record<string, string | undefined>>,
  positional: readonly string[] = [],
): string | undefined {
  const script = env.npm_lifecycle_event;
  if (script === undefined) return undefined;
  const values = [...positional];
  const kept = Object.entries(FLAGS).flatMap(([variable, flag]) => {
    const value = env[variable];
    // npm sets a flag to true if its value was separated by a space, and to nothing for `--no-…`.
    if (value === undefined || (value === '' && variable !== 'npm_config_rollback')) return [];
    if (value === '' || TAKES_NO_VALUE.has(flag)) return [flag];
    return [spell(flag, value === 'true' ? (values.shift() ?? '…') : value, script)];
  });
  if (kept.length === 0) return undefined;
  const command = script === 'start' ? 'npm start' : `npm run ${script}`;
  return (
    `npm kept ${kept.join(' ')} for itself, and ${script} would run without it. Put -- in front of the flags:\n` +
    `  ${command} -- ${kept.join(' ')}`
  );
}

const TAKES_NO_VALUE = new Set([
  '--all',
  '--calm',
  '--exclusively',
  '--follow',
  '--from-secret',
  '--hotswap',
  '--json',
  '--live',
  '--online',
  '--purge',
  '--redrive',
  '--show',
  '--strict',
  '--unchecked',
]);

/** Spells a flag with its value. The CDK knows the kit's own flags only as context. */
function spell(flag: string, value: string, script: string): string {
  const isContext = CDK_COMMANDS.includes(script) && ['--stage', '--delivery'].includes(flag);
  return isContext ? `-c ${flag.slice(2)}=${value}` : `${flag} ${value}`;
}

const explanation = explainKeptFlags(process.env, process.argv.slice(2));
if (explanation !== undefined) {
  console.error(explanation);
  process.exit(1);
}
