import path from 'node:path';
import { createImageStore } from '../image/image-store.ts';
import { createSimInstanceDriver } from '../instance/sim/sim-instance-driver.ts';
import { renderBridge } from '../network/bridge/render-bridge.ts';
import { createSimNetworkDriver } from '../network/sim/sim-network-driver.ts';
import { createSimStorageDriver } from '../storage/sim/sim-storage-driver.ts';
import { makePlaces, type Host, type HostDeps } from '../host.ts';
import { createSimVirtualAddress } from '../virtual-address/sim-virtual-address.ts';
import { openSimStore } from './sim-state.ts';

/** A host without instances, networks or disks of its own, for tests of scale: many fit on one machine. */
export async function createSimHost({ commands, clock, dataDir, parseYaml }: HostDeps): Promise<Host> {
  const places = await makePlaces(dataDir);
  const imageStore = createImageStore({ commands, directory: places.images, parseYaml });
  await imageStore.removeLeftovers();
  const store = openSimStore(path.join(dataDir, 'sim.json'));
  return {
    commands,
    places,
    imageStore,
    virtualAddress: createSimVirtualAddress(),
    storage: { dir: createSimStorageDriver(store, clock) },
    networks: { bridge: createSimNetworkDriver(store, (spec) => renderBridge(spec, places.networks)) },
    instances: createSimInstanceDriver(store, clock),
  };
}
