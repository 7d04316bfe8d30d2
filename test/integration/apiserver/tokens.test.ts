import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:https';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createTestClient, type TestClient } from '../../support/api-client.ts';
import { type TestApiServer, startTestApiServer } from '../../support/api-server.ts';
import { eventually } from '../../support/eventually.ts';
import { createKubectl, type Kubectl } from '../../support/run-kubectl.ts';

const reviews = '/apis/authentication.k8s.io/v1/selfsubjectreviews';

describe('apiserver: bearer tokens', function () {
  this.timeout(60_000);
  let server: TestApiServer;
  let admin: TestClient;
  let stranger: TestClient;
  let folder = '';
  let kubectl: Kubectl;

  before(async () => {
    server = await startTestApiServer();
    admin = createTestClient(server.url, server.adminTls);
    stranger = createTestClient(server.url, { caPem: server.pki.caPem });
    folder = await mkdtemp(path.join(tmpdir(), 'muster-tokens-'));
    kubectl = createKubectl(folder, server.url, server.adminTls);
  });
  after(async () => {
    await Promise.all([admin.close(), stranger.close()]);
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function run(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await kubectl.run(args);
    assert.equal(code, 0, stderr);
    return stdout.trim();
  }

  async function whoIs(token: string): Promise<unknown> {
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    const answer = await stranger.send('POST', reviews, body, { authorization: `Bearer ${token}` });
    return answer.code === 201 ? (answer.body.status as { userInfo: unknown }).userInfo : answer.code;
  }

  it('gives every namespace a default ServiceAccount', async () => {
    await run('create', 'namespace', 'apps');
    await eventually('the default ServiceAccount', 10_000, () => run('get', 'sa', 'default', '-n', 'apps'));
  });

  it('issues a token with kubectl, and knows its bearer', async () => {
    await run('create', 'serviceaccount', 'bot');
    const uid = await run('get', 'sa', 'bot', '-o', 'jsonpath={.metadata.uid}');
    const token = await run('create', 'token', 'bot', '--duration', '30m');
    assert.deepEqual(await whoIs(token), {
      username: 'system:serviceaccount:default:bot',
      uid,
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
    });
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
      exp: number;
      iat: number;
    };
    assert.equal(claims.exp - claims.iat, 1_800);
  });

  it('lets a bot do what is bound to it, and no more', async () => {
    await run('create', 'rolebinding', 'bot', '--clusterrole=view', '--serviceaccount=default:bot');
    const token = await run('create', 'token', 'bot');
    const get = async (namespace: string) => {
      const url = `/apis/muster.dev/v1alpha1/namespaces/${namespace}/instances`;
      return (await stranger.send('GET', url, undefined, { authorization: `Bearer ${token}` })).code;
    };
    assert.deepEqual([await get('default'), await get('apps')], [200, 403]);
  });

  it('refuses tokens that are not good', async () => {
    const token = await run('create', 'token', 'bot');
    const [head, body, signature = ''] = token.split('.');
    const forged = [head, body, `${signature.slice(0, -2)}AA`].join('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const codes = [];
    for (const bad of [forged, `${none}.${body ?? ''}.`, 'rubbish', 'a.b.c']) codes.push(await whoIs(bad));
    assert.deepEqual(codes, [401, 401, 401, 401]);
    const basic = await stranger.send('GET', '/livez', undefined, { authorization: 'Basic YTpi' });
    assert.equal(basic.code, 401);
  });

  it('refuses a lifetime that is too short, and names the field', async () => {
    const { code, stderr } = await kubectl.run(['create', 'token', 'bot', '--duration', '1m']);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /spec\.expirationSeconds: Invalid value: 60: may not specify a duration less than 10/,
    );
  });

  it('voids the tokens of a ServiceAccount that is deleted, also when it is made again', async () => {
    await run('create', 'serviceaccount', 'passing');
    const token = await run('create', 'token', 'passing');
    assert.notEqual(await whoIs(token), 401);
    await run('delete', 'serviceaccount', 'passing');
    assert.equal(await whoIs(token), 401);
    await run('create', 'serviceaccount', 'passing');
    assert.equal(await whoIs(token), 401);
  });

  it('binds a token to a Secret', async () => {
    await run('create', 'secret', 'generic', 'lease', '--from-literal=a=b');
    const token = await run(
      'create',
      'token',
      'bot',
      '--bound-object-kind=Secret',
      '--bound-object-name=lease',
    );
    assert.notEqual(await whoIs(token), 401);
    await run('delete', 'secret', 'lease');
    assert.equal(await whoIs(token), 401);
  });

  it('reviews a token for others, and does not repeat it', async () => {
    const token = await run('create', 'token', 'bot', '--audience', 'elsewhere');
    assert.equal(await whoIs(token), 401);
    const review = (audiences: readonly string[]) =>
      admin.send('POST', '/apis/authentication.k8s.io/v1/tokenreviews', {
        ...{ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview' },
        spec: { token, audiences },
      });
    const good = await review(['elsewhere']);
    assert.equal((good.body.status as { authenticated: boolean }).authenticated, true, good.text);
    assert.equal(good.text.includes(token), false);
    const bad = await review(['nowhere']);
    assert.equal((bad.body.status as { authenticated: boolean }).authenticated, false, bad.text);
  });

  describe('of an identity provider', () => {
    let provider: Server;
    let issuer = '';
    let key: Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
    const pathsAsked: string[] = [];

    before(async () => {
      const { publicKey, privateKey } = await generateKeyPair('ES256');
      key = privateKey;
      const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' };
      const { certPem, keyPem } = await server.pki.issueMember('provider');
      provider = createServer({ cert: certPem, key: keyPem }, (request, response) => {
        pathsAsked.push(request.url ?? '');
        const isKeys = request.url === '/keys';
        response.end(JSON.stringify(isKeys ? { keys: [jwk] } : { issuer, jwks_uri: `${issuer}/keys` }));
      });
      await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
      issuer = `https://127.0.0.1:${(provider.address() as AddressInfo).port}`;
      const oidc = {
        ...{ issuerURL: issuer, clientID: 'muster', caBundle: server.pki.caPem },
        ...{ usernameClaim: 'email', groupsClaim: 'groups', groupsPrefix: 'idp:' },
      };
      const cluster = { apiVersion: 'muster.dev/v1alpha1', kind: 'Cluster', metadata: { name: 'cluster' } };
      const { code, text } = await admin.send('POST', '/apis/muster.dev/v1alpha1/clusters', {
        ...cluster,
        spec: { oidc },
      });
      assert.equal(code, 201, text);
    });
    after(() => {
      provider.closeAllConnections();
      provider.close();
    });

    function issue(claims: object, { audience = 'muster', lifetime = '5m', from = issuer } = {}) {
      return new SignJWT({ email: 'ann@example.org', email_verified: true, groups: ['ops'], ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'one' })
        .setIssuer(from)
        .setAudience(audience)
        .setExpirationTime(lifetime)
        .sign(key);
    }

    it('knows a person, and asks the provider once', async () => {
      for (let count = 0; count < 3; count += 1) {
        assert.deepEqual(await whoIs(await issue({})), {
          username: 'ann@example.org',
          groups: ['idp:ops', 'system:authenticated'],
        });
      }
      assert.deepEqual(pathsAsked, ['/.well-known/openid-configuration', '/keys']);
    });

    it('refuses what the provider did not say, or not to us', async () => {
      const bad = [
        await issue({}, { audience: 'somebody else' }),
        await issue({}, { lifetime: '-1m' }),
        await issue({}, { from: 'https://other.example.org' }),
        await issue({ email_verified: false }),
        await issue({ email: 'system:admin' }),
        await issue({ email: '' }),
      ];
      const codes = [];
      for (const token of bad) codes.push(await whoIs(token));
      assert.deepEqual(
        codes,
        bad.map(() => 401),
      );
    });

    it('lets others in while the provider is away', async () => {
      provider.closeAllConnections();
      provider.close();
      await patchIssuer('https://127.0.0.1:1');
      assert.equal(await whoIs(await issue({}, { from: 'https://127.0.0.1:1' })), 401);
      const token = await run('create', 'token', 'bot');
      assert.notEqual(await whoIs(token), 401);
    });

    async function patchIssuer(issuerURL: string): Promise<void> {
      const headers = { 'content-type': 'application/merge-patch+json' };
      const patch = { spec: { oidc: { issuerURL } } };
      const { code } = await admin.send(
        'PATCH',
        '/apis/muster.dev/v1alpha1/clusters/cluster',
        patch,
        headers,
      );
      assert.equal(code, 200);
    }
  });
});
