import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAuditPolicy } from '../../../src/apiserver/audit/parse-audit-policy.ts';
import { type TestClient, createTestClient } from '../../support/api-client.ts';
import { type TestApiServer, startTestApiServer } from '../../support/api-server.ts';
import { eventually } from '../../support/eventually.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const policy = `
apiVersion: audit.k8s.io/v1
kind: Policy
rules:
  - { level: None, nonResourceURLs: ['*'] }
  - { level: RequestResponse }
`;

interface Line {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly impersonatedUser?: { readonly username: string };
  readonly sourceIPs: readonly string[];
  readonly requestURI: string;
  readonly objectRef: { readonly resource: string };
  readonly responseStatus: { readonly code: number };
  readonly requestObject?: { readonly data?: unknown };
  readonly responseObject?: { readonly kind: string };
  readonly annotations: Readonly<Record<string, string>>;
}

describe('apiserver operations: metrics, health, audit', function () {
  this.timeout(60_000);
  let folder: string;
  let server: TestApiServer;
  let admin: TestClient;
  const disk: { problem?: string } = {};

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'A3-operations-'));
    server = await startTestApiServer({
      audit: {
        path: join(folder, 'log/audit.log'),
        maxBytes: 64 * 1024,
        maxBackups: 2,
        policy: parseAuditPolicy(policy, 'test'),
      },
      healthChecks: { disk: () => disk.problem },
    });
    admin = createTestClient(server.url, server.adminTls);
  });
  after(async () => {
    await admin.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function readLines(): Promise<readonly Line[]> {
    const files = await readdir(join(folder, 'log'));
    const texts = await Promise.all(files.map((file) => readFile(join(folder, 'log', file), 'utf8')));
    return texts
      .flatMap((text) => text.split('\n'))
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line);
  }

  async function findLine(isIt: (line: Line) => boolean): Promise<Line> {
    return eventually(
      'line',
      20_000,
      async () => (await readLines()).find(isIt) ?? assert.fail('no such line yet'),
    );
  }

  it('shows what it counts to those who may see it, with labels of what exists only', async () => {
    await admin.send('GET', `${configMaps}/none`);
    await admin.send('GET', '/apis/nowhere.io/v1/things');
    const { code, text, headers } = await admin.send('GET', '/metrics');
    assert.equal(code, 200);
    assert.match(String(headers['content-type']), /^text\/plain; version=0\.0\.4/);
    assert.match(
      text,
      /apiserver_request_total\{verb="get",group="",version="v1",resource="configmaps",subresource="",code="404"\} 1/,
    );
    assert.match(text, /apiserver_request_duration_seconds_bucket\{le="0\.005",verb="create"/);
    assert.match(text, /apiserver_current_inflight_requests\{level="administrators"\} 1/);
    assert.match(text, /muster_store_revision \d+/);
    assert.match(text, /process_resident_memory_bytes \d+/);
    assert.doesNotMatch(text, /nowhere|things/);
  });

  it('says what is wrong where it is not ready', async () => {
    const good = await admin.send('GET', '/readyz?verbose&exclude=leader&exclude=nothing');
    assert.equal(good.code, 200);
    assert.match(good.text, /^\[\+\]ping ok\n\[\+\]leader excluded: ok\n\[\+\]store ok\n/);
    assert.match(
      good.text,
      /warn: some health checks cannot be excluded: no matches for "nothing"\nreadyz check passed\n$/,
    );
    disk.problem = 'the disk is full';
    const bad = await admin.send('GET', '/readyz');
    assert.equal(bad.code, 500);
    assert.match(bad.text, /\[-\]disk failed: the disk is full\n.*readyz check failed\n$/s);
    assert.equal((await admin.send('GET', '/readyz/disk')).code, 500);
    assert.equal((await admin.send('GET', '/readyz/leader')).code, 200);
    assert.equal((await admin.send('GET', '/livez')).text, 'ok');
    delete disk.problem;
    assert.equal((await admin.send('GET', '/readyz')).text, 'ok');
  });

  it('writes who did what, as whom, with which outcome', async () => {
    await admin.send('GET', '/apis/muster.dev/v1alpha1/members', undefined, { 'impersonate-user': 'bob' });
    const { user, impersonatedUser, annotations, responseStatus, sourceIPs, responseObject } = await findLine(
      ({ verb, impersonatedUser: other }) => verb === 'list' && other?.username === 'bob',
    );
    assert.deepEqual([user.username, impersonatedUser?.username], ['admin', 'bob']);
    assert.equal(annotations['authorization.k8s.io/decision'], 'forbid');
    assert.equal(responseStatus.code, 403);
    assert.deepEqual(sourceIPs, ['127.0.0.1']);
    assert.equal(responseObject?.kind, 'Status');
  });

  it('never writes a secret, whatever the policy wants', async () => {
    const data = { password: Buffer.from('open-sesame').toString('base64') };
    await admin.send('POST', '/api/v1/namespaces/default/secrets', { metadata: { name: 's' }, data });
    const instance = { metadata: { name: 'plain' }, spec: { description: 'in the open' } };
    await admin.send('POST', '/apis/muster.dev/v1alpha1/clustergroups', {
      apiVersion: 'muster.dev/v1alpha1',
      kind: 'ClusterGroup',
      ...instance,
    });
    const line = await findLine(({ objectRef }) => objectRef.resource === 'secrets');
    assert.deepEqual([line.requestObject, line.responseObject], [undefined, undefined]);
    const other = await findLine(({ objectRef }) => objectRef.resource === 'clustergroups');
    assert.deepEqual(other.requestObject, {
      apiVersion: 'muster.dev/v1alpha1',
      kind: 'ClusterGroup',
      ...instance,
    });
    const all = JSON.stringify(await readLines());
    assert.ok(!all.includes(data.password) && !all.includes('open-sesame'));
  });

  it('keeps the audit log small', async () => {
    for (let round = 0; round < 80; round += 1) {
      await admin.send('GET', `/apis/muster.dev/v1alpha1/clustergroups/${'x'.repeat(200)}${round}`);
    }
    const files = await eventually('outcome', 20_000, async () => {
      const found = await readdir(join(folder, 'log'));
      assert.ok(found.includes('audit.log.1'));
      return found;
    });
    assert.ok(files.length <= 3);
  });

  it('answers on when the audit log cannot be written', async () => {
    const broken = await startTestApiServer({
      audit: { path: '/etc/hostname/audit.log', maxBytes: 1_000, maxBackups: 1 },
    });
    const api = createTestClient(broken.url, broken.adminTls);
    try {
      assert.equal((await api.send('POST', configMaps, { metadata: { name: 'a' } })).code, 201);
      await eventually('outcome', 20_000, async () => {
        const { text } = await api.send('GET', '/metrics');
        assert.match(text, /apiserver_audit_error_total [1-9]/);
      });
    } finally {
      await api.close();
      await broken.close();
    }
  });

  it('lets a request ask for less time, in words that it understands', async () => {
    assert.equal((await admin.send('GET', `${configMaps}?timeout=5s`)).code, 200);
    const { code, body } = await admin.send('GET', `${configMaps}?timeout=soon`);
    assert.equal(code, 400);
    assert.match(body.message, /invalid timeout .*"soon"; a duration such as 30s/);
  });
});
