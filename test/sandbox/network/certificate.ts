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
  // Each key has its own name: a client that trusts two sandboxes' certificates must not mix them up.
  const fingerprint = createHash('sha256').update(pair.publicKey).digest('hex').slice(0, 12);
  const name = `Sandbox ${fingerprint}`;
  const usage = { cA: true, keyCertSign: true };
  return sign({ key: pair.privateKey, subject: name, issuer: name, hosts, ...usage });
}

/** Issues a certificate for one more host, with the authority's own key, because a new one takes long to generate. */
export function issueCertificate(
  { key, certificate }: Certificate,
  host: string,
): { key: string; cert: string } {
  const issuer = forge.pki.certificateFromPem(certificate).subject.getField('CN').value;
  const issued = sign({
    key,
    subject: host.slice(0, COMMON_NAME_LIMIT),
    issuer,
    hosts: [host],
    cA: false,
    keyCertSign: false,
  });
  return { key, cert: issued.certificate };
}

function sign(options: {
  key: string;
  subject: string;
  issuer: string;
  hosts: readonly string[];
  cA: boolean;
  keyCertSign: boolean;
}): Certificate {
  const { key, subject, issuer, hosts, cA, keyCertSign } = options;
  const privateKey = forge.pki.privateKeyFromPem(key);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.setRsaPublicKey(privateKey.n, privateKey.e);
  // A serial number that starts with a set bit would be negative in DER.
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`;
  certificate.validity.notBefore = new Date(Date.now() - DAY);
  certificate.validity.notAfter = new Date(Date.now() + 30 * DAY);
  certificate.setSubject([{ name: 'commonName', value: subject }]);
  certificate.setIssuer([{ name: 'commonName', value: issuer }]);
  certificate.setExtensions([
    { name: 'basicConstraints', cA, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyCertSign, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectKeyIdentifier' },
    { name: 'subjectAltName', altNames: hosts.map((value) => ({ type: DNS_NAME, value })) },
  ]);
  certificate.sign(privateKey, forge.md.sha256.create());
  return { key, certificate: forge.pki.certificateToPem(certificate) };
}

/** Characters (RFC 5280, ub-common-name). */
const COMMON_NAME_LIMIT = 64;

/** The subjectAltName type for host names (RFC 5280, GeneralName). */
const DNS_NAME = 2;
