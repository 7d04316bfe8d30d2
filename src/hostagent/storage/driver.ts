/** What one storage backend implements. Deciding what to do is `plan.ts`; drivers look and act. */
export interface StorageDriver {
  readonly name: 'dir';

  /** Reads the host. No side effects; what is absent is absent from the result, not an error. */
  observe(pool: PoolRef, signal: AbortSignal): Promise<PoolObservation>;

  /** Does one step. A step that is already done succeeds and changes nothing. */
  apply(pool: PoolRef, step: StorageStep, signal: AbortSignal): Promise<void>;
}

export interface PoolRef {
  readonly name: string;
  readonly uid: string;
  /** Where the member's own part lives. */
  readonly source: string;
}

export type StorageStep =
  | { readonly action: 'createPool' }
  /** Only an empty pool goes: anything in it is `InUse`. */
  | { readonly action: 'deletePool' }
  | { readonly action: 'createVolume'; readonly volume: VolumeSpec }
  | { readonly action: 'deleteVolume'; readonly name: string }
  /** Removes what a cut-off step left half made. */
  | { readonly action: 'removeLeftovers' };

export interface VolumeSpec {
  /** As the instance it belongs to: see `instanceHostName`. */
  readonly name: string;
  readonly image: VolumeImage;
}

export interface VolumeImage {
  /** A tarball with the root file system under `rootfs/`. */
  readonly path: string;
  readonly compression: ImageCompression;
}

export type ImageCompression = 'bzip2' | 'gzip' | 'none' | 'xz' | 'zstd';

export interface PoolObservation {
  readonly exists: boolean;
  readonly volumes: readonly VolumeObservation[];
  readonly hasLeftovers: boolean;
}

export interface VolumeObservation {
  readonly name: string;
  /** Absolute path of the root file system. */
  readonly rootfs: string;
}
