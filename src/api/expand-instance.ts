import { instanceProfiles } from './defaults.ts';
import type { Instance, InstanceDevice, InstanceResources } from './generated/instance.ts';
import type { Profile } from './generated/profile.ts';

/** What an instance is made of once its profiles are counted in. */
export interface ExpandedInstance {
  readonly resources: InstanceResources;
  readonly config: Readonly<Record<string, string>>;
  /** Without those of type `none`. */
  readonly devices: ReadonlyMap<string, InstanceDevice>;
}

export type Expansion =
  | { readonly kind: 'expanded'; readonly instance: ExpandedInstance }
  /** Profiles that the instance names and that are not there. */
  | { readonly kind: 'missing'; readonly profiles: readonly string[] };

/**
 * Lays the profiles over one another in the order in which the instance names them, and the instance's own settings
 * over them. Resources and config mix key by key; a device takes the place of its namesake as a whole.
 */
export function expandInstance(
  { spec }: Instance,
  getProfile: (name: string) => Profile | undefined,
): Expansion {
  const named = instanceProfiles(spec).map((name) => ({ name, profile: getProfile(name) }));
  const missing = named.filter(({ profile }) => profile === undefined).map(({ name }) => name);
  if (missing.length > 0) return { kind: 'missing', profiles: missing };

  const layers = [...named.flatMap(({ profile }) => (profile === undefined ? [] : [profile.spec])), spec];
  const devices = new Map(layers.flatMap((layer) => Object.entries(layer.devices ?? {})));
  const instance: ExpandedInstance = {
    resources: mix(layers.map((layer) => layer.resources)),
    config: mix(layers.map((layer) => layer.config)),
    devices: new Map([...devices].filter(([, device]) => device.type !== 'none')),
  };
  return { kind: 'expanded', instance };
}

/** Later layers win; a key that a layer leaves out, or sets to undefined, stays as it is. */
function mix<T extends object>(layers: readonly (T | undefined)[]): T {
  const mixed: Partial<T> = {};
  for (const layer of layers) {
    for (const [key, value] of Object.entries<unknown>({ ...layer })) {
      if (value !== undefined) Object.assign(mixed, { [key]: value });
    }
  }
  return mixed as T; // -- every value comes from a layer, and no layer has fields that are required
}
