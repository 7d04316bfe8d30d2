import assert from 'node:assert/strict';
import { type AuditPolicy, auditLevelOf } from '../../../../src/apiserver/audit/audit-policy.ts';
import { defaultAuditPolicy } from '../../../../src/apiserver/audit/default-audit-policy.ts';
import { parseAuditPolicy } from '../../../../src/apiserver/audit/parse-audit-policy.ts';
import { parseRequestInfo } from '../../../../src/apiserver/http/request-info.ts';

const head = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n';
const everything = parseAuditPolicy(`${head}rules: [{ level: RequestResponse }]`, 'test');

function levelOf(policy: AuditPolicy, request: string, ...groups: string[]) {
  const [method = '', path = ''] = request.split(' ');
  const info = parseRequestInfo(method, new URL(`https://localhost${path}`));
  return auditLevelOf(policy, { user: { name: 'bob', groups }, info });
}

describe('apiserver/audit/audit-policy', () => {
  const byDefault = [
    { request: 'POST /api/v1/namespaces/a/configmaps', want: 'Metadata' },
    { request: 'DELETE /apis/muster.dev/v1alpha1/namespaces/a/instances/b', want: 'Metadata' },
    { request: 'GET /api/v1/namespaces/a/secrets', want: 'None' },
    { request: 'POST /muster/v1/join', want: 'Metadata' },
    { request: 'POST /api/v1/namespaces/a/events', want: 'None' },
    { request: 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews', want: 'None' },
    { request: 'POST /api/v1/namespaces/a/serviceaccounts/b/token', want: 'Metadata' },
  ];
  for (const { request, want } of byDefault) {
    it(`writes ${want} of ${request} by default`, () => {
      assert.equal(levelOf(defaultAuditPolicy, request), want);
    });
  }

  it('leaves members out by default', () => {
    assert.equal(levelOf(defaultAuditPolicy, 'POST /api/v1/configmaps', 'system:members'), 'None');
  });

  const secret = [
    'POST /api/v1/namespaces/a/secrets',
    'GET /api/v1/secrets',
    'POST /api/v1/namespaces/a/serviceaccounts/b/token',
    'POST /apis/authentication.k8s.io/v1/tokenreviews',
    'POST /muster/v1/join',
  ];
  for (const request of secret) {
    it(`never writes the bodies of ${request}`, () => {
      assert.equal(levelOf(everything, request), 'Metadata');
    });
  }

  const policy = parseAuditPolicy(
    `${head}rules:
  - { level: None, users: [alice] }
  - { level: Request, resources: [{ group: muster.dev, resources: [instances] }], namespaces: [a] }
  - { level: Metadata, resources: [{ resources: ['*/status'] }] }
  - { level: RequestResponse, resources: [{ group: muster.dev, resources: [members], resourceNames: [m] }] }
  - { level: Metadata, nonResourceURLs: [/metrics, '/live*'] }
`,
    'test',
  );
  const own = [
    { request: 'GET /apis/muster.dev/v1alpha1/namespaces/a/instances/x', want: 'Request' },
    { request: 'GET /apis/muster.dev/v1alpha1/namespaces/b/instances/x', want: 'None' },
    { request: 'PATCH /api/v1/namespaces/b/status', want: 'Metadata' },
    { request: 'GET /apis/muster.dev/v1alpha1/members/m', want: 'RequestResponse' },
    { request: 'GET /apis/muster.dev/v1alpha1/members/n', want: 'None' },
    { request: 'GET /livez', want: 'Metadata' },
    { request: 'GET /readyz', want: 'None' },
  ];
  for (const { request, want } of own) {
    it(`follows the first rule that fits ${request}`, () => {
      assert.equal(levelOf(policy, request), want);
    });
  }

  const bad = [
    { text: 'kind: Policy', says: /apiVersion has to be audit\.k8s\.io\/v1/ },
    { text: 'a: b', says: /p\.yaml is no audit policy/ },
    {
      text: `${head}rules: [{ level: Everything }]`,
      says: /rules\[0\]\.level has to be one of None, Metadata/,
    },
    { text: `${head}rules: [{ level: None, user: [a] }]`, says: /rules\[0\]\.user is not known/ },
    {
      text: `${head}rules: [{ level: None, users: a }]`,
      says: /rules\[0\]\.users has to be a list of texts/,
    },
  ];
  for (const { text, says } of bad) {
    it(`says what is wrong with ${JSON.stringify(text.slice(-40))}`, () => {
      assert.throws(() => parseAuditPolicy(text, 'p.yaml'), says);
    });
  }
});
