import type { Command } from 'commander';
import { Ending, EXIT } from '../exit.ts';
import { agent } from './agent.ts';
import { examples, type Launch, positive, whole } from './launch.ts';

/** Login, people, checks, and the processes that can be started. */
export function around(program: Command, launch: Launch): void {
  program.commandsGroup('Around');
  logins(program, launch);
  agent(program, launch);
  tools(program, launch);
  processes(program, launch);
}

function logins(program: Command, launch: Launch): void {
  program
    .command('login')
    .description('check a token with the hub and keep it; from --token-file, stdin, or asked for')
    .addHelpText(
      'before',
      examples('fleetfix login --hub https://hub.example --token-file token', 'fleetfix login < token'),
    )
    .action(() => launch(async (c) => (await import('../commands/login.ts')).login(c, program.opts())));
  const people = program.command('people').description('who may use the hub');
  people
    .command('add')
    .description('make a person known, or give them a new token; prints it this once')
    .argument('<name>')
    .requiredOption('--roles <role,...>', 'viewer,requester,engineer,qe,approver,operator,on-call,admin')
    .addHelpText('before', examples('fleetfix people add alice --roles engineer,on-call > token'))
    .action((name, options) =>
      launch(async (c) => (await import('../commands/people.ts')).addPerson(c, { name, ...options })),
    );
  people
    .command('list')
    .description('people and their roles')
    .action(() =>
      launch(async (c) =>
        (await import('../commands/get.ts')).get(c, { noun: 'people', limit: PEOPLE_MAX, all: true }),
      ),
    );
}

const PEOPLE_MAX = 1_000;

function tools(program: Command, launch: Launch): void {
  program
    .command('doctor')
    .description('look at login, hub, clocks, agents and ledger; each line with a remedy')
    .action(() => launch(async (c) => (await import('../commands/doctor.ts')).doctor(c)));
  program
    .command('version')
    .description('the version of this command line')
    .action(() => launch(async (c) => (await import('../commands/version.ts')).version(c)));
  program
    .command('completion')
    .description('print the completion script of a shell')
    .argument('<shell>', 'bash|zsh|fish|powershell')
    .addHelpText(
      'before',
      examples('source <(fleetfix completion bash)', 'fleetfix completion fish | source'),
    )
    .action((shell) => launch(async (c) => (await import('../commands/completion.ts')).completion(c, shell)));
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .helpOption(false)
    .action((words) =>
      launch(async (c) => (await import('../commands/completion.ts')).complete(c, program, words)),
    );
  program
    .command('api')
    .description('one raw call with your login')
    .argument('<method>', 'GET, POST, …')
    .argument('<path>', 'such as /fixes')
    .option('--body <json>', 'the body; - reads it from stdin')
    .option('--if-match <version>', 'the version an act is based on')
    .addHelpText(
      'before',
      examples(
        'fleetfix api GET /fixes',
        'fleetfix api POST /fixes/FIX-1/commands --body \'{"do":"pause"}\'',
      ),
    )
    .action((method, path, options) =>
      launch(async (c) => (await import('../commands/api.ts')).api(c, { method, path, ...options })),
    );
}

const SEED = 1;
const PLANES = 200;

function processes(program: Command, launch: Launch): void {
  const hub = program.command('hub').description('the hub itself');
  hub
    .command('serve')
    .description('start a hub here')
    .option('--config <file>', 'components and policies, YAML')
    .option('--data-dir <dir>', 'where the embedded database and logs are kept')
    .option('--listen <host:port>', 'address to listen on')
    .option(
      '--agent <file...>',
      'an agent to run in this process for each configuration, where the fleet is small',
    )
    .addHelpText(
      'before',
      examples(
        'fleetfix hub serve --config fleetfix.yaml',
        'fleetfix hub serve --agent mc-1.yaml --agent mc-2.yaml',
      ),
    )
    .action((options) =>
      launch(async (c) => {
        if (!c.io.starters) throw notHere('hub serve');
        await c.io.starters.serve(options);
        return EXIT.done;
      }),
    );
  program
    .command('demo')
    .description('the whole route on a simulated fleet, in under three minutes')
    .option('--seed <n>', 'which world', whole, SEED)
    .option('--planes <n>', 'how many control planes', positive, PLANES)
    .option('--keep', 'leave the hub running at the end')
    .addHelpText('before', examples('fleetfix demo', 'fleetfix demo --seed 7 --planes 2000 -o json'))
    .action((options) =>
      launch(async (c) => {
        if (!c.io.starters) throw notHere('demo');
        const output = c.out.format === 'json' ? 'json' : 'text';
        return await c.io.starters.demo({ ...options, keep: options.keep ?? false, output });
      }),
    );
}

const notHere = (what: string) => new Ending(EXIT.ours, `${what} cannot be started from here`);
