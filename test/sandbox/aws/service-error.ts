/** A refusal in an AWS service's own words. */
export class ServiceError extends Error {
  /** AWS's name for it: `ResourceNotFoundException`. */
  readonly code: string;
  /** HTTP status of the answer. */
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = 'ServiceError';
    this.code = code;
    this.status = status;
  }
}
