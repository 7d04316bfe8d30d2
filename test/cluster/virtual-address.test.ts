import assert from 'node:assert/strict';
import path from 'node:path';
import { clusterTimeoutMs, kubectlPath, useTestCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { tryCommand } from '../../scripts/lab/run-command.ts';
import type { LabMember } from '../../scripts/lab/spec.ts';

const address = '10.77.71.100';
const virtualAddress = { address };

interface Conditions {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason: string;
      readonly message: string;
    }[];
  };
}

describe('cluster: the virtual address', function () {
  this.timeout(clusterTimeoutMs);
  const cluster = useTestCluster({ name: 'vip', subnet: 71, members: 3 });
  const wanted = { address };

  async function holders(): Promise<readonly LabMember[]> {
    const found: LabMember[] = [];
    for (const member of await cluster().lab.listMembers()) {
      const { stdout } = await cluster().onHost(member, ['ip', '-brief', 'addr', 'show']);
      const { address } = wanted;
      if (stdout.includes(`${address}/${address.includes(':') ? 128 : 32} `)) found.push(member);
    }
    return found;
  }

  async function oneHolder(limitMs: number): Promise<LabMember> {
    return eventually('exactly one member has the address', limitMs, async () => {
      const all = await holders();
      assert.equal(all.length, 1, all.map(({ name }) => name).join());
      return all[0] as LabMember; // one, as was just seen
    });
  }

  /** Through the kubeconfig that musterd keeps: its first context goes to the virtual address. */
  async function askThere(member: LabMember): Promise<string> {
    const kubeconfig = path.join(member.dataDirectory, 'admin.kubeconfig');
    const args = ['--kubeconfig', kubeconfig, '--context', 'muster', 'get', '--raw', '/readyz'];
    const { kubectlEnv } = cluster();
    const { code, stdout, stderr } = await tryCommand(kubectlPath, args, {
      env: { ...kubectlEnv, KUBECONFIG: kubeconfig },
      timeoutMs: 20_000,
    });
    assert.equal(code, 0, stderr);
    return stdout;
  }

  it('is taken by one member, which serves the API there with a certificate for it', async () => {
    const patch = JSON.stringify({ spec: { virtualAddress } });
    await cluster().kubectl(['patch', 'cluster', 'cluster', '--type=merge', '-p', patch]);
    const holder = await oneHolder(30_000);
    await eventually('the kubeconfig goes to the virtual address', 15_000, async () => {
      const view = ['config', 'view', '--kubeconfig', path.join(holder.dataDirectory, 'admin.kubeconfig')];
      assert.ok((await cluster().kubectl(view)).includes(`https://${address}:8443`));
    });
    assert.equal(await eventually('an answer', 15_000, () => askThere(holder)), 'ok');
    await eventually('the members say who has it', 30_000, async () => {
      const { items } = await cluster().getJson<{ items: Conditions[] }>(['members']);
      const told = items.map(
        ({ status }) => status?.conditions?.find(({ type }) => type === 'VirtualAddress')?.reason,
      );
      assert.deepEqual(told.toSorted(), ['Held', 'StandingBy', 'StandingBy']);
    });
  });

  it('moves when the member that has it is killed, and the API answers there again', async () => {
    const before = await oneHolder(15_000);
    await cluster().kill(before);
    const after = await eventually('another member has it', 30_000, async () => {
      const all = (await holders()).filter(({ name }) => name !== before.name);
      assert.equal(all.length, 1);
      return all[0] as LabMember; // one, as was just seen
    });
    await eventually('only that one has it', 15_000, async () => assert.equal((await holders()).length, 1));
    assert.equal(await eventually('an answer', 15_000, () => askThere(after)), 'ok');
  });

  it('may be of IPv6, in any spelling', async () => {
    for (const [index, member] of (await cluster().lab.listMembers()).entries()) {
      const own = ['ip', '-6', 'addr', 'add', `fd77:71::${index + 1}/64`, 'dev', 'eth0', 'nodad'];
      const { code, stderr } = await cluster().onHost(member, own);
      assert.equal(code, 0, stderr);
    }
    const spelling = JSON.stringify({ spec: { virtualAddress: { address: 'FD77:0071:0::0100' } } });
    const [alive] = await holders();
    const asked = Number(alive?.name.slice(1) ?? 1);
    const patch = ['patch', 'cluster', 'cluster', '--type=merge', '-p', spelling];
    await cluster().kubectl(patch, { member: asked });
    wanted.address = 'fd77:71::100';
    const holder = await oneHolder(30_000);
    await eventually('the kubeconfig goes to the virtual address', 15_000, async () => {
      const view = ['config', 'view', '--kubeconfig', path.join(holder.dataDirectory, 'admin.kubeconfig')];
      const config = await cluster().kubectl(view, { member: asked });
      assert.ok(config.includes(`https://[${wanted.address}]:8443`), config);
    });
    const readyz = ['curl', '-sk', '--max-time', '5', `https://[${wanted.address}]:8443/readyz`];
    await eventually('an answer on each host', 20_000, async () => {
      for (const member of await cluster().lab.listMembers()) {
        assert.equal((await cluster().onHost(member, readyz)).stdout, 'ok');
      }
    });
    await eventually('the holder says so', 20_000, async () => {
      const member = await cluster().getJson<Conditions>(['member', holder.name], { member: asked });
      const told = member.status?.conditions?.find(({ type }) => type === 'VirtualAddress');
      assert.equal(told?.reason, 'Held', told?.message);
    });
  });

  it('goes when nobody wants it any more', async () => {
    const patch = JSON.stringify({ spec: { virtualAddress: null } });
    const [alive] = await holders();
    const index = Number(alive?.name.slice(1) ?? 1);
    await cluster().kubectl(['patch', 'cluster', 'cluster', '--type=merge', '-p', patch], { member: index });
    await eventually('nobody has it', 20_000, async () => assert.deepEqual(await holders(), []));
  });
});
