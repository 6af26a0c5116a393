import type { Io } from './io.ts';
import { clean, type Paper } from './render/paper.ts';

export const FORMATS = ['table', 'wide', 'json', 'yaml', 'name'] as const;
export type Format = (typeof FORMATS)[number];

/** One thing to print, in every format: the value as the API gave it, its screen, and its names. */
export type Reading = {
  readonly value: unknown;
  readonly text: (paper: Paper) => string | Promise<string>;
  readonly names: readonly string[];
};

/** Data goes to stdout, talk to stderr, so that a pipe gets data only. */
export type Output = {
  readonly format: Format;
  readonly paper: Paper;
  /** Whether screens are redrawn in place. */
  readonly redraws: boolean;
  print(reading: Reading): Promise<void>;
  /** Text to stdout as it is. */
  data(text: string): void;
  /** A line of talk to stderr. */
  say(text: string): void;
};

export function openOutput(io: Io, options: { format: Format; color: boolean; ascii: boolean }): Output {
  const outIsTty = io.outIsTty ?? io.isTty;
  const paper: Paper = {
    colour: options.color && outIsTty && !io.env.NO_COLOR && io.env.TERM !== 'dumb',
    ascii: options.ascii,
    wide: options.format === 'wide',
    ...(outIsTty && io.width ? { width: io.width } : {}),
  };
  const data = (text: string) => void io.stdout.write(text);
  return {
    format: options.format,
    paper,
    redraws: outIsTty && io.env.TERM !== 'dumb',
    data,
    say: (text) => void io.stderr.write(`${text}\n`),
    async print(reading) {
      data(await textOf(reading, options.format, paper));
    },
  };
}

async function textOf(reading: Reading, format: Format, paper: Paper): Promise<string> {
  if (format === 'json') return `${escapeUnseen(JSON.stringify(reading.value, null, 2))}\n`;
  if (format === 'yaml') return escapeUnseen((await import('yaml')).stringify(reading.value));
  if (format === 'name') return reading.names.map((name) => `${clean(name)}\n`).join('');
  return await reading.text(paper);
}

/** One JSON value on one line. */
export const jsonLine = (value: unknown): string => `${escapeUnseen(JSON.stringify(value))}\n`;

// JSON escapes C0 by itself; C1 and direction characters are legal in it and still not for a terminal.
const UNSEEN = /[\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
const escapeUnseen = (json: string): string =>
  json.replace(UNSEEN, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
