import { type Command, Option } from 'commander';
import { examples, type Launch, once, several } from './launch.ts';

/** What test reports come to; it stands with the commands that need no hub. */
export function verdict(program: Command, launch: Launch): void {
  const group = program.command('verdict').description('what JUnit reports of one run come to');
  const read = group
    .command('read')
    .description(
      'read reports of any dialect as one verdict; exit 5 when a test failed, 4 when they do not say',
    )
    .argument('<files...>', 'reports, folders of them, or - for standard input');
  policyOptions(read)
    .addHelpText(
      'before',
      examples(
        'fleetfix verdict read artifacts/',
        'fleetfix verdict read junit_1.xml junit_2.xml --flaky fails -o json',
      ),
    )
    .action((files, options) =>
      launch(async (c) => (await import('../alone/verdict.ts')).readVerdict(c, files, options)),
    );
  exportCommand(group, launch);
}

const choice = (flags: string, what: string, values: readonly string[]): Option =>
  new Option(flags, what).choices(values).default(values[0]);

const policyOptions = (command: Command): Command =>
  command
    .addOption(choice('--flaky <how>', 'a test that failed and passed at last', ['passes', 'fails']))
    .addOption(
      choice('--repeated <how>', 'the same test more than once: tried again, or a test of its own', [
        'retry',
        'separate',
      ]),
    )
    .addOption(
      choice('--totals <how>', 'reports whose totals say other than their cases', ['told', 'must-agree']),
    );

function exportCommand(group: Command, launch: Launch): void {
  const command = group
    .command('export')
    .description(
      'write the run as a file for the xUnit importer of Polarion; exit 4 when it would show less than ran',
    )
    .argument('<files...>', 'reports, folders of them, or - for standard input')
    .addOption(new Option('--format <format>', 'for whom').choices(['polarion']).makeOptionMandatory())
    .requiredOption('--out <file>', 'where to; - for standard output', once('--out'))
    .requiredOption('--project <id>', 'the project in Polarion', once('--project'))
    .option('--testrun <id>', 'the test run', once('--testrun'))
    .option('--title <text>', 'with --template: a new test run', once('--title'))
    .option('--template <id>', 'what the new test run is made of', once('--template'))
    .option('--map <file>', 'which test is which case, in YAML (docs/verdicts.md)', once('--map'))
    .option('--id-property <name>', "a test's own property that holds its id", 'polarion-testcase-id')
    .addOption(choice('--without-id <how>', 'tests without an id', ['refuse', 'leave-out']))
    .addOption(choice('--errors <as>', 'tests that ended with an error', ['failed', 'blocked']))
    .addOption(choice('--lookup <method>', 'how Polarion finds cases', ['id', 'name', 'custom']))
    .option('--lookup-field <id>', 'with --lookup custom: the field', once('--lookup-field'))
    .option('--user <id>', 'who ran it', once('--user'))
    .option('--type <id>', 'type of the test run', once('--type'))
    .addOption(new Option('--status <id>', 'status of the test run').choices(['inprogress', 'finished']))
    .option('--finished', 'set the test run finished')
    .option('--group <id>', 'group of the test run', once('--group'))
    .option('--span <ids>', 'further projects whose cases are meant', once('--span'))
    .option('--include-skipped', 'import skipped tests too')
    .option('--create-defects', 'let Polarion create a defect for each failure')
    .option('--dry-run', 'let Polarion only say what it would do')
    .option('--custom <name=value>', 'a field of the test run, such as plannedin; may be repeated', several)
    .option('--response <name=value>', 'a selector of the answer; may be repeated', several);
  policyOptions(command)
    .addHelpText(
      'before',
      examples(
        'fleetfix verdict export artifacts/ --format polarion --project OPR --testrun "4.20 hotfix" --map cases.yaml --out polarion.xml',
      ),
    )
    .action((files, options) =>
      launch(async (c) => (await import('../alone/verdict-export.ts')).exportVerdict(c, files, options)),
    );
}
