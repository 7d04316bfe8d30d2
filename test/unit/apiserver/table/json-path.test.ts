import assert from 'node:assert/strict';
import { compileJsonPath } from '../../../../src/apiserver/table/json-path.ts';

const root = {
  metadata: { labels: { 'a.b/c': 'slashed' } },
  spec: {
    ports: [
      { name: 'x', port: 1 },
      { name: 'y', port: 2 },
    ],
    on: false,
  },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Placed', status: 'False' },
    ],
  },
};

describe('apiserver/table/json-path', () => {
  const cases: readonly { path: string; want: unknown[] }[] = [
    { path: '.spec.on', want: [false] },
    { path: 'spec.on', want: [false] },
    { path: '{.spec.on}', want: [false] },
    { path: '$.spec.on', want: [false] },
    { path: ".metadata.labels['a.b/c']", want: ['slashed'] },
    { path: String.raw`.metadata.labels.a\.b/c`, want: ['slashed'] },
    { path: '.spec.ports[0].name', want: ['x'] },
    { path: '.spec.ports[-1].name', want: ['y'] },
    { path: '.spec.ports[5].name', want: [] },
    { path: '.spec.ports[*].port', want: [1, 2] },
    { path: '.spec.ports[0:1].port', want: [1] },
    { path: '.status.conditions[?(@.type=="Ready")].status', want: ['True'] },
    { path: ".status.conditions[?(@.type != 'Ready')].status", want: ['False'] },
    { path: '.spec.ports[?(@.port==2)].name', want: ['y'] },
    { path: '.spec.ports[?(@.missing)].name', want: [] },
    { path: '.absent.further', want: [] },
    { path: '.constructor', want: [] },
    { path: '.spec.ports.length', want: [] },
  ];
  for (const { path, want } of cases) {
    it(`follows ${path}`, () => assert.deepEqual(compileJsonPath(path)(root), want));
  }

  for (const path of ['.a[', '.a[?(@.b', '.a b', '..a', '.a[(@.length-1)]']) {
    it(`refuses ${path}`, () => assert.throws(() => compileJsonPath(path), SyntaxError));
  }
});
