import assert from 'node:assert/strict';
import { planDirectory } from '../../../../src/daemon/manifests/plan-directory.ts';
import type { ObjectRef } from '../../../../src/daemon/manifests/object-ref.ts';

const muster = 'muster.dev/v1alpha1';
const manifest = (kind: string, name: string): string =>
  `apiVersion: ${muster}\nkind: ${kind}\nmetadata: {name: ${name}}\n`;
const ref = (kind: string, name: string): ObjectRef => ({ apiVersion: muster, kind, name });

function plan(files: Record<string, string>, before: Record<string, ObjectRef[]> = {}) {
  const texts = Object.entries(files).map(([file, text]) => ({ file, text }));
  const { apply, prune, problems, inventory } = planDirectory(
    texts,
    new Map(Object.entries(before)),
    (object) => object,
  );
  return {
    apply: apply.map(({ object: { kind, metadata } }) => `${kind} ${metadata.name}`),
    prune: prune.map(({ kind, name }) => `${kind} ${name}`),
    problems: problems.map(({ file, line }) => `${file}:${line ?? 0}`),
    inventory: Object.fromEntries([...inventory].map(([file, refs]) => [file, refs.map(({ name }) => name)])),
  };
}

describe('daemon/manifests/plan-directory', () => {
  it('applies what others need first', () => {
    const files = {
      'a.yaml': `${manifest('Instance', 'i')}---\n${manifest('Other', 'o')}`,
      'b.yaml': `${manifest('Image', 'm')}---\n${manifest('Namespace', 'n')}---\n${manifest('StoragePool', 's')}`,
    };
    assert.deepEqual(plan(files).apply, ['Namespace n', 'StoragePool s', 'Image m', 'Other o', 'Instance i']);
  });

  it('prunes what vanished, users before what they use', () => {
    const before = {
      'a.yaml': [ref('Image', 'm'), ref('Instance', 'i'), ref('Profile', 'p')],
      'b.yaml': [ref('Network', 'x')],
    };
    assert.deepEqual(plan({ 'a.yaml': manifest('Profile', 'p') }, before), {
      apply: ['Profile p'],
      prune: ['Instance i', 'Image m', 'Network x'],
      problems: [],
      inventory: { 'a.yaml': ['p'] },
    });
  });

  it('does not prune what moved to another file', () => {
    const before = { 'a.yaml': [ref('Image', 'm')] };
    assert.deepEqual(plan({ 'b.yaml': manifest('Image', 'm') }, before).prune, []);
  });

  it('leaves alone what a broken file held, and goes on with the rest', () => {
    const before = { 'a.yaml': [ref('Image', 'm')], 'b.yaml': [ref('Image', 'old')] };
    assert.deepEqual(plan({ 'a.yaml': '\tbroken', 'b.yaml': manifest('Image', 'new') }, before), {
      apply: ['Image new'],
      prune: ['Image old'],
      problems: ['a.yaml:1'],
      inventory: { 'a.yaml': ['m'], 'b.yaml': ['new'] },
    });
  });

  it('does not let a good file take over what a broken one held', () => {
    const before = { 'a.yaml': [ref('Image', 'm')] };
    const planned = plan({ 'a.yaml': '\tbroken', 'b.yaml': manifest('Image', 'm') }, before);
    assert.deepEqual([planned.apply, planned.prune, planned.problems], [[], [], ['a.yaml:1', 'b.yaml:1']]);
  });

  it('reports the second of two files that name the same object', () => {
    const files = { 'a.yaml': manifest('Image', 'm'), 'b.yaml': manifest('Image', 'm') };
    assert.deepEqual(plan(files), {
      apply: ['Image m'],
      prune: [],
      problems: ['b.yaml:1'],
      inventory: { 'a.yaml': ['m'] },
    });
  });
});
