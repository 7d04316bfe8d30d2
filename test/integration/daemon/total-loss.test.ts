import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { initMember } from '../../../src/daemon/commands/init.ts';
import { requireConfig, writeConfig } from '../../../src/daemon/config.ts';
import { describeDataDir } from '../../../src/daemon/data-dir.ts';
import { readIdentity } from '../../../src/daemon/run/member-identity.ts';
import { prepareStart } from '../../../src/daemon/standing/prepare-start.ts';

describe('daemon: the only member without its database', function () {
  this.timeout(20_000);
  const held: { root?: string } = {};
  const directory = (): string => held.root ?? '';

  beforeEach(async () => {
    held.root = await mkdtemp(path.join(tmpdir(), 'muster-loss-'));
    await initMember({ dataDir: directory(), name: 'n1', address: '127.0.0.1:8443' });
    const dataDir = describeDataDir(directory());
    const { isNewCluster: _first, ...founded } = await requireConfig(dataDir);
    await writeConfig(dataDir, founded);
  });
  afterEach(() => rm(directory(), { recursive: true, force: true }));

  async function start(): Promise<unknown> {
    const dataDir = describeDataDir(directory());
    const [config, identity] = [await requireConfig(dataDir), await readIdentity(dataDir)];
    return await prepareStart({ dataDir, config, identity, clock: systemClock, logger: silentLogger });
  }

  it('says what is lost and what to do when the directory is gone', async () => {
    await assert.rejects(
      start(),
      /the only member .* cannot start: its database is gone .* lost unless there is a backup.*cluster restore FILE --data-dir \S+ --name n1/,
    );
  });

  it('names the damaged file, and leaves everything where it is', async () => {
    const database = path.join(directory(), 'dqlite');
    await mkdir(database);
    await writeFile(path.join(database, 'metadata1'), Buffer.alloc(32, 7));
    await assert.rejects(start(), /its database is damaged: metadata1: it begins with the format number/);
    assert.deepEqual(await readdir(database), ['metadata1']);
  });
});
