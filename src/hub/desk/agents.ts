import { type Ms, plus } from '../../core/base/instant.ts';
import { fail, ok } from '../../core/base/result.ts';
import type { AgentRow, Desk, Trouble } from '../desk.ts';
import type { Parts } from '../parts.ts';

/** Who speaks for the management clusters: seen, invited and sent away. */
export function createAgentDesk(parts: Parts): Pick<Desk, 'agents' | 'invite' | 'revokeAgent'> {
  const { agents, clock, fleet, log } = parts;
  return {
    async agents() {
      const rows = new Map<string, AgentRow>();
      for (const { managementCluster, reportedAt, planes } of await fleet.agents())
        rows.set(managementCluster, { managementCluster, planes, reportedAt });
      for (const { agent, managementCluster, enrolledAt } of (await agents?.list()) ?? []) {
        const heard = rows.get(managementCluster) ?? { managementCluster, planes: 0 };
        rows.set(managementCluster, { ...heard, agent, enrolledAt });
      }
      return [...rows.values()].sort((a, b) => (a.managementCluster < b.managementCluster ? -1 : 1));
    },
    async invite(managementCluster: string, validForMs: Ms) {
      if (agents === undefined) return fail(SIMULATED);
      const expiresAt = plus(clock.now(), validForMs);
      const token = await agents.invite(managementCluster, expiresAt);
      log.info({ managementCluster, expiresAt }, 'an agent is invited');
      return ok({ managementCluster, token, expiresAt });
    },
    async revokeAgent(agent) {
      if (agents === undefined) return fail(SIMULATED);
      if (!(await agents.revoke(agent))) return fail(unknownAgent(agent));
      log.info({ agent }, 'an agent is revoked');
      return ok(agent);
    },
  };
}

const SIMULATED: Trouble = {
  code: 'invalid',
  detail:
    'this hub runs a simulated fleet, which takes no agents; start one without `simulation` in its file',
};

const unknownAgent = (agent: string): Trouble => ({
  code: 'not-found',
  detail: `no agent is called ${agent}`,
  next: ['fleetfix get agents'],
});
