import type { Command } from 'commander';
import { examples, type Launch, once, positive } from './launch.ts';

/** Who is there now and next, by the hub; with a configuration it needs none. */
export function roster(program: Command, launch: Launch): void {
  program
    .command('roster')
    .description('who is on duty now and next, and where the next days have nobody')
    .option(
      '--config <file>',
      'a configuration with roster: (docs/roster.md), read without a hub; default: ask the hub',
      once('--config'),
    )
    .option('--at <time>', 'with --config: as of another moment, RFC 3339; default: now', once('--at'))
    .option('--days <n>', 'how far ahead gaps are looked for, at most 92, from the hub 60', positive, 14)
    .option('--exit-code', 'exit 7 when there is a gap, 3 when it is not known')
    .addHelpText(
      'before',
      examples(
        'fleetfix roster',
        'fleetfix roster --config fleetfix.yaml',
        'fleetfix roster --config fleetfix.yaml --at 2026-12-25T03:00:00Z --days 30 -o json',
      ),
    )
    .action((options) => launch(async (c) => (await import('../alone/roster.ts')).roster(c, options)));
}
