import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { readKubeconfig } from '../../src/runtime/kubeconfig.ts';
import type { LabMember } from '../lab/spec.ts';
import { demoDirectory } from './demo-lab.ts';

export const kubeconfigPath = path.join(demoDirectory, 'kubeconfig');

export async function writeKubeconfig(members: readonly LabMember[]): Promise<void> {
  await writeFile(kubeconfigPath, formatKubeconfig(members), { mode: 0o600 });
}

/** One context per member, all with the administrator's certificate; the first member's is the current one. */
export function formatKubeconfig(members: readonly LabMember[]): string {
  const [first] = members;
  if (first === undefined) throw new Error('a kubeconfig needs a member to point to');
  const admin = readKubeconfig(path.join(first.dataDirectory, 'admin.kubeconfig'));
  const encode = (pem: string | undefined) => Buffer.from(pem ?? '').toString('base64');
  const document = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': first.name,
    clusters: members.map(({ name, address }) => ({
      name,
      cluster: { server: `https://${address}`, 'certificate-authority-data': encode(admin.caPem) },
    })),
    users: [
      {
        name: 'admin',
        user: { 'client-certificate-data': encode(admin.certPem), 'client-key-data': encode(admin.keyPem) },
      },
    ],
    contexts: members.map(({ name }) => ({ name, context: { cluster: name, user: 'admin' } })),
  };
  // JSON is YAML, and kubectl reads it as such.
  return `${JSON.stringify(document, null, 2)}\n`;
}
