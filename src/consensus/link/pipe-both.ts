import { pipeline, type Duplex } from 'node:stream';

/** Joins two streams. An end is passed on; an error or both ends finish the two, so nothing stays half open. */
export function pipeBoth(one: Duplex, other: Duplex): void {
  let finished = 0;
  const finish = (error: Error | null | undefined) => {
    finished += 1;
    if (!error && finished < 2) return;
    one.destroy();
    other.destroy();
  };
  pipeline(one, other, finish);
  pipeline(other, one, finish);
}
