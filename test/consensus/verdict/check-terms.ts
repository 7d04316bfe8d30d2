import type { RecordedOperation } from '../history/recorder.ts';
import type { Violation } from '../watch/stream.ts';

/** Once a write of one term is done, none of an earlier term is: what a deposed leader decided is void. */
export function checkTerms(operations: readonly RecordedOperation[]): readonly Violation[] {
  const fenced = operations
    .flatMap(({ term, output, member }) =>
      term !== undefined && output?.kind === 'written' && output.revision !== undefined
        ? [{ term, member, revision: output.revision }]
        : [],
    )
    .toSorted((a, b) => a.revision - b.revision);
  return fenced.slice(1).flatMap((later, index) => {
    const earlier = fenced[index];
    if (earlier === undefined || later.term >= earlier.term) return [];
    const what = `${later.member} writes ${later.revision} for term ${later.term}, after ${earlier.revision} for ${earlier.term}`;
    return [{ check: 'fenced', what }];
  });
}
