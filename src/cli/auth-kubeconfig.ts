import { formatYaml } from '../runtime/format-yaml.ts';

export interface PersonKubeconfig {
  readonly user: string;
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
  /** `https://host:port` of the member to ask first. */
  readonly server: string;
  readonly members: readonly { readonly name: string; readonly server: string }[];
}

/** One context for each member, so that another one is at hand when the first is down. It holds a private key. */
export function formatPersonKubeconfig(given: PersonKubeconfig): string {
  const { user, caPem, certPem, keyPem, server, members } = given;
  const first = { name: 'muster', server };
  const others = members.map((member) => ({ name: `muster-${member.name}`, server: member.server }));
  const all = [first, ...others];
  return formatYaml({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': first.name,
    clusters: all.map((one) => ({
      name: one.name,
      cluster: { server: one.server, 'certificate-authority-data': toBase64(caPem) },
    })),
    contexts: all.map(({ name }) => ({ name, context: { cluster: name, user, namespace: 'default' } })),
    users: [
      {
        name: user,
        user: { 'client-certificate-data': toBase64(certPem), 'client-key-data': toBase64(keyPem) },
      },
    ],
  });
}

function toBase64(pem: string): string {
  return Buffer.from(pem).toString('base64');
}
