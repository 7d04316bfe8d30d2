import assert from 'node:assert/strict';
import { join } from 'node:path';

import { buildModules, findStaleModules, readKinds } from '../../../../scripts/generate/build-modules.ts';
import type { KindDefinition, Schema } from '../../../../scripts/generate/kind-definition.ts';

const root = join(import.meta.dirname, '../../../..');

describe('scripts/generate', () => {
  it('finds the generated types as the definitions give them', async () => {
    const modules = await buildModules(await readKinds(join(root, 'crds')));
    assert.deepEqual(await findStaleModules(modules, join(root, 'src/api/generated')), []);
  }).timeout(20_000);

  it('names nested types after their place', async () => {
    const text = await generate({
      spec: object({
        size: { type: 'integer', enum: [3, 5], default: 3, description: 'How big.' },
        kind: { type: 'string', enum: ['a', 'b'] },
        parts: { type: 'array', items: object({ address: { type: 'string' } }) },
        labels: { type: 'object', additionalProperties: { type: 'string', description: 'A value.' } },
      }),
      status: object({
        parts: { type: 'array', items: object({ state: { type: 'string' } }) },
        conditions: { type: 'array', items: object({ type: { type: 'string' } }) },
      }),
    });
    assert.equal(
      text,
      `// generated from crds/tool.yaml; do not edit
import type { Condition, ObjectMeta } from '../meta.ts';

export interface Tool {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec?: ToolSpec | undefined;
  status?: ToolStatus | undefined;
}
export interface ToolSpec {
  /**
   * How big.
   */
  size?: number | undefined;
  kind?: ('a' | 'b') | undefined;
  parts?: ToolPart[] | undefined;
  labels?:
    | {
        [k: string]: string;
      }
    | undefined;
}
export interface ToolPart {
  address?: string | undefined;
}
export interface ToolStatus {
  parts?: ToolStatusPart[] | undefined;
  conditions?: Condition[] | undefined;
}
export interface ToolStatusPart {
  state?: string | undefined;
}
`,
    );
  }).timeout(20_000);

  it('says what is stale, missing and left over', async () => {
    const generated = join(root, 'src/api/generated');
    const kinds = (await readKinds(join(root, 'crds'))).filter(({ crd }) => crd.spec.names.kind === 'Image');
    const modules = new Map([...(await buildModules(kinds)), ['tool.ts', '']]);
    const problems = await findStaleModules(modules, generated);
    assert.deepEqual(
      ['network.ts has no kind any more', 'resources.ts is stale', 'tool.ts is missing'].map((problem) =>
        problems.includes(problem),
      ),
      [true, true, true],
    );
  }).timeout(20_000);
});

async function generate(properties: Record<string, Schema>): Promise<string | undefined> {
  const names = { kind: 'Tool', plural: 'tools' };
  const versions = [{ name: 'v1', schema: { openAPIV3Schema: { type: 'object', properties } } }];
  const definition: KindDefinition = {
    file: 'crds/tool.yaml',
    crd: { spec: { group: 'example.org', names, scope: 'Cluster', versions } },
  };
  return (await buildModules([definition])).get('tool.ts');
}

function object(properties: Record<string, Schema>): Schema {
  return { type: 'object', properties };
}
