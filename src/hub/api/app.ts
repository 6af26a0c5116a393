import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { compress } from 'hono/compress';
import { HTTPException } from 'hono/http-exception';
import { StorageDown, Unstorable } from '../../ports/storage.ts';
import type { Trouble } from '../desk.ts';
import { agents } from './agents.ts';
import type { Api, ApiEnv, ApiParts } from './context.ts';
import { answerProblem, Fault } from './fault.ts';
import { getEvents } from './get-events.ts';
import { getExport } from './get-export.ts';
import { getFix } from './get-fix.ts';
import { getFixes } from './get-fixes.ts';
import { getFleet } from './get-fleet.ts';
import { getGates } from './get-gates.ts';
import { getHandOff } from './get-hand-off.ts';
import { getLogs } from './get-logs.ts';
import { getOpenApi } from './get-openapi.ts';
import { getProbes } from './get-probes.ts';
import { getProblemPages } from './get-problem-pages.ts';
import { getReplay } from './get-replay.ts';
import { getRoster } from './get-roster.ts';
import { getTargets } from './get-targets.ts';
import { getTestTimes } from './get-test-times.ts';
import { getVerify } from './get-verify.ts';
import { authenticate, identifyRequest, limitBody, observe, requireRole, tellTime } from './middleware.ts';
import { people } from './people.ts';
import { plans } from './plans.ts';
import { postCommands } from './post-commands.ts';
import { postFixes } from './post-fixes.ts';
import { withoutSecrets } from './secrets.ts';
import { consoleAnswer } from './static-console.ts';
import { refuseInvalid } from './validation.ts';

const GROUPS = [
  getFixes,
  postFixes,
  getFix,
  getTargets,
  getLogs,
  getHandOff,
  getExport,
  plans,
  postCommands,
  getFleet,
  getGates,
  getTestTimes,
  getRoster,
  agents,
  getReplay,
  getVerify,
  people,
  getEvents,
  getProbes,
  getProblemPages,
  getOpenApi,
] as const;

/**
 * The HTTP API of the hub, the console's files and the probes, as one application without a server:
 * `app.request(…)` in tests, `listen(app, …)` (serve.ts) in the hub. It decides nothing; every answer
 * is the desk's.
 */
export function createApi(parts: ApiParts): Api {
  const api: Api = new OpenAPIHono<ApiEnv>({ defaultHook: refuseInvalid });
  api.use('*', identifyRequest, observe(parts));
  api.use('/api/*', tellTime(parts), authenticate(parts), requireRole, limitBody);
  api.use('/assets/*', compress());
  for (const register of GROUPS) register(api, parts);
  api.onError((thrown, c) => answerProblem(c, troubleOf(thrown, c, parts)));
  // The console is what is left, so that routes added to this application later come before it.
  api.notFound(async (c) => {
    try {
      return (await consoleAnswer(c, parts.consoleDir)) ?? answerProblem(c, nothingAt(c.req.path));
    } catch (thrown) {
      return answerProblem(c, troubleOf(thrown as Error, c, parts));
    }
  });
  return api;
}

const nothingAt = (path: string): Trouble => ({
  code: 'not-found',
  detail: `nothing is at ${path.slice(0, 200)}; /openapi.json lists what is`,
});

function troubleOf(thrown: Error, c: Context<ApiEnv>, { log }: ApiParts): Trouble {
  if (thrown instanceof Fault) return thrown.trouble;
  if (thrown instanceof HTTPException) return troubleOfTransport(thrown);
  if (thrown instanceof Unstorable) return { code: 'bad-request', detail: thrown.message };
  const fields = {
    requestId: c.get('requestId'),
    error: {
      name: thrown.name,
      message: withoutSecrets(thrown.message),
      stack: withoutSecrets(thrown.stack ?? ''),
    },
  };
  if (thrown instanceof StorageDown) {
    log.warn(fields, 'the database cannot be reached');
    const detail = 'the database cannot be reached; nothing was recorded. Try again with the same key';
    return { code: 'storage-down', detail };
  }
  log.error(fields, 'a request failed in a way it must not');
  const detail = `this is a defect of the hub, not of the request; its log has the rest under ${fields.requestId}`;
  return { code: 'impossible-state', detail };
}

/** What the libraries below us refuse: a body that is not JSON, or not said to be. */
function troubleOfTransport({ status }: HTTPException): Trouble {
  const detail =
    status === 415
      ? 'header.Content-Type: expected application/json'
      : 'body: expected JSON; it could not be read as such';
  return { code: 'bad-request', detail };
}
