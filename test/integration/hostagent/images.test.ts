import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { load } from 'js-yaml';
import type { Image } from '../../../src/api/generated/image.ts';
import { images } from '../../../src/api/generated/resources.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { createCommandBroker, type CommandBroker } from '../../../src/hostagent/exec/command-broker.ts';
import { createImageAgent, type FetchContent } from '../../../src/hostagent/image/image-agent.ts';
import { createImageStore, type ImageStore } from '../../../src/hostagent/image/image-store.ts';
import { MemoryClusterApi } from '../../support/memory-cluster-api.ts';

const signal = new AbortController().signal;
const key = 'default/small';
const name = { namespace: 'default', name: 'small' };

describe('hostagent/image', () => {
  let directory: string;
  let broker: CommandBroker;
  let tarball: string;
  let digest: string;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'muster-images-'));
    broker = createCommandBroker(silentLogger);
    const content = join(directory, 'content');
    mkdirSync(join(content, 'rootfs', 'bin'), { recursive: true });
    writeFileSync(join(content, 'metadata.yaml'), 'architecture: x86_64\nproperties: {os: Small}\n');
    tarball = join(directory, 'small.tar.gz');
    execFileSync('tar', ['-C', content, '-czf', tarball, './metadata.yaml', './rootfs']);
    digest = `sha256:${createHash('sha256').update(readFileSync(tarball)).digest('hex')}`;
  });
  after(() => {
    broker.close();
    rmSync(directory, { recursive: true, force: true });
  });

  function openStore(member: string): ImageStore {
    mkdirSync(join(directory, member, 'import'), { recursive: true });
    const parseYaml = (text: string): unknown => load(text);
    return createImageStore({ commands: broker, directory: join(directory, member, 'images'), parseYaml });
  }
  const fromFile = (path = tarball) => ({
    description: path,
    open: () => Promise.resolve(Readable.from([readFileSync(path)])),
  });
  const entriesOf = (member: string): readonly string[] => readdirSync(join(directory, member, 'images'));

  it('keeps an image under its digest, with what its metadata says', async () => {
    const store = openStore('a');
    const image = await store.add(fromFile(), digest, signal);
    assert.deepEqual([image.digest, image.architecture, image.file.compression], [digest, 'x86_64', 'gzip']);
    assert.deepEqual(await openStore('a').find(digest), image);
    const content = await store.open(digest);
    assert(content !== undefined);
    assert.deepEqual(await buffer(content.stream), readFileSync(tarball));
  });

  it('refuses another file than was asked for, and keeps nothing of it', async () => {
    const store = openStore('b');
    await assert.rejects(store.add(fromFile(), `sha256:${'0'.repeat(64)}`, signal), /its digest is/);
    assert.deepEqual(entriesOf('b'), []);
  });

  it('refuses what is no image, and keeps nothing of it', async () => {
    const noImage = join(directory, 'letter.txt');
    writeFileSync(noImage, 'not a tarball');
    await assert.rejects(openStore('b').add(fromFile(noImage), undefined, signal));
    assert.deepEqual(entriesOf('b'), []);
  });

  it('keeps nothing of a stream that breaks', async () => {
    const open = (): Promise<Readable> => {
      const broken = new PassThrough();
      broken.write(readFileSync(tarball).subarray(0, 100));
      setTimeout(() => broken.destroy(new Error('connection reset')), 20);
      return Promise.resolve(broken);
    };
    const adding = openStore('b').add({ description: 'm', open }, digest, signal);
    await assert.rejects(adding, /connection reset/);
    assert.deepEqual(entriesOf('b'), []);
  });

  it('reads only one stream when two ask for the same image', async () => {
    const store = openStore('c');
    let opened = 0;
    const source = { description: 'm', open: () => ((opened += 1), fromFile().open()) };
    const both = await Promise.all([store.add(source, digest, signal), store.add(source, digest, signal)]);
    assert.deepEqual([opened, both.map((image) => image.digest)], [1, [digest, digest]]);
  });

  it('removes an image, what was cut off, and never another path', async () => {
    const store = openStore('c');
    mkdirSync(join(directory, 'c', 'images', '.new-1'));
    await store.removeLeftovers();
    await store.remove(digest);
    await store.remove(digest);
    assert.deepEqual([entriesOf('c'), await store.open('../../secret')], [[], undefined]);
    await assert.rejects(store.remove('../../secret'));
  });

  describe('image-agent', () => {
    function build(member: string, fetchContent: FetchContent, status: Image['status'] = {}) {
      const image: Image = {
        apiVersion: 'muster.dev/v1alpha1',
        kind: 'Image',
        metadata: { ...name, uid: 'i1', resourceVersion: '1' },
        spec: { source: { file: 'small.tar.gz', member: 'm1' } },
        status,
      };
      const clusterApi = new MemoryClusterApi([image]);
      const cached: { image: Image } = { image };
      const store = openStore(member);
      const reconcile = createImageAgent({
        memberName: member,
        clusterApi,
        events: { record: () => undefined },
        clock: systemClock,
        random: () => 0,
        logger: silentLogger,
        images: {
          start: () => undefined,
          synced: Promise.resolve(),
          get: () => cached.image,
          list: () => [cached.image],
          subscribe: () => () => undefined,
        },
        store,
        fetchContent,
        importDirectory: join(directory, member, 'import'),
      });
      return {
        store,
        async run(): Promise<Image['status']> {
          await reconcile(key, signal);
          cached.image = (await clusterApi.get(images, name)) ?? cached.image;
          return cached.image.status;
        },
        status: async () => (await clusterApi.get(images, name))?.status,
      };
    }
    const noPeer: FetchContent = () => Promise.reject(new Error('unreachable'));
    const known = {
      digest,
      wantedMembers: ['m1', 'm2'],
      members: [{ name: 'm1', state: 'Ready' as const }],
    };
    const contentOf = (bytes: Uint8Array) => ({
      stream: Readable.from([bytes]),
      sizeBytes: bytes.length,
      close: () => Promise.resolve(),
    });

    it('says that the file is missing, and imports it when it is there', async () => {
      const agent = build('m1', noPeer);
      const missing = await agent.run();
      assert.deepEqual(
        missing?.conditions?.map(({ status, reason }) => [status, reason]),
        [['False', 'FileNotFound']],
      );
      cpSync(tarball, join(directory, 'm1', 'import', 'small.tar.gz'));
      const status = await agent.run();
      assert.deepEqual([status?.digest, status?.members], [digest, [{ name: 'm1', state: 'Ready' }]]);
      assert.equal(status?.properties?.['os'], 'Small');
    });

    it('fetches from another member', async () => {
      const agent = build('m2', () => Promise.resolve(contentOf(readFileSync(tarball))), {
        ...known,
        digest,
      });
      const status = await agent.run();
      assert.deepEqual(status?.members, [...known.members, { name: 'm2', state: 'Ready' }]);
      assert((await agent.store.find(digest)) !== undefined);
    });

    it('does not keep what another member falsified', async () => {
      const agent = build('m3', () => Promise.resolve(contentOf(Buffer.from('something else'))), {
        ...known,
        digest,
        wantedMembers: ['m3'],
      });
      await assert.rejects(agent.run(), /its digest is/);
      const own = (await agent.status())?.members?.find((part) => part.name === 'm3');
      assert.equal(own?.state, 'Failed');
      assert.deepEqual(entriesOf('m3'), []);
    });
  });
});
