import type { Command } from 'commander';
import { examples, type Launch, once, positive, several } from './launch.ts';

/** Which tests a change needs; part of the commands that need no hub. */
export function selectTests(program: Command, launch: Launch): void {
  program
    .command('select-tests')
    .description('which tests a change can affect, nearest first, and what none of them covers')
    .requiredOption('--repo <dir>', 'the repository, on this machine', once('--repo'))
    .requiredOption(
      '--range <a..b>',
      'from one commit to another; a...b: from where they parted',
      once('--range'),
    )
    .option('--minutes <n>', 'choose what fits, most likely to find a fault first', positive)
    .option(
      '--map <file>',
      'paths and the suites they are for, in YAML (docs/select-tests.md)',
      once('--map'),
    )
    .option('--history <file...>', 'JUnit reports of runs before, one file for each run', several)
    .option(
      '--history-of <component>',
      'what the hub has kept of runs before, in its place',
      once('--history-of'),
    )
    .addHelpText(
      'before',
      examples(
        'fleetfix select-tests --repo . --range v4.17.3..hotfix',
        'fleetfix select-tests --repo . --range main...HEAD --map suites.yaml --minutes 20 --history run1.xml run2.xml -o json',
        'fleetfix select-tests --repo . --range main...HEAD --minutes 20 --history-of hypershift-operator',
      ),
    )
    .action((options) =>
      launch(async (c) => (await import('../alone/select-tests.ts')).selectTestsAlone(c, options)),
    );
}
