import { type Command, Option } from 'commander';
import { examples, FIX, type Launch } from './launch.ts';

/** What people outside are given of a fix. */
export function handOff(program: Command, launch: Launch): void {
  program.commandsGroup('See (safe; a read-only login is enough)');
  program
    .command('hand-off')
    .description('what whoever tests it must know: images by digest, what changed, gates, tests to run')
    .argument('<fix>', FIX)
    .option('--line <line>', 'only this line')
    .addOption(new Option('--as <form>', 'the page itself, to send on').choices(['html', 'md']))
    .addHelpText(
      'before',
      examples(
        'fleetfix hand-off FIX-1',
        'fleetfix hand-off FIX-1 --as html > FIX-1.html',
        'fleetfix hand-off FIX-1 --line 4.19 --as md',
      ),
    )
    .action((fix, options) =>
      launch(async (c) => (await import('../commands/hand-off.ts')).handOff(c, { fix, ...options })),
    );
  program
    .command('text')
    .description('a text from the record, in Markdown: release note, page for support, customer notice')
    .argument('<fix>', FIX)
    .addOption(
      new Option('--kind <kind>', 'what for')
        .choices(['release-note', 'enablement', 'customer-notice'])
        .makeOptionMandatory(),
    )
    .option('--template <file>', 'a template of yours in place of the hub’s; - reads stdin')
    .option(
      '--allow <word...>',
      'words of a customer notice that name nobody, though a name is a part of them',
    )
    .addHelpText(
      'before',
      examples(
        'fleetfix text FIX-1 --kind release-note > note.md',
        'fleetfix text FIX-1 --kind customer-notice --template notice.md',
        'fleetfix text FIX-1 --kind customer-notice --allow environment',
      ),
    )
    .action((fix, options) =>
      launch(async (c) => (await import('../commands/text.ts')).text(c, { fix, ...options })),
    );
}
