import assert from 'node:assert/strict';
import { memberColumns, instanceColumns } from '../../../src/cli/columns.ts';
import { formatObjects } from '../../../src/cli/output.ts';

describe('cli/output', () => {
  it('shows a member that nobody has heard of yet', () => {
    const member = {
      apiVersion: 'muster.dev/v1alpha1',
      kind: 'Member',
      metadata: { name: 'n1' },
      spec: { address: '192.0.2.1:8443' },
    };
    const text = formatObjects([member], memberColumns, 'table');
    assert.match(text, /n1 +https:\/\/192\.0\.2\.1:8443 +default +Unknown\n$/);
  });

  it('shows every address of an instance, by family', () => {
    const instance = {
      apiVersion: 'muster.dev/v1alpha1',
      kind: 'Instance',
      metadata: { name: 'web', namespace: 'default' },
      spec: { image: 'busybox' },
      status: {
        member: 'n1',
        state: 'Running' as const,
        addresses: [
          { interface: 'eth0', family: 'inet' as const, address: '10.0.0.2' },
          { interface: 'eth1', family: 'inet' as const, address: '10.0.1.2' },
          { interface: 'eth0', family: 'inet6' as const, address: 'fd42::2' },
        ],
      },
    };
    const [, line] = formatObjects([instance], instanceColumns, 'table').split('\n');
    assert.equal(
      line,
      'default     web    Running   10.0.0.2 (eth0), 10.0.1.2 (eth1)   fd42::2 (eth0)   container   n1',
    );
  });

  it('shows whole objects without the owners of their fields', () => {
    const managedFields = [{ manager: 'm' }];
    const network = { apiVersion: 'v1', kind: 'Network', metadata: { name: 'a', managedFields } };
    for (const form of ['json', 'yaml'] as const) {
      assert.doesNotMatch(formatObjects([network], [], form), /managedFields/);
    }
  });
});
