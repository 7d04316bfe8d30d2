import assert from 'node:assert/strict';
import { chooseRepresentation } from '../../../../src/apiserver/http/accept.ts';

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';

describe('apiserver/http/accept', () => {
  const cases = [
    { name: 'takes JSON without a header', accept: undefined, want: ['object', 'json', 'v1'] },
    { name: 'takes JSON for anything', accept: '*/*', want: ['object', 'json', 'v1'] },
    {
      name: 'takes the first form that kubectl lists',
      accept: `${table},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json`,
      want: ['table', 'json', 'v1'],
    },
    {
      name: 'passes over forms of other groups',
      accept: 'application/json;as=Table;v=v1;g=other.io,application/yaml',
      want: ['object', 'yaml', 'v1'],
    },
    {
      name: 'passes over protobuf when JSON is there',
      accept: 'application/vnd.kubernetes.protobuf,application/json',
      want: ['object', 'json', 'v1'],
    },
    {
      name: 'minds the quality',
      accept: 'application/yaml;q=0.5, application/json',
      want: ['object', 'json', 'v1'],
    },
    { name: 'has nothing for HTML', accept: 'text/html', want: undefined },
    {
      name: 'has no metadata form of this list',
      accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
      want: undefined,
    },
  ];
  for (const { name, accept, want } of cases) {
    it(name, () => {
      const chosen = chooseRepresentation(accept, ({ shape }) => shape !== 'metadata');
      assert.deepEqual(chosen && [chosen.shape, chosen.encoding, chosen.metaVersion], want);
    });
  }
});
