import assert from 'node:assert/strict';
import { formatTable } from '../../../src/base/format-table.ts';

describe('base/format-table', () => {
  it('aligns the columns, and leaves no blanks at the end', () => {
    const rows = [
      ['n1', 'Online', ''],
      ['longer', 'Off', 'x'],
    ];
    assert.equal(
      formatTable(['NAME', 'STATE', 'MESSAGE'], rows),
      'NAME     STATE    MESSAGE\nn1       Online\nlonger   Off      x',
    );
  });
});
