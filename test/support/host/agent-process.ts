// A host agent of its own, with an API in memory, in a process that a test may kill. The objects are kept in a
// file, so that the next process goes on with them. Commands come as JSON lines on standard input.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { load } from 'js-yaml';
import type { KubernetesObject } from '../../../src/api/meta.ts';
import type { ObjectName, Resource } from '../../../src/api/resource.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { createLogger } from '../../../src/base/logger.ts';
import { createHostAgent } from '../../../src/hostagent/agent.ts';
import { createCommandBroker } from '../../../src/hostagent/exec/command-broker.ts';
import { createHost } from '../../../src/hostagent/host.ts';
import { createInformer } from '../../../src/runtime/create-informer.ts';
import { MemoryClusterApi } from '../memory-cluster-api.ts';

export type AgentCommand =
  | {
      readonly verb: 'create';
      readonly resource: Resource<KubernetesObject>;
      readonly object: KubernetesObject;
    }
  | {
      readonly verb: 'delete' | 'get';
      readonly resource: Resource<KubernetesObject>;
      readonly name: ObjectName;
    }
  | { readonly verb: 'list'; readonly resource: Resource<KubernetesObject> }
  | {
      readonly verb: 'patch';
      readonly resource: Resource<KubernetesObject>;
      readonly name: ObjectName;
      readonly patch: object;
    };

const [dataDir = '', objectsFile = '', memberName = ''] = process.argv.slice(2);

function readObjects(): readonly KubernetesObject[] {
  try {
    return JSON.parse(readFileSync(objectsFile, 'utf8')) as readonly KubernetesObject[]; // written below
  } catch {
    return []; // the first process of a test
  }
}

const clusterApi = new MemoryClusterApi(readObjects(), (objects) => {
  writeFileSync(`${objectsFile}.new`, JSON.stringify(objects));
  renameSync(`${objectsFile}.new`, objectsFile);
});
const never = new AbortController().signal;

async function answer(command: AgentCommand): Promise<unknown> {
  switch (command.verb) {
    case 'create':
      return clusterApi.create(command.resource, command.object);
    case 'get':
      return clusterApi.get(command.resource, command.name);
    case 'list':
      return (await clusterApi.list(command.resource, {})).items;
    case 'delete':
      return clusterApi.delete(command.resource, command.name, {});
    case 'patch':
      return clusterApi.mergePatch(command.resource, command.name, command.patch, {});
  }
}

const logger = createLogger({ level: 'silent', name: 'agent' });
const clock = systemClock;
const random = Math.random;
const commands = createCommandBroker(logger);
const host = await createHost({ commands, clock, dataDir, parseYaml: (text) => load(text) });
const agent = createHostAgent({
  isReady: () => Promise.resolve(true),
  memberName,
  clusterApi,
  host,
  version: '0.0.0-test',
  featureLevels: { newest: 1, oldest: 1 },
  clock,
  random,
  logger,
  createInformer: (resource, scope) =>
    createInformer(resource, {
      clusterApi,
      clock,
      random,
      logger,
      ...(scope === undefined ? {} : { scope }),
    }),
  events: {
    record: (about, type, reason, message) => {
      process.stderr.write(`${type} ${about.kind}/${about.metadata.name} ${reason}: ${message}\n`);
    },
  },
  fetchContent: (member) => Promise.reject(new Error(`there is no member ${member}`)),
});
agent.start(never);

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const command = JSON.parse(line) as AgentCommand; // the test's own lines
  void answer(command).then(
    (result) => process.stdout.write(`${JSON.stringify({ result })}\n`),
    (error: unknown) => process.stdout.write(`${JSON.stringify({ error: String(error) })}\n`),
  );
});
lines.on('close', () => {
  void agent.stop().then(() => {
    commands.close();
  });
});
process.stdout.write(`${JSON.stringify({ result: 'ready' })}\n`);
