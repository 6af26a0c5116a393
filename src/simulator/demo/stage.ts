import { PassThrough } from 'node:stream';
import type { Io } from '../../cli/io.ts';
import { run } from '../../cli/run.ts';
import type { FixId } from '../../core/base/ids.ts';
import { type Instant, type Ms, plus } from '../../core/base/instant.ts';
import type { Role } from '../../core/base/roles.ts';
import type { Fix } from '../../core/life/fix.ts';
import type { FixView } from '../../core/views/fix-view.ts';
import { makeFixView } from '../../core/views/make-fix-view.ts';
import type { SimulatedHub } from '../simulated-hub.ts';

/** The people of the demo. Everyone has a token of their own; nobody approves what they declared. */
export const PEOPLE = {
  engineer: ['engineer'],
  qe: ['qe'],
  approver: ['approver'],
  'on-call': ['on-call'],
} as const satisfies Record<string, readonly Role[]>;
export type Person = keyof typeof PEOPLE;

/** Where the demo plays: people with the command line on one side, simulated time on the other. */
export type Stage = {
  /** Runs a command as a person, shows it and its output, and gives the output. Throws when it fails. */
  act(person: Person, argv: readonly string[]): Promise<string>;
  say(text: string): void;
  view(fix: FixId): Promise<FixView>;
  /** The fix as the ledger has it: cheaper than a view. */
  fix(fix: FixId): Promise<Fix>;
  /** Time passes at the wall's pace, for real work, until the condition holds. */
  works(what: string, until: () => Promise<boolean>): Promise<void>;
  /** Time passes as fast as it can until the condition holds; throws when it does not within `withinMs`. */
  passes(what: string, until: () => Promise<boolean>, withinMs: Ms): Promise<void>;
  /** Time jumps forward to `at`: what people take, which is simulated too. */
  until(at: Instant): Promise<void>;
  now(): Instant;
};

/** Real work (builds, gates) that takes longer than this has gone wrong. */
const WORK_WITHIN_MS = 120_000;
const POLL_MS = 50;

export async function openStage(
  simulated: SimulatedHub,
  show: { readonly out: (text: string) => void },
): Promise<Stage> {
  const { hub, pump, clock, storage, url } = simulated;
  const tokens = new Map<Person, string>();
  for (const [name, roles] of Object.entries(PEOPLE)) {
    tokens.set(name as Person, await storage.people.issue(name, [...roles]));
  }

  const view = async (fix: FixId): Promise<FixView> => {
    const it = await hub.cases.open(fix);
    if (it === undefined) throw new Error(`the demo lost ${fix}`);
    return makeFixView(it.fix, it.facts, clock.now());
  };

  return {
    say: (text) => show.out(`\n${text}\n`),
    view,
    fix: async (id) => (await hub.cases.load(id))!,
    now: () => clock.now(),
    async act(person, argv) {
      show.out(`\n${person}$ fleetfix ${argv.map(quoted).join(' ')}\n`);
      const { io, output } = ioFor({ url, token: tokens.get(person)!, now: () => clock.now() });
      const code = await run([...argv], io);
      // What the act leads to happens at this moment, not when time has moved on.
      await hub.settled({ work: false });
      show.out(output());
      if (code !== 0) throw new Error(`fleetfix ${argv.join(' ')} ended with ${code}:\n${output()}`);
      return output();
    },
    async works(what, until) {
      const stop = new AbortController();
      const moving = pump.runFree(1, stop.signal);
      const endsMs = performance.now() + WORK_WITHIN_MS;
      while (!(await until())) {
        if (performance.now() > endsMs)
          throw new Error(`${what} took longer than ${WORK_WITHIN_MS / 1_000} s`);
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
      stop.abort();
      await moving;
      await hub.settled();
    },
    async passes(what, until, withinMs) {
      const { end } = await pump.runUntil({ condition: until, atMost: plus(clock.now(), withinMs) });
      if (end !== 'reached')
        throw new Error(`${what} did not happen within ${withinMs / 60_000} simulated minutes`);
    },
    async until(at) {
      await hub.settled();
      await pump.runUntil({ at });
    },
  };
}

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`);

function ioFor(who: { readonly url: string; readonly token: string; readonly now: () => Instant }) {
  const out = new PassThrough();
  const chunks: Buffer[] = [];
  out.on('data', (chunk: Buffer) => chunks.push(chunk));
  const io: Io = {
    stdout: out,
    stderr: out,
    stdin: new PassThrough(),
    env: { FLEETFIX_HUB: who.url, FLEETFIX_TOKEN: who.token, NO_COLOR: '1', XDG_CACHE_HOME: '/nonexistent' },
    isTty: false,
    fetch: (...call) => fetch(...call),
    now: who.now,
    width: 120,
  };
  return { io, output: () => Buffer.concat(chunks).toString('utf8') };
}
