import type { Command } from 'commander';
import { examples, type Launch } from './launch.ts';

/** Agents on management clusters: as the hub's admins see to them, and the agent itself. */
export function agent(program: Command, launch: Launch): void {
  const group = program.command('agent').description('agents on management clusters');
  group
    .command('invite')
    .description('make the one-time token that a management cluster’s agent enrols with; prints it this once')
    .argument('<cluster>', 'the management cluster it is to speak for')
    .option('--expires <duration>', 'how long the token may be used: 1m to 7d (default: 1h)')
    .addHelpText(
      'before',
      examples(
        'fleetfix agent invite mc-eu-3 > token',
        'fleetfix agent invite mc-eu-3 --expires 24h > token',
      ),
    )
    .action((cluster, options) =>
      launch(async (c) => (await import('../commands/agent.ts')).inviteAgent(c, { cluster, ...options })),
    );
  group
    .command('revoke')
    .description('refuse an agent from its next request on')
    .argument('<agent>', 'as `get agents` names it')
    .addHelpText('before', examples('fleetfix agent revoke agent-7f3a90c1d2e3'))
    .action((agent) => launch(async (c) => (await import('../commands/agent.ts')).revokeAgent(c, { agent })));
  const config = ['--config <file>', 'hub, management cluster, components, YAML (docs/agent.md)'] as const;
  group
    .command('enrol')
    .description('use an invitation: this machine becomes the agent of its management cluster')
    .option(...config)
    .option('--invitation <file>', 'file with the one-time token; without it, the token is read from stdin')
    .addHelpText('before', examples('fleetfix agent enrol --config agent.yaml --invitation token'))
    .action((options) =>
      launch(async (c) => (await import('../commands/agent-here.ts')).enrolHere(c, options)),
    );
  group
    .command('run')
    .description('follow this management cluster, tell the hub, carry out its orders')
    .option(...config)
    .addHelpText('before', examples('fleetfix agent run --config agent.yaml'))
    .action((options) =>
      launch(async (c) => (await import('../commands/agent-here.ts')).runHere(c, options)),
    );
}
