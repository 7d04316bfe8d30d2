import assert from 'node:assert/strict';

import type { JsonObject } from '../../../src/apiserver/schema/json-object.ts';
import { compileKindSchema } from '../../../src/apiserver/schema/kind-schema.ts';
import { readDefinitions } from '../../support/kinds.ts';

interface Case {
  readonly kind: string;
  readonly name: string;
  readonly before: JsonObject;
  readonly after: JsonObject;
  readonly refused?: string;
}

const made = { status: { imageDigest: 'sha256:0' } };

const cases: readonly Case[] = [
  {
    kind: 'Instance',
    name: 'its image before it is made',
    before: { spec: { image: 'a' } },
    after: { spec: { image: 'b' } },
  },
  {
    kind: 'Instance',
    name: 'its image afterwards',
    before: { spec: { image: 'a' }, ...made },
    after: { spec: { image: 'b' }, ...made },
    refused: 'spec.image: the image cannot be changed once the instance is made from it; make a new instance',
  },
  {
    kind: 'Instance',
    name: 'anything else afterwards',
    before: { spec: { image: 'a' }, ...made },
    after: { spec: { image: 'a', running: false, type: 'container' }, ...made },
  },
  {
    kind: 'StoragePool',
    name: 'its driver',
    before: { spec: { driver: 'zfs' } },
    after: { spec: { driver: 'dir' } },
    refused: 'spec.driver: the driver of a pool cannot be changed; make a new pool and move the volumes',
  },
  {
    kind: 'Network',
    name: 'its type',
    before: { spec: { type: 'ovn' } },
    after: { spec: { type: 'bridge' } },
    refused: 'spec.type: the type of a network cannot be changed; make a new network',
  },
  {
    kind: 'Image',
    name: 'its type',
    before: { spec: { source: { file: 'a', member: 'n1' }, type: 'virtual-machine' } },
    after: { spec: { source: { file: 'a', member: 'n1' } } },
    refused: 'spec.type: the type of an image cannot be changed; make a new image',
  },
];

describe('crds: rules about changes', () => {
  const schemas = new Map(
    readDefinitions().map(({ kind }) => [kind.kind, { kind, schema: compileKindSchema(kind) }]),
  );

  for (const { kind: name, name: what, before, after, refused } of cases) {
    it(`${name} ${refused === undefined ? 'can' : 'cannot'} change ${what}`, () => {
      const found = schemas.get(name);
      assert.ok(found);
      const { kind, schema } = found;
      const metadata = { name: 'one', ...(kind.namespaced ? { namespace: 'default' } : {}) };
      const complete = (object: JsonObject): JsonObject => ({
        apiVersion: `${kind.group}/${kind.version}`,
        kind: name,
        metadata,
        ...object,
      });
      const causes = schema.validate(complete(after), complete(before));
      const texts = causes.map(
        ({ field, message }) => `${field ?? ''}: ${message.replace(/^Invalid value: "\w+": /u, '')}`,
      );
      assert.deepEqual(texts, refused === undefined ? [] : [refused]);
    });
  }
});
