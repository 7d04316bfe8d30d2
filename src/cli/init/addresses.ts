import { UsageError } from '../usage-error.ts';

/** What the host itself suggests. */
export interface HostDefaults {
  readonly name: string;
  /** Of the interface with the default route. */
  readonly address: string;
}

const defaultPort = 8443;
const wildcards = ['0.0.0.0', '[::]', '::', ''];

/** LXD's rules for `core.https_address` and `cluster.https_address`. */
export function readAddresses(
  config: Readonly<Record<string, string>>,
  host: HostDefaults,
): { readonly address: string; readonly clientAddresses: readonly string[] } {
  const core = config['core.https_address'];
  const own = config['cluster.https_address'];
  if (own !== undefined && isWildcard(own)) {
    throw new UsageError('preseed: config: cluster.https_address: wildcard addresses are not allowed');
  }
  if (own === undefined && core !== undefined && isWildcard(core)) {
    throw new UsageError(
      'preseed: config: core.https_address is a wildcard, so that cluster.https_address has to say where the other members reach this one',
    );
  }
  const address = withPort(own ?? core ?? host.address, 'config: cluster.https_address');
  const clientAddresses = readClientAddresses(config).filter((client) => client !== address);
  return { address, clientAddresses };
}

/** Where clients are served besides: a wildcard is every address of the host. */
export function readClientAddresses(config: Readonly<Record<string, string>>): readonly string[] {
  const core = config['core.https_address'];
  if (core === undefined || core === '') return [];
  if (!isWildcard(core)) return [withPort(core, 'config: core.https_address')];
  const port = portOf(core.startsWith(':') ? `[::]${core}` : core) ?? defaultPort;
  return [core.startsWith('0.0.0.0') ? `0.0.0.0:${port}` : `[::]:${port}`];
}

export function withPort(text: string, field: string): string {
  const bare = text.includes(':') && !text.includes('[') && text.split(':').length > 2 ? `[${text}]` : text;
  const full = portOf(bare) === undefined ? `${bare}:${defaultPort}` : bare;
  if (/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):\d{1,5}$/.test(full)) return full;
  throw new UsageError(`preseed: ${field} "${text}" is not of the form host or host:port`);
}

/** What is wrong with an answer that has to be an address; undefined when it will do. */
export function checkAddress(text: string): string | undefined {
  if (/^(0\.0\.0\.0|\[?::\]?)(:\d+)?$/.test(text)) return 'nobody can reach a server at a wildcard address';
  try {
    withPort(text, 'the address');
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) return error.message.replace('preseed: ', '');
    throw error;
  }
}

function portOf(address: string): number | undefined {
  const port = /:(\d+)$/.exec(address.replace(/^\[.*\]/, ''))?.[1];
  return port === undefined ? undefined : Number(port);
}

function isWildcard(address: string): boolean {
  return wildcards.includes(address.replace(/:\d+$/, ''));
}
