// generated from crds/; do not edit
import type { Resource } from '../resource.ts';
import type { ClusterGroup } from './cluster-group.ts';
import type { ClusterLink } from './cluster-link.ts';
import type { Cluster } from './cluster.ts';
import type { Identity } from './identity.ts';
import type { Image } from './image.ts';
import type { Instance } from './instance.ts';
import type { Member } from './member.ts';
import type { Network } from './network.ts';
import type { PlacementGroup } from './placement-group.ts';
import type { Profile } from './profile.ts';
import type { StoragePool } from './storage-pool.ts';

export const clusterGroups: Resource<ClusterGroup> = {
  apiVersion: 'muster.dev/v1alpha1',
  kind: 'ClusterGroup',
  plural: 'clustergroups',
  namespaced: false,
};

export const clusterLinks: Resource<ClusterLink> = {
  apiVersion: 'muster.dev/v1alpha1',
  kind: 'ClusterLink',
  plural: 'clusterlinks',
  namespaced: false,
};

export const clusters: Resource<Cluster> = {
  apiVersion: 'muster.dev/v1alpha1',
  kind: 'Cluster',
  plural: 'clusters',
  namespaced: false,
};

export const identities: Resource<Identity> = {
  apiVersion: 'muster.dev/v1alpha1',
  kind: 'Identity',
  plural: 'identities',
  namespaced: false,
};

export const images: Resource<Image> = {
  apiVersion: 'muster.dev/v1alpha1',
  kind: 'Image',
  plural: 'images',
  namespaced: true,
};

export const instances: Resource<Instance> = {
  apiVersion: 'muster.dev/v1alpha1',
  kind: 'Instance',
  plural: 'instances',
  namespaced: true,
};

export const members: Resource<Member> = {
  apiVersion: 'muster.dev/v1alpha1',
  kind: 'Member',
  plural: 'members',
  namespaced: false,
};

export const networks: Resource<Network> = {
  apiVersion: 'muster.dev/v1alpha1',
  kind: 'Network',
  plural: 'networks',
  namespaced: false,
};

export const placementGroups: Resource<PlacementGroup> = {
  apiVersion: 'muster.dev/v1alpha1',
  kind: 'PlacementGroup',
  plural: 'placementgroups',
  namespaced: true,
};

export const profiles: Resource<Profile> = {
  apiVersion: 'muster.dev/v1alpha1',
  kind: 'Profile',
  plural: 'profiles',
  namespaced: true,
};

export const storagePools: Resource<StoragePool> = {
  apiVersion: 'muster.dev/v1alpha1',
  kind: 'StoragePool',
  plural: 'storagepools',
  namespaced: false,
};
