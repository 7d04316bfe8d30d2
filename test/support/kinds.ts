import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { load, loadAll } from 'js-yaml';

import { asDefinition, kindsOfDefinition } from '../../src/apiserver/registry/definition-kinds.ts';
import type { JsonObject } from '../../src/apiserver/schema/json-object.ts';
import type { ServedKind } from '../../src/apiserver/schema/served-kind.ts';

const root = join(import.meta.dirname, '../..');

export interface DefinitionFile {
  readonly file: string;
  readonly crd: JsonObject;
  readonly kind: ServedKind;
}

/** The kinds of `crds/`, as the API server would serve them. */
export function readDefinitions(): DefinitionFile[] {
  return yamlFiles('crds').map((file) => {
    const crd = load(readFileSync(join(root, file), 'utf8')) as JsonObject;
    const [kind] = kindsOfDefinition(asDefinition(crd));
    if (kind === undefined) throw new Error(`${file} serves no version`);
    return { file, crd, kind };
  });
}

export interface Manifest {
  readonly file: string;
  readonly object: JsonObject;
}

/** All objects of a folder, in the order in which they are applied. */
export function readManifests(folder: string): Manifest[] {
  return yamlFiles(folder).flatMap((file) =>
    loadAll(readFileSync(join(root, file), 'utf8')).map((object) => ({ file, object: object as JsonObject })),
  );
}

function yamlFiles(folder: string): string[] {
  return readdirSync(join(root, folder))
    .toSorted()
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => `${folder}/${file}`);
}
