import { dirname, join, resolve } from 'node:path';
import { type RosterReport, rosterReport, spanToRead } from '../../core/roster/report.ts';
import type { Context } from '../context.ts';
import { Ending, EXIT, type ExitCode, misuse } from '../exit.ts';
import { pastOf } from '../times.ts';
import { renderRoster } from './roster-render.ts';

export type RosterInput = {
  readonly config: string;
  readonly at?: string;
  readonly days: number;
  readonly exitCode?: boolean;
};

const DAYS_MAX = 92;

/** Says who is on duty now and next, and what is wrong with the days to come. */
export async function roster(context: Context, input: RosterInput): Promise<ExitCode> {
  const { io, settings, out } = context;
  const at = input.at === undefined ? io.now() : pastOf(input.at, '--at');
  if (input.days > DAYS_MAX) throw misuse(`--days ${input.days}: expected at most ${DAYS_MAX}`);
  if (!io.alone?.roster) throw new Ending(EXIT.ours, 'no calendar can be read from here');
  const { loadRoster, open } = await io.alone.roster();
  const config = await loadRoster(input.config);
  if (!config.ok) throw misuse(config.error.join('\n'));
  const source = open({
    dir: dirname(resolve(input.config)),
    copiesDir: join(settings.cacheDir, 'calendars'),
  });
  const answer = rosterReport(await source.read(config.value, spanToRead(at, input.days)), {
    at,
    days: input.days,
  });
  await out.print({
    value: answer,
    names: answer.roles.flatMap(({ role, now }) => now.map(({ person }) => `${role}/${person}`)),
    text: (paper) => renderRoster(answer, paper),
  });
  return input.exitCode ? exitOf(answer) : EXIT.done;
}

/** A gap is something to do; where a calendar could not be read there may be one. */
function exitOf({ roles }: RosterReport): ExitCode {
  if (roles.some(({ gaps }) => gaps.length > 0)) return EXIT.changes;
  return roles.some(({ isRead }) => !isRead) ? EXIT.notYet : EXIT.done;
}
