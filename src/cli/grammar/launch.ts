import { InvalidArgumentError } from 'commander';
import type { Context } from '../context.ts';

/** Runs a command with its context and keeps the exit code; the grammar files say only which command. */
export type Launch = (work: (context: Context) => Promise<number>) => Promise<void>;

/** A whole number from 1, of an option. */
export function positive(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('expected a whole number from 1');
  return Number(text);
}

/** A whole number from 0, of an option. */
export function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('expected a whole number');
  return Number(text);
}

/** A flag that stands for one thing: given twice, the second would silently win. */
export const once =
  (flag: string) =>
  (text: string, before: string | undefined): string => {
    if (before === undefined) return text;
    throw new InvalidArgumentError(`${flag} is given twice (${before}, ${text}), expected once`);
  };

/** Collects an option that may be given more than once. */
export const several = (text: string, before: readonly string[] = []): string[] => [...before, text];

export const FIX = 'id such as FIX-1, or - for the only open fix you own';

/** The examples that lead a command's help. */
export const examples = (...lines: readonly string[]): string =>
  `Examples:\n${lines.map((line) => `  ${line}`).join('\n')}\n`;
