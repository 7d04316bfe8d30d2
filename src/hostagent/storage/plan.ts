import type { PoolObservation, StorageStep, VolumeSpec } from './driver.ts';

/** What the member's part of a pool needs before volumes can be made in it. */
export function planPool(observed: PoolObservation): readonly StorageStep[] {
  if (!observed.exists) return [{ action: 'createPool' }];
  return observed.hasLeftovers ? [{ action: 'removeLeftovers' }] : [];
}

/** Volumes of others stay: only who owns a volume may say that it is not wanted. */
export function planVolume(wanted: VolumeSpec, observed: PoolObservation): readonly StorageStep[] {
  return hasVolume(observed, wanted.name) ? [] : [{ action: 'createVolume', volume: wanted }];
}

export function planVolumeRemoval(name: string, observed: PoolObservation): readonly StorageStep[] {
  return hasVolume(observed, name) ? [{ action: 'deleteVolume', name }] : [];
}

/** A pool with volumes is still in use, whatever the API says. */
export function planPoolRemoval(observed: PoolObservation): readonly StorageStep[] {
  return observed.exists ? [{ action: 'deletePool' }] : [];
}

function hasVolume({ volumes }: PoolObservation, name: string): boolean {
  return volumes.some((volume) => volume.name === name);
}
