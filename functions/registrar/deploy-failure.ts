/** A failure in words for the person who looks at the terminal: what happened, and what to do. */
export class DeployFailure extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DeployFailure';
  }
}
