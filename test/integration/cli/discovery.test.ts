import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';

const program = path.join(import.meta.dirname, '../../support/discovery-process.ts');
const bridge = 'mdisc-br';
const hosts = [1, 2, 3].map((index) => ({ netns: `mdisc-${index}`, address: `10.213.77.${index}` }));
const passphrase = 'lusab babad gutih tugab';

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: 'pipe', timeout: 10_000 });
}

function cleanUp(): void {
  for (const args of [['link', 'del', bridge], ...hosts.map(({ netns }) => ['netns', 'del', netns])]) {
    try {
      ip(...args);
    } catch {
      // It was not there.
    }
  }
}

/** Three hosts on a bridge, each in a network namespace; the bridge is the local network. */
describe('cli: discovery on a local network', function () {
  this.timeout(60_000);
  let initiator: ChildProcess;

  before(() => {
    cleanUp();
    ip('link', 'add', bridge, 'type', 'bridge', 'mcast_snooping', '0');
    ip('link', 'set', bridge, 'up');
    for (const [index, { netns, address }] of hosts.entries()) {
      ip('netns', 'add', netns);
      ip('link', 'add', `mdisc-v${index}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', netns);
      ip('link', 'set', `mdisc-v${index}`, 'master', bridge, 'up');
      ip('-n', netns, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
      ip('-n', netns, 'link', 'set', 'eth0', 'up');
      ip('-n', netns, 'link', 'set', 'lo', 'up');
    }
    initiator = start(0, 'initiator', passphrase, 'first');
    initiator.stdout?.resume();
  });

  after(async () => {
    initiator.kill('SIGKILL');
    if (initiator.exitCode === null && initiator.signalCode === null) await once(initiator, 'exit');
    cleanUp();
  });

  function start(index: number, role: string, words: string, name: string): ChildProcess {
    const host = hosts[index];
    assert.ok(host !== undefined);
    const args = [
      `--net=/run/netns/${host.netns}`,
      process.execPath,
      program,
      role,
      host.address,
      words,
      name,
    ];
    return spawn('nsenter', args, { stdio: ['ignore', 'pipe', 'inherit'], timeout: 55_000 });
  }

  async function join(index: number, words: string, name: string): Promise<string> {
    const child = start(index, 'joiner', words, name);
    assert.ok(child.stdout !== null);
    return text(child.stdout);
  }

  it('finds the initiator by multicast, and gets a token for the passphrase', async () => {
    const outputs = await Promise.all([join(1, passphrase, 'second'), join(2, passphrase, 'third')]);
    assert.deepEqual(outputs, [
      'found first at 10.213.77.1\ntoken of second at 10.213.77.2:8443\n',
      'found first at 10.213.77.1\ntoken of third at 10.213.77.3:8443\n',
    ]);
  });

  it('is told of a wrong passphrase, and why it is not let in', async () => {
    const outputs = await Promise.all([
      join(1, 'lusab babad gutih tugad', 'second'),
      join(2, passphrase, 'refused'),
    ]);
    assert.match(outputs[0], /wrong passphrase: first shows another one/);
    assert.match(outputs[1], /first does not let this host in: the person there has said no/);
  });

  it('ends the session when somebody guesses', async () => {
    const guess = `
      const { connect } = require('node:net');
      const one = () => new Promise((done) => {
        const socket = connect(9444, '10.213.77.1', () => socket.write('AAAA\\n'));
        socket.on('error', () => undefined).on('close', done).resume();
      });
      (async () => { for (let i = 0; i < 8; i += 1) await Promise.all(Array.from({ length: 8 }, one)); })();`;
    const ended = once(initiator, 'exit');
    execFileSync('nsenter', ['--net=/run/netns/mdisc-2', process.execPath, '-e', guess], { timeout: 30_000 });
    assert.deepEqual(await ended, [1, null]);
  });
});
