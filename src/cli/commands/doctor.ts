import { statSync } from 'node:fs';
import { durationText, epochMs, type Ms } from '../../core/base/instant.ts';
import { HubProblem } from '../client.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { isQuiet } from '../render/lists.ts';
import { clean, type Paper, screen, tint } from '../render/paper.ts';
import { table } from '../render/table.ts';
import { isExposed } from '../settings.ts';
import type { AgentRow, Items, Person, Verified } from '../shapes.ts';

/** One thing looked at. `remedy` is there whenever it is not ok. */
type Check = {
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'error' | 'not checked';
  readonly found: string;
  readonly remedy?: string;
};

/** Looks at login, hub, clocks, agents and ledger; each line with a remedy. Exit 1 when one is an error. */
export async function doctor(context: Context): Promise<ExitCode> {
  const hub = await checkHub(context);
  const isUp = hub.every((check) => check.state !== 'error');
  const rest = isUp
    ? await Promise.all([checkLogin(context), checkAgents(context), checkLedger(context)])
    : [];
  const checks = [checkConfig(context), ...hub, ...rest];
  await context.out.print({
    value: { checks },
    names: checks.filter((check) => check.state !== 'ok').map((check) => check.check),
    text: (paper) => renderChecks(checks, paper),
  });
  return checks.some((check) => check.state === 'error') ? EXIT.ours : EXIT.done;
}

function renderChecks(checks: readonly Check[], paper: Paper): string {
  const rows = clean(checks).map((c) => [
    c.check,
    tint(paper, c.state),
    c.remedy ? `${c.found} → ${c.remedy}` : c.found,
  ]);
  return screen(table([{ title: 'CHECK' }, { title: 'STATE' }, { title: 'FOUND' }], rows, paper), paper);
}

function checkConfig({ settings }: Context): Check {
  const check = 'config';
  try {
    const isOpen = (statSync(settings.file).mode & 0o077) !== 0;
    if (isOpen && process.platform !== 'win32')
      return {
        check,
        state: 'error',
        found: `${settings.file} can be read by others`,
        remedy: `chmod 600 ${settings.file}`,
      };
    return { check, state: 'ok', found: settings.file };
  } catch {
    const found = settings.token ? 'token from the environment or a file' : `${settings.file} is not there`;
    return settings.token
      ? { check, state: 'ok', found }
      : { check, state: 'warning', found, remedy: 'fleetfix login --token-file FILE' };
  }
}

const SKEW_MAX_MS: Ms = 30_000;

async function checkHub({ client, settings, io }: Context): Promise<Check[]> {
  const check = 'hub';
  try {
    const response = await client.raw('GET', '/healthz', { timeoutMs: 5_000 });
    await response.body?.cancel();
    const clear: Check[] = isExposed(settings.hub)
      ? [
          {
            check: 'transport',
            state: 'warning',
            found: `${settings.hub} is not https`,
            remedy: 'put TLS before the hub',
          },
        ]
      : [];
    return [
      { check, state: 'ok', found: `${settings.hub} answers` },
      checkSkew(response, io.now()),
      ...clear,
    ];
  } catch (problem) {
    const found = problem instanceof Error ? problem.message : String(problem);
    return [{ check, state: 'error', found, remedy: 'fleetfix hub serve, or --hub URL' }];
  }
}

function checkSkew(response: Response, now: string): Check {
  const check = 'clock';
  const theirs = Date.parse(response.headers.get('date') ?? '');
  if (Number.isNaN(theirs)) return { check, state: 'not checked', found: 'the hub sends no date' };
  const skewMs = Math.abs(theirs - epochMs(now));
  // The Date header has whole seconds, so small differences mean nothing.
  return skewMs > SKEW_MAX_MS
    ? {
        check,
        state: 'warning',
        found: `this machine and the hub differ by ${durationText(skewMs)}`,
        remedy: 'set the clock by NTP',
      }
    : { check, state: 'ok', found: 'this machine and the hub agree' };
}

async function checkLogin({ client }: Context): Promise<Check> {
  const check = 'login';
  try {
    const me = await client.get<Person>('/whoami');
    return { check, state: 'ok', found: `${me.name} (${me.roles.join(', ')})` };
  } catch (problem) {
    return troubled(check, problem, 'fleetfix login --token-file FILE');
  }
}

async function checkAgents({ client, now }: Context): Promise<Check> {
  const check = 'agents';
  try {
    const { items } = await client.get<Items<AgentRow>>('/agents');
    const quiet = items.filter((agent) => isQuiet(agent.reportedAt, now()));
    const names = quiet
      .slice(0, 3)
      .map((agent) => agent.managementCluster)
      .join(', ');
    if (items.length === 0)
      return {
        check,
        state: 'warning',
        found: 'none has reported yet',
        remedy: 'fleetfix agent invite CLUSTER',
      };
    if (quiet.length > 0)
      return {
        check,
        state: 'warning',
        found: `${quiet.length} of ${items.length} silent: ${names}`,
        remedy: 'fleetfix get agents',
      };
    return { check, state: 'ok', found: `${items.length} report` };
  } catch (problem) {
    return troubled(check, problem, 'fleetfix get agents');
  }
}

async function checkLedger({ client }: Context): Promise<Check> {
  const check = 'ledger';
  try {
    const verified = await client.get<Verified>('/verify');
    return verified.verified
      ? { check, state: 'ok', found: `${verified.events} events, every hash holds` }
      : { check, state: 'error', found: 'the chain is broken', remedy: 'fleetfix verify' };
  } catch (problem) {
    return troubled(check, problem, 'fleetfix verify');
  }
}

function troubled(check: string, problem: unknown, remedy: string): Check {
  const found = problem instanceof Error ? problem.message : String(problem);
  const mayNot = problem instanceof HubProblem && problem.body.code === 'forbidden';
  return mayNot ? { check, state: 'not checked', found } : { check, state: 'error', found, remedy };
}
