import type { Secret } from '../api/builtin.ts';
import { systemNamespace } from '../api/names.ts';

/** Where the certificate is kept that people have brought for the API: a Secret as other tools make them too. */
export const apiCertificatePlace = { namespace: systemNamespace, name: 'api-certificate' } as const;

const secretType = 'kubernetes.io/tls';

export interface CertificateFiles {
  readonly certPem: string;
  readonly keyPem: string;
}

export function buildApiCertificateSecret({ certPem, keyPem }: CertificateFiles): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { ...apiCertificatePlace },
    type: secretType,
    data: { 'tls.crt': encode(certPem), 'tls.key': encode(keyPem) },
  };
}

/** Texts that are missing are empty: reading the chain says what is wrong with it. */
export function parseApiCertificateSecret({ data = {} }: Secret): CertificateFiles {
  return { certPem: decode(data['tls.crt']), keyPem: decode(data['tls.key']) };
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}

function decode(base64 = ''): string {
  return Buffer.from(base64, 'base64').toString();
}
