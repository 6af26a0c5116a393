import type { CommanderError } from 'commander';
import { whoElse } from '../core/views/who-can.ts';
import { openCache } from './cache.ts';
import { HubProblem, HubUnreachable, openClient } from './client.ts';
import type { Context } from './context.ts';
import { Ending, EXIT, exitOf } from './exit.ts';
import { openHubClock } from './hub-clock.ts';
import type { Io } from './io.ts';
import { type Format, jsonLine, openOutput } from './output.ts';
import { makeProgram } from './program.ts';
import { cleanText } from './render/paper.ts';
import { readSettings } from './settings.ts';

/**
 * Runs one command line (without `node` and the script's name) and gives its exit code. Never throws and
 * never ends the process: what is printed goes to the streams of `io`.
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  let exit: number = EXIT.done;
  const program = makeProgram(io, async (work) => {
    exit = await work(contextOf(argv, io, program.opts()));
  });
  try {
    if (argv.length === 0) {
      program.outputHelp();
      return EXIT.done;
    }
    await program.parseAsync(argv[0] === '--version' ? ['version', ...argv.slice(1)] : [...argv], {
      from: 'user',
    });
    return exit;
  } catch (problem) {
    return report(problem, io, wantsJson(argv));
  }
}

type Flags = {
  readonly output: Format;
  readonly hub?: string;
  readonly tokenFile?: string;
  readonly color: boolean;
  readonly ascii?: boolean;
};

function contextOf(argv: readonly string[], io: Io, flags: Flags): Context {
  const settings = readSettings(io.env, flags);
  const cache = openCache(settings.cacheDir);
  const clock = openHubClock(io.now);
  const client = openClient({ settings, fetch: io.fetch, now: io.now, cache, heard: clock.heard });
  return {
    io,
    settings,
    cache,
    client,
    now: clock.now,
    async hubNow() {
      // A hub that is away says so at what follows.
      if (!clock.isHeard()) await client.get('/whoami').catch(() => {});
      return clock.now();
    },
    out: openOutput(io, { format: flags.output, color: flags.color, ascii: flags.ascii ?? false }),
    command: commandText(argv),
  };
}

/** The command line as text for a shell, ready to be pasted. */
export function commandText(argv: readonly string[]): string {
  const quoted = argv.map((word) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`,
  );
  return ['fleetfix', ...quoted].join(' ');
}

const wantsJson = (argv: readonly string[]): boolean =>
  argv.some(
    (word, i) =>
      word === '-ojson' ||
      word === '--output=json' ||
      (word === 'json' && /^(-o|--output)$/.test(argv[i - 1] ?? '')),
  );

/** Says on stderr what went wrong, who can help and what to type next, and chooses the exit code. */
function report(problem: unknown, io: Io, asJson: boolean): number {
  if (isCommander(problem)) return problem.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (isPromptExit(problem)) {
    io.stderr.write('fleetfix: stopped at the question; nothing was done\n');
    return EXIT.usage;
  }
  const told = tell(problem);
  if (asJson && problem instanceof HubProblem) io.stderr.write(jsonLine(problem.body));
  else
    io.stderr.write(
      cleanText(`fleetfix: ${told.message}\n${told.lines.map((line) => `  ${line}\n`).join('')}`),
    );
  return told.exit;
}

function tell(problem: unknown): { exit: number; message: string; lines: string[] } {
  if (problem instanceof Ending) {
    return {
      exit: problem.exit,
      message: problem.message,
      lines: problem.next.map((command) => `next: ${command}`),
    };
  }
  if (problem instanceof HubProblem) {
    const { body } = problem;
    const whoCan = whoElse(body.detail, body.whoCan ?? []);
    const who = whoCan.length > 0 ? [`who can: ${whoCan.join(', ')}`] : [];
    return {
      exit: exitOf(body),
      message: body.detail,
      lines: [...who, ...body.next.map((step) => nextText(step))],
    };
  }
  if (problem instanceof HubUnreachable) {
    return { exit: EXIT.ours, message: problem.message, lines: ['next: fleetfix doctor'] };
  }
  const message = problem instanceof Error ? problem.message : String(problem);
  return { exit: EXIT.ours, message, lines: [] };
}

const nextText = ({ label, command }: { label: string; command: string }): string =>
  label && label !== command && `fleetfix ${label}` !== command
    ? `next: ${command}   (${label})`
    : `next: ${command}`;

const isCommander = (problem: unknown): problem is CommanderError =>
  problem instanceof Error && 'code' in problem && String(problem.code).startsWith('commander.');

const isPromptExit = (problem: unknown): boolean =>
  problem instanceof Error && (problem.name === 'ExitPromptError' || problem.name === 'AbortPromptError');
