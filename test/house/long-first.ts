import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** They take a minute or more, and most of them in few lines. */
export const LONG = [
  'test/e2e/first-seen.test.ts',
  'test/e2e/killed.test.ts',
  'test/console/accessible.test.ts',
  'test/cluster/hypershift/operator.test.ts',
  'test/agent/upgraded.test.ts',
  'test/agent/agent.test.ts',
  'src/simulator/trial/trial.test.ts',
  'test/agent/route.test.ts',
  'test/e2e/route.test.ts',
  'test/cluster/kept.test.ts',
];

/** By itself vitest begins with the largest files; what is small and takes long would begin last, and be waited for alone. */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONG.some((name) => moduleId.endsWith(name));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
