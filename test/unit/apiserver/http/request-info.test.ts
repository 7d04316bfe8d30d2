import assert from 'node:assert/strict';
import { parseRequestInfo, pinnedName } from '../../../../src/apiserver/http/request-info.ts';

const instances = { group: 'muster.dev', version: 'v1alpha1', resource: 'instances' };

describe('apiserver/http/request-info', () => {
  const resources = [
    {
      request: 'GET /api/v1/namespaces',
      want: { verb: 'list', group: '', version: 'v1', resource: 'namespaces' },
    },
    {
      request: 'GET /api/v1/namespaces/a',
      want: { verb: 'get', group: '', version: 'v1', resource: 'namespaces', name: 'a' },
    },
    {
      request: 'PUT /api/v1/namespaces/a/status',
      want: {
        verb: 'update',
        group: '',
        version: 'v1',
        resource: 'namespaces',
        name: 'a',
        subresource: 'status',
      },
    },
    {
      request: 'GET /api/v1/namespaces/a/events/',
      want: { verb: 'list', group: '', version: 'v1', namespace: 'a', resource: 'events' },
    },
    {
      request: 'GET /apis/muster.dev/v1alpha1/instances?watch=1',
      want: { verb: 'watch', ...instances },
    },
    { request: 'GET /apis/muster.dev/v1alpha1/instances?watch=false', want: { verb: 'list', ...instances } },
    {
      request: 'POST /apis/muster.dev/v1alpha1/namespaces/a/instances',
      want: { verb: 'create', ...instances, namespace: 'a' },
    },
    {
      request: 'PATCH /apis/muster.dev/v1alpha1/namespaces/a/instances/x/status',
      want: { verb: 'patch', ...instances, namespace: 'a', name: 'x', subresource: 'status' },
    },
    {
      request: 'DELETE /apis/muster.dev/v1alpha1/namespaces/a/instances',
      want: { verb: 'deletecollection', ...instances, namespace: 'a' },
    },
    {
      request: 'HEAD /apis/muster.dev/v1alpha1/namespaces/a/instances/x%2Fy/files/etc/hosts',
      want: {
        verb: 'get',
        ...instances,
        namespace: 'a',
        name: 'x/y',
        subresource: 'files',
        rest: 'etc/hosts',
      },
    },
  ];
  for (const { request, want } of resources) {
    it(`reads ${request}`, () => {
      const [method = '', path = ''] = request.split(' ');
      const url = new URL(`https://x${path}`);
      const info = parseRequestInfo(method, url);
      assert.deepEqual(info, { isResource: true, path: url.pathname, rest: '', ...want });
    });
  }

  for (const path of [
    '/',
    '/api',
    '/api/v1',
    '/apis',
    '/apis/muster.dev',
    '/apis/muster.dev/v1alpha1',
    '/livez',
  ]) {
    it(`sees no resource in ${path}`, () => {
      const info = parseRequestInfo('GET', new URL(`https://x${path}`));
      assert.deepEqual(info, { isResource: false, verb: 'get', path });
    });
  }

  it('refuses broken percent encoding', () => {
    assert.equal(parseRequestInfo('GET', new URL('https://x/api/v1/namespaces/%ff')), undefined);
  });

  const selectors = [
    { selector: 'metadata.name=a', want: 'a' },
    { selector: 'x=y,metadata.name==a', want: 'a' },
    { selector: 'metadata.name!=a', want: undefined },
    { selector: 'spec.name=a', want: undefined },
  ];
  for (const { selector, want } of selectors) {
    it(`finds the name that ${selector} pins`, () => {
      assert.equal(pinnedName(new URLSearchParams({ fieldSelector: selector })), want);
    });
  }
});
