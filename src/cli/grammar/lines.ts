import type { Command } from 'commander';
import { examples, type Launch, positive } from './launch.ts';

/** Which deployed commits to build on; it stands with the commands that need no hub. */
export function lines(program: Command, launch: Launch): void {
  program
    .command('lines')
    .description(
      'few builds for many z-streams: which deployed commits to build on; exit 5 when the budget is too small',
    )
    .requiredOption('--repo <dir|url>', 'the repository')
    .requiredOption(
      '--deployed <file>',
      'commit and planes a row: JSON lines, a JSON array or CSV; - reads stdin',
    )
    .requiredOption(
      '--component <path,...>',
      'folders or files of the component; what their Go code imports counts too',
    )
    .requiredOption('--budget <n>', 'builds at most', positive)
    .addHelpText(
      'before',
      examples(
        'fleetfix lines --repo . --deployed deployed.csv --component control-plane-operator --budget 4',
        'fleetfix lines --repo . --deployed - --component cmd/operator,Dockerfile --budget 2 -o json',
      ),
    )
    .action((options) => launch(async (c) => (await import('../alone/lines.ts')).lines(c, options)));
}
