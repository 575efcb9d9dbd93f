/** A process that makes a change and dies at one of its steps, by a signal that nothing can catch. Arguments: store, step, back|forth, FILE=CONTENT… */
import { explainFailure } from '@k8s-audit/failure';
import { openChangeStore, planChanges } from '../index.ts';

const [folder = '', lastStep, direction, ...files] = process.argv.slice(2);
try {
  const store = await openChangeStore({
    folder,
    onStep: (step) => {
      process.stdout.write(`${step}\n`);
      if (step === lastStep) process.kill(process.pid, 'SIGKILL');
    },
  });
  const wanted = files.map((each) => {
    const [path = '', content] = each.split('=');
    return { path, content: content === '' ? undefined : content };
  });
  const change = await store.begin('a change', await planChanges(wanted));
  await change.apply();
  await (direction === 'back' ? change.rollBack() : change.finish());
} catch (error) {
  process.stderr.write(explainFailure(error));
  process.exitCode = 1;
}
