import { text } from 'node:stream/consumers';
import { openApiConnection, type ApiEndpoint } from '../../../runtime/api-connection.ts';
import { readAdminEndpoint } from '../../admin-endpoint.ts';
import { requireConfig } from '../../config.ts';
import { describeDataDir } from '../../data-dir.ts';
import { OperatorError } from '../../operator-error.ts';
import { raftNodesPath } from '../../standing/raft-nodes-route.ts';
import { confirmOrAbort } from './confirm.ts';

export interface RemoveRaftNodeFlags {
  readonly dataDir: string;
  readonly yes?: true;
}

const defaultPort = 8443;
const limitMs = 30_000;

/** Removes a node that is in the Raft configuration and no member, such as after a join that was cut short. */
export async function removeRaftNode(
  given: string,
  { dataDir: directory, yes }: RemoveRaftNodeFlags,
): Promise<void> {
  const dataDir = describeDataDir(directory);
  await requireConfig(dataDir);
  const endpoint = await readAdminEndpoint(dataDir);
  const wanted = /^\d+$|:/.test(given) ? given : `${given}:${defaultPort}`;
  await confirmOrAbort(
    `This removes the raft node ${wanted} from the configuration of the running cluster. Use it only for a node that ` +
      'is left over; a member is removed by deleting its Member.',
    { operation: 'Remove raft node', yes: yes === true },
  );
  const path = `${raftNodesPath}/${encodeURIComponent(wanted)}`;
  let reply = await send(endpoint, path);
  if (reply.code === 307 && typeof reply.body['leaderAddress'] === 'string') {
    reply = await send({ ...endpoint, server: `https://${reply.body['leaderAddress']}` }, path);
  }
  if (reply.code === 200) {
    console.log(`Raft node ${wanted} removed`);
    return;
  }
  const { message } = reply.body;
  throw new OperatorError(typeof message === 'string' ? message : `the API answered ${reply.code}`);
}

async function send(
  endpoint: ApiEndpoint,
  path: string,
): Promise<{ readonly code: number; readonly body: Readonly<Record<string, unknown>> }> {
  const connection = openApiConnection(endpoint);
  try {
    const request = { method: 'DELETE', path, headers: { accept: 'application/json' } };
    const response = await connection.send(request, AbortSignal.timeout(limitMs));
    const body = JSON.parse(await text(response)) as Readonly<Record<string, unknown>>; // every answer there is an object
    return { code: response.statusCode ?? 0, body };
  } catch (error) {
    throw new OperatorError(`the API at ${endpoint.server} cannot be asked`, { cause: error });
  } finally {
    connection.close();
  }
}
