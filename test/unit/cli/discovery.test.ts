import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  encodeAnnouncement,
  encodeQuestion,
  isQuestion,
  longestDatagram,
  parseAnnouncement,
} from '../../../src/cli/discovery/discovery-protocol.ts';
import { createPassphrase, readPassphrase } from '../../../src/cli/discovery/passphrase.ts';
import { createSeal } from '../../../src/cli/discovery/seal.ts';

describe('cli/discovery', () => {
  it('makes passphrases of four words, and reads them as people type them', () => {
    const made = createPassphrase();
    assert.match(made, /^[a-z]{5}( [a-z]{5}){3}$/);
    assert.equal(readPassphrase(made), made);
    assert.equal(readPassphrase(`  ${made.toUpperCase().replaceAll(' ', ' - ')}\n`), made);
    assert.notEqual(createPassphrase(), made);
    for (const wrong of [
      '',
      'lusab babad gutih',
      'lusab babad gutih tugab bubab',
      'horse cattle staple battery',
    ]) {
      assert.equal(readPassphrase(wrong), undefined, wrong);
    }
  });

  it('opens only what was closed with the same passphrase, for the same session and direction', async function () {
    // Three keys that are slow to derive, on purpose.
    this.timeout(20_000);
    const seal = await createSeal('lusab babad gutih tugab', 'a');
    const sealed = seal.close('to-joiner', { token: 'secret' });
    assert.deepEqual(seal.open('to-joiner', sealed), { token: 'secret' });
    assert.equal(seal.open('to-initiator', sealed), undefined);
    assert.equal(seal.open('to-joiner', sealed.slice(0, -8)), undefined);
    assert.equal(seal.open('to-joiner', ''), undefined);
    for (const other of [
      await createSeal('lusab babad gutih tugad', 'a'),
      await createSeal('lusab babad gutih tugab', 'b'),
    ]) {
      assert.equal(other.open('to-joiner', sealed), undefined);
    }
    assert.equal(Buffer.from(sealed, 'base64').includes('secret'), false);
  });

  it('understands its own datagrams and is not troubled by others', () => {
    const announcement = { sessionId: 'ab'.repeat(16), name: 'n'.repeat(63), port: 9444 };
    const datagram = encodeAnnouncement(announcement);
    assert.ok(datagram.length <= longestDatagram);
    assert.deepEqual(parseAnnouncement(datagram), announcement);
    assert.equal(parseAnnouncement(encodeQuestion()), undefined);
    assert.equal(isQuestion(encodeQuestion()), true);
    assert.equal(isQuestion(Buffer.from('{"version":"2.0"}')), false);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        assert.equal(parseAnnouncement(Buffer.from(bytes)), undefined);
      }),
    );
  });
});
