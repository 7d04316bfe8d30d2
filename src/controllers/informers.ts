import type { Cluster } from '../api/generated/cluster.ts';
import type { ClusterGroup } from '../api/generated/cluster-group.ts';
import type { Image } from '../api/generated/image.ts';
import type { Instance } from '../api/generated/instance.ts';
import type { Member } from '../api/generated/member.ts';
import type { Network } from '../api/generated/network.ts';
import type { PlacementGroup } from '../api/generated/placement-group.ts';
import type { Profile } from '../api/generated/profile.ts';
import {
  clusterGroups,
  clusters,
  images,
  instances,
  members,
  networks,
  placementGroups,
  profiles,
  storagePools,
} from '../api/generated/resources.ts';
import type { StoragePool } from '../api/generated/storage-pool.ts';
import { createInformer, type InformerOptions } from '../runtime/create-informer.ts';
import type { Informer } from '../runtime/informer.ts';

/** The caches that controllers decide from. They may be shared with whoever else reads the same kinds. */
export interface ControllerInformers {
  readonly clusters: Informer<Cluster>;
  readonly members: Informer<Member>;
  readonly clusterGroups: Informer<ClusterGroup>;
  readonly placementGroups: Informer<PlacementGroup>;
  readonly instances: Informer<Instance>;
  readonly images: Informer<Image>;
  readonly profiles: Informer<Profile>;
  readonly storagePools: Informer<StoragePool>;
  readonly networks: Informer<Network>;
}

export function createControllerInformers(options: InformerOptions): ControllerInformers {
  return {
    clusters: createInformer(clusters, options),
    members: createInformer(members, options),
    clusterGroups: createInformer(clusterGroups, options),
    placementGroups: createInformer(placementGroups, options),
    instances: createInformer(instances, options),
    images: createInformer(images, options),
    profiles: createInformer(profiles, options),
    storagePools: createInformer(storagePools, options),
    networks: createInformer(networks, options),
  };
}
