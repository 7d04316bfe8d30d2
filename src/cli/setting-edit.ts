import { memberSettings } from '../api/defaults.ts';
import type { Member, MemberSpec } from '../api/generated/member.ts';
import type { MemberChange } from './member-access.ts';
import { UsageError } from './usage-error.ts';

const schedulings: readonly NonNullable<MemberSpec['scheduling']>[] = ['all', 'group', 'manual'];

/** The value of one of LXD's member keys. */
export function readSetting({ spec }: Member, key: string): string {
  const settings = memberSettings(spec);
  switch (key) {
    case 'scheduler.instance':
      return settings.scheduling;
    case 'failure_domain':
      return settings.failureDomain;
    case 'description':
      return spec.description ?? '';
    case 'cluster.https_address':
      return spec.address;
    case 'core.https_address':
      return (spec.clientAddresses ?? []).join(',');
    default:
      return spec.config?.[checkUserKey(key)] ?? '';
  }
}

/** What has to change for the key to have the value; undefined gives it its default. */
export function changeFor(key: string, value: string | undefined): MemberChange {
  switch (key) {
    case 'scheduler.instance':
      return { scheduling: value === undefined ? null : checkScheduling(value) };
    case 'failure_domain':
      if (value === '') throw new UsageError('the name of a failure domain cannot be empty');
      return { failureDomain: value ?? null };
    case 'description':
      return { description: value ?? null };
    case 'cluster.https_address':
      if (value === undefined) throw new UsageError('a member cannot be without cluster.https_address');
      return { address: withPort(value) };
    case 'core.https_address':
      return { clientAddresses: value === undefined || value === '' ? null : value.split(',').map(withPort) };
    default:
      // A null inside the map takes the one key out of it: RFC 7386.
      return { config: { [checkUserKey(key)]: value ?? null } } as MemberChange;
  }
}

function checkScheduling(value: string): NonNullable<MemberSpec['scheduling']> {
  const known = schedulings.find((scheduling) => scheduling === value);
  if (known !== undefined) return known;
  throw new UsageError(`scheduler.instance cannot be "${value}"; it is one of ${schedulings.join(', ')}`);
}

function checkUserKey(key: string): string {
  if (key.startsWith('user.') && key.length > 'user.'.length) return key;
  throw new UsageError(
    `a member has no setting "${key}"; there are scheduler.instance, failure_domain, description, cluster.https_address, core.https_address and user.*`,
  );
}

/** LXD leaves the port away where it is the usual one, and writes the wildcard in more ways. */
function withPort(text: string): string {
  const address = text.trim();
  if (address === '') throw new UsageError('write every address as host or host:port');
  if (/^:\d+$/.test(address)) return `[::]${address}`;
  if (/^[0-9a-fA-F]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*$/.test(address)) return `[${address}]:8443`;
  return /:\d+$/.test(address) ? address : `${address}:8443`;
}
