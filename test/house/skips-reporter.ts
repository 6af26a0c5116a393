import type { Reporter, TestCase, Vitest } from 'vitest/node';

/** Repeats, as the last lines of a run, every test that was skipped and why. */
export class SkipsReporter implements Reporter {
  #skipped: string[] = [];
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunStart(): void {
    this.#skipped = [];
  }

  onTestCaseResult(test: TestCase): void {
    const result = test.result();
    if (result.state !== 'skipped') return;
    // With `-t NAME` every other test counts as skipped; that is what was asked for.
    if (result.note === undefined && this.#vitest?.config.testNamePattern) return;
    const why = result.note ?? 'no reason given; call context.skip(reason) in the test';
    this.#skipped.push(`  ${test.module.relativeModuleId}: ${test.fullName}\n    because ${why}`);
  }

  onTestRunEnd(): void {
    const skipped = [...new Set(this.#skipped)].sort();
    if (skipped.length > 0) process.stdout.write(`Skipped (${skipped.length}):\n${skipped.join('\n')}\n`);
  }
}
