import type { FieldType } from './field-type.ts';
import { groupItems, identifyItems, type ListItem, type ListType, typeOfItem } from './list-items.ts';

type MergeItem = (live: unknown, applied: unknown, type: FieldType) => unknown;

export function mergeLists(live: unknown, applied: unknown, type: ListType, mergeItem: MergeItem): unknown[] {
  const liveGroups = groupItems(live, type);
  return orderItems(identifyItems(live, type), identifyItems(applied, type)).map(({ item, isApplied }) => {
    const twins = liveGroups.get(item.element) ?? [];
    // Of items that the live list holds twice none is the one to merge with: the applied one replaces them all.
    if (!isApplied || twins.length !== 1) return item.value;
    return mergeItem(twins[0], item.value, typeOfItem(type));
  });
}

interface OrderedItem {
  readonly item: ListItem;
  readonly isApplied: boolean;
}

/**
 * Applied items come in the order in which they were applied; items that only the live list has keep their place
 * before the applied ones that follow them there. Two cursors run, one through each list.
 */
function orderItems(live: readonly ListItem[], applied: readonly ListItem[]): OrderedItem[] {
  const inLive = new Set(live.map(({ element }) => element));
  const inApplied = new Set(applied.map(({ element }) => element));
  /** Items of both lists, in the applied order, and the first of them that is not taken yet. */
  const shared = applied.map(({ element }) => element).filter((element) => inLive.has(element));
  let [left, right, next] = [0, 0, 0];
  const ordered: OrderedItem[] = [];
  const takeApplied = (): void => {
    const fresh = applied[right];
    if (fresh === undefined) return;
    right += 1;
    if (shared[next] === fresh.element) next += 1;
    if (live[left]?.element === fresh.element) left += 1;
    ordered.push({ item: fresh, isApplied: true });
  };
  while (left < live.length || right < applied.length) {
    const old = live[left];
    if (old === undefined || old.element === applied[right]?.element) {
      takeApplied();
    } else if (!inApplied.has(old.element)) {
      left += 1;
      ordered.push({ item: old, isApplied: false });
    } else if (old.element === shared[next]) {
      takeApplied();
    } else {
      left += 1; // Taken already, or to be taken later at its place in the applied list.
    }
  }
  return ordered;
}
