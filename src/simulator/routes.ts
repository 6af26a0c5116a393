import { z } from 'zod';
import type { Api } from '../hub/api/context.ts';
import { Fault } from '../hub/api/fault.ts';
import { duration } from '../wire/config.ts';
import type { Pump } from './pump.ts';
import type { World } from './world.ts';

const digest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'expected sha256: and 64 hex digits')
  .transform((text) => text as `sha256:${string}`);
const share = z.number().min(0).max(1);

const inputSchema = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('break'),
    digest,
    rate: share,
    delay: duration.default(360_000),
    because: z.string().min(1).max(200).default('unavailable'),
  }),
  z.strictObject({ do: z.literal('silence'), managementCluster: z.string().max(255), for: duration }),
  z.strictObject({
    do: z.literal('upgrade'),
    from: z.string().max(64).optional(),
    version: z.string().min(1).max(64),
    commit: z.string().regex(/^[0-9a-f]{40}$/, 'expected a full commit id'),
    share: share.default(1),
    over: duration.default(7_200_000),
  }),
]);

/** What an admin may do to a simulated world over HTTP. Real fleets have no such routes. */
export function addSimulationRoutes(
  app: Api,
  { world }: { readonly world: World; readonly pump: Pump },
): void {
  app.get('/api/simulation', (c) => c.json({ at: world.now() }));
  app.post('/api/simulation', async (c) => {
    if (!c.get('actor').roles.includes('admin')) {
      const detail = 'only an admin may change the world';
      throw new Fault({ code: 'forbidden', detail, whoCan: ['admin'] });
    }
    const parsed = inputSchema.safeParse(await c.req.json().catch(() => undefined));
    if (!parsed.success) throw new Fault({ code: 'bad-request', detail: z.prettifyError(parsed.error) });
    try {
      carryOut(world, parsed.data);
    } catch (problem) {
      const detail = problem instanceof Error ? problem.message : String(problem);
      throw new Fault({ code: 'invalid', detail });
    }
    return c.json({ at: world.now() }, 202);
  });
}

function carryOut(world: World, input: z.output<typeof inputSchema>): void {
  switch (input.do) {
    case 'break': {
      const { rate, because } = input;
      const delay = { medianMs: input.delay, sigma: 0.4 };
      const { digest } = input;
      world.registerFault({ name: `break ${digest}`, digest, rate, delay, because });
      break;
    }
    case 'silence':
      world.silence(input.managementCluster, input.for);
      break;
    case 'upgrade': {
      const { from, version, commit } = input;
      world.upgrade({ from, to: { version, commit }, share: input.share, overMs: input.over });
      break;
    }
  }
}
