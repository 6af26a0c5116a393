import { readFile, rename, writeFile } from 'node:fs/promises';
import { isSameRef } from '../../core/hypershift/image-ref.ts';
import type { Edited, LineVersions, OverridesFile, Platform } from '../../ports/overrides-file.ts';
import type { Context } from '../context.ts';
import { Ending, EXIT, type ExitCode, misuse } from '../exit.ts';
import { type Paper, screen, wrap } from '../render/paper.ts';

export type OverridesInput = {
  readonly file: string;
  readonly platform: readonly string[];
  readonly line: string;
  readonly graph: string;
  readonly first?: string;
  readonly nativeFrom?: string;
  readonly image: string;
  readonly commit: string;
  readonly wants: readonly string[];
  readonly contained?: readonly string[];
  readonly ticket: string;
  readonly about: string;
  readonly write?: boolean;
};

/**
 * Puts a fix into HyperShift's overrides file, or says what it would change. Refuses (exit 5) to lose what an entry carries.
 * The file is replaced whole or not at all.
 */
export async function overrides(context: Context, input: OverridesInput): Promise<ExitCode> {
  const editor = await context.io.alone?.overridesFile?.();
  if (editor === undefined) throw new Ending(EXIT.ours, 'overrides cannot be edited from here');
  const before = await readFile(input.file, 'utf8').catch((problem: Error) => {
    throw misuse(`--file ${input.file}: ${problem.message}`);
  });
  const made = make(editor, input, before);
  if (input.write && made.text !== before) await writeWhole(input.file, made.text);
  const { text, ...said } = made;
  await context.out.print({
    value: { ...said, written: input.write === true, text },
    names: [...made.added, ...made.replaced.map((r) => r.where)],
    text: (paper) => screen(lines(input, made, paper), paper),
  });
  return EXIT.done;
}

type Made = Edited &
  Pick<LineVersions, 'versions' | 'skipped' | 'warning'> & {
    readonly pullRequest: { readonly title: string; readonly body: string };
  };

function make(editor: OverridesFile, input: OverridesInput, before: string): Made {
  const { line, image, ticket, about, commit, wants, nativeFrom, contained = [] } = input;
  // What is no platform is refused by name further down.
  const platforms = input.platform as Platform[];
  const found = taken(
    editor.versionsOfLine({
      line,
      graph: input.graph.split(',').map((v) => v.trim()),
      ...(input.first !== undefined && { first: input.first }),
      ...(nativeFrom !== undefined && { nativeFrom }),
    }),
  );
  const holds = (older: string) => (contained.some((one) => isSameRef(one, older)) ? true : undefined);
  const edited = taken(
    editor.add(before, { platforms, line, versions: found.versions, image, ticket }, holds),
  );
  const branch = {
    branch: line,
    platforms,
    versions: found.versions,
    image,
    commit,
    wants,
    skipped: found.skipped,
    replacedImages: [...new Set(edited.replaced.map((r) => r.was))],
    ...(nativeFrom !== undefined && { nativeFrom }),
  };
  const pullRequest = taken(editor.pullRequestText({ ticket, about, branches: [branch] }));
  return { ...found, ...edited, pullRequest };
}

function taken<T extends object>(answer: T | { readonly refused: string }): T {
  if ('refused' in answer) throw new Ending(EXIT.failed, `nothing was changed: ${answer.refused}`);
  return answer;
}

async function writeWhole(file: string, text: string): Promise<void> {
  const fresh = `${file}.new`;
  await writeFile(fresh, text, { flag: 'wx' });
  await rename(fresh, file);
}

function lines(input: OverridesInput, made: Made, paper: Paper): string[] {
  const fact = (label: string, text: string) => wrap(`${label.padEnd(10)}${text}`, paper.width, 10);
  return [
    fact(
      input.write ? 'Written' : 'Would be',
      `${made.added.length} added, ${made.replaced.length} replaced in ${input.file}`,
    ),
    ...(made.added.length > 0 ? [fact('Added', made.added.join(', '))] : []),
    ...made.replaced.map(({ where, was }) => fact('Replaced', `${where}, was ${was}`)),
    ...(made.skipped.length > 0
      ? [fact('Skipped', `the update graph skips ${made.skipped.join(', ')}; they have it too`)]
      : []),
    ...(made.warning !== undefined ? [fact('Warning', made.warning)] : []),
    '',
    made.pullRequest.title,
    '',
    ...made.pullRequest.body.split('\n'),
    ...(input.write ? [] : ['next: the same with --write']),
  ];
}
