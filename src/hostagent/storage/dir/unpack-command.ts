import type { Command } from '../../exec/command.ts';
import { usernsArgs, type IdMap } from '../../id-map.ts';
import type { ImageCompression, VolumeImage } from '../driver.ts';

const unpackTimeoutMs = 15 * 60_000;

const decompress: Readonly<Record<ImageCompression, readonly string[]>> = {
  bzip2: ['--bzip2'],
  gzip: ['--gzip'],
  none: [],
  xz: ['--xz'],
  zstd: ['--zstd'],
};

/**
 * Runs tar as the root of the containers' user namespace: owners come out shifted, capabilities on files come
 * out bound to the namespace, and a path that points out of the archive meets the rights of an ordinary user.
 */
export function buildUnpackCommand(image: VolumeImage, directory: string, idMap: IdMap): Command {
  const tar = [
    'tar',
    '--extract',
    '--file=-',
    ...decompress[image.compression],
    `--directory=${directory}`,
    '--numeric-owner',
    '--preserve-permissions',
    '--sparse',
    '--xattrs',
    '--xattrs-include=*',
    // Nobody may make device nodes in a user namespace; a container gets a /dev of its own when it starts.
    '--anchored',
    '--exclude=rootfs/dev/*',
    '--exclude=./rootfs/dev/*',
  ];
  return {
    program: 'lxc-usernsexec',
    args: [...usernsArgs(idMap), '--', ...tar],
    // Opened outside the namespace: in it, nobody may read the member's image store.
    input: { kind: 'file', path: image.path },
    timeoutMs: unpackTimeoutMs,
  };
}
