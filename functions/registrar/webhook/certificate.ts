import { X509Certificate } from 'node:crypto';
import { DeploymentError } from '../deploy-failure.ts';

const MAX_BYTES = 3 * 1024 * 1024;

/**
 * The bytes of a PEM certificate that Telegram will take.
 *
 * @throws DeployFailure for anything else: Telegram itself looks at the size alone, and only later
 * deliveries would show that it cannot use the file.
 */
export function pemCertificate(base64: string): Buffer<ArrayBuffer> {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length === 0) throw refused('is empty');
  if (bytes.length > MAX_BYTES) {
    throw refused(`has ${bytes.length} bytes, and Telegram takes at most ${MAX_BYTES}`);
  }
  const text = bytes.toString('latin1');
  if (text.includes('PRIVATE KEY')) throw refused('holds a private key, which must stay with you');
  if (!text.includes('-----BEGIN CERTIFICATE-----') || !isReadable(bytes)) {
    throw refused('is not a certificate in PEM format');
  }
  return bytes;
}

function isReadable(pem: Buffer): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}

function refused(problem: string): DeploymentError {
  return new DeploymentError(
    `certificate ${problem}. Give the path of a file with the public certificate alone, which begins ` +
      'with -----BEGIN CERTIFICATE-----, and deploy again.',
  );
}
