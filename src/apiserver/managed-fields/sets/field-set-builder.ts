import { type FieldSet, emptySet, leafSet } from './field-set.ts';
import type { Path, PathElement } from './path-element.ts';

interface Node {
  isMember: boolean;
  readonly children: Map<PathElement, FieldSet | Node>;
}

/** Collects paths while somebody walks through an object. */
export class FieldSetBuilder {
  #root: Node | undefined;

  add(path: Path): void {
    this.#root ??= { isMember: false, children: new Map() };
    let node = this.#root;
    const last = path.length - 1;
    for (let index = 0; index < last; index += 1) node = enter(node, path[index] ?? '');
    const element = path[last];
    if (element === undefined) {
      node.isMember = true;
      return;
    }
    const present = node.children.get(element);
    if (present === undefined) node.children.set(element, leafSet);
    else if (present !== leafSet) (present as Node).isMember = true; // every other node is one of ours
  }

  /** The builder must not be used afterwards: the set is what it has built. */
  build(): FieldSet {
    return this.#root ?? emptySet;
  }
}

/** The node below, with room for more below it. */
function enter(node: Node, element: PathElement): Node {
  const present = node.children.get(element);
  if (present !== undefined && present !== leafSet) return present as Node; // every other node is one of ours
  const entered: Node = { isMember: present === leafSet, children: new Map() };
  node.children.set(element, entered);
  return entered;
}
