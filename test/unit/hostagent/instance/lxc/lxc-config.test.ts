import assert from 'node:assert/strict';
import { isHostError } from '../../../../../src/hostagent/exec/host-error.ts';
import type { InstanceSpec } from '../../../../../src/hostagent/instance/driver.ts';
import { buildLxcConfig, type LxcHost } from '../../../../../src/hostagent/instance/lxc/lxc-config.ts';

const spec: InstanceSpec = {
  name: 'default_web',
  uid: 'u1',
  epoch: 1,
  hostname: 'web',
  rootfs: '/data/pools/default/instances/default_web_1/rootfs',
  environment: { GREETING: 'hello world' },
  limits: { cpuCount: 2, memoryBytes: 67_108_864 },
  nics: [
    { name: 'eth0', hostName: 'mv0123456789ab', bridge: 'muster0', hwaddr: '00:16:3e:01:02:03', mtu: 1_500 },
  ],
};
const host: LxcHost = {
  idMap: { base: 1_000_000, count: 65_536 },
  cgroups: { cpu: 'v1', memory: 'v1' },
  hasGeneratedAppArmor: false,
};
const places = {
  directory: '/data/instances/default_web',
  attachNic: '/data/instances/attach-nic',
  cgroup: 'muster/ab/default_web',
};

describe('hostagent/instance/lxc/lxc-config', () => {
  it('writes everything that liblxc needs, in its own form', () => {
    assert.equal(
      buildLxcConfig(spec, host, places),
      `lxc.uts.name = web
lxc.rootfs.path = dir:/data/pools/default/instances/default_web_1/rootfs
lxc.idmap = u 0 1000000 65536
lxc.idmap = g 0 1000000 65536
lxc.autodev = 1
lxc.tty.max = 0
lxc.pty.max = 1024
lxc.mount.auto = proc:mixed sys:mixed cgroup:mixed
lxc.cap.drop = mac_admin mac_override sys_module sys_rawio sys_time
lxc.cgroup.dir.monitor = muster/ab/default_web/monitor
lxc.cgroup.dir.container = muster/ab/default_web/payload
lxc.cgroup.memory.limit_in_bytes = 67108864
lxc.cgroup.cpu.cfs_period_us = 100000
lxc.cgroup.cpu.cfs_quota_us = 200000
lxc.console.logfile = /data/instances/default_web/console.log
lxc.console.size = 1MB
lxc.net.0.type = veth
lxc.net.0.flags = up
lxc.net.0.name = eth0
lxc.net.0.hwaddr = 00:16:3e:01:02:03
lxc.net.0.veth.pair = mv0123456789ab
lxc.net.0.mtu = 1500
lxc.net.0.script.up = '/data/instances/attach-nic' muster0
lxc.environment = GREETING=hello world
`,
    );
  });

  const lines = [
    {
      name: 'limits in the unified hierarchy',
      host: { ...host, cgroups: { cpu: 'v2', memory: 'v2' } } as const,
      want: ['lxc.cgroup2.memory.max = 67108864', 'lxc.cgroup2.cpu.max = 200000 100000'],
    },
    {
      name: 'confines with AppArmor where the host can',
      host: { ...host, hasGeneratedAppArmor: true },
      want: ['lxc.apparmor.profile = generated', 'lxc.apparmor.allow_nesting = 1'],
    },
    {
      name: 'filters system calls where the host has the list',
      host: { ...host, seccompProfile: '/usr/share/lxc/config/common.seccomp' },
      want: ['lxc.seccomp.profile = /usr/share/lxc/config/common.seccomp'],
    },
  ];
  for (const { name, host: other, want } of lines) {
    it(name, () => {
      const config = buildLxcConfig(spec, other, places).split('\n');
      assert.deepEqual(
        want.filter((line) => !config.includes(line)),
        [],
      );
    });
  }

  it('refuses a value that would write a second line', () => {
    const environment = { A: 'x\nlxc.hook.pre-start = /bin/sh' };
    assert.throws(
      () => buildLxcConfig({ ...spec, environment }, host, places),
      (error) => isHostError(error, 'NotSupported'),
    );
  });

  it('refuses a limit that the host cannot keep', () => {
    assert.throws(
      () => buildLxcConfig(spec, { ...host, cgroups: {} }, places),
      /no memory cgroup controller/,
    );
  });
});
