import { text as readAll } from 'node:stream/consumers';
import type { Cluster } from '../../api/generated/cluster.ts';
import type { Member } from '../../api/generated/member.ts';
import { clusters, members } from '../../api/generated/resources.ts';
import { clusterName } from '../../api/names.ts';
import type { Resource } from '../../api/resource.ts';
import { describeError } from '../../base/describe-error.ts';
import { formatYaml } from '../../runtime/format-yaml.ts';
import { parseYaml } from '../../runtime/parse-yaml.ts';
import { withCluster, type ClusterConnection } from '../cluster-connection.ts';
import { getMember } from '../member-access.ts';
import { openEditor } from '../../base/open-editor.ts';
import type { GlobalFlags } from '../program/flags.ts';
import { UsageError } from '../usage-error.ts';

type Editable = Cluster | Member;

// A person may take a while in the editor; each request has a deadline of its own.
const sessionMs = 24 * 60 * 60 * 1_000;

/** Edits a member's spec, or without a name the cluster's. Takes YAML from standard input when that is no terminal. */
export async function editSettings(member: string | undefined, flags: GlobalFlags): Promise<void> {
  await withCluster(
    flags.kubeconfig,
    async (connection) => {
      if (member === undefined) await edit<Cluster>(connection, clusters, await getCluster(connection));
      else {
        const stored = await getMember(connection.clusterApi, member, connection.signal);
        await edit<Member>(connection, members, stored);
      }
    },
    sessionMs,
  );
}

async function edit<T extends Editable>(
  { clusterApi, signal }: ClusterConnection,
  resource: Resource<T>,
  stored: T,
): Promise<void> {
  const title = `${resource.kind} ${stored.metadata.name}`;
  const before = formatYaml(stored.spec ?? {});
  const save = (spec: object) => clusterApi.update(resource, { ...stored, spec }, signal);
  if (!process.stdin.isTTY) {
    await save(parseSpec(await readAll(process.stdin)));
    console.error(`${title} changed.`);
    return;
  }
  const header = `# ${title}: what you want of it. Lines that begin with "#" are left out.\n`;
  const state = { text: header + before };
  for (;;) {
    const saved = await openEditor(state.text, process.env);
    const spec = withoutComments(saved);
    if (spec === before || spec.trim() === '') {
      console.error('Nothing changed.');
      return;
    }
    try {
      await save(parseSpec(spec));
      console.error(`${title} changed.`);
      return;
    } catch (error) {
      const problem = describeError(error).replaceAll('\n', '\n# ');
      const next = `${header}# Refused: ${problem}\n# Save it as it is to give up.\n${spec}`;
      if (next === saved) throw error;
      state.text = next;
    }
  }
}

function parseSpec(text: string): object {
  try {
    const spec = parseYaml(text);
    if (typeof spec === 'object' && spec !== null && !Array.isArray(spec)) return spec;
  } catch (error) {
    throw new UsageError('this is no YAML', { cause: error });
  }
  throw new UsageError('this is no map of settings: write one "name: value" a line');
}

function withoutComments(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n');
}

async function getCluster({ clusterApi, signal }: ClusterConnection): Promise<Cluster> {
  const cluster = await clusterApi.get(clusters, { name: clusterName }, signal);
  if (cluster !== undefined) return cluster;
  throw new UsageError(`the object Cluster ${clusterName} does not exist`);
}
