import { readFile, rename, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isApiError } from '../../api/api-error.ts';
import { secrets } from '../../api/builtin.ts';
import { findCondition } from '../../api/conditions.ts';
import type { Member } from '../../api/generated/member.ts';
import { members } from '../../api/generated/resources.ts';
import { systemClock } from '../../base/clock.ts';
import {
  apiCertificatePlace,
  buildApiCertificateSecret,
  type CertificateFiles,
} from '../../runtime/api-certificate-secret.ts';
import { readCertificateChain, type CertificateChain } from '../../runtime/certificate-chain.ts';
import { formatYaml } from '../../runtime/format-yaml.ts';
import { withAuthorities, type TrustingKubeconfig } from '../../runtime/kubeconfig-authorities.ts';
import { parseYaml } from '../../runtime/parse-yaml.ts';
import { withCluster, type ClusterConnection } from '../cluster-connection.ts';
import type { GlobalFlags } from '../program/flags.ts';
import { UsageError } from '../usage-error.ts';

const fieldManager = 'muster';
const condition = 'APICertificateValid';
const shownMs = 30_000;
const lookEveryMs = 200;

/** Gives every member the certificate to show to clients; those that are off take it when they return. */
export async function updateCertificate(
  certFile: string,
  keyFile: string,
  flags: GlobalFlags,
): Promise<void> {
  const files = { certPem: await readText(certFile), keyPem: await readText(keyFile) };
  const chain = readCertificateChain(files.certPem, files.keyPem, systemClock.now());
  if ('problem' in chain) throw new UsageError(`${certFile}: ${chain.problem}`);
  await withCluster(flags.kubeconfig, async (connection) => {
    const { items } = await connection.clusterApi.list(members, {}, connection.signal);
    await store(connection, files);
    // First of all: from now on it may be what the next request is answered with.
    await trust(flags.kubeconfig ?? '', chain.anchorPem);
    await waitUntilShown(connection, chain.fingerprint);
    warnOfHosts(items, chain);
  });
}

/** Members show their own certificates again. */
export async function removeCertificate(flags: GlobalFlags): Promise<void> {
  await withCluster(flags.kubeconfig, async ({ clusterApi, signal }) => {
    if ((await clusterApi.get(secrets, apiCertificatePlace, signal)) === undefined) {
      throw new UsageError('the members show no certificate but their own');
    }
    await clusterApi.delete(secrets, apiCertificatePlace, {}, signal);
    await trust(flags.kubeconfig ?? '', undefined);
    console.error('The members show their own certificates again.');
  });
}

async function store({ clusterApi, signal }: ClusterConnection, files: CertificateFiles): Promise<void> {
  const secret = buildApiCertificateSecret(files);
  if ((await clusterApi.get(secrets, apiCertificatePlace, signal)) === undefined) {
    await clusterApi.create(secrets, secret, signal);
    return;
  }
  const { type, data } = secret;
  await clusterApi.mergePatch(secrets, apiCertificatePlace, { type, data }, { fieldManager }, signal);
}

async function trust(file: string, anchorPem: string | undefined): Promise<void> {
  const config = parseYaml(await readFile(file, 'utf8')) as TrustingKubeconfig; // what was connected with
  const changed = withAuthorities(config, anchorPem === undefined ? {} : { anchorPem });
  if (changed === undefined) return;
  // Whole or not at all: it holds a private key that may be nowhere else.
  await writeFile(`${file}.new`, formatYaml(changed), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

async function waitUntilShown(connection: ClusterConnection, fingerprint: string): Promise<void> {
  const endMs = performance.now() + shownMs;
  for (;;) {
    const all = await listMembers(connection);
    const awaited = all.filter((member) => isOnline(member) && !isShownBy(member, fingerprint));
    if (all.length > 0 && awaited.length === 0) {
      const away = all.filter((member) => !isOnline(member)).map(({ metadata }) => metadata.name);
      console.error(`Every member that runs shows the certificate now (SHA-256 ${fingerprint}).`);
      if (away.length > 0) console.error(`${away.join(', ')}: as soon as it is back`);
      return;
    }
    if (performance.now() > endMs) throw new Error(describeAwaited(awaited));
    await sleep(lookEveryMs);
  }
}

/** The member that is asked changes its certificate meanwhile. */
async function listMembers({ clusterApi, signal }: ClusterConnection): Promise<readonly Member[]> {
  try {
    return (await clusterApi.list(members, {}, signal)).items;
  } catch (error) {
    if (!isApiError(error, 'ServiceUnavailable')) throw error;
    return [];
  }
}

function describeAwaited(awaited: readonly Member[]): string {
  const told = awaited.map(({ metadata, status }) => {
    const said = findCondition(status, condition);
    return `${metadata.name} (${said?.status === 'False' ? said.message : 'it has not answered'})`;
  });
  return `not every member shows the certificate after ${shownMs / 1_000} s: ${told.join(', ')}`;
}

function isOnline({ status }: Member): boolean {
  return status?.state === 'Online';
}

function isShownBy({ status }: Member, fingerprint: string): boolean {
  return findCondition(status, condition)?.message.includes(fingerprint) === true;
}

/** It is shown only to those who ask for what it carries; people may expect more. */
function warnOfHosts(all: readonly Member[], { certificates: [first] }: CertificateChain): void {
  const missing = all.flatMap(({ spec }) => {
    const { hostname } = new URL(`https://${spec.address}`);
    const host = hostname.replace(/^\[|\]$/g, '');
    return first.checkHost(host) === undefined && first.checkIP(host) === undefined ? [host] : [];
  });
  if (missing.length === 0) return;
  console.error(
    `It does not carry ${missing.join(', ')}: who connects there is shown the member's own certificate, as before.`,
  );
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${file}`, { cause: error });
  }
}
