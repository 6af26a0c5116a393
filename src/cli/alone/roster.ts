import { dirname, join, resolve } from 'node:path';
import {
  HUB_DAYS_MAX,
  type HubRoster,
  type RosterReport,
  rosterReport,
  spanToRead,
} from '../../core/roster/report.ts';
import type { Context } from '../context.ts';
import { Ending, EXIT, type ExitCode, misuse } from '../exit.ts';
import type { Reading } from '../output.ts';
import { show } from '../show.ts';
import { pastOf } from '../times.ts';
import { renderRoster } from './roster-render.ts';

type Asked = {
  readonly at?: string;
  readonly days: number;
  readonly exitCode?: boolean;
};

export type RosterInput = Asked & {
  /** Absent: the hub is asked. */
  readonly config?: string;
};

const DAYS_MAX = 92;

/** Says who is on duty now and next, and what is wrong with the days to come: by the hub, or by a configuration alone. */
export function roster(context: Context, { config, ...input }: RosterInput): Promise<ExitCode> {
  return config === undefined ? hubRoster(context, input) : ownRoster(context, config, input);
}

async function hubRoster(context: Context, input: Asked): Promise<ExitCode> {
  if (input.at !== undefined)
    throw misuse('--at: the hub knows who is on duty now; another moment is told by --config FILE');
  if (input.days > HUB_DAYS_MAX)
    throw misuse(`--days ${input.days}: expected at most ${HUB_DAYS_MAX} of the hub`);
  let answer: HubRoster | undefined;
  const exit = await show(context, {
    key: `roster ${input.days}`,
    load: async () => {
      answer = await context.client.get<HubRoster>('/roster', { days: input.days });
      return answer;
    },
    reading: readingOf,
  });
  return answer !== undefined && input.exitCode ? exitOf(answer) : exit;
}

async function ownRoster(context: Context, file: string, input: Asked): Promise<ExitCode> {
  const { io, settings, out } = context;
  const at = input.at === undefined ? io.now() : pastOf(input.at, '--at');
  if (input.days > DAYS_MAX) throw misuse(`--days ${input.days}: expected at most ${DAYS_MAX}`);
  if (!io.alone?.roster) throw new Ending(EXIT.ours, 'no calendar can be read from here');
  const { loadRoster, open } = await io.alone.roster();
  const config = await loadRoster(file);
  if (!config.ok) throw misuse(config.error.join('\n'));
  const source = open({
    dir: dirname(resolve(file)),
    copiesDir: join(settings.cacheDir, 'calendars'),
  });
  const answer = rosterReport(await source.read(config.value, spanToRead(at, input.days)), {
    at,
    days: input.days,
  });
  await out.print(readingOf(answer));
  return input.exitCode ? exitOf(answer) : EXIT.done;
}

const readingOf = (answer: RosterReport | HubRoster): Reading => ({
  value: answer,
  names: answer.roles.flatMap(({ role, now }) => now.map(({ person }) => `${role}/${person}`)),
  text: (paper) => renderRoster(answer, paper),
});

/** A gap is something to do; where a calendar could not be read there may be one. */
function exitOf({ roles }: RosterReport): ExitCode {
  if (roles.some(({ gaps }) => gaps.length > 0)) return EXIT.changes;
  return roles.some(({ isRead }) => !isRead) ? EXIT.notYet : EXIT.done;
}
