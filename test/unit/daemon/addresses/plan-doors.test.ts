import assert from 'node:assert/strict';
import { formatDoor, planDoors, type HostView } from '../../../../src/daemon/addresses/plan-doors.ts';

const host: HostView = {
  localAddresses: ['127.0.0.1', '::1', '10.0.0.1', '192.0.2.1', '2001:db8::1'],
  mainDoor: { host: '10.0.0.1', port: 8443 },
  resolved: new Map([
    ['api.example', ['192.0.2.9', '192.0.2.1']],
    ['far.example', ['192.0.2.9']],
  ]),
};

interface Case {
  readonly title: string;
  readonly addresses?: readonly string[];
  readonly virtualAddress?: string;
  readonly doors?: readonly string[];
  readonly problem?: RegExp;
  readonly mainHost?: string;
}

const cases: readonly Case[] = [
  { title: 'nothing is asked for' },
  { title: 'an address of its own', addresses: ['192.0.2.1:9443'], doors: ['192.0.2.1:9443'] },
  { title: 'an IPv6 address', addresses: ['[2001:db8::1]:8443'], doors: ['[2001:db8::1]:8443'] },
  { title: 'where its own port listens already', addresses: ['10.0.0.1:8443'], doors: [] },
  {
    title: 'every IPv4 address but the one that its own port has',
    addresses: ['0.0.0.0:8443'],
    doors: ['127.0.0.1:8443', '192.0.2.1:8443'],
  },
  {
    title: 'every address',
    addresses: ['[::]:443'],
    doors: ['127.0.0.1:443', '[::1]:443', '10.0.0.1:443', '192.0.2.1:443', '[2001:db8::1]:443'],
  },
  { title: 'all of them are served already', addresses: ['[::]:8443'], mainHost: '::', doors: [] },
  {
    title: 'a name: those of its addresses that are here',
    addresses: ['api.example:8443'],
    doors: ['192.0.2.1:8443'],
  },
  {
    title: 'the virtual address while it is here',
    virtualAddress: '192.0.2.1:8443',
    doors: ['192.0.2.1:8443'],
  },
  { title: 'the virtual address while another member has it', virtualAddress: '192.0.2.77:8443', doors: [] },
  {
    title: 'an address twice',
    addresses: ['192.0.2.1:8443', '0.0.0.0:8443'],
    doors: ['192.0.2.1:8443', '127.0.0.1:8443'],
  },
  {
    title: 'an address that only opening it will tell',
    addresses: ['192.0.2.50:1'],
    doors: ['192.0.2.50:1'],
  },
  {
    title: 'a name of another host',
    addresses: ['far.example:8443'],
    problem: /far\.example is 192\.0\.2\.9, and no interface/,
  },
  {
    title: 'a name of nobody',
    addresses: ['no.example:8443'],
    problem: /the name no\.example has no address$/,
  },
];

describe('planDoors', () => {
  for (const { title, addresses = [], virtualAddress, doors = [], problem, mainHost } of cases) {
    it(title, () => {
      const view = mainHost === undefined ? host : { ...host, mainDoor: { host: mainHost, port: 8443 } };
      const plan = planDoors({ addresses, virtualAddress }, view);
      assert.deepEqual(plan.doors.map(formatDoor), doors);
      if (problem === undefined) assert.deepEqual(plan.problems, []);
      else assert.match(plan.problems.join(), problem);
    });
  }
});
