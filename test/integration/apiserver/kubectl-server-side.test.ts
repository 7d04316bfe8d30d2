import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  KubeConfig,
  KubernetesObjectApi,
  PatchStrategy,
  type KubernetesObject,
} from '@kubernetes/client-node';
import { createTestClient, type TestClient } from '../../support/api-client.ts';
import { type TestApiServer, startTestApiServer } from '../../support/api-server.ts';
import { applyDefinition } from '../../support/apply-kind.ts';
import { type Kubectl, type KubectlResult, createKubectl } from '../../support/run-kubectl.ts';

const widgets = '/apis/example.com/v1/namespaces/default/widgets';
const buildWidget = (name: string, spec: object, metadata: object = {}): string =>
  JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name, ...metadata }, spec });

interface Entry {
  readonly manager: string;
  readonly operation: string;
}

describe('apiserver with kubectl apply --server-side', function () {
  this.timeout(30_000);
  let folder = '';
  let server: TestApiServer;
  let kubectl: Kubectl;
  let api: TestClient;

  before(async () => {
    server = await startTestApiServer();
    api = createTestClient(server.url, server.adminTls);
    await api.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', applyDefinition);
    folder = mkdtempSync(join(tmpdir(), 'muster-apply-'));
    kubectl = createKubectl(folder, server.url, server.adminTls);
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await api.close();
    await server.close();
  });

  async function run(command: string, input?: string, env?: Record<string, string>): Promise<string> {
    const { code, stdout, stderr } = await kubectl.run(command.split(' '), input, env);
    assert.equal(code, 0, `kubectl ${command}: ${stderr}`);
    return stdout;
  }
  async function managersOf(name: string): Promise<string[]> {
    const { body } = await api.send('GET', `${widgets}/${name}`);
    const { managedFields = [] } = body.metadata as unknown as { managedFields?: Entry[] };
    return managedFields.map(({ manager, operation }) => `${manager} ${operation}`);
  }

  it('applies, conflicts with another manager, and takes over by force', async () => {
    const gold = buildWidget('w1', { tier: 'gold' });
    assert.match(await run('apply --server-side -f -', gold), /w1 serverside-applied/);
    const silver = buildWidget('w1', { tier: 'silver' });
    const command = 'apply --server-side --field-manager=other -f -';
    const refused = await kubectl.run(command.split(' '), silver);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /Apply failed with 1 conflict: conflict with "kubectl": \.spec\.tier/);
    await run(`${command} --force-conflicts`, silver);
    assert.equal(await run('get widget w1 -o jsonpath={.spec.tier}'), 'silver');
    assert.deepEqual(await managersOf('w1'), ['other Apply']);
  });

  it('lets two managers share an object, each taking away only its own', async () => {
    const [a, b] = [{ name: 'a' }, { name: 'b' }];
    await run('apply --server-side --field-manager=x -f -', buildWidget('w2', { ports: [a], tags: ['t'] }));
    await run('apply --server-side --field-manager=y -f -', buildWidget('w2', { ports: [b], tags: ['t'] }));
    await run('apply --server-side --field-manager=x -f -', buildWidget('w2', { zone: 'z' }));
    const { body } = await api.send('GET', `${widgets}/w2`);
    assert.deepEqual(body.spec, {
      ports: [{ name: 'b', proto: 'TCP' }],
      tags: ['t'],
      zone: 'z',
      replicas: 1,
    });
  });

  it('takes over from client-side apply, and gives up what the file no longer has', async () => {
    const labelled = buildWidget('w3', { tier: 'gold', zone: 'z' }, { labels: { a: '1', b: '2' } });
    await run('apply -f -', labelled);
    assert.deepEqual(await managersOf('w3'), ['kubectl-client-side-apply Update']);
    const changed = buildWidget('w3', { tier: 'silver', zone: 'z' }, { labels: { a: '1' } });
    await run('apply --server-side -f -', changed);
    // kubectl itself applies the annotation that client-side apply would look for, under a name of its own.
    assert.deepEqual(await managersOf('w3'), ['kubectl Apply', 'kubectl-last-applied Apply']);
    const { body } = await api.send('GET', `${widgets}/w3`);
    assert.deepEqual([body.spec['tier'], body.metadata.labels], ['silver', { a: '1' }]);
    const { annotations } = body.metadata as unknown as { annotations: Record<string, string> };
    const last = annotations['kubectl.kubernetes.io/last-applied-configuration'] ?? '';
    assert.deepEqual((JSON.parse(last) as { spec: object }).spec, { tier: 'silver', zone: 'z' });
    assert.match(await run('apply -f -', changed), /w3 unchanged/);
  });

  it('shows what an apply would change', async () => {
    const diff = (spec: object): Promise<KubectlResult> =>
      kubectl.run(['diff', '--server-side', '-f', '-'], buildWidget('w4', spec));
    await run('apply --server-side -f -', buildWidget('w4', { tier: 'gold' }));
    assert.deepEqual(await diff({ tier: 'gold' }), { code: 0, stdout: '', stderr: '' });
    const changed = await diff({ tier: 'silver' });
    assert.deepEqual([changed.code, /^\+ {2}tier: silver$/m.test(changed.stdout)], [1, true]);
  });

  it('prunes by an apply set', async () => {
    const two = `${buildWidget('s1', {})}\n${buildWidget('s2', {})}`;
    const command = 'apply --server-side --prune --applyset=secret/set -n default -f -';
    const env = { KUBECTL_APPLYSET: 'true' };
    await run(command, two, env);
    assert.match(await run(command, buildWidget('s1', {}), env), /s2 pruned/);
    assert.equal(
      await run('get widgets -l applyset.kubernetes.io/part-of -o name'),
      'widget.example.com/s1\n',
    );
  });

  it('edits under a name of its own, and hides the owners from people', async () => {
    await run('apply --server-side -f -', buildWidget('w5', { tier: 'gold', zone: 'z' }));
    await run('edit widget w5', undefined, { KUBE_EDITOR: 'sed -i s/gold/silver/' });
    assert.deepEqual(await managersOf('w5'), ['kubectl Apply', 'kubectl-edit Update']);
    assert.doesNotMatch(await run('get widget w5 -o yaml'), /managedFields/);
    assert.match(await run('get widget w5 -o yaml --show-managed-fields'), /f:tier/);
    const refused = await kubectl.run(
      ['apply', '--server-side', '-f', '-'],
      buildWidget('w5', { tier: 'gold' }),
    );
    assert.match(refused.stderr, /conflict with "kubectl-edit" using example.com\/v2: .spec.tier/);
  });

  it('labels, annotates and replaces without losing owners', async () => {
    await run('apply --server-side -f -', buildWidget('w6', { tier: 'gold' }));
    await run('label widget w6 a=b');
    await run('annotate widget w6 c=d');
    await run('replace -f -', buildWidget('w6', { tier: 'gold', zone: 'z' }, { labels: { a: 'b' } }));
    assert.deepEqual((await managersOf('w6')).toSorted(), [
      'kubectl Apply',
      'kubectl-label Update',
      'kubectl-replace Update',
    ]);
  });

  it('serves dry runs and applies of client libraries', async () => {
    const config = new KubeConfig();
    const { caPem, certPem, keyPem } = server.adminTls;
    const encode = (text: string): string => Buffer.from(text).toString('base64');
    config.loadFromClusterAndUser(
      { name: 'test', server: server.url, caData: encode(caPem), skipTLSVerify: false },
      { name: 'test', certData: encode(certPem), keyData: encode(keyPem) },
    );
    const objects = KubernetesObjectApi.makeApiClient(config);
    const apply = (spec: object, dryRun?: string, force = false): Promise<KubernetesObject> => {
      const object = JSON.parse(buildWidget('w7', spec, { namespace: 'default' })) as KubernetesObject;
      return objects.patch(object, undefined, dryRun, 'flux', force, PatchStrategy.ServerSideApply);
    };
    // GitOps tools compare a dry run with what is there, and apply only where that differs.
    const planned = await apply({ tier: 'gold' }, 'All');
    assert.equal(planned.metadata?.resourceVersion, undefined);
    const created = await apply({ tier: 'gold' });
    const drift = await apply({ tier: 'gold' }, 'All');
    assert.deepEqual(drift, created);
    await api.send(
      'PATCH',
      `${widgets}/w7`,
      { spec: { tier: 'silver' } },
      {
        'content-type': 'application/merge-patch+json',
      },
    );
    const corrected = (await apply({ tier: 'gold' }, undefined, true)) as KubernetesObject & {
      spec: { tier: string };
    };
    assert.equal(corrected.spec.tier, 'gold');
  });
});
