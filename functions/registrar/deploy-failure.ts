/** A failure in words for the person who looks at the terminal: what happened, and what to do. */
export class DeploymentError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DeployFailure';
  }
}

/** A registration failed, and what it may have set could not be taken back. */
export class OrphanedWebhookError extends Error {
  override readonly cause: Error;
  /** Where the webhook points to. */
  readonly host: string;

  constructor(cause: Error, host: string) {
    super(cause.message);
    this.name = 'LeftBehind';
    this.cause = cause;
    this.host = host;
  }
}
