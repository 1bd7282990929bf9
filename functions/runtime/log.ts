/**
 * The object itself, not its JSON: under Lambda's JSON log format it becomes `message`, whose fields
 * CloudWatch Logs Insights can query (`message.updateId`); a string would arrive as escaped text.
 */
export function log(facts: object): void {
  console.error(facts);
}
