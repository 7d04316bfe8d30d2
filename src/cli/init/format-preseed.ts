import { formatYaml } from '../../runtime/format-yaml.ts';
import type { Preseed } from './preseed.ts';

/** The answers as a file for `muster init --preseed`. It holds the join token, if there is one. */
export function formatPreseed({
  config,
  networks,
  storagePools,
  profiles,
  projects,
  cluster,
}: Preseed): string {
  const given = Object.entries({ config, networks, storage_pools: storagePools, profiles, projects }).filter(
    ([, value]) => Object.keys(value).length > 0,
  );
  return formatYaml({
    ...Object.fromEntries(given),
    ...(cluster === undefined ? {} : { cluster: snake(cluster) }),
  });
}

function snake(fields: object): object {
  const entries = Object.entries(fields).filter(([, value]) => !Array.isArray(value) || value.length > 0);
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value as unknown,
    ]),
  );
}
