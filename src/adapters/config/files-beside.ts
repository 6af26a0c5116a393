import { resolve } from 'node:path';
import type { Config, GateConfig } from '../../wire/config.ts';
import type { CalendarConfig, RosterConfig } from '../../wire/roster.ts';

/** Files that a configuration names lie beside it. What people call them stays what is written there, not where they are. */
export function withFilesBeside(config: Config, dir: string): Config {
  const { links, roster } = config;
  const components = config.components.map((component) => ({
    ...component,
    gates: component.gates.map((gate) =>
      gate.image ? { ...gate, image: imageBeside(gate.image, dir) } : gate,
    ),
  }));
  const tokens = Object.entries(links?.tokens ?? {}).map(([host, file]) => [host, resolve(dir, file)]);
  return {
    ...config,
    components,
    ...(links && { links: { ...links, tokens: Object.fromEntries(tokens) } }),
    ...(roster && { roster: rosterBeside(roster, dir) }),
  };
}

type ImageAsk = NonNullable<GateConfig['image']>;

const imageBeside = ({ keys, trustedRoot, ...same }: ImageAsk, dir: string): ImageAsk => ({
  ...same,
  ...(keys && { keys: keys.map((key) => ({ name: key.file, ...key, file: resolve(dir, key.file) })) }),
  ...(trustedRoot !== undefined && { trustedRoot: resolve(dir, trustedRoot) }),
});

function rosterBeside(roster: RosterConfig, dir: string): RosterConfig {
  const roles = Object.entries(roster.roles).map(([role, { calendars, ...same }]) => [
    role,
    { ...same, calendars: calendars.map((calendar) => calendarBeside(calendar, dir)) },
  ]);
  return { ...roster, roles: Object.fromEntries(roles) };
}

function calendarBeside(calendar: CalendarConfig, dir: string): CalendarConfig {
  const { file } = calendar;
  const urlFile = 'urlFile' in calendar ? calendar.urlFile : undefined;
  return {
    ...(file !== undefined && { name: file }),
    ...calendar,
    ...(file !== undefined && { file: resolve(dir, file) }),
    ...(urlFile !== undefined && { urlFile: resolve(dir, urlFile) }),
  };
}
