import { clusters, networks, profiles, storagePools } from '../../api/generated/resources.ts';
import { namespaces } from '../../api/builtin.ts';
import type { KubernetesObject } from '../../api/meta.ts';
import { clusterName, defaultNamespace } from '../../api/names.ts';
import type { Resource } from '../../api/resource.ts';
import { UsageError } from '../usage-error.ts';
import { clusterKeys, networkKeys, poolKeys, profileKeys, setByPath, type KeyTable } from './key-tables.ts';
import type { Preseed, PreseedNetwork, PreseedPool, PreseedProfile, PreseedProject } from './preseed.ts';
import { translateDevice } from './translate-device.ts';

export const trustPasswordKey = 'core.trust_password';

type Values = Readonly<Record<string, string>>;

/**
 * The objects that say what the preseed says, in the order in which they have to be made. The pool `local`, the
 * network `musterbr0` and the profile `default` are in every new cluster; a preseed that names them changes them.
 */
export function translateObjects(preseed: Preseed, member: string): readonly KubernetesObject[] {
  return [
    clusterObject(preseed.config),
    ...preseed.storagePools.map((pool) => poolObject(pool, member)),
    ...preseed.networks.map((network) => networkObject(network, member)),
    ...preseed.projects.filter(({ name }) => name !== defaultNamespace).map(namespaceObject),
    ...preseed.profiles.map(profileObject),
  ];
}

function clusterObject(config: Values): KubernetesObject {
  // What is no part of the Cluster is read by who plans: addresses are the member's, and the password is a secret.
  const rest = Object.entries(config).filter(
    ([key]) => !key.endsWith('.https_address') && key !== trustPasswordKey,
  );
  return build(clusters, clusterName, translate(Object.fromEntries(rest), clusterKeys, 'config'));
}

function poolObject({ name, driver, description, config }: PreseedPool, member: string): KubernetesObject {
  const { member: own, ...spec } = translate(config, poolKeys, `storage_pools: ${name}: config`);
  return build(storagePools, name, { driver, ...describe(description), ...spec, ...ownPart(member, own) });
}

function networkObject(
  { name, type, description, config }: PreseedNetwork,
  member: string,
): KubernetesObject {
  const { member: own, ...spec } = translate(config, networkKeys, `networks: ${name}: config`);
  return build(networks, name, { type, ...describe(description), ...spec, ...ownPart(member, own) });
}

function namespaceObject({ name, description, config }: PreseedProject): KubernetesObject {
  const refused = Object.keys(config).find((key) => !key.startsWith('user.'));
  if (refused !== undefined) throw notServed(`projects: ${name}: config`, refused);
  const notes = { ...describe(description), ...config };
  const annotations = Object.fromEntries(
    Object.entries(notes).map(([key, value]) => [`muster.dev/${key.replace(/^user\./, '')}`, value]),
  );
  return { apiVersion: namespaces.apiVersion, kind: namespaces.kind, metadata: { name, annotations } };
}

function profileObject({ name, description, config, devices }: PreseedProfile): KubernetesObject {
  const translated = Object.entries(devices).map(([device, fields]) => [
    device,
    translateDevice(fields, `profiles: ${name}: devices.${device}`),
  ]);
  const spec = {
    ...describe(description),
    ...translate(config, profileKeys, `profiles: ${name}: config`),
    ...(translated.length === 0 ? {} : { devices: Object.fromEntries(translated) as object }),
  };
  return build(profiles, name, spec, defaultNamespace);
}

interface Translated {
  readonly [field: string]: unknown;
  /** What belongs into this member's entry of `spec.members`. */
  readonly member?: object;
}

function translate(config: Values, table: KeyTable, where: string): Translated {
  const spec = {};
  for (const [key, value] of Object.entries(config)) {
    if (key.startsWith('user.') && table.takesUserKeys) {
      setByPath(spec, ['config', key], value);
      continue;
    }
    const rule = table.keys[key];
    if (rule === undefined) throw notServed(where, key);
    const read = rule.read(value);
    if (read === undefined)
      throw new UsageError(`preseed: ${where}: ${key}: "${value}" is not ${rule.expects}`);
    setByPath(spec, rule.path, read);
  }
  return spec;
}

function ownPart(name: string, part: object | undefined): object {
  return part === undefined ? {} : { members: [{ name, ...part }] };
}

function describe(description: string | undefined): { description?: string } {
  return description === undefined ? {} : { description };
}

function build<T extends KubernetesObject>(
  { apiVersion, kind }: Resource<T>,
  name: string,
  spec: object,
  namespace?: string,
): KubernetesObject & { readonly spec: object } {
  return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) }, spec };
}

function notServed(where: string, key: string): UsageError {
  return new UsageError(`preseed: ${where}: the key "${key}" is not served by this release`);
}
