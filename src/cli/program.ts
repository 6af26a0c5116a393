import { Command, Option } from 'commander';
import { alone } from './grammar/alone.ts';
import { around } from './grammar/around.ts';
import { handOff } from './grammar/hand-off.ts';
import type { Launch } from './grammar/launch.ts';
import { lines } from './grammar/lines.ts';
import { move } from './grammar/move.ts';
import { roster } from './grammar/roster.ts';
import { scope } from './grammar/scope.ts';
import { see } from './grammar/see.ts';
import { stop } from './grammar/stop.ts';
import { verdict } from './grammar/verdict.ts';
import type { Io } from './io.ts';
import { FORMATS } from './output.ts';

/** The grammar: every verb with its flags. Nothing of a command is loaded before it runs. */
export function makeProgram(io: Io, launch: Launch): Command {
  const program = new Command('fleetfix')
    .description('Carries an urgent fix to every control plane of a fleet, and proves that it is there.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      outputError: (text, write) => write(oneSuggestion(text)),
    })
    .configureHelp({ showGlobalOptions: true })
    .addOption(
      new Option('-o, --output <format>', 'how data is printed').choices([...FORMATS]).default('table'),
    )
    .option('--hub <url>', 'address of the hub (env FLEETFIX_HUB)')
    .option('--token-file <file>', 'file with your token (env FLEETFIX_TOKEN_FILE)')
    .option('--no-color', 'no colour (env NO_COLOR)')
    .option('--ascii', 'only ASCII characters')
    .helpCommand('help [verb]', 'what a verb does')
    .addHelpText('before', HEAD);
  see(program, launch);
  handOff(program, launch);
  move(program, launch);
  stop(program, launch);
  alone(program, launch);
  lines(program, launch);
  scope(program, launch);
  verdict(program, launch);
  roster(program, launch);
  around(program, launch);
  return program;
}

const HEAD = `At 3 a.m.:
  fleetfix status            what is broken, where the fix is, who is needed
  fleetfix pause FIX-1       no new target starts
  fleetfix rollback FIX-1    back to what ran before
`;

/** A wrong verb or flag gets one suggestion, and is never guessed. */
export function oneSuggestion(text: string): string {
  return text
    .replace(/^error: /, 'fleetfix: ')
    .replace(/\(Did you mean (?:one of )?([^,?]+)(?:, [^?]*)?\?\)/, '(did you mean $1?)');
}
