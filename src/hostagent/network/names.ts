import { createHash } from 'node:crypto';

const longestInterfaceName = 15;

/** The network's own name where the kernel takes it, so that people recognise it. */
export function networkInterfaceName(name: string): string {
  if (name.length <= longestInterfaceName && /^[a-z][a-z0-9.-]*$/.test(name) && name !== 'lo') return name;
  return `mb${createHash('sha256').update(name).digest('hex').slice(0, 12)}`;
}

/** The same on every member, so that an instance that moves finds its gateway where it was. */
export function networkHwaddr(uid: string): string {
  const [a, b, c] = createHash('sha256').update(`${uid}\nbridge`).digest('hex').match(/../g) ?? [];
  return `00:16:3e:${a ?? '00'}:${b ?? '00'}:${c ?? '00'}`;
}
