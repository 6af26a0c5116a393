// A process for killed-assembly.test.ts: assembles and publishes one change onto many lines, over and over, and says each
// ref it has published. Arguments: the folder of copies, the repository, and the work as JSON.
import { createRepositories } from '../../src/adapters/git/index.ts';

const [dir, location, json] = process.argv.slice(2) as [string, string, string];
const { fix, change, lines } = JSON.parse(json) as {
  fix: `FIX-${number}`;
  change: string[];
  lines: Record<string, string>;
};

const repository = await createRepositories({ dir, searchMs: 0 }).open(location);
process.stdout.write('open\n');
for (;;)
  for (const [line, onto] of Object.entries(lines)) {
    const made = await repository.assemble({
      fix,
      line,
      onto,
      branch: 'main',
      change: { kind: 'commits', commits: change },
      carry: [],
      prerequisites: [],
    });
    await repository.publish(fix, line, made.commit!);
    process.stdout.write(`${fix}/${line} ${made.commit}\n`);
  }
