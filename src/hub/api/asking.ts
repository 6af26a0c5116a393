import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { CommandName } from '../../core/life/command.ts';
import type { Asking } from '../desk.ts';
import type { ApiEnv } from './context.ts';
import { Fault } from './fault.ts';
import { flag } from './route.ts';

/** Acts that only narrow what happens, or bring nothing to any control plane. They are open to a person who has seen nothing yet. */
const NARROWING: ReadonlySet<CommandName> = new Set([
  'pause',
  'rollback',
  'exclude',
  'decline',
  'acknowledge',
  'attest',
  'show',
  'prepare',
  'withdraw',
]);

export const actHeaders = z.object({
  'Idempotency-Key': z
    .string()
    .regex(/^[\x20-\x7e]{1,255}$/, 'expected 1 to 255 printable characters')
    .openapi({ description: 'New for every act; the same when one is tried again. Kept for 7 days.' }),
  'X-Fleetfix-Surface': z
    .enum(['cli', 'console', 'api'])
    .default('api')
    .openapi({ description: 'Where the person acts; recorded with the event.' }),
});

export const commandHeaders = actHeaders.extend({
  'If-Match': z
    .string()
    .optional()
    .openapi({
      description: `The version of the fix you have seen, as its ETag: "12". Required by every command but ${[...NARROWING].join(', ')}.`,
      example: '"12"',
    }),
});

export const actQuery = z.object({
  dryRun: flag.optional().openapi({ description: 'true: say what would be recorded and write nothing.' }),
});

/**
 * The version a person has seen. Throws `version-missing` or `bad-request` when `act` widens anything
 * and the header does not say it; for the rest an unreadable header is as good as none, so that a
 * pause never fails on one.
 */
export function seenBy(act: CommandName, fix: string, ifMatch: string | undefined): number | undefined {
  const version = /^"(0|[1-9]\d{0,8})"$/.exec(ifMatch ?? '')?.[1];
  if (version !== undefined) return Number(version);
  if (NARROWING.has(act)) return undefined;
  const wanted = 'expected the version you have seen as a strong ETag, such as "12"';
  const next = [`fleetfix status ${fix}`];
  if (ifMatch === undefined) {
    throw new Fault({ code: 'version-missing', detail: `header.If-Match: ${act} needs it; ${wanted}`, next });
  }
  throw new Fault({ code: 'bad-request', detail: `header.If-Match: ${wanted}`, next });
}

/** Who asks, from what the route has validated. */
export function askingOf(
  c: Context<ApiEnv>,
  headers: z.output<typeof actHeaders>,
  more: { readonly dryRun?: boolean | undefined; readonly seen?: number | undefined },
): Asking {
  return {
    actor: c.get('actor'),
    surface: headers['X-Fleetfix-Surface'],
    key: headers['Idempotency-Key'],
    dryRun: more.dryRun ?? false,
    ...(more.seen !== undefined && { seen: more.seen }),
  };
}
