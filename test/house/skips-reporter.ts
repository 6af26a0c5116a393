import type { Reporter, TestCase } from 'vitest/node';

/** Repeats, as the last lines of a run, every test that was skipped and why. */
export class SkipsReporter implements Reporter {
  #skipped: string[] = [];

  onTestRunStart(): void {
    this.#skipped = [];
  }

  onTestCaseResult(test: TestCase): void {
    const result = test.result();
    if (result.state !== 'skipped' || isFilteredOut(test)) return;
    const why = result.note ?? 'no reason given; call context.skip(reason) in the test';
    this.#skipped.push(`  ${test.module.relativeModuleId}: ${test.fullName}\n    because ${why}`);
  }

  onTestRunEnd(): void {
    const skipped = [...new Set(this.#skipped)].sort();
    if (skipped.length > 0) process.stdout.write(`Skipped (${skipped.length}):\n${skipped.join('\n')}\n`);
  }
}

/** Left out because the person who started the run asked for other tests by name or with `only`. */
function isFilteredOut(test: TestCase): boolean {
  return test.options.mode === 'run';
}
