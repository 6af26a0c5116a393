import { expect, test } from 'vitest';
import { problem, recordedHub, runCli } from '../../../test/worlds/hub.ts';

const MADE = { managementCluster: 'mc-eu-3', token: 'ffa_once', expiresAt: '2026-11-22T10:00:00.000Z' };
const inviting = () =>
  recordedHub('idle', ({ path }) =>
    path === '/api/agents/invitations' ? { status: 201, body: MADE } : undefined,
  );
const posted = (hub: ReturnType<typeof recordedHub>) =>
  hub.sent.filter(({ method }) => method === 'POST').map(({ path, body }) => ({ path, body }));

test('agent invite prints the token to stdout and nothing else, and says how long it is good', async () => {
  const hub = inviting();
  const { exit, out, err } = await runCli(['agent', 'invite', 'mc-eu-3'], hub);
  expect({ exit, out }).toEqual({ exit: 0, out: 'ffa_once\n' });
  expect(err).toContain('shown only now');
  expect(err).toContain('10:00');
  expect(posted(hub)).toEqual([{ path: '/api/agents/invitations', body: { managementCluster: 'mc-eu-3' } }]);
});

test('agent invite asks for as long as is wanted, and refuses what is no length before the hub is asked', async () => {
  const hub = inviting();
  await runCli(['agent', 'invite', 'mc-eu-3', '--expires', '24h'], hub);
  expect(posted(hub)[0]?.body).toEqual({ managementCluster: 'mc-eu-3', validForMs: 86_400_000 });
  const { exit, err } = await runCli(['agent', 'invite', 'mc-eu-3', '--expires', 'soon'], hub);
  expect(exit).toBe(2);
  expect(err).toContain('--expires soon: expected a duration such as 30m');
  expect(posted(hub)).toHaveLength(1);
});

test('agent revoke names the agent, and one that is unknown is exit 2', async () => {
  const hub = recordedHub('idle', ({ path }) =>
    path === '/api/agents/agent-7f3a/revoke'
      ? { body: { agent: 'agent-7f3a', revoked: true } }
      : path.startsWith('/api/agents/')
        ? problem(404, 'not-found', 'no agent is called that')
        : undefined,
  );
  const { exit, out } = await runCli(['agent', 'revoke', 'agent-7f3a'], hub);
  expect({ exit, out }).toMatchObject({ exit: 0, out: expect.stringContaining('agent-7f3a is revoked') });
  expect((await runCli(['agent', 'revoke', '../x'], hub)).exit).toBe(2);
  expect(hub.sent.map(({ path }) => path)).toContain('/api/agents/..%2Fx/revoke');
});

test('get agents shows who is enrolled, who was never heard and who has none', async () => {
  const items = [
    {
      managementCluster: 'mc-1',
      planes: 3,
      reportedAt: '2026-11-21T20:00:00.000Z',
      agent: 'agent-1',
      enrolledAt: '2026-11-20T09:30:00.000Z',
    },
    { managementCluster: 'mc-2', planes: 0, agent: 'agent-2', enrolledAt: '2026-11-21T19:00:00.000Z' },
    { managementCluster: 'mc-3', planes: 5, reportedAt: '2026-11-21T20:00:00.000Z' },
  ];
  const hub = recordedHub('idle', ({ path }) => (path === '/api/agents' ? { body: { items } } : undefined));
  const { out } = await runCli(['get', 'agents'], hub);
  const lines = out.split('\n').map((line) => line.trim().split(/\s{2,}/));
  expect(lines[0]).toEqual(['MGMT CLUSTER', 'PLANES', 'LAST REPORT', 'STATE', 'AGENT', 'ENROLLED']);
  expect(lines[1]![4]).toBe('agent-1');
  expect(lines[2]!.slice(0, 5)).toEqual(['mc-2', '0', 'never', 'silent', 'agent-2']);
  expect(lines[3]!.slice(4)).toEqual(['none', '-']);
});
