import assert from 'node:assert/strict';

import { expandInstance } from '../../../src/api/expand-instance.ts';
import type { Instance } from '../../../src/api/generated/instance.ts';
import type { Profile } from '../../../src/api/generated/profile.ts';
import { builtInKinds } from '../../../src/apiserver/schema/builtin/built-in-kinds.ts';
import { compileKindSchema } from '../../../src/apiserver/schema/kind-schema.ts';
import { type Manifest, readDefinitions, readManifests } from '../../support/kinds.ts';

const kinds = new Map(
  [...builtInKinds, ...readDefinitions().map(({ kind }) => kind)].map((kind) => [
    `${kind.group === '' ? '' : `${kind.group}/`}${kind.version} ${kind.kind}`,
    { kind, schema: compileKindSchema(kind) },
  ]),
);
const standard = readManifests('manifests/default');
const demo = readManifests('manifests/demo');

describe('manifests', () => {
  for (const { file, object } of [...standard, ...demo]) {
    it(`${file}: ${titleOf(object)} is accepted as it is`, () => {
      const served = kinds.get(`${String(object['apiVersion'])} ${String(object['kind'])}`);
      assert.ok(served !== undefined, 'no such kind');
      const { object: pruned, unknownFields } = served.schema.prune(object);
      const { namespace } = object['metadata'] as { namespace?: string };
      assert.deepEqual(
        [unknownFields, served.schema.validate(pruned), namespace !== undefined],
        [[], [], served.kind.namespaced],
      );
    });
  }

  it('names only what is there', () => {
    const names = new Set([...standard, ...demo].map(({ object }) => titleOf(object)));
    const wanted = objectsOf<Instance>(demo, 'Instance').flatMap(referencesOf);
    assert.deepEqual(
      wanted.filter((name) => !names.has(name)),
      [],
    );
  });

  it('gives every instance of the demo a root disk and a network', () => {
    for (const instance of objectsOf<Instance>(demo, 'Instance')) {
      const expansion = expandInstance(instance, findProfile);
      assert.equal(expansion.kind, 'expanded');
      const devices = [...expansion.instance.devices.values()];
      assert.deepEqual(
        devices.map(({ disk, nic }) => disk?.path ?? nic?.network),
        ['/', 'musterbr0'],
      );
    }
  });
});

function referencesOf(instance: Instance): string[] {
  const { image, profiles = ['default'], placement = {} } = instance.spec;
  const groups = placement.placementGroup === undefined ? [] : [`PlacementGroup ${placement.placementGroup}`];
  const expansion = expandInstance(instance, findProfile);
  const devices = expansion.kind === 'expanded' ? [...expansion.instance.devices.values()] : [];
  return [
    `Image ${image}`,
    ...profiles.map((name) => `Profile ${name}`),
    ...groups,
    ...devices.flatMap(({ disk, nic }) => [
      ...(disk?.pool === undefined ? [] : [`StoragePool ${disk.pool}`]),
      ...(nic === undefined ? [] : [`Network ${nic.network}`]),
    ]),
  ];
}

function findProfile(name: string): Profile | undefined {
  return objectsOf<Profile>([...standard, ...demo], 'Profile').find(({ metadata }) => metadata.name === name);
}

function objectsOf<T>(manifests: readonly Manifest[], kind: string): T[] {
  return manifests.filter(({ object }) => object['kind'] === kind).map(({ object }) => object as T);
}

function titleOf(object: Manifest['object']): string {
  return `${String(object['kind'])} ${(object['metadata'] as { name: string }).name}`;
}
