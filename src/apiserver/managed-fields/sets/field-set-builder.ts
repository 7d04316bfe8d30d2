import type { FieldSet } from './field-set.ts';
import type { Path, PathElement } from './path-element.ts';

interface Node {
  isMember: boolean;
  readonly children: Map<PathElement, Node>;
}

/** Collects paths while somebody walks through an object. */
export class FieldSetBuilder {
  readonly #root: Node = newNode();

  add(path: Path): void {
    let node = this.#root;
    for (const element of path) {
      let child = node.children.get(element);
      if (child === undefined) {
        child = newNode();
        node.children.set(element, child);
      }
      node = child;
    }
    node.isMember = true;
  }

  /** The builder must not be used afterwards: the set is what it has built. */
  build(): FieldSet {
    return this.#root;
  }
}

function newNode(): Node {
  return { isMember: false, children: new Map() };
}
