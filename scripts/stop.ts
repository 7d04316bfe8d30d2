import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { describeError } from '../src/base/describe-error.ts';
import { createDemoLab, demoDirectory } from './demo/demo-lab.ts';
import { kubeconfigPath } from './demo/kubeconfig.ts';

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { purge: { type: 'boolean' } } });
  const lab = createDemoLab();
  console.log('Stopping instances and members');
  if (values.purge === true) {
    await lab.purge();
    await rm(demoDirectory, { recursive: true, force: true });
    console.log('Stopped, and removed .muster/ with everything in it.');
    return;
  }
  await lab.down();
  // Without the members a kubeconfig only makes clients wait.
  await rm(kubeconfigPath, { force: true });
  console.log('Stopped. The data is in .muster/; "npm start" resumes, "npm run stop -- --purge" removes it.');
}

try {
  await main();
} catch (error) {
  console.error(`stop: ${describeError(error)}`);
  process.exitCode = 1;
}
