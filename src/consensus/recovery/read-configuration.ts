import type { RaftNode, RaftRole } from '../engine/database.ts';

const roles: readonly RaftRole[] = ['stand-by', 'voter', 'spare'];
const knownVersion = 1;

/**
 * A Raft configuration as Raft 0.15 encodes it (`configuration.c`): a version, the number of nodes, and for each its
 * id, its address with a closing zero, and its role. Raft counts the roles otherwise than dqlite's protocol.
 */
export function decodeConfiguration(content: Buffer): readonly RaftNode[] | undefined {
  if (content.length < 9 || content.readUInt8(0) !== knownVersion) return undefined;
  const nodes: RaftNode[] = [];
  let offset = 9;
  for (let left = Number(content.readBigUInt64LE(1)); left > 0; left -= 1) {
    const end = content.indexOf(0, offset + 8);
    if (end < 0 || end + 1 >= content.length) return undefined;
    const role = roles[content.readUInt8(end + 1)];
    if (role === undefined) return undefined;
    const id = content.readBigUInt64LE(offset).toString();
    nodes.push({ id, address: content.toString('utf8', offset + 8, end), role });
    offset = end + 2;
  }
  return nodes;
}
