import { createHash, generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import forge from 'node-forge';

export interface Certificate {
  /** PEM. */
  readonly key: string;
  /** PEM. */
  readonly certificate: string;
}

const DAY = 24 * 60 * 60 * 1000;

/**
 * Creates a self-signed certificate for the given host names. It is marked as an authority, so that the
 * local network presents the same PEM that its clients trust. Node generates the key, because node-forge
 * takes seconds to do so; node-forge signs, because Node cannot.
 */
export async function makeCertificate(hosts: readonly string[]): Promise<Certificate> {
  const pair = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(pair.publicKey);
  // A serial number that starts with a set bit would be negative in DER.
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`;
  certificate.validity.notBefore = new Date(Date.now() - DAY);
  certificate.validity.notAfter = new Date(Date.now() + 30 * DAY);
  // Each key has its own name: a client that trusts two sandboxes' certificates must not mix them up.
  const fingerprint = createHash('sha256').update(pair.publicKey).digest('hex').slice(0, 12);
  const name = [{ name: 'commonName', value: `Sandbox ${fingerprint}` }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectKeyIdentifier' },
    { name: 'subjectAltName', altNames: hosts.map((value) => ({ type: DNS_NAME, value })) },
  ]);
  certificate.sign(forge.pki.privateKeyFromPem(pair.privateKey), forge.md.sha256.create());
  return { key: pair.privateKey, certificate: forge.pki.certificateToPem(certificate) };
}

/** The subjectAltName type for host names (RFC 5280, GeneralName). */
const DNS_NAME = 2;
