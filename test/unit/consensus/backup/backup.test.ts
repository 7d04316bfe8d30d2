import assert from 'node:assert/strict';
import fc from 'fast-check';

import { readBackup } from '../../../../src/consensus/backup/read-backup.ts';
import { createBackup } from '../../../../src/consensus/backup/write-backup.ts';

const manifest = {
  ...{ format: 'muster-backup/1' as const, clusterId: 'c', epoch: 1, revision: 9, featureLevel: 1 },
  ...{ version: '1', createdAt: '2030-01-01T00:00:00Z', member: 'n1' },
};

async function write(keys: readonly string[]): Promise<Buffer> {
  const entries = keys.map((key, index) => ({
    key,
    revision: 1 + (index % 5),
    value: Buffer.from([index, 0, 255]),
  }));
  const backup = await createBackup({
    manifest,
    entries,
    files: new Map([['cluster.crt', 'PEM']]),
    nowMs: 0,
  });
  const chunks: Buffer[] = [];
  for await (const chunk of backup.chunks) chunks.push(chunk);
  const archive = Buffer.concat(chunks);
  assert.equal(archive.length, backup.sizeBytes);
  return archive;
}

describe('consensus/backup', () => {
  it('gives back what was written, bytes and revisions', async () => {
    const keys = Array.from({ length: 600 }, (_, index) => `/k/${index}`);
    const { entries, files, manifest: read } = readBackup(await write(keys));
    assert.equal(read.entryCount, 600);
    assert.equal(files.get('cluster.crt'), 'PEM');
    const found = entries.find(({ key }) => key === '/k/258');
    assert.deepEqual(found, { key: '/k/258', revision: 4, value: Buffer.from([2, 0, 255]) });
  });

  it('refuses a file that ends too soon, wherever', async () => {
    const archive = await write(['/a', '/b']);
    // The last of the closing blocks may go: the others say that the archive is whole.
    fc.assert(
      fc.property(fc.integer({ min: 0, max: archive.length - 1024 }), (length) => {
        assert.throws(() => readBackup(archive.subarray(0, length)), /it ends after|it has no manifest/);
      }),
    );
  });

  it('refuses other bytes in the entries', async () => {
    const archive = await write(['/a', '/b']);
    const at = archive.indexOf('"key":"/b"');
    archive.write('"key":"/c"', at);
    assert.throws(() => readBackup(archive), /changed or damaged: store\.jsonl/);
  });

  it('refuses the backup of a later format', async () => {
    const archive = await write(['/a']);
    archive.write('muster-backup/2', archive.indexOf('muster-backup/1'));
    assert.throws(
      () => readBackup(archive),
      /its format is muster-backup\/2, and muster-backup\/1 is wanted/,
    );
  });
});
