import type { Command } from 'commander';
import { examples, type Launch, once, positive, several, whole } from './launch.ts';
import { selectTests } from './select-tests.ts';

const CHANGE = [
  '--change <sha,...|a..b>',
  'the change: commits, or those after A up to B; may be repeated',
] as const;
const GIT_REVERT = ['--git-revert <sha>', 'the change: a git revert of this commit'] as const;
const PATCH = ['--patch <file>', 'the change: what git format-patch or git diff wrote'] as const;
const PR = ['--pr <n|url>', 'the change: a merged pull request'] as const;
const REPO = ['--repo <dir|url>', 'the repository'] as const;
const BRANCH = ['--branch <name>', 'where pull requests are merged; default: main, master or HEAD'] as const;
const AS_OF = ['--as-of <time>', 'propose as if nothing later were there, RFC 3339'] as const;

/** What answers from a repository alone: no hub, no login. */
export function alone(program: Command, launch: Launch): void {
  program.commandsGroup('Alone (no hub needed)');
  program
    .command('assemble')
    .description('put a change onto what is deployed, in memory: the candidate, or why there is none')
    .requiredOption(...REPO)
    .option(...CHANGE, several)
    .option(...GIT_REVERT, once('--git-revert'))
    .option(...PATCH, once('--patch'))
    .option(...PR, once('--pr'))
    .option('--onto <commit>', 'the commit that is deployed; may be repeated', several)
    .option('--carry <sha,...>', 'fixes the candidate must keep, in order; may be repeated', several)
    .option('--with <sha,...>', 'prerequisites to put on before the change; may be repeated', several)
    .option('--accept <kind=tree>', 'take a proposal: reuse|adjacent|regenerate and the tree it showed')
    .option(
      '--regenerate <command>',
      'makes generated files again that a taken proposal left; words, no shell',
    )
    .option('--fix <fix>', 'write this fix into the candidate, such as FIX-1')
    .option(...BRANCH)
    .option(...AS_OF)
    .option('--no-signs', 'do not look for signs that a clean candidate may not be right')
    .option('--search-ms <n>', 'how long remedies of one conflict are looked for', whole)
    .option('--batch <file>', 'JSON lines {"id","change":[…],"onto"}; - reads stdin')
    .option('--parallel <n>', 'how many at once; default: one for each core', positive)
    .addHelpText(
      'before',
      examples(
        'fleetfix assemble --repo . --change 5cd2f01a --onto v4.17.3 --onto v4.18.1',
        'fleetfix assemble --repo . --patch fix.patch --onto 9a1b33c0 --carry 77ab01cd -o json',
        'fleetfix assemble --repo . --batch lines.jsonl -o json > results.jsonl',
      ),
    )
    .action((options) => launch(async (c) => (await import('../alone/assemble.ts')).assemble(c, options)));
  program
    .command('contains')
    .description('whether a commit has a change, and how that is known; exit 5 when it has not')
    .requiredOption(...REPO)
    .requiredOption('--commit <commit>', 'the commit that is asked', once('--commit'))
    .option(...CHANGE, several)
    .option(...GIT_REVERT, once('--git-revert'))
    .option(...PATCH, once('--patch'))
    .option(...PR, once('--pr'))
    .option(...BRANCH)
    .addHelpText('before', examples('fleetfix contains --repo . --commit v4.17.3 --change 5cd2f01a'))
    .action((options) => launch(async (c) => (await import('../alone/contains.ts')).contains(c, options)));
  program
    .command('forecast')
    .description('how long a rollout takes if the fix is good, and how many it breaks if it is bad')
    .option('--fleet <file>', 'the fleet, JSON lines; - reads stdin', once('--fleet'))
    .option('--planes <n>', 'or a made-up fleet of so many control planes', positive)
    .option('--burning <share>', 'with --planes: the share that the incident has broken', Number)
    .option('--policy <file>', 'the pace: a policy or a configuration in YAML', once('--policy'))
    .option('--budget <n>', 'the harm budget: a number, or routine, standard, urgent, emergency')
    .option('--day <day>', 'how the fleet behaves by itself: quiet, noisy, storms', 'quiet')
    .option('--p <share,...>', 'shares that break, from 0 to 1', several)
    .option('--latency <minutes,...>', 'minutes until a break shows', several)
    .option('--seed <n>', 'draws the runs', whole, 1)
    .option(
      '--runs <n>',
      'runs of the good fix and of each bad one (default: 20; fewer above 5,000 planes)',
      positive,
    )
    .addHelpText(
      'before',
      examples(
        'fleetfix forecast --planes 2000 --budget urgent',
        'fleetfix forecast --fleet fleet.jsonl --policy policy.yaml --p 0.05 --latency 10,30 -o json',
      ),
    )
    .action((options) =>
      launch(async (c) => (await import('../alone/forecast.ts')).forecastAlone(c, options)),
    );
  program
    .command('overrides')
    .description(
      'put a fix into HyperShift’s overrides file: exact versions of a line, and the pull request’s text',
    )
    .requiredOption('--file <file>', 'overrides.yaml', once('--file'))
    .requiredOption('--platform <name>', 'aws or azure; may be repeated', several)
    .requiredOption('--line <x.y>', 'the line, such as 4.20', once('--line'))
    .requiredOption('--graph <version,...>', 'versions of the line in the update graph', once('--graph'))
    .option('--first <version>', 'the first that needs it (default: X.Y.0)', once('--first'))
    .option('--native-from <version>', 'the first whose release has the fix', once('--native-from'))
    .requiredOption('--image <ref>', 'host/path@sha256:…', once('--image'))
    .requiredOption('--commit <sha>', 'the commit the image was built from', once('--commit'))
    .requiredOption('--wants <url>', 'a pull request the image holds; may be repeated', several)
    .option('--contained <ref>', 'an image whose changes the new one holds; may be repeated', several)
    .requiredOption('--ticket <text>', 'what the comments name', once('--ticket'))
    .requiredOption('--about <text>', 'a few words for the title', once('--about'))
    .option('--write', 'write the file; without it, only say what would change')
    .addHelpText(
      'before',
      examples(
        'fleetfix overrides --file overrides.yaml --platform aws --line 4.20 --graph 4.20.1,4.20.3 --image REF --commit SHA --wants URL --ticket OCPBUGS-1 --about "watch leak"',
      ),
    )
    .action((options) => launch(async (c) => (await import('../alone/overrides.ts')).overrides(c, options)));
  program
    .command('image')
    .description('what a registry holds of an image')
    .command('verify')
    .description('whether an image is the candidate, signed and built as it must be; exit 5 when it is not')
    .argument('<ref>', 'host/path@sha256:… or host/path:tag')
    .requiredOption('--commit <sha>', 'the candidate, the whole id', once('--commit'))
    .option('--key <file>', 'a public key in PEM that may sign; may be repeated', several)
    .option('--bundle <file>', 'a sigstore bundle, or a trusted_root.json; may be repeated', several)
    .option('--identity <subject=issuer>', 'with a trusted root: who may sign; may be repeated', several)
    .option('--builder <id>', 'a builder that may have built it; may be repeated', several)
    .option('--source <url>', 'the repository the commit must be from; may be repeated', several)
    .option('--arch <os/arch,...>', 'platforms it must have; default: those of --deployed', several)
    .option('--deployed <ref>', 'what runs now: its labels and platforms must all be there')
    .option('--policy <file>', 'keys with their time, builders, rules, mirrors, in YAML (docs/images.md)')
    .option('--authfile <file>', 'credentials; default: those of podman, then docker')
    .option('--plain-http <host>', 'a registry that speaks http without TLS; may be repeated', several)
    .addHelpText(
      'before',
      examples(
        'fleetfix image verify quay.io/example/operator@sha256:DIGEST --commit SHA --key cosign.pub',
        'fleetfix image verify REF --commit SHA --policy image-policy.yaml --deployed REF -o json',
      ),
    )
    .action((ref, options) =>
      launch(async (c) => (await import('../alone/image.ts')).verifyImage(c, { ref, ...options })),
    );
  selectTests(program, launch);
  program
    .command('pace')
    .description('the planner for other programs: one observation in, one step out')
    .requiredOption('--jsonl', 'read JSON lines from stdin, answer each with a line (docs/pace.md)')
    .addHelpText('before', examples('fleetfix pace --jsonl < observations.jsonl'))
    .action(() => launch(async (c) => (await import('../alone/pace.ts')).paceByLines(c)));
}
