/**
 * Logs an object as it is, not as JSON text: Lambda's JSON log format puts it under `message`, where
 * CloudWatch Logs Insights can query its fields (`message.updateId`). A string would arrive as escaped text.
 */
export function log(facts: object): void {
  console.error(facts);
}
