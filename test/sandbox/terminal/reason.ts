/**
 * Advice of the registrar that does not help in the sandbox: to run what is running, and to keep a log whose lines
 * have been printed.
 */
const ADVICE =
  /Run `npm start[^`]*` to see a crash; `cdk deploy --no-rollback` keeps the log group of the \w+\. ?/g;
/** The CDK names the log group that its provider framework would have if it had none of its own. */
const LOGS = /\s*Logs: \/aws\/lambda\/[\w-]+\s*/g;

/** Leaves out of a resource's reason what is of no use here. */
export function readableReason(reason: string): string {
  return reason.replace(ADVICE, '').replace(LOGS, ' ').trim();
}
