import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { connect } from 'node:tls';
import { secrets } from '../../../src/api/builtin.ts';
import { findCondition } from '../../../src/api/conditions.ts';
import { members } from '../../../src/api/generated/resources.ts';
import { memberServerName } from '../../../src/api/names.ts';
import { removeCertificate, updateCertificate } from '../../../src/cli/commands/cluster-certificate.ts';
import { refreshKubeconfig } from '../../../src/cli/commands/kubeconfig-refresh.ts';
import { requireConfig } from '../../../src/daemon/config.ts';
import { describeDataDir } from '../../../src/daemon/data-dir.ts';
import {
  createAuthority,
  signClientCertificate,
  signMemberCertificate,
  type KeyedCertificate,
} from '../../../src/daemon/pki/certificates.ts';
import { createPrivateKeyPem, publicKeyPemOf } from '../../../src/daemon/pki/key-pair.ts';
import {
  apiCertificatePlace,
  buildApiCertificateSecret,
  type CertificateFiles,
} from '../../../src/runtime/api-certificate-secret.ts';
import { readKubeconfig } from '../../../src/runtime/kubeconfig.ts';
import { DaemonCluster, eventually } from '../../support/daemon-cluster.ts';

const { signal } = new AbortController();
const yearMs = 365 * 24 * 3_600_000;

/** A chain as a company's own authority gives it out. */
async function issueChain(host: string, nowMs = Date.now()): Promise<CertificateFiles> {
  const authorityKey = createPrivateKeyPem();
  const authority = { keyPem: authorityKey, certPem: await createAuthority(host, authorityKey, nowMs) };
  const keyPem = createPrivateKeyPem();
  const request = { name: host, hosts: ['127.0.0.1'], publicKeyPem: publicKeyPemOf(keyPem) };
  const certPem = (await signMemberCertificate(authority, request, nowMs)) + authority.certPem;
  return { certPem, keyPem };
}

describe('daemon: certificates', function () {
  this.timeout(90_000);
  let cluster: DaemonCluster;
  let agedPem = '';

  before(async () => {
    cluster = await DaemonCluster.create();
    const { code, stderr } = await cluster.init('n1');
    assert.equal(code, 0, stderr);
    await cluster.start('n1');
    await waitForMember('n1');
    await add('n2');
  });

  after(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  async function add(name: string): Promise<void> {
    const { code, stderr } = await cluster.join(name, await cluster.token('n1', name));
    assert.equal(code, 0, stderr);
    await cluster.start(name);
    await waitForMember(name);
  }

  async function waitForMember(name: string): Promise<void> {
    const clusterApi = cluster.api('n1');
    await eventually(
      `${name} is online`,
      async () => {
        const member = await clusterApi.get(members, { name }, signal);
        return member?.status?.state === 'Online' ? member : undefined;
      },
      40_000,
    );
  }

  async function shownBy(name: string, servername?: string): Promise<string> {
    const { address } = await cluster.config(name);
    const port = Number(address.split(':')[1]);
    const asked = servername === undefined ? {} : { servername };
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...asked });
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('secureConnect', resolve).once('error', reject);
        socket.setTimeout(10_000, () => socket.destroy(new Error('no handshake')));
      });
      return socket.getPeerX509Certificate()?.toString() ?? '';
    } finally {
      socket.destroy();
    }
  }

  async function waitUntilShown(name: string, { certPem }: CertificateFiles): Promise<void> {
    const expected = new X509Certificate(certPem).toString();
    await eventually(
      `${name} shows it`,
      async () => ((await shownBy(name)) === expected ? true : undefined),
      30_000,
    );
  }

  it("shows clients a chain of one's own on every member, and kubeconfigs trust it", async () => {
    const files = await issueChain('cloud.example.test');
    const certFile = path.join(cluster.root, 'own.crt');
    const keyFile = path.join(cluster.root, 'own.key');
    await writeFile(certFile, files.certPem);
    await writeFile(keyFile, files.keyPem);
    const kubeconfig = describeDataDir(cluster.dataDir('n1')).adminKubeconfig;
    await updateCertificate(certFile, keyFile, { kubeconfig });

    for (const name of ['n1', 'n2']) {
      await waitUntilShown(name, files);
      const own = new X509Certificate(files.certPem).toString();
      assert.equal(await shownBy(name, 'cloud.example.test'), own);
      // Who asks for something else, and the members among themselves, see no difference.
      assert.notEqual(await shownBy(name, 'elsewhere.example.test'), own);
      assert.notEqual(await shownBy(name, memberServerName), own);
      const seen = await eventually(`the kubeconfig of ${name} is good`, () =>
        cluster.api(name).get(members, { name }, signal),
      );
      assert.equal(seen.metadata.name, name);
    }
  });

  it('takes in members as before, and a member that was off takes the newest', async () => {
    await cluster.stop('n2');
    const newer = await issueChain('other.example.test');
    const { type, data } = buildApiCertificateSecret(newer);
    await cluster.api('n1').mergePatch(secrets, apiCertificatePlace, { type, data }, {}, signal);
    await waitUntilShown('n1', newer);
    await cluster.start('n2');
    await waitUntilShown('n2', newer);
  });

  it('says on the Member what is wrong with one that cannot be used, and shows the last good one on', async () => {
    const shown = await shownBy('n1');
    const wrong = { ...(await issueChain('third.example.test')), keyPem: createPrivateKeyPem() };
    const { data } = buildApiCertificateSecret(wrong);
    await cluster.api('n2').mergePatch(secrets, apiCertificatePlace, { data }, {}, signal);
    await eventually('the Member says so', async () => {
      const member = await cluster.api('n2').get(members, { name: 'n1' }, signal);
      const condition = findCondition(member?.status, 'APICertificateValid');
      return condition?.reason === 'Refused' && /does not belong to the certificate/.test(condition.message)
        ? true
        : undefined;
    });
    assert.equal(await shownBy('n1'), shown);
    await removeCertificate({ kubeconfig: describeDataDir(cluster.dataDir('n2')).adminKubeconfig });
    const own = await readFile(describeDataDir(cluster.dataDir('n1')).memberCert, 'utf8');
    await waitUntilShown('n1', { certPem: own, keyPem: '' });
    await add('n3');
  });

  it('goes on with certificates that have expired, and renews them', async () => {
    const names = ['n1', 'n2', 'n3'];
    for (const name of names.toReversed()) await cluster.stop(name);
    for (const name of names) await expire(name);
    await ageAuthority(names);
    for (const name of names) {
      const { validToDate } = new X509Certificate(await shownOnDisk(name));
      assert.ok(validToDate.getTime() < Date.now());
    }
    await expireAdmin('n1');
    await Promise.all(names.map((name) => cluster.start(name)));
    await eventually('the administrator of n1 can log in again', () =>
      cluster.api('n1').get(members, { name: 'n1' }, signal),
    );
    for (const name of names) {
      await eventually(
        `${name} has another certificate`,
        async () => {
          const { validToDate } = new X509Certificate(await shownOnDisk(name));
          return validToDate.getTime() > Date.now() + yearMs ? true : undefined;
        },
        40_000,
      );
      await eventually(`${name} shows it`, async () =>
        (await shownBy(name)) === new X509Certificate(await shownOnDisk(name)).toString() ? true : undefined,
      );
    }
    await waitForMember('n2');
  });

  it('renews the certificate of the authority on every member, and goes on letting hosts in', async () => {
    const certificate = await eventually(
      'all have the same one, for years',
      async () => {
        const all = await Promise.all(['n1', 'n2', 'n3'].map((name) => readAuthority(name)));
        const [first = '', ...others] = all.map(({ certPem }) => certPem);
        const isYoung = new X509Certificate(first).validToDate.getTime() > Date.now() + 9 * yearMs;
        return isYoung && others.every((other) => other === first) ? first : undefined;
      },
      40_000,
    );
    const { caPem } = readKubeconfig(describeDataDir(cluster.dataDir('n1')).adminKubeconfig);
    assert.equal(caPem, certificate);
    await eventually('its kubeconfig is good', () => cluster.api('n1').get(members, { name: 'n1' }, signal));
    await add('n4');
    assert.equal((await readAuthority('n4')).certPem, certificate);

    // Somebody's copy of before is good, and learns of it.
    const copy = path.join(cluster.root, 'copy.kubeconfig');
    const text = await readFile(describeDataDir(cluster.dataDir('n1')).adminKubeconfig, 'utf8');
    const [after, before] = [certificate, agedPem].map((pem) => Buffer.from(pem).toString('base64'));
    await writeFile(copy, text.replaceAll(after ?? '', before ?? ''), { mode: 0o600 });
    assert.equal(readKubeconfig(copy).caPem, agedPem);
    await refreshKubeconfig({ kubeconfig: copy });
    assert.equal(readKubeconfig(copy).caPem, certificate);
  });

  async function shownOnDisk(name: string): Promise<string> {
    return readFile(describeDataDir(cluster.dataDir(name)).memberCert, 'utf8');
  }

  const longAgo = Date.now() - 11 * yearMs;

  /** All have the same one, in its last year. */
  async function ageAuthority(names: readonly string[]): Promise<void> {
    const { keyPem } = await readAuthority('n1');
    const { clusterId } = await cluster.config('n1');
    const aged = await createAuthority(clusterId, keyPem, Date.now() - 9.5 * yearMs);
    for (const name of names) await writeFile(describeDataDir(cluster.dataDir(name)).clusterCert, aged);
    agedPem = aged;
  }

  async function readAuthority(name: string): Promise<KeyedCertificate> {
    const { clusterCert, clusterKey } = describeDataDir(cluster.dataDir(name));
    return { certPem: await readFile(clusterCert, 'utf8'), keyPem: await readFile(clusterKey, 'utf8') };
  }

  async function expire(name: string): Promise<void> {
    const dataDir = describeDataDir(cluster.dataDir(name));
    const { name: memberName } = await requireConfig(dataDir);
    const publicKeyPem = publicKeyPemOf(await readFile(dataDir.memberKey, 'utf8'));
    const request = { name: memberName, hosts: ['127.0.0.1'], publicKeyPem };
    await writeFile(
      dataDir.memberCert,
      await signMemberCertificate(await readAuthority(name), request, longAgo),
    );
  }

  async function expireAdmin(name: string): Promise<void> {
    const { adminKubeconfig } = describeDataDir(cluster.dataDir(name));
    const { certPem = '', keyPem = '' } = readKubeconfig(adminKubeconfig);
    const request = { user: 'admin', groups: ['system:masters'], publicKeyPem: publicKeyPemOf(keyPem) };
    const expired = await signClientCertificate(await readAuthority(name), request, longAgo);
    const [before, after] = [certPem, expired].map((pem) => Buffer.from(pem).toString('base64'));
    const text = await readFile(adminKubeconfig, 'utf8');
    assert(before !== undefined && text.includes(before));
    await writeFile(adminKubeconfig, text.replace(before, after ?? ''));
  }
});
