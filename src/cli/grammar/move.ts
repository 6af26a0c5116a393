import type { Command } from 'commander';
import { examples, FIX, type Launch, several } from './launch.ts';

export const DRY_RUN = ['--dry-run', 'say what would be done and do nothing'] as const;
export const YES = ['-y, --yes', 'do not ask'] as const;
export const REASON = ['--reason <text>', 'why; asked for when missing'] as const;

/** Acts that bring a fix forward. */
export function move(program: Command, launch: Launch): void {
  program.commandsGroup('Move a fix along');
  declareAndBackport(program, launch);
  prepare(program, launch);
  proof(program, launch);
  delivery(program, launch);
}

function declareAndBackport(program: Command, launch: Launch): void {
  program
    .command('declare')
    .description('say that an incident needs a fix everywhere; assembly and build begin at once')
    .option('--component <name>', 'what is to be fixed')
    .option('--severity <severity>', 'critical|high|moderate')
    .option('--title <text>', 'what the fix does')
    .option(...REASON)
    .option('--incident <id>', 'such as INC-1')
    .option('--symptom <text>', 'what those that it broke are reported with, in part; they get the fix first')
    .option('--policy <name>', 'the policy it follows')
    .option('--commit <sha,...>', 'the change: commits, oldest first')
    .option('--range <a..b>', 'the change: commits after A up to B')
    .option('--git-revert <sha>', 'the change: a git revert of this commit')
    .option('--pr <n|url>', 'the change: a merged pull request')
    .option('--patch <file>', 'the change: what git format-patch or git diff wrote')
    .option('--after <fix>', 'start on a management cluster only when this fix is in place there')
    .option(
      '--then <component=change>',
      'the part of it in another component, started where this one is in place: commits, A..B or #PR; may be repeated',
      several,
    )
    .option(...DRY_RUN)
    .option(...YES)
    .addHelpText(
      'before',
      examples(
        'fleetfix declare --component kas --commit 5cd2f01a --severity critical \\',
        '  --title "drop leaked watch" --reason "API servers run out of memory" --incident INC-1 \\',
        '  --symptom "out of memory"',
      ),
    )
    .action((options) => launch(async (c) => (await import('../commands/declare.ts')).declare(c, options)));
  program
    .command('backport')
    .description(
      'assemble again: on named lines, with prerequisites or a proposal, or without lines not affected',
    )
    .argument('<fix>', FIX)
    .option('--to <line,...>', 'only these lines')
    .option('--with <sha,...>', 'prerequisites to carry along')
    .option(
      '--accept <kind>',
      'take a proposal of the line: reuse|adjacent|regenerate, =TREE where there are two',
    )
    .option('--not <line=reason>', 'a line that has no such defect, and why; may be repeated', several)
    .option(...DRY_RUN)
    .option(...YES)
    .addHelpText(
      'before',
      examples(
        'fleetfix backport FIX-1 --to 4.18 --with 1f0c2b',
        'fleetfix backport FIX-1 --to 4.18 --accept adjacent',
        'fleetfix backport FIX-1 --not "4.17=no defrag path"',
      ),
    )
    .action((fix, options) =>
      launch(async (c) => (await import('../commands/backport.ts')).backport(c, { fix, ...options })),
    );
}

function prepare(program: Command, launch: Launch): void {
  program
    .command('prepare')
    .description(
      'assemble, build and prove it for a release to come, before a control plane is upgraded to it',
    )
    .argument('<fix>', FIX)
    .requiredOption('--release <release>', 'the release, such as 4.19.12')
    .requiredOption('--commit <sha>', "the component's commit in that release")
    .option(...DRY_RUN)
    .option(...YES)
    .addHelpText('before', examples('fleetfix prepare FIX-1 --release 4.19.12 --commit 5cd2f01a'))
    .action((fix, options) =>
      launch(async (c) => (await import('../commands/prepare.ts')).prepare(c, { fix, ...options })),
    );
}

function proof(program: Command, launch: Launch): void {
  program
    .command('attest')
    .description("a person's verdict on the candidate image")
    .argument('<fix>', FIX)
    .requiredOption('--check <gate>', 'the gate attested')
    .option('--result <result>', 'pass|fail; with --junit the reports say it')
    .option('--junit <files...>', 'reports of the run, as files or folders: what they come to is the word')
    .option('--flaky <policy>', 'with --junit: a test that passed at last passes|fails', 'passes')
    .option('--line <line>', 'only the image of this line')
    .option('--digest <digest>', 'the image that was tested, sha256:…')
    .option('--note <text>', 'what was seen')
    .option(...DRY_RUN)
    .option(...YES)
    .addHelpText(
      'before',
      examples('fleetfix attest FIX-1 --check qe-upgrade --result pass --note "12 upgrades"'),
    )
    .action((fix, options) =>
      launch(async (c) => (await import('../commands/attest.ts')).attest(c, { fix, ...options })),
    );
  program
    .command('acknowledge')
    .description('take the hand-off: nobody else is told')
    .argument('<fix>', FIX)
    .option('--note <text>', 'such as when you will be through')
    .option(...DRY_RUN)
    .option(...YES)
    .addHelpText('before', examples('fleetfix acknowledge FIX-1 --note "on it, two hours"'))
    .action((fix, options) =>
      launch(async (c) => (await import('../commands/acknowledge.ts')).acknowledge(c, { fix, ...options })),
    );
  program
    .command('waive')
    .description('pass over a gate by name, for a time, or an item of the checklist; shown for ever after')
    .argument('<fix>', FIX)
    .option('--gate <gate>', 'the gate')
    .option('--expires <time>', 'with --gate: such as 24h, 06:00Z, or RFC 3339')
    .option('--item <item>', 'in place of a gate: an item of the closing checklist')
    .option(...REASON)
    .option(...DRY_RUN)
    .option(...YES)
    .addHelpText(
      'before',
      examples(
        'fleetfix waive FIX-1 --gate perf-suite --expires 24h --reason "lab is down"',
        'fleetfix waive FIX-1 --item docs --reason "nothing changes for readers"',
      ),
    )
    .action((fix, options) =>
      launch(async (c) => (await import('../commands/waive.ts')).waive(c, { fix, ...options })),
    );
  program
    .command('retry')
    .description('do a failed stage again')
    .argument('<fix>', FIX)
    .requiredOption('--stage <stage>', 'assembly|build|proof|closing')
    .option(...DRY_RUN)
    .option(...YES)
    .addHelpText('before', examples('fleetfix retry FIX-1 --stage build'))
    .action((fix, options) =>
      launch(async (c) => (await import('../commands/retry.ts')).retry(c, { fix, ...options })),
    );
}

function delivery(program: Command, launch: Launch): void {
  program
    .command('plan')
    .description('preview what would be done, and keep it for approval; changes nothing')
    .argument('<fix>', FIX)
    .option('--exclude <selector>', 'leave these out, such as customer=acme|beta,region=eu-1')
    .option('--budget <budget>', 'routine|standard|urgent|emergency, or how many may be expected to break')
    .option('--plan <plan>', 'show this plan instead of making one')
    .option('--exit-code', 'exit 7 when there is something to do')
    .addHelpText(
      'before',
      examples(
        'fleetfix plan FIX-1',
        'fleetfix plan FIX-1 --budget urgent',
        'fleetfix plan FIX-1 --budget 40 --exclude customer=acme',
      ),
    )
    .action((fix, options) =>
      launch(async (c) => (await import('../commands/plan.ts')).plan(c, { fix, ...options })),
    );
  program
    .command('approve')
    .description('approve exactly this plan; its author may not')
    .argument('<fix>', FIX)
    .option('--plan <plan>', 'the plan, P- and 8 hex digits')
    .option(...DRY_RUN)
    .option(...YES)
    .addHelpText('before', examples('fleetfix approve FIX-1 --plan P-7f3a0c12'))
    .action((fix, options) =>
      launch(async (c) => (await import('../commands/approve.ts')).approve(c, { fix, ...options })),
    );
  program
    .command('decline')
    .description('say no to a plan, with a reason')
    .argument('<fix>', FIX)
    .option('--plan <plan>', 'the plan, P- and 8 hex digits')
    .option(...REASON)
    .option(...DRY_RUN)
    .option(...YES)
    .addHelpText(
      'before',
      examples('fleetfix decline FIX-1 --plan P-7f3a0c12 --reason "acme is in a freeze"'),
    )
    .action((fix, options) =>
      launch(async (c) => (await import('../commands/decline.ts')).decline(c, { fix, ...options })),
    );
  program
    .command('start')
    .description('print the plan, ask, and start it')
    .argument('<fix>', FIX)
    .option('--plan <plan>', 'the plan; default: the approved one')
    .option('--reason <text>', 'why; needed after a halt')
    .option(...DRY_RUN)
    .option(...YES)
    .addHelpText('before', examples('fleetfix start FIX-1 --plan P-7f3a0c12'))
    .action((fix, options) =>
      launch(async (c) => (await import('../commands/start.ts')).start(c, { fix, ...options })),
    );
  program
    .command('advance')
    .description(
      'end the wait of a stage, or give the word it waits for; names the stage you believe is open',
    )
    .argument('<fix>', FIX)
    .requiredOption('--from <stage>', 'the open stage')
    .option(...REASON)
    .option(...DRY_RUN)
    .option(...YES)
    .addHelpText('before', examples('fleetfix advance FIX-1 --from canary --reason "customers are down"'))
    .action((fix, options) =>
      launch(async (c) => (await import('../commands/advance.ts')).advance(c, { fix, ...options })),
    );
}
