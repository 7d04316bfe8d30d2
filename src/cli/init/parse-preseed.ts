import { parseYaml } from '../../runtime/parse-yaml.ts';
import { UsageError } from '../usage-error.ts';
import { Fields } from './fields.ts';
import type { Preseed, PreseedCluster, PreseedNetwork, PreseedPool, PreseedProfile } from './preseed.ts';

const notServed = 'is not served by this release';

/** LXD's preseed YAML, strictly: every field is understood or refused by name. */
export function parsePreseed(text: string): Preseed {
  const root = new Fields(load(text), '');
  const cluster = root.has('cluster') ? parseCluster(root.map('cluster')) : undefined;
  const preseed = {
    config: root.textMap('config'),
    networks: root.list('networks').map(parseNetwork),
    storagePools: root.list('storage_pools').map(parsePool),
    profiles: root.list('profiles').map(parseProfile),
    projects: root.list('projects').map(parseNamed),
    ...(cluster === undefined ? {} : { cluster }),
  };
  root.refuse('storage_volumes', notServed);
  root.finish();
  return preseed;
}

function load(text: string): unknown {
  try {
    return text.trim() === '' ? {} : parseYaml(text);
  } catch (error) {
    throw new UsageError('preseed: this is no YAML', { cause: error });
  }
}

function readNamed(fields: Fields) {
  const description = fields.text('description');
  return {
    name: fields.requireText('name'),
    config: fields.textMap('config'),
    ...(description === undefined || description === '' ? {} : { description }),
  };
}

function parseNamed(fields: Fields) {
  const named = readNamed(fields);
  fields.finish();
  return named;
}

function parseNetwork(fields: Fields): PreseedNetwork {
  const network = { ...readNamed(fields), type: fields.text('type') ?? 'bridge' };
  refuseProject(fields);
  fields.finish();
  return network;
}

function parsePool(fields: Fields): PreseedPool {
  const pool = { ...readNamed(fields), driver: fields.requireText('driver') };
  fields.finish();
  return pool;
}

function parseProfile(fields: Fields): PreseedProfile {
  const devices = fields.map('devices');
  const named = readNamed(fields);
  const parsed = Object.fromEntries(devices.names().map((name) => [name, devices.textMap(name)]));
  refuseProject(fields);
  fields.finish();
  return { ...named, devices: parsed };
}

/** Networks and pools belong to the whole cluster here; profiles of other namespaces are applied with kubectl. */
function refuseProject(fields: Fields): void {
  const project = fields.text('project') ?? 'default';
  if (project !== 'default' && project !== '')
    fields.refuse('project', `"${project}" ${notServed}: use "default"`);
}

function parseCluster(fields: Fields): PreseedCluster {
  const optional = {
    serverName: fields.text('server_name'),
    serverAddress: fields.text('server_address'),
    clusterAddress: fields.text('cluster_address'),
    clusterToken: fields.text('cluster_token'),
    clusterPassword: fields.text('cluster_password'),
    // A token carries the fingerprint: beside one, the certificate may be there and is not looked at.
    clusterCertificate: fields.text('cluster_certificate'),
    clusterCertificatePath: fields.text('cluster_certificate_path'),
  };
  const memberConfig = fields.list('member_config').map((entry) => {
    const parsed = {
      entity: entry.requireText('entity'),
      name: entry.requireText('name'),
      key: entry.requireText('key'),
      value: entry.text('value') ?? '',
    };
    entry.text('description');
    entry.finish();
    return parsed;
  });
  const enabled = fields.flag('enabled') ?? false;
  fields.finish();
  const given = Object.entries(optional).filter(([, value]) => value !== undefined && value !== '');
  // The filter leaves only texts; the names are those of the type.
  return {
    enabled,
    memberConfig,
    ...(Object.fromEntries(given) as Partial<Record<keyof typeof optional, string>>),
  };
}
