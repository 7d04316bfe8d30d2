import { askForToken, findInitiator } from '../../src/cli/discovery/find-initiator.ts';
import { runTrustSession } from '../../src/cli/discovery/trust-session.ts';

/** One end of a trust session, run in a network namespace of its own; prints what comes out of it. */
const [role, host = '', passphrase = '', name = ''] = process.argv.slice(2);
const deadline = AbortSignal.timeout(60_000);

async function run(): Promise<void> {
  if (role === 'initiator') {
    await runTrustSession(
      {
        ...{ passphrase, host, name: 'first' },
        admit: (asking) =>
          asking.name === 'refused'
            ? Promise.reject(new Error('the person there has said no'))
            : Promise.resolve(`token of ${asking.name} at ${asking.address}`),
        tell: (line) => {
          console.log(line);
        },
      },
      deadline,
    );
    return;
  }
  const initiator = await findInitiator({ host, timeoutMs: 20_000 });
  console.log(`found ${initiator.name} at ${initiator.address}`);
  console.log(await askForToken(initiator, { passphrase, name, address: `${host}:8443`, timeoutMs: 20_000 }));
}

run().then(
  () => process.exit(0),
  (error: unknown) => {
    console.log(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
