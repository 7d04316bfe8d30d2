import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestClient } from '../../support/api-client.ts';
import { type TestApiServer, startTestApiServer } from '../../support/api-server.ts';
import { type Kubectl, createKubectl } from '../../support/run-kubectl.ts';

const manifest = `
apiVersion: muster.dev/v1alpha1
kind: Instance
metadata: {name: web, labels: {app: shop}}
spec: {image: busybox, profiles: [default]}
`;
const definition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  names: {kind: Widget, plural: widgets, shortNames: [wd]}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      additionalPrinterColumns: [{name: Color, type: string, jsonPath: .spec.color}]
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties: {color: {type: string, description: What it looks like., default: red}}
`;
const widget = '{apiVersion: example.com/v1, kind: Widget, metadata: {name: one}, spec: {}}';

describe('apiserver with kubectl', function () {
  this.timeout(30_000);
  let folder = '';
  let server: TestApiServer;
  let kubectl: Kubectl;

  before(async () => {
    server = await startTestApiServer();
    folder = mkdtempSync(join(tmpdir(), 'muster-kubectl-'));
    kubectl = createKubectl(folder, server.url, server.adminTls);
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await server.close();
  });

  /** Expects success; answers what was printed. */
  async function run(command: string, input?: string, env?: Record<string, string>): Promise<string> {
    const { code, stdout, stderr } = await kubectl.run(command.split(' '), input, env);
    assert.equal(code, 0, `kubectl ${command}: ${stderr}`);
    return stdout;
  }
  /** Expects a refusal; answers its words. */
  async function refuse(command: string, input?: string): Promise<string> {
    const { code, stderr } = await kubectl.run(command.split(' '), input);
    assert.notEqual(code, 0, `kubectl ${command} was not refused`);
    return stderr;
  }

  it('applies, and finds nothing to do the second time', async () => {
    assert.equal(await run('apply -f -', manifest), 'instance.muster.dev/web created\n');
    assert.equal(await run('apply -f -', manifest), 'instance.muster.dev/web unchanged\n');
    assert.equal(await run('diff -f -', manifest), '');
    const changed = await kubectl.run(['diff', '-f', '-'], manifest.replace('shop', 'mall'));
    assert.match(changed.stdout, /^\+ {4}app: mall$/m);
  });

  it('gets, describes and explains', async () => {
    assert.match(await run('get instances -o wide'), /^NAME +TYPE +STATE .* IMAGE /);
    assert.match(await run('get inst -l app=shop -o name'), /instance.muster.dev\/web/);
    assert.match(await run('describe instance web'), /Kind: +Instance/);
    assert.match(await run('explain instance.spec.image'), /FIELD: image <string>/);
    assert.match(await run('api-resources'), /^instances +inst +muster.dev\/v1alpha1 +true +Instance$/m);
  });

  it('changes an object in every way that people do', async () => {
    await run('label instance web tier=front');
    await run('annotate instance web note=here');
    await run('patch instance web --type merge -p {"spec":{"running":false}}');
    await run('patch instance web --type json -p [{"op":"replace","path":"/spec/running","value":true}]');
    await run('edit instance web', '', { EDITOR: 'sed -i s/app:.shop/app:\\ mall/' });
    const { metadata, spec } = JSON.parse(await run('get instance web -o json')) as {
      metadata: { labels: object; annotations: Record<string, string>; generation: number };
      spec: { running: boolean };
    };
    assert.deepEqual(
      [metadata.labels, metadata.annotations['note'], metadata.generation, spec.running],
      [{ app: 'mall', tier: 'front' }, 'here', 3, true],
    );
  });

  it('waits for a condition, and watches', async () => {
    const api = createTestClient(server.url, server.adminTls);
    const ready = {
      type: 'Ready',
      status: 'True',
      reason: 'Test',
      message: '',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    };
    const waiting = run('wait --for=condition=Ready instance/web --timeout=10s');
    const watching = kubectl.run(['get', 'instance', 'web', '-w', '--request-timeout=2s']);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const path = '/apis/muster.dev/v1alpha1/namespaces/default/instances/web/status';
    const patched = await api.send(
      'PATCH',
      path,
      { status: { state: 'Running', conditions: [ready] } },
      { 'content-type': 'application/merge-patch+json' },
    );
    await api.close();
    assert.equal(patched.code, 200, patched.text);
    assert.equal(await waiting, 'instance.muster.dev/web condition met\n');
    assert.match((await watching).stdout, /Running/);
  });

  it('refuses what is wrong, in words that help', async () => {
    assert.match(
      await refuse('apply -f -', manifest.replace('image:', 'imgae:')),
      /unknown field "spec.imgae"/,
    );
    assert.match(await refuse('create -f -', manifest), /instances.muster.dev "web" already exists/);
    assert.match(await refuse('get pods'), /the server doesn't have a resource type "pods"/);
    assert.match(
      await refuse('patch instance web --type merge -p {"spec":{"type":"virtual-machine"}}'),
      /not served by this release/,
    );
  });

  it('creates built-in objects, whose bodies it sends as protobuf', async () => {
    await run('create namespace shop');
    await run('create configmap settings -n shop --from-literal=a=b');
    await run('create secret generic password -n shop --from-literal=p=secret');
    await run('create role reader -n shop --verb=get --resource=configmaps');
    await run('create rolebinding reader -n shop --role=reader --user=rita');
    assert.equal(await run('get secret password -n shop -o jsonpath={.data.p}'), 'c2VjcmV0');
    assert.match(await run('auth whoami'), /system:masters/);
    assert.equal(await run('auth can-i get configmaps -n shop --as rita'), 'yes\n');
    assert.equal((await kubectl.run('auth can-i get secrets -n shop --as rita'.split(' '))).stdout, 'no\n');
    await run('delete namespace shop --timeout=10s');
  });

  it('serves a definition of the user as soon as it is there', async () => {
    await run('apply -f -', definition);
    await run('wait --for=condition=Established crd/widgets.example.com --timeout=5s');
    await run('apply -f -', widget);
    assert.match(await run('get wd'), /^NAME +COLOR\none +red\n$/);
    assert.match(await run('explain widget.spec.color'), /What it looks like\./);
    await run('delete crd widgets.example.com --timeout=10s');
    assert.match(
      await refuse('get widgets.example.com'),
      /could not find the requested resource|doesn't have a resource type/,
    );
  });

  it('deletes', async () => {
    assert.match(await run('delete -f - --timeout=5s', manifest), /deleted/);
    assert.match(await refuse('get instance web'), /instances.muster.dev "web" not found/);
  });
});
