import type { Command } from 'commander';
import { examples, type Launch } from './launch.ts';

/** Agents on management clusters, as the hub's admins see to them. */
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
}
