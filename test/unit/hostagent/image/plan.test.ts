import assert from 'node:assert/strict';
import { load } from 'js-yaml';
import type { Image, ImageStatus } from '../../../../src/api/generated/image.ts';
import { detectCompression } from '../../../../src/hostagent/image/compression.ts';
import { parseImageMetadata } from '../../../../src/hostagent/image/image-metadata.ts';
import { planImage, type ImagePlan } from '../../../../src/hostagent/image/plan.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const ready = (name: string) => ({ name, state: 'Ready' }) as const;

interface Case {
  readonly name: string;
  readonly me?: string;
  readonly status?: ImageStatus;
  readonly isHere?: boolean;
  readonly isDeleting?: boolean;
  readonly mayTearDown?: boolean;
  readonly want: ImagePlan;
}

function build({ status, isDeleting = false }: Case): Image {
  return {
    apiVersion: 'muster.dev/v1alpha1',
    kind: 'Image',
    metadata: { name: 'busybox', ...(isDeleting ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}) },
    spec: { source: { file: 'busybox.tar.xz', member: 'm1' } },
    status,
  };
}

describe('hostagent/image/plan', () => {
  const cases: readonly Case[] = [
    { name: 'imports on the source member', want: 'import' },
    { name: 'leaves the import to the source member', me: 'm2', want: 'nothing' },
    { name: 'keeps what is here', status: { digest, members: [ready('m1')] }, isHere: true, want: 'keep' },
    {
      name: 'fetches where it is wanted',
      me: 'm2',
      status: { digest, members: [ready('m1')], wantedMembers: ['m1', 'm2'] },
      want: 'fetch',
    },
    {
      name: 'does nothing where it is not wanted',
      me: 'm3',
      status: { digest, members: [ready('m1')] },
      want: 'nothing',
    },
    {
      name: 'fetches a lost copy back on the source member',
      status: { digest, members: [ready('m1'), ready('m2')] },
      want: 'fetch',
    },
    {
      name: 'imports a lost copy that nobody else has',
      status: { digest, members: [ready('m1')] },
      want: 'import',
    },
    {
      name: 'removes a copy that is not wanted any more',
      me: 'm2',
      status: { digest, members: [ready('m1'), ready('m2')], wantedMembers: ['m1'] },
      isHere: true,
      want: 'remove',
    },
    {
      name: 'waits with a deletion while it is used',
      status: { digest, members: [ready('m1')] },
      isDeleting: true,
      isHere: true,
      want: 'nothing',
    },
    {
      name: 'removes its copy when it is deleted',
      status: { digest, members: [ready('m1')] },
      isDeleting: true,
      mayTearDown: true,
      isHere: true,
      want: 'remove',
    },
    {
      name: 'has nothing to remove twice',
      status: { digest, members: [] },
      isDeleting: true,
      mayTearDown: true,
      want: 'nothing',
    },
  ];
  for (const given of cases) {
    it(given.name, () => {
      const { me = 'm1', isHere = false, mayTearDown = false } = given;
      assert.equal(planImage(build(given), me, isHere, mayTearDown), given.want);
    });
  }
});

describe('hostagent/image/compression', () => {
  const cases = [
    { start: 'fd377a585a00', want: 'xz' },
    { start: '1f8b08000000', want: 'gzip' },
    { start: '28b52ffd0000', want: 'zstd' },
    { start: '425a68390000', want: 'bzip2' },
    { start: '6d6574616461', want: 'none' },
  ];
  for (const { start, want } of cases) {
    it(`knows ${want} by its first bytes`, () => {
      assert.equal(detectCompression(Buffer.from(start, 'hex')), want);
    });
  }
});

describe('hostagent/image/image-metadata', () => {
  it('takes over what is text', () => {
    const text =
      'architecture: x86_64\ncreation_date: 1700000000\nproperties:\n  os: BusyBox\n  release: 1.35\n  nested: {}\n';
    assert.deepEqual(parseImageMetadata(text, load), {
      architecture: 'x86_64',
      createdAt: '2023-11-14T22:13:20Z',
      properties: { os: 'BusyBox', release: '1.35' },
    });
  });

  for (const text of ['properties: {}\n', '- a list\n', 'a: [unclosed\n']) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseImageMetadata(text, load), /metadata\.yaml/);
    });
  }
});
