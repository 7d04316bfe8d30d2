import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestApiServer, startTestApiServer } from '../support/api-server.ts';
import { createKubectl, type Kubectl } from '../support/run-kubectl.ts';

const widgets = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  names: {kind: Widget, plural: widgets}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      subresources:
        scale: {specReplicasPath: .spec.size, statusReplicasPath: .status.size}
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: {type: object, properties: {size: {type: integer, description: How many.}}}
            status: {type: object, properties: {size: {type: integer}}}
`;
const widget = '{apiVersion: example.com/v1, kind: Widget, metadata: {name: one}, spec: {size: 1}}';

function configMap(name: string, value: string, labels = ''): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, labels: {${labels}}}\ndata: {value: "${value}"}\n`;
}

/** What people type that no other test types. */
describe('commands of kubectl', function () {
  this.timeout(60_000);
  let folder = '';
  let server: TestApiServer;
  let kubectl: Kubectl;

  before(async () => {
    server = await startTestApiServer();
    folder = mkdtempSync(join(tmpdir(), 'muster-commands-'));
    kubectl = createKubectl(folder, server.url, server.adminTls);
    await ask('apply -f -', widgets);
    await ask('wait --for=condition=Established crd/widgets.example.com --timeout=10s');
    await ask('apply -f -', widget);
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function ask(command: string, input?: string, env?: Record<string, string>): Promise<string> {
    const { code, stdout, stderr } = await kubectl.run(command.split(' '), input, env);
    assert.equal(code, 0, `kubectl ${command}: ${stderr}`);
    return stdout;
  }

  it('apply -k builds and applies a kustomization', async () => {
    const base = join(folder, 'base');
    mkdirSync(base);
    writeFileSync(join(base, 'one.yaml'), configMap('kustomized', '1'));
    writeFileSync(join(base, 'kustomization.yaml'), 'resources: [one.yaml]\nnamePrefix: team-\n');
    assert.match(await ask(`apply -k ${base}`), /configmap\/team-kustomized created/);
    assert.match(await ask(`diff -k ${base}`), /^$/);
    assert.match(await ask(`delete -k ${base}`), /deleted/);
  });

  it('apply --prune removes what the files no longer have', async () => {
    const both = `${configMap('kept', '1', 'app: prune')}---\n${configMap('dropped', '1', 'app: prune')}`;
    const allow = '--prune-allowlist=core/v1/ConfigMap';
    await ask(`apply -f - --prune -l app=prune ${allow}`, both);
    const pruned = await ask(
      `apply -f - --prune -l app=prune ${allow}`,
      configMap('kept', '1', 'app: prune'),
    );
    assert.match(pruned, /configmap\/dropped pruned/);
    assert.equal(await ask('get configmaps -l app=prune -o name'), 'configmap/kept\n');
  });

  it('diff says what an apply would change, and changes nothing', async () => {
    await ask('apply -f -', configMap('differs', '1'));
    const { code, stdout } = await kubectl.run(['diff', '-f', '-'], configMap('differs', '2'));
    assert.equal(code, 1);
    assert.match(stdout, /^-\s+value: "1"\n\+\s+value: "2"$/m);
    assert.equal(await ask('get configmap differs -o jsonpath={.data.value}'), '1');
  });

  it('wait notices creation, a value, and deletion', async () => {
    const created = ask('wait --for=create configmap/awaited --timeout=15s');
    await ask('create configmap awaited --from-literal=a=b');
    assert.match(await created, /condition met/);
    assert.match(
      await ask('wait --for=jsonpath={.data.a}=b configmap/awaited --timeout=15s'),
      /condition met/,
    );
    const gone = ask('wait --for=delete configmap/awaited --timeout=15s');
    await ask('delete configmap awaited');
    await gone;
  });

  it('explain --recursive shows every field', async () => {
    const text = await ask('explain instance --recursive');
    for (const field of ['placement', 'resources', 'conditions', 'lastTransitionTime']) {
      assert.match(text, new RegExp(`\\b${field}\\b`));
    }
  });

  it('auth can-i --list names the rules of a person', async () => {
    await ask('create role reader --verb=get,list --resource=configmaps');
    await ask('create rolebinding reader --role=reader --user=rita');
    const rules = await ask('auth can-i --list --as=rita');
    assert.match(rules, /^configmaps +\[\] +\[\] +\[get list\]$/m);
    assert.match(rules, /selfsubjectaccessreviews.authorization.k8s.io/);
  });

  it('create token prints a token', async () => {
    await ask('create serviceaccount robot');
    const token = (await ask('create token robot --duration=10m')).trim();
    assert.match(token, /^[\w-]+\.[\w-]+\.[\w-]+$/);
  });

  it('get --chunk-size reads in pages, in order', async () => {
    const names = Array.from({ length: 23 }, (_, index) => `page-${String(index).padStart(2, '0')}`);
    await ask('create -f -', names.map((name) => configMap(name, '1', 'page: yes-it-is')).join('---\n'));
    const listed = await ask('get configmaps -l page=yes-it-is --chunk-size=5 -o name');
    assert.deepEqual(
      listed.trim().split('\n'),
      names.map((name) => `configmap/${name}`),
    );
    const table = await ask('get configmaps -A --chunk-size=7');
    for (const name of names) assert.match(table, new RegExp(`^default +${name} `, 'm'));
  });

  it('replace takes a file, and starts over with --force', async () => {
    const uid = () => ask('get configmap differs -o jsonpath={.metadata.uid}');
    const before = await uid();
    assert.match(await ask('replace -f -', configMap('differs', '3')), /replaced/);
    assert.equal(await uid(), before);
    await ask('replace --force -f -', configMap('differs', '4'));
    assert.notEqual(await uid(), before);
  });

  it('scale sets the size, under a condition too', async () => {
    assert.match(await ask('scale widget/one --replicas=4'), /scaled/);
    assert.equal(await ask('get widget one -o jsonpath={.spec.size}'), '4');
    const { stderr } = await kubectl.run('scale widget/one --current-replicas=9 --replicas=1'.split(' '));
    assert.match(stderr, /Expected replicas to be 9, was 4/);
  });

  it('events shows what happened to one object', async () => {
    const event = `
apiVersion: v1
kind: Event
metadata: {name: one.1}
involvedObject: {apiVersion: example.com/v1, kind: Widget, name: one, namespace: default}
reason: Polished
message: it shines
type: Normal
firstTimestamp: "2026-01-01T00:00:00Z"
lastTimestamp: "2026-01-01T00:00:00Z"
source: {component: test}
`;
    await ask('create -f -', event);
    assert.match(
      await ask('events --for widgets.v1.example.com/one'),
      /Normal +Polished +Widget\/one +it shines/,
    );
  });

  it('edit opens an editor, and saves what it wrote', async () => {
    await ask('edit widget one', '', { EDITOR: 'sed -i s/size:.4/size:\\ 7/' });
    assert.equal(await ask('get widget one -o jsonpath={.spec.size}'), '7');
  });

  it('delete --all and by label empties, and waits', async () => {
    assert.match(await ask('delete configmaps -l page=yes-it-is --timeout=20s'), /page-22/);
    await ask('delete widgets --all --timeout=20s');
    assert.equal(await ask('get widgets -o name'), '');
  });

  it('get --raw, api-versions, cluster-info dump of the version', async () => {
    assert.match(await ask('api-versions'), /^example\.com\/v1$/m);
    assert.match(await ask('get --raw /readyz?verbose'), /ok/);
    assert.match(await ask('get --raw /'), /"\/apis\/example.com\/v1"/);
  });
});
