import { cp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { systemClock } from '../../../base/clock.ts';
import type { Peer } from '../../../consensus/membership/membership.ts';
import { createNodeId } from '../../../consensus/membership/node-id.ts';
import { decodePeer, peersPrefix } from '../../../consensus/membership/peer-entry.ts';
import { writePeersFile } from '../../../consensus/membership/peers-file.ts';
import { makeSoleVoter } from '../../../consensus/engine/rewrite-configuration.ts';
import { markDatabase } from '../../../consensus/recovery/database-mark.ts';
import { planEpoch } from '../../../consensus/recovery/found-epoch.ts';
import { withOfflineStore } from '../../../consensus/recovery/offline-store.ts';
import { setAside } from '../../../consensus/recovery/set-aside.ts';
import { writeConfig, type MemberConfig } from '../../config.ts';
import { findReleasePaths } from '../../run/paths.ts';
import type { StoppedMember } from './stopped-member.ts';

/**
 * Founds the cluster anew from this member's copy: it becomes the only voter, everybody gets a new id, and the others
 * fill themselves from it when they start. Works on a copy of the database, which takes its place at the end.
 */
export async function foundEpochHere(
  { dataDir, config, logger }: StoppedMember,
  edit: (peer: Peer) => Peer,
): Promise<{ readonly epoch: number; readonly setAside: string | undefined }> {
  const helperPath = findReleasePaths().helper;
  const draft = path.join(dataDir.root, 'dqlite.recovering');
  await rm(draft, { recursive: true, force: true });
  await cp(dataDir.database, draft, { recursive: true });
  const id = createNodeId();
  await makeSoleVoter({ helperPath, directory: draft, id });
  const nowMs = systemClock.now();
  const offline = { helperPath, directory: draft, id, clock: systemClock, logger };
  const { epoch, peers } = await withOfflineStore(offline, async ({ state, beginAnew }) => {
    const range = (prefix: string) => state.range(prefix).entries;
    const stored = range(peersPrefix).map(({ value }) => edit(decodePeer(value)));
    const fresh = stored.map((peer) => ({ ...peer, id: peer.name === config.name ? id : createNodeId() }));
    const plan = planEpoch(
      { get: (key) => state.get(key), range },
      { reason: 'recovered', peers: fresh, nowMs },
    );
    await beginAnew(plan.operations);
    return { epoch: plan.epoch, peers: fresh };
  });
  const address = peers.find((peer) => peer.id === id)?.address ?? config.address;
  const aside = await setAside(dataDir.database, nowMs);
  await rename(draft, dataDir.database);
  await writePeersFile(dataDir.peers, peers);
  const { isNewCluster: _founded, ...settled } = config;
  const isMoved = address === config.address ? {} : { isMoved: true as const };
  const founded: MemberConfig = { ...settled, ...isMoved, id, address, epoch };
  await writeConfig(dataDir, founded);
  await markDatabase(dataDir.root, dataDir.database, id);
  return { epoch, setAside: aside };
}
