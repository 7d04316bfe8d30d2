import assert from 'node:assert/strict';
import { dropFields } from '../../../../src/daemon/manifests/drop-fields.ts';

describe('daemon/manifests/drop-fields', () => {
  const object = {
    ...{ apiVersion: 'v1', kind: 'Thing' },
    metadata: { name: 'a', labels: { 'app.io/name': 'x', app: 'y' } },
    spec: { ports: [{ name: 'h' }], driver: 'dir', driverNote: 'z' },
  };
  const cases = [
    { path: '.spec.driver', want: { ...object, spec: { ports: [{ name: 'h' }], driverNote: 'z' } } },
    {
      path: '.metadata.labels.app.io/name',
      want: { ...object, metadata: { name: 'a', labels: { app: 'y' } } },
    },
    { path: '.spec.ports[name="h"].port', want: { ...object, spec: { driver: 'dir', driverNote: 'z' } } },
    { path: '.spec.other', want: object },
  ];
  for (const { path, want } of cases) {
    it(`drops ${path}`, () => {
      assert.deepEqual(dropFields(object, [path]), want);
    });
  }
});
