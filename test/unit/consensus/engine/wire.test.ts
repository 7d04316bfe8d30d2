import assert from 'node:assert/strict';

import { DatabaseError, isNotLeader } from '../../../../src/consensus/engine/database.ts';
import { MessageReader } from '../../../../src/consensus/engine/wire/decode.ts';
import { RequestWriter } from '../../../../src/consensus/engine/wire/encode.ts';
import { requestType, responseType } from '../../../../src/consensus/engine/wire/message.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('consensus/engine/wire', () => {
  const requests = [
    {
      name: 'encodes a request of one word',
      bytes: new RequestWriter().uint64(0).finish(requestType.leader),
      want: '01000000 00 00 0000 0000000000000000',
    },
    {
      name: 'ends a text with zero and pads it to a word',
      bytes: new RequestWriter().text('abcdefgh').finish(requestType.dump),
      want: '02000000 0f 00 0000 6162636465666768 0000000000000000',
    },
    {
      name: 'leaves out the tuple when there are no parameters',
      bytes: new RequestWriter().parameters([]).uint64(1).finish(requestType.execSql),
      want: '01000000 08 00 0000 0100000000000000',
    },
    {
      name: 'encodes each type of parameter',
      bytes: new RequestWriter()
        .parameters([-1, 0.5, 'a', new Uint8Array([9]), null])
        .finish(requestType.execSql),
      want:
        '07000000 08 00 0000 0501020304050000 ffffffffffffffff 000000000000e03f 6100000000000000' +
        '0100000000000000 0900000000000000 0000000000000000',
    },
  ];
  for (const { name, bytes, want } of requests) {
    it(name, () => assert.equal(bytes.toString('hex'), hex(want).toString('hex')));
  }

  it('refuses more parameters than dqlite counts', () => {
    assert.throws(() => new RequestWriter().parameters(Array.from({ length: 256 }, () => 1)), /at most 255/);
  });

  it('decodes rows of every type, and says whether more follow', () => {
    const body = hex(
      '0200000000000000 6100000000000000 6200000000000000' +
        '3100000000000000 feffffffffffffff 7800000000000000' +
        '5400000000000000 0200000000000000 0102000000000000 0000000000000000' +
        'eeeeeeeeeeeeeeee',
    );
    assert.deepEqual(new MessageReader({ type: responseType.rows, body }, responseType.rows).rows(), {
      columns: ['a', 'b'],
      rows: [
        [-2, 'x'],
        [Buffer.from([1, 2]), null],
      ],
      complete: false,
    });
  });

  it('turns a failure into an error with its code', () => {
    const body = hex('0a28000000000000 6e6f74206c656164 6572000000000000');
    const message = { type: responseType.failure, body };
    assert.throws(
      () => new MessageReader(message, responseType.empty),
      (error) => error instanceof DatabaseError && error.code === 10_250 && isNotLeader(error),
    );
  });
});
