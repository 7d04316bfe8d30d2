import { UsageError } from '../usage-error.ts';

type Values = Readonly<Record<string, string>>;

/** LXD's fields of a device, and where they are here; the API refuses types that are not served, by name. */
const fieldsOf: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map([
  ['disk', { path: 'path', pool: 'pool' }],
  [
    'nic',
    {
      hwaddr: 'hwaddr',
      'ipv4.address': 'ipv4Address',
      'ipv6.address': 'ipv6Address',
      mtu: 'mtu',
      name: 'name',
      network: 'network',
    },
  ],
  ['none', {}],
]);

export function translateDevice(device: Values, where: string): object {
  const { type, ...fields } = device;
  const known = fieldsOf.get(type ?? '');
  if (type === undefined || known === undefined) {
    throw new UsageError(
      `preseed: ${where}: the device type "${type ?? ''}" is not served by this release; there are ${[...fieldsOf.keys()].join(', ')}`,
    );
  }
  const unknown = Object.keys(fields).find((field) => known[field] === undefined);
  if (unknown !== undefined) {
    throw new UsageError(`preseed: ${where}: the key "${unknown}" is not served by this release`);
  }
  if (type === 'none') return { type };
  const translated = Object.entries(fields).map(([field, value]) => {
    const target = known[field] ?? field;
    return [target, target === 'mtu' ? Number(value) : value];
  });
  return { type, [type]: Object.fromEntries(translated) as object };
}
