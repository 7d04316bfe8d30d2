import assert from 'node:assert/strict';
import { isApiError } from '../../../../src/api/api-error.ts';
import { parseDeleteOptions } from '../../../../src/apiserver/verbs/delete-options.ts';

describe('apiserver/verbs/delete-options', () => {
  const cases = [
    { name: 'needs nothing', body: {}, query: '', want: { isDryRun: false } },
    {
      name: 'reads the body',
      body: { dryRun: ['All'], propagationPolicy: 'Orphan' },
      query: '',
      want: { isDryRun: true, propagationPolicy: 'Orphan' },
    },
    {
      name: 'reads the query',
      body: {},
      query: 'dryRun=All&propagationPolicy=Foreground',
      want: { isDryRun: true, propagationPolicy: 'Foreground' },
    },
    {
      name: 'reads preconditions',
      body: { preconditions: { uid: 'u', resourceVersion: '4' } },
      query: '',
      want: { isDryRun: false, uid: 'u', resourceVersion: '4' },
    },
    {
      name: 'knows the old form',
      body: { orphanDependents: false },
      query: '',
      want: { isDryRun: false, propagationPolicy: 'Background' },
    },
  ];
  for (const { name, body, query, want } of cases) {
    it(name, () => {
      assert.deepEqual(parseDeleteOptions(body, new URLSearchParams(query)), want);
    });
  }

  const refused = [
    { propagationPolicy: 'Never' },
    { dryRun: ['Some'] },
    { propagationPolicy: 'Orphan', orphanDependents: true },
  ];
  for (const body of refused) {
    it(`refuses ${JSON.stringify(body)}`, () => {
      assert.throws(
        () => parseDeleteOptions(body, new URLSearchParams()),
        (error) => isApiError(error, 'Invalid'),
      );
    });
  }
});
