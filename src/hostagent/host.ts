import { chmod, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { CommandRunner } from './exec/command.ts';
import { createImageStore, type ImageStore } from './image/image-store.ts';
import { createLxcDriver } from './instance/lxc/lxc-driver.ts';
import { readLxcHost } from './instance/lxc/lxc-host.ts';
import type { InstanceDriver } from './instance/driver.ts';
import { createBridgeDriver } from './network/bridge/bridge-driver.ts';
import type { NetworkDrivers } from './network/network-agent.ts';
import { createDirDriver } from './storage/dir/dir-driver.ts';
import type { StorageDrivers } from './storage/pool-agent.ts';
import type { VirtualAddressDriver } from './virtual-address/driver.ts';
import { createKeepalivedDriver } from './virtual-address/keepalived-driver.ts';

/** `real` drives this host. `sim` keeps up appearances: for tests of scale, never a default. */
export type DriverFamily = 'real' | 'sim';

export interface HostDeps {
  readonly commands: CommandRunner;
  readonly clock: Clock;
  readonly dataDir: string;
  readonly parseYaml: (text: string) => unknown;
}

/** What the agent drives on this host. Tests pass other drivers. */
export interface Host {
  readonly commands: CommandRunner;
  readonly storage: StorageDrivers;
  readonly networks: NetworkDrivers;
  readonly instances: InstanceDriver;
  readonly imageStore: ImageStore;
  readonly virtualAddress: VirtualAddressDriver;
  readonly places: HostPlaces;
}

/** Directories of the agent below the member's data directory. */
export interface HostPlaces {
  readonly images: string;
  readonly imports: string;
  readonly instances: string;
  readonly networks: string;
  readonly pools: string;
  readonly records: string;
}

/** The real host, for production. Fails where the host lacks what containers need, with a sentence about it. */
export async function createHost({ commands, clock, dataDir, parseYaml }: HostDeps): Promise<Host> {
  const lxcHost = await readLxcHost();
  const places = await makePlaces(dataDir);
  const imageStore = createImageStore({ commands, directory: places.images, parseYaml });
  await imageStore.removeLeftovers();
  return {
    commands,
    places,
    imageStore,
    virtualAddress: createKeepalivedDriver({ commands, clock, directory: join(dataDir, 'virtual-address') }),
    storage: { dir: createDirDriver({ commands, idMap: lxcHost.idMap }) },
    networks: { bridge: createBridgeDriver({ commands, clock, directory: places.networks }) },
    instances: await createLxcDriver({ commands, clock, host: lxcHost, directory: places.instances }),
  };
}

export async function makePlaces(dataDir: string): Promise<HostPlaces> {
  const place = (name: string): string => join(dataDir, name);
  const places: HostPlaces = {
    images: place('images'),
    imports: place('import'),
    instances: place('instances'),
    networks: place('networks'),
    pools: place('pools'),
    records: place('records'),
  };
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  // Containers pass on the way to their root file systems and dnsmasq, which gives up root, on the way to its
  // files. Nobody may list the directory, and what is secret in it has its own mode.
  await chmod(dataDir, ((await stat(dataDir)).mode & 0o777) | 0o011);
  for (const path of [places.images, places.imports, places.records])
    await mkdir(path, { recursive: true, mode: 0o700 });
  for (const path of [places.networks, places.pools]) {
    await mkdir(path, { recursive: true });
    await chmod(path, 0o711);
  }
  return places;
}
