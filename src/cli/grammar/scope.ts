import type { Command } from 'commander';
import { examples, type Launch, once } from './launch.ts';

/** Whether a change is a fix of what exists; it stands with the commands that need no hub. */
export function scope(program: Command, launch: Launch): void {
  program
    .command('scope')
    .description(
      'is it a fix of what exists, or a feature: by what the code says; exit 4 when a person must decide',
    )
    .requiredOption('--repo <dir|url>', 'the repository', once('--repo'))
    .requiredOption(
      '--range <a..b>',
      'what comes after A up to B; A...B: from where they went apart',
      once('--range'),
    )
    .option(
      '--title <text>',
      'in place of what the commits say; an empty one lets no title count',
      once('--title'),
    )
    .option(
      '--policy <file>',
      'thresholds and what blocks: a policy or a configuration in YAML',
      once('--policy'),
    )
    .addHelpText(
      'before',
      examples(
        'fleetfix scope --repo . --range main..fix-leak',
        'fleetfix scope --repo . --range 5cd2f01a^1..5cd2f01a --title "OCPBUGS-1: close the watch" -o json',
      ),
    )
    .action((options) => launch(async (c) => (await import('../alone/scope.ts')).scope(c, options)));
}
