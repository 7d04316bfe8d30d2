import { createHash } from 'node:crypto';

/** An instance's name on this host. Neither part can hold an underscore. */
export function instanceHostName(namespace: string, name: string): string {
  return `${namespace}_${name}`;
}

export function parseInstanceHostName(
  hostName: string,
): { readonly namespace: string; readonly name: string } | undefined {
  const [namespace, name, ...rest] = hostName.split('_');
  if (namespace === undefined || name === undefined || rest.length > 0) return undefined;
  return { namespace, name };
}

/** Carries the uid: a volume of an earlier instance of the same name must never be taken for this one's. */
export function volumeName(hostName: string, instanceUid: string): string {
  return `${volumePrefix(hostName)}${digest(instanceUid).slice(0, 12)}`;
}

export function volumePrefix(hostName: string): string {
  return `${hostName}_`;
}

/** The kernel allows 15 characters; the digest keeps one name per instance and device, also across hosts. */
export function nicHostName(instanceUid: string, device: string): string {
  return `mv${digest(instanceUid, device).slice(0, 12)}`;
}

/** A fixed address, so that leases and neighbours hold over restarts and moves. The prefix is Xen's, as LXD's. */
export function nicHwaddr(instanceUid: string, device: string): string {
  const [a, b, c] = digest(instanceUid, device, 'hwaddr').match(/../g) ?? [];
  return `00:16:3e:${a ?? '00'}:${b ?? '00'}:${c ?? '00'}`;
}

function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex');
}
