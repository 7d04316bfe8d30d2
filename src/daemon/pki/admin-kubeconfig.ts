import { dump } from 'js-yaml';
import type { KeyedCertificate } from './certificates.ts';

export interface AdminKubeconfig {
  /** `host:port` of the member. */
  readonly address: string;
  readonly caPem: string;
  readonly admin: KeyedCertificate;
}

/** A file for `kubectl --kubeconfig`. It holds a private key. */
export function formatKubeconfig({ address, caPem, admin }: AdminKubeconfig): string {
  return dump({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'muster',
        cluster: { server: `https://${address}`, 'certificate-authority-data': toBase64(caPem) },
      },
    ],
    users: [
      {
        name: 'admin',
        user: {
          'client-certificate-data': toBase64(admin.certPem),
          'client-key-data': toBase64(admin.keyPem),
        },
      },
    ],
    contexts: [{ name: 'muster', context: { cluster: 'muster', user: 'admin', namespace: 'default' } }],
    'current-context': 'muster',
  });
}

function toBase64(pem: string): string {
  return Buffer.from(pem).toString('base64');
}
