import type { Command } from 'commander';
import { examples, FIX, type Launch, positive } from './launch.ts';

const WATCH = ['-w, --watch', 'follow it: redraw on a terminal, one line per change in a pipe'] as const;
const LIMIT = 50;

/** Reads: safe, with any login. */
export function see(program: Command, launch: Launch): void {
  program.commandsGroup('See (safe; a read-only login is enough)');
  program
    .command('status')
    .description('one screen; without a fix every open one, those that need you first')
    .argument('[fix]', FIX)
    .option(...WATCH)
    .addHelpText(
      'before',
      examples('fleetfix status FIX-1', 'fleetfix status -w', 'fleetfix status - -o json'),
    )
    .action((fix, options) =>
      launch(async (c) => (await import('../commands/status.ts')).status(c, { fix, ...options })),
    );
  program
    .command('get')
    .description(
      'tables: fixes, targets, stages, evidence, gates, debts, tests, agents, policies, components, people',
    )
    .argument('<noun>', 'fixes|targets|stages|evidence|gates|debts|tests|agents|policies|components|people')
    .argument('[name]', 'only this one; of tests, the component')
    .option('--for <fix>', 'the fix whose targets, stages or evidence are meant')
    .option('--not-in-plan', 'targets the plan leaves out')
    .option('--without <fix>', 'targets that do not have this fix: exposed, excluded or unknown')
    .option(
      '--standing <standing>',
      'patched|native|unaffected|exposed|excluded|unknown; several with commas',
    )
    .option('--state <state>', 'state in the rollout, such as failed or rolled-back; several with commas')
    .option('--stage <name>', 'targets of burning, one-box, or a stage')
    .option('--wave <n>', 'targets that started together, from 1', positive)
    .option('-l, --selector <selector>', 'targets with these facts, such as customer=acme|beta,region=eu-1')
    .option('--by <order>', 'tests in this order: slowest, failing, id')
    .option('--limit <n>', 'rows at most', positive, LIMIT)
    .option('--all', 'all rows; of fixes, ended ones too')
    .option(...WATCH)
    .addHelpText(
      'before',
      examples(
        'fleetfix get targets --for FIX-1 --standing exposed',
        'fleetfix get targets --without FIX-1',
        'fleetfix get stages --for FIX-1',
        'fleetfix get agents',
        'fleetfix get tests hypershift-operator --by failing',
        'fleetfix get fixes --all -o name',
      ),
    )
    .action((noun, name, options) =>
      launch(async (c) => (await import('../commands/get.ts')).get(c, { noun, name, ...options })),
    );
  program
    .command('checklist')
    .description('what must be shown before a fix is closed, and what is next')
    .argument('<fix>', FIX)
    .option(...WATCH)
    .addHelpText('before', examples('fleetfix checklist FIX-1'))
    .action((fix, options) =>
      launch(async (c) => (await import('../commands/show.ts')).checklist(c, { fix, ...options })),
    );
  program
    .command('describe')
    .description('everything known of a fix, or of target/NAME')
    .argument('<what>', 'a fix, or target/NAME')
    .option(...WATCH)
    .addHelpText('before', examples('fleetfix describe FIX-1', 'fleetfix describe target/cp-7f3a'))
    .action((what, options) =>
      launch(async (c) => (await import('../commands/describe.ts')).describe(c, { what, ...options })),
    );
  program
    .command('diff')
    .description('what each candidate is made of: against the original commits, and against what is deployed')
    .argument('<fix>', FIX)
    .option('--line <line>', 'only this line')
    .option('--stat', 'names and counts, no patches')
    .addHelpText('before', examples('fleetfix diff FIX-1 --stat', 'fleetfix diff FIX-1 --line 4.19'))
    .action((fix, options) =>
      launch(async (c) => (await import('../commands/diff.ts')).diff(c, { fix, ...options })),
    );
  program
    .command('why')
    .description('what it waits for, since when, who can end it, when it ends by itself')
    .argument('<fix>', FIX)
    .option('--target <name>', 'one control plane')
    .option(...WATCH)
    .addHelpText('before', examples('fleetfix why FIX-1', 'fleetfix why FIX-1 --target cp-7f3a'))
    .action((fix, options) =>
      launch(async (c) => (await import('../commands/why.ts')).why(c, { fix, ...options })),
    );
  program
    .command('timeline')
    .description('who decided what, knowing what')
    .argument('<fix>', FIX)
    .option('--limit <n>', 'the latest rows', positive, LIMIT)
    .option('--all', 'all rows')
    .option(...WATCH)
    .addHelpText('before', examples('fleetfix timeline FIX-1 --all'))
    .action((fix, options) =>
      launch(async (c) => (await import('../commands/timeline.ts')).timeline(c, { fix, ...options })),
    );
  program
    .command('logs')
    .description('what a build or a gate printed')
    .argument('<fix>', FIX)
    .requiredOption('--stage <stage>', 'build|proof')
    .option('--line <line>', 'the line; may be left out when there is one')
    .addHelpText('before', examples('fleetfix logs FIX-1 --stage build --line 4.19'))
    .action((fix, options) =>
      launch(async (c) => (await import('../commands/logs.ts')).logs(c, { fix, ...options })),
    );
  program
    .command('wait')
    .description('follow a fix until a goal is reached (0), out of reach (5), or time is up (3)')
    .argument('<fix>', FIX)
    .requiredOption('--for <goal>', 'proven|approved|covered|retired|stage=NAME')
    .option('--timeout <duration>', 'such as 30m; without it there is no limit')
    .addHelpText(
      'before',
      examples('fleetfix wait FIX-1 --for covered --timeout 2h', 'fleetfix wait FIX-1 --for stage=canary'),
    )
    .action((fix, options) =>
      launch(async (c) => (await import('../commands/wait.ts')).wait(c, { fix, ...options })),
    );
  program
    .command('verify')
    .description('prove the chain of the ledger, of one fix or of all')
    .argument('[fix]', FIX)
    .addHelpText('before', examples('fleetfix verify', 'fleetfix verify FIX-1'))
    .action((fix) => launch(async (c) => (await import('../commands/verify.ts')).verify(c, { fix })));
  program
    .command('policy')
    .description('policies tried on what was recorded')
    .command('try')
    .description('play a recorded rollout under the pace of another policy')
    .argument('<file>', 'a policy or a configuration in YAML; - reads stdin')
    .requiredOption('--on <fix>', 'the fix whose rollout is played again')
    .addHelpText('before', examples('fleetfix policy try policy.yaml --on FIX-1'))
    .action((file, options) =>
      launch(async (c) => (await import('../commands/policy-try.ts')).policyTry(c, { file, ...options })),
    );
  program
    .command('replay')
    .description('make every decision of a rollout again from the ledger; fails on the first that differs')
    .argument('<fix>', FIX)
    .addHelpText('before', examples('fleetfix replay FIX-1'))
    .action((fix) => launch(async (c) => (await import('../commands/replay.ts')).replay(c, { fix })));
  program
    .command('export')
    .description('the whole record of a fix as JSON lines')
    .argument('<fix>', FIX)
    .addHelpText('before', examples('fleetfix export FIX-1 > FIX-1.jsonl'))
    .action((fix) => launch(async (c) => (await import('../commands/export.ts')).exportFix(c, { fix })));
}
