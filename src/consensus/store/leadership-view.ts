import type { TargetHolder } from './commit-target.ts';
import type { LeadershipView } from './store.ts';

/** Who leads follows from where writes go: nothing else can get out of step with it. */
export function createLeadershipView(targets: TargetHolder): LeadershipView {
  return {
    get leadingTerm() {
      const target = targets.current;
      return target?.isLocal === true ? target.term : undefined;
    },
    get leader() {
      return targets.current?.leader;
    },
    subscribe(changed) {
      const unsubscribe = targets.subscribe(changed);
      changed();
      return unsubscribe;
    },
  };
}
