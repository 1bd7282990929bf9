/** An error of an AWS service, in the service's own words. */
export class ServiceError extends Error {
  /** AWS's error code, such as `ResourceNotFoundException`. */
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
