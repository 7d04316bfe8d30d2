import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ExchangeStep } from '../../../src/api/authority.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { carryOut } from '../../../src/daemon/authority/carry-out.ts';
import type { OpenExchange } from '../../../src/daemon/authority/exchange-record.ts';
import { describeDataDir, type DataDir } from '../../../src/daemon/data-dir.ts';
import { createKubeconfigEditor } from '../../../src/daemon/kubeconfig-file.ts';
import {
  createAuthority,
  signMemberCertificate,
  type KeyedCertificate,
} from '../../../src/daemon/pki/certificates.ts';
import { isIssuedBy } from '../../../src/daemon/pki/is-member-of.ts';
import { createPrivateKeyPem, publicKeyPemOf } from '../../../src/daemon/pki/key-pair.ts';
import { readIdentity } from '../../../src/daemon/run/member-identity.ts';
import { writeMember } from '../../../src/daemon/write-member.ts';
import { readKubeconfig } from '../../../src/runtime/kubeconfig.ts';

const config = { clusterId: 'c1', id: '1', name: 'n1', address: '127.0.0.1:8443' };

async function found(): Promise<KeyedCertificate> {
  const keyPem = createPrivateKeyPem();
  return { keyPem, certPem: await createAuthority('c1', keyPem, Date.now()) };
}

/** On a real data directory, cut short at each place where something outside of it is asked. */
describe('daemon: a member that carries out a step of an exchange', () => {
  let root = '';
  let dataDir: DataDir;
  let former: KeyedCertificate;
  let next: KeyedCertificate;

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'muster-carry-'));
    dataDir = describeDataDir(root);
    [former, next] = [await found(), await found()];
    const keyPem = createPrivateKeyPem();
    const request = { name: 'n1', hosts: ['127.0.0.1'], publicKeyPem: publicKeyPemOf(keyPem) };
    const certPem = await signMemberCertificate(former, request, Date.now());
    await writeMember(dataDir, { config, authority: former, member: { certPem, keyPem } }, systemClock);
  });
  afterEach(async () => {
    await rm(root, { recursive: true, force: true });
  });

  function exchangeIn(step: ExchangeStep): OpenExchange {
    return {
      ...{ step, startedAt: '2026-01-01T00:00:00Z', endsAt: '2026-02-01T00:00:00Z' },
      ...{
        formerCert: former.certPem,
        newCert: next.certPem,
        keys: { former: former.keyPem, new: next.keyPem },
      },
    };
  }

  /** As after each start: with what is on disk, and nothing else. */
  async function carry(step: ExchangeStep, failsAt = 0): Promise<void> {
    const identity = await readIdentity(dataDir);
    const calls = { count: 0 };
    const call = (): void => {
      calls.count += 1;
      if (calls.count === failsAt) throw new Error('the power is cut');
    };
    const editor = createKubeconfigEditor(dataDir.adminKubeconfig);
    await carryOut(
      {
        context: { clock: systemClock, config, dataDir, identity, logger: silentLogger },
        apiServer: { replaceCertificate: call, cutVoidLogins: call },
        kubeconfig: {
          path: editor.path,
          async edit(change) {
            // What is wrong with that file keeps nobody from following: the power is another matter.
            call();
            return editor.edit(change);
          },
        },
      },
      exchangeIn(step),
    );
  }

  async function check(step: ExchangeStep): Promise<void> {
    const signsNew = step === 'Signing' || step === 'Ended';
    const signing = signsNew ? next : former;
    const isOver = step === 'Ended' || step === 'Canceled';
    const { authority, member, controller } = await readIdentity(dataDir);
    assert.equal(authority.certPem, signing.certPem);
    assert.equal(authority.trusted.length, isOver ? 1 : 2);
    assert.equal(existsSync(dataDir.exchange), !isOver);
    assert.equal(await readFile(dataDir.clusterCert, 'utf8'), signing.certPem);
    assert.equal(await readFile(dataDir.clusterKey, 'utf8'), signing.keyPem);
    const { caPem, certPem = '' } = readKubeconfig(dataDir.adminKubeconfig);
    assert.equal(caPem, authority.trusted.join(''));
    for (const pem of [member.certPem, controller.certPem, certPem]) {
      assert(isIssuedBy(new X509Certificate(pem), new X509Certificate(signing.certPem)));
    }
  }

  const ways: readonly (readonly ExchangeStep[])[] = [
    ['Trusted', 'Signing', 'Ended'],
    ['Ended'],
    ['Trusted', 'Signing', 'Returning', 'Canceled'],
    ['Signing', 'Canceled'],
  ];
  for (const way of ways) {
    it(`${way.join(', ')}: in one go`, async () => {
      for (const step of way) {
        await carry(step);
        await check(step);
        await carry(step);
        await check(step);
      }
    });

    it(`${way.join(', ')}: cut short everywhere, and started again`, async () => {
      for (const step of way) {
        for (const failsAt of [1, 2, 3, 4]) await carry(step, failsAt).catch(() => undefined);
        await carry(step);
        await check(step);
      }
    });
  }
});
