import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';

/** A certificate for the API that people have brought along, found to be good. */
export interface CertificateChain {
  /** The server's own first, each signed by the next. */
  readonly certificates: readonly [X509Certificate, ...X509Certificate[]];
  /** PEM of the last one: what clients have to trust. */
  readonly anchorPem: string;
  readonly expiresMs: number;
  /** SHA-256 of the first, lower-case hex. */
  readonly fingerprint: string;
}

export interface ChainProblem {
  readonly problem: string;
  /** There is nothing else wrong with it. */
  readonly isExpired?: true;
}

const serverAuthUsage = '1.3.6.1.5.5.7.3.1';

/** Reads a chain and its key, or says in one sentence what is wrong with them; never repeats the key. */
export function readCertificateChain(
  certPem: string,
  keyPem: string,
  nowMs: number,
): CertificateChain | ChainProblem {
  const certificates = parseCertificates(certPem);
  const [first, ...others] = certificates ?? [];
  if (first === undefined) {
    return { problem: 'the certificate must be one or more PEM-encoded X.509 certificates' };
  }
  const key = parseKey(keyPem);
  if (key === undefined) {
    return {
      problem: 'the private key must be a PEM-encoded key (PKCS#1, SEC1 or PKCS#8) without a passphrase',
    };
  }
  if (!first.checkPrivateKey(key)) {
    const isElsewhere = others.some((certificate) => certificate.checkPrivateKey(key));
    return {
      problem: isElsewhere
        ? "the private key belongs to another certificate of the chain: the server's own has to come first"
        : 'the private key does not belong to the certificate',
    };
  }
  const problem = findChainProblem([first, ...others], nowMs);
  if (problem !== undefined) return { problem };
  const expired = [first, ...others].find(({ validToDate }) => validToDate.getTime() <= nowMs);
  if (expired !== undefined) {
    const problem = `certificate ${nameOf(expired)} expired at ${expired.validToDate.toISOString()}`;
    return { problem, isExpired: true };
  }
  return {
    certificates: [first, ...others],
    anchorPem: (others.at(-1) ?? first).toString(),
    expiresMs: Math.min(...[first, ...others].map(({ validToDate }) => validToDate.getTime())),
    fingerprint: first.fingerprint256.replaceAll(':', '').toLowerCase(),
  };
}

function findChainProblem(
  chain: readonly [X509Certificate, ...X509Certificate[]],
  nowMs: number,
): string | undefined {
  const [first] = chain;
  for (const [index, certificate] of chain.entries()) {
    const called = `certificate ${index + 1} (${nameOf(certificate)})`;
    const { validFromDate } = certificate;
    if (validFromDate.getTime() > nowMs)
      return `${called} is not valid before ${validFromDate.toISOString()}`;
    const issuer = chain[index + 1];
    if (issuer === undefined) continue;
    if (!certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey)) {
      return `${called} was not signed by the one after it (${nameOf(issuer)}): each has to be followed by its issuer`;
    }
  }
  // Node calls the extended key usages `keyUsage`, and leaves it undefined when there are none.
  const usages = first.keyUsage as readonly string[] | undefined;
  if (usages !== undefined && !usages.includes(serverAuthUsage)) {
    return 'the certificate is not for servers: its extended key usage has no serverAuth';
  }
  return first.subjectAltName === undefined
    ? 'the certificate names no server: it needs subject alternative names'
    : undefined;
}

function parseCertificates(pem: string): readonly X509Certificate[] | undefined {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return undefined; // That it is none is all there is to say.
  }
}

function parseKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined; // The parser's text could quote the key.
  }
}

function nameOf({ subject, subjectAltName }: X509Certificate): string {
  return /CN=([^\n]+)/.exec(subject)?.[1] ?? subjectAltName ?? 'without a name';
}
