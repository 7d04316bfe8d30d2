import Mocha from 'mocha';

/** Mocha's own report, then the line that continuous integration reads. */
export default class ClosingLineReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    runner.once('end', () => {
      setImmediate(() => {
        console.log(`${this.stats.passes} passed, ${this.stats.failures} failed`);
      });
    });
  }
}
