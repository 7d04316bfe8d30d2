import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseStartTicks } from '../../../../../src/hostagent/exec/process-identity.ts';
import { parseIdMap } from '../../../../../src/hostagent/id-map.ts';
import { parseCgroupRoots } from '../../../../../src/hostagent/instance/lxc/lxc-cgroups.ts';
import { parseCgroupControllers } from '../../../../../src/hostagent/instance/lxc/lxc-host.ts';
import {
  parseAddresses,
  parseLxcFailure,
  parseLxcInfo,
} from '../../../../../src/hostagent/instance/lxc/lxc-output.ts';

const fixture = (name: string): string =>
  readFileSync(new URL(`../../../../fixtures/${name}`, import.meta.url), 'utf8');

describe('hostagent/instance/lxc parsers', () => {
  it('read the state of a container', () => {
    assert.deepEqual(parseLxcInfo(fixture('lxc-5.0.2/info-running.txt')), { state: 'RUNNING', pid: 8515 });
    assert.deepEqual(parseLxcInfo(fixture('lxc-5.0.2/info-stopped.txt')), { state: 'STOPPED' });
  });

  it('find the first reason in a log', () => {
    assert.equal(
      parseLxcFailure(fixture('lxc-5.0.2/start-failed.log')),
      'No such file or directory - Failed to attach "mvabc" to bridge "br0", bridge interface doesn\'t exist',
    );
    assert.equal(parseLxcFailure(''), undefined);
  });

  it('leave out loopback and link-local addresses', () => {
    assert.deepEqual(parseAddresses(fixture('iproute2-6.1/addr-show-details.json')), [
      { interface: 'muster0', family: 'inet', address: '10.99.1.1' },
      { interface: 'muster0', family: 'inet6', address: 'fd42:1::1' },
      { interface: 'eth0', family: 'inet', address: '192.0.2.7' },
    ]);
  });

  it('read the start of a process whose name holds spaces and parentheses', () => {
    const stat = (state: string): string =>
      `42 (a) b (c) ${state} 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 1000 10`;
    assert.deepEqual([parseStartTicks(stat('S')), parseStartTicks(stat('Z'))], [987_654, undefined]);
  });

  const cgroup1 =
    'cgroup /sys/fs/cgroup/cpu cgroup rw,relatime,cpu 0 0\ncgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n';
  const cgroup2 = 'cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n';
  const controllers = [
    { name: 'legacy', mounts: cgroup1, unified: '', want: { cpu: 'v1', memory: 'v1' } },
    {
      name: 'unified',
      mounts: cgroup2,
      unified: 'cpuset cpu io memory pids\n',
      want: { cpu: 'v2', memory: 'v2' },
    },
    { name: 'hybrid', mounts: cgroup1 + cgroup2, unified: '\n', want: { cpu: 'v1', memory: 'v1' } },
    { name: 'none', mounts: '', unified: '', want: {} },
  ];
  for (const { name, mounts, unified, want } of controllers) {
    it(`find the cgroup controllers: ${name}`, () => {
      assert.deepEqual(parseCgroupControllers(mounts, unified), want);
    });
  }

  it('find where cgroups are made, also below the first process', () => {
    assert.deepEqual(parseCgroupRoots(cgroup2, '0::/init.scope\n'), ['/sys/fs/cgroup']);
    assert.deepEqual(parseCgroupRoots(cgroup2, '0::/lxc/outer\n'), [
      '/sys/fs/cgroup',
      '/sys/fs/cgroup/lxc/outer',
    ]);
  });
});

describe('hostagent/id-map', () => {
  const own = 'alice:100000:65536\nroot:1000000:1000000000\n';
  it('takes the range that root has in both files', () => {
    assert.deepEqual(parseIdMap(own, 'root:1000000:65536\n'), { base: 1_000_000, count: 65_536 });
  });

  const refused = [
    { name: 'root has none', subuid: 'alice:100000:65536\n', subgid: own },
    { name: 'the files differ', subuid: own, subgid: 'root:2000000:65536\n' },
    { name: 'it is too small', subuid: 'root:1000000:1000\n', subgid: 'root:1000000:1000\n' },
  ];
  for (const { name, subuid, subgid } of refused) {
    it(`says what to write when ${name}`, () => {
      assert.throws(() => parseIdMap(subuid, subgid), /root:1000000:1000000000/);
    });
  }
});
