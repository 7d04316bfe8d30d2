import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type TestApiServer, startTestApiServer } from '../support/api-server.ts';
import { createClient, createKubectl, type Kubectl, writeKubeconfig } from '../support/run-kubectl.ts';

const run = promisify(execFile);
const versions = ['kubectl-1.27', 'kubectl-1.30', 'kubectl-1.32', 'kubectl'];

const instance = (name: string, running: boolean): string => `
apiVersion: muster.dev/v1alpha1
kind: Instance
metadata: {name: ${name}, labels: {app: ${name}}}
spec: {image: busybox, running: ${String(running)}}
`;

/** Clients that somebody else wrote, as people have them installed. */
describe('foreign clients', function () {
  this.timeout(90_000);
  let folder = '';
  let server: TestApiServer;

  before(async () => {
    server = await startTestApiServer();
    folder = mkdtempSync(join(tmpdir(), 'muster-foreign-'));
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Expects success; answers what was printed. */
  async function succeed(client: Kubectl, args: readonly string[], input?: string): Promise<string> {
    const { code, stdout, stderr } = await client.run(args, input);
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  for (const version of versions) {
    it(`${version} creates, applies, explains, waits, watches and deletes`, async () => {
      const kubectl = createKubectl(folder, server.url, server.adminTls, version);
      const name = version.replace('.', '-');
      const ask = (command: string, input?: string) => succeed(kubectl, command.split(' '), input);
      assert.match(await ask('api-resources'), /^instances +inst +muster.dev\/v1alpha1 +true +Instance$/m);
      assert.match(await ask('version'), /Server Version: .*1\.32/s);
      await ask(`create configmap ${name} --from-literal=a=b`);
      await ask(`create secret generic ${name} --from-literal=a=b`);
      await ask(`apply -f -`, instance(name, true));
      assert.match(await ask('apply -f -', instance(name, false)), /configured/);
      assert.match(await ask('apply -f -', instance(name, false)), /unchanged/);
      assert.match(await ask(`get inst ${name} -o wide`), /^NAME +TYPE +STATE .* IMAGE/);
      assert.match(await ask('explain instance.spec.image'), /image/);
      await ask(`label inst ${name} tier=front`);
      await ask(`patch configmap ${name} -p {"data":{"a":null,"c":"d"}}`);
      assert.equal(await ask(`get configmap ${name} -o jsonpath={.data}`), '{"c":"d"}');
      await ask(`wait --for=jsonpath={.spec.running}=false inst/${name} --timeout=10s`);
      await ask(`apply --server-side --force-conflicts -f -`, instance(name, true));
      assert.match(await ask(`auth can-i create instances`), /yes/);
      assert.match(await ask(`delete inst/${name} cm/${name} secret/${name} --timeout=10s`), /deleted/);
    });
  }

  it('helm installs, upgrades, rolls back and uninstalls', async () => {
    const chart = writeChart(folder);
    const kubeconfig = writeKubeconfig(folder, server.url, server.adminTls);
    const helm = createClient('helm-3.17', folder, ['--kubeconfig', kubeconfig]);
    const kubectl = createKubectl(folder, server.url, server.adminTls);
    const isRunning = () =>
      succeed(kubectl, ['get', 'instance', 'shop-web', '-o', 'jsonpath={.spec.running}']);
    assert.match(await succeed(helm, ['install', 'shop', chart]), /STATUS: deployed/);
    assert.equal(await isRunning(), 'true');
    assert.match(await succeed(helm, ['upgrade', 'shop', chart, '--set', 'running=false']), /REVISION: 2/);
    assert.equal(await isRunning(), 'false');
    assert.match(await succeed(helm, ['rollback', 'shop', '1', '--wait']), /success/);
    assert.equal(await isRunning(), 'true');
    assert.match(await succeed(helm, ['history', 'shop']), /Rollback to 1/);
    assert.match(await succeed(helm, ['list']), /^shop\s+default\s+3\s/m);
    assert.match(await succeed(helm, ['uninstall', 'shop']), /uninstalled/);
    const gone = await kubectl.run(['get', 'instance', 'shop-web']);
    assert.match(gone.stderr, /not found/);
  });

  it("Debian's Python client lists, creates, patches, watches and deletes", async () => {
    const kubeconfig = writeKubeconfig(folder, server.url, server.adminTls);
    const { stdout } = await run('/usr/bin/python3', ['-c', pythonProgram, kubeconfig], { timeout: 60_000 });
    assert.deepEqual(stdout.trim().split('\n'), [
      'created python 1',
      'ADDED python True',
      'MODIFIED python False',
      'dynamic python',
      'deleted Success',
      'refused 404 NotFound',
    ]);
  });
});

function writeChart(folder: string): string {
  const chart = join(folder, 'chart');
  mkdirSync(join(chart, 'templates'), { recursive: true });
  writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: shop\nversion: 0.1.0\n');
  writeFileSync(join(chart, 'values.yaml'), 'running: true\n');
  writeFileSync(
    join(chart, 'templates', 'all.yaml'),
    `apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-settings}
data: {running: "{{ .Values.running }}"}
---
apiVersion: muster.dev/v1alpha1
kind: Instance
metadata: {name: {{ .Release.Name }}-web}
spec: {image: busybox, running: {{ .Values.running }}}
`,
  );
  return chart;
}

const pythonProgram = `
import sys
from kubernetes import client, config, dynamic, watch
from kubernetes.client.rest import ApiException

config.load_kube_config(sys.argv[1])
api = client.CustomObjectsApi()
place = dict(group='muster.dev', version='v1alpha1', namespace='default', plural='instances')
body = dict(apiVersion='muster.dev/v1alpha1', kind='Instance', metadata=dict(name='python'), spec=dict(image='busybox'))
made = api.create_namespaced_custom_object(body=body, **place)
print('created', made['metadata']['name'], made['metadata']['generation'])
seen = watch.Watch()
for event in seen.stream(api.list_namespaced_custom_object, timeout_seconds=20, **place):
    print(event['type'], event['object']['metadata']['name'], event['object']['spec'].get('running', True))
    if event['type'] == 'MODIFIED':
        seen.stop()
    else:
        api.patch_namespaced_custom_object(name='python', body=dict(spec=dict(running=False)), **place)
kinds = dynamic.DynamicClient(client.ApiClient())
instances = kinds.resources.get(api_version='muster.dev/v1alpha1', kind='Instance')
print('dynamic', instances.get(namespace='default').items[0].metadata.name)
print('deleted', api.delete_namespaced_custom_object(name='python', **place)['status'])
try:
    api.get_namespaced_custom_object(name='python', **place)
except ApiException as problem:
    import json
    print('refused', problem.status, json.loads(problem.body)['reason'])
`;
