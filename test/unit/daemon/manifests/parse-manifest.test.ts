import assert from 'node:assert/strict';
import { parseManifest } from '../../../../src/daemon/manifests/parse-manifest.ts';

const object = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;

describe('daemon/manifests/parse-manifest', () => {
  it('reads every document and where it begins', () => {
    const text = `# a comment\n${object('a')}---\n\n${object('b')}---\n# nothing\n---\n${object('c')}`;
    const parsed = parseManifest(text);
    assert.deepEqual(
      parsed.problem === undefined &&
        parsed.objects.map(({ object: { metadata }, line }) => [metadata.name, line]),
      [
        ['a', 2],
        ['b', 8],
        ['c', 15],
      ],
    );
  });

  it('takes the items of a List, and JSON', () => {
    const item = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [item, item] });
    assert.deepEqual(parseManifest(text), {
      objects: [
        { object: item, line: 1 },
        { object: item, line: 1 },
      ],
    });
  });

  it('copies what is named by an alias', () => {
    const text = `${object('a')}data: &d {x: '1'}\nbinaryData: *d\n`;
    const parsed = parseManifest(text);
    const read =
      parsed.problem === undefined
        ? (parsed.objects[0]?.object as { data?: object; binaryData?: object })
        : {};
    assert.deepEqual(read.data, read.binaryData);
    assert.notEqual(read.data, read.binaryData);
  });

  const broken = [
    { name: 'a tab for indentation', text: `${object('a')}data:\n\tx: 1\n`, line: 6 },
    {
      name: 'a second document without a kind',
      text: `${object('a')}---\napiVersion: v1\nmetadata: {name: x}\n`,
      line: 6,
    },
    { name: 'a text', text: 'hello\n', line: 1 },
    {
      name: 'a namespace that is a number',
      text: 'apiVersion: v1\nkind: X\nmetadata: {name: a, namespace: 7}\n',
      line: 1,
    },
  ];
  for (const { name, text, line } of broken) {
    it(`names the line of ${name}`, () => {
      const parsed = parseManifest(text);
      assert.deepEqual([parsed.problem !== undefined, 'line' in parsed && parsed.line], [true, line]);
    });
  }

  it('finds nothing in an empty file', () => {
    assert.deepEqual(
      [parseManifest(''), parseManifest('# only a comment\n')],
      [{ objects: [] }, { objects: [] }],
    );
  });
});
