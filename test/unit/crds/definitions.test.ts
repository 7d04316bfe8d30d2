import assert from 'node:assert/strict';

import { customResourceDefinitionKind } from '../../../src/apiserver/schema/builtin/custom-resource-definition.ts';
import { compileKindSchema } from '../../../src/apiserver/schema/kind-schema.ts';
import type { OpenApiSchema } from '../../../src/apiserver/schema/open-api-schema.ts';
import { readDefinitions } from '../../support/kinds.ts';

const definitions = readDefinitions();
const definitionSchema = compileKindSchema(customResourceDefinitionKind);

describe('crds', () => {
  it('defines each kind once', () => {
    assert.deepEqual(definitions.map(({ kind }) => kind.kind).toSorted(), [
      'Cluster',
      'ClusterGroup',
      'ClusterLink',
      'Identity',
      'Image',
      'Instance',
      'Member',
      'Network',
      'PlacementGroup',
      'Profile',
      'StoragePool',
    ]);
  });

  it('gives no name to two kinds', () => {
    const names = definitions.flatMap(({ kind }) => [...kind.shortNames, kind.singular, kind.plural]);
    assert.deepEqual(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
    );
  });

  for (const { file, crd, kind } of definitions) {
    describe(file, () => {
      it('is a definition that an API server accepts', () => {
        const { object, unknownFields } = definitionSchema.prune(crd);
        assert.deepEqual([unknownFields, definitionSchema.validate(object)], [[], []]);
      });

      it('is named, grouped and shown as the others', () => {
        assert.deepEqual(
          [kind.group, kind.version, kind.categories, kind.statusSubresource, kind.listKind],
          ['muster.dev', 'v1alpha1', ['muster'], true, `${kind.kind}List`],
        );
        assert.equal(kind.columns.at(-1)?.name, 'Age');
        assert.equal(kind.shortNames.length, 1);
      });

      it('describes every column and every field', () => {
        const columns = kind.columns.filter(({ description = '', name }) => !description && name !== 'Age');
        const fields = nodesOf(kind.schema).filter(
          ({ node }) => !/[a-z:].*\.$/su.test(node.description ?? ''),
        );
        assert.deepEqual([columns.map(({ name }) => name), fields.map(({ path }) => path)], [[], []]);
      });

      it('puts nothing into a field that a person owns', () => {
        const nodes = nodesOf(kind.schema).filter(({ node }) => node.default !== undefined);
        assert.deepEqual(
          nodes.map(({ path }) => path),
          [],
        );
      });

      it('serves only values that it knows', () => {
        for (const { path, node } of nodesOf(kind.schema)) {
          const served = node['x-muster-served'];
          if (served === undefined) continue;
          const strangers = served.filter((value) => node.enum?.includes(value) !== true);
          assert.deepEqual([path, strangers], [path, []]);
        }
      });

      it('sets a limit to every text, list and map of the spec', () => {
        const spec = kind.schema.properties?.['spec'] ?? {};
        const open = nodesOf(spec, 'spec').filter(({ node }) => !isLimited(node));
        assert.deepEqual(
          open.map(({ path }) => path),
          [],
        );
      });

      it('keys conditions by type', () => {
        const conditions = kind.schema.properties?.['status']?.properties?.['conditions'];
        assert.deepEqual(
          [conditions?.['x-kubernetes-list-type'], conditions?.['x-kubernetes-list-map-keys']],
          ['map', ['type']],
        );
      });
    });
  }

  it('lets a profile say what an instance can say', () => {
    const settings = ['resources', 'config', 'devices'] as const;
    const [instance, profile] = (['Instance', 'Profile'] as const).map((name) => {
      const spec = definitions.find(({ kind }) => kind.kind === name)?.kind.schema.properties?.['spec'];
      return settings.map((key) => spec?.properties?.[key]);
    });
    assert.deepEqual(instance, profile);
  });
});

interface Node {
  readonly path: string;
  readonly node: OpenApiSchema;
}

function nodesOf(schema: OpenApiSchema, path = ''): Node[] {
  const { properties = {}, items, additionalProperties } = schema;
  const children = Object.entries(properties).flatMap(([name, child]) => nodesOf(child, `${path}.${name}`));
  const inList = items === undefined ? [] : nodesOf(items, `${path}[]`);
  const inMap = typeof additionalProperties === 'object' ? nodesOf(additionalProperties, `${path}.*`) : [];
  return [{ path, node: schema }, ...children, ...inList, ...inMap];
}

function isLimited(node: OpenApiSchema): boolean {
  switch (node.type) {
    case 'string':
      return [node.enum, node.pattern, node.maxLength, node.format].some((limit) => limit !== undefined);
    case 'integer':
      return node.enum !== undefined || node.minimum !== undefined;
    case 'array':
      return node.maxItems !== undefined;
    case 'object':
      return node.properties !== undefined || node.maxProperties !== undefined;
    default:
      return true;
  }
}
