import type { Context } from 'hono';
import type { Result } from '../../core/base/result.ts';
import type { Problem } from '../../wire/api.ts';
import { PROBLEMS } from '../../wire/problems.ts';
import type { Trouble } from '../desk.ts';
import type { ApiEnv } from './context.ts';

/** A request that ends with a problem. Thrown anywhere below a route; answered in one place, `app.onError`. */
export class Fault extends Error {
  override name = 'Fault';
  readonly trouble: Trouble;

  constructor(trouble: Trouble) {
    super(trouble.detail);
    this.trouble = trouble;
  }
}

/** The value of a result, or its refusal thrown as a `Fault`. */
export function granted<T>(result: Result<T, Trouble>): T {
  if (!result.ok) throw new Fault(result.error);
  return result.value;
}

/** The problem as it is sent: the registry's title, status and who must act, with this refusal's own words. */
export function problemOf(trouble: Trouble, requestId: string): Problem {
  const kind = PROBLEMS[trouble.code];
  return {
    type: `/docs/problems/${trouble.code}`,
    title: kind.title,
    status: kind.status,
    detail: trouble.detail,
    instance: `urn:fleetfix:request:${requestId}`,
    code: trouble.code,
    whoMustAct: kind.whoMustAct,
    ...(trouble.whoCan && { whoCan: [...trouble.whoCan] }),
    next: (trouble.next ?? []).map((command) => ({ label: command.replace(/^fleetfix /, ''), command })),
    ...(trouble.version !== undefined && { version: trouble.version }),
  };
}

export function answerProblem(c: Context<ApiEnv>, trouble: Trouble): Response {
  const problem = problemOf(trouble, c.get('requestId'));
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
  if (problem.status === 401) headers['www-authenticate'] = 'Bearer realm="fleetfix"';
  if (problem.status === 429) headers['retry-after'] = '60';
  if (problem.status === 503) headers['retry-after'] = '5';
  if (trouble.version !== undefined) headers.etag = `"${trouble.version}"`;
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}
