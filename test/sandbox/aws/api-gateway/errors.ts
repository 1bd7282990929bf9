import { ServiceError } from '../service-error.ts';

export function find<T>(things: ReadonlyMap<string, T>, id: string, kind: string): T {
  const thing = things.get(id);
  if (thing) return thing;
  throw notFound(kind, id);
}

export function notFound(kind: string, id: string): ServiceError {
  return new ServiceError('NotFoundException', `Invalid ${kind} identifier specified ${id}`, 404);
}

export function badRequestException(message: string): ServiceError {
  return new ServiceError('BadRequestException', message);
}

export function conflict(message: string): ServiceError {
  return new ServiceError('ConflictException', message, 409);
}
