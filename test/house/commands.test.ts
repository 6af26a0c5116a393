// Goal: a command that a document shows can be typed. Method: every `fleetfix …` and `npm …` in our documents
// is held against the help of the real command line, and against the scripts of package.json.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ROOT, textsOf } from './house-files.ts';

type Shown = { readonly place: string; readonly program: string; readonly words: readonly string[] };

/** Commands in code blocks (a line that begins with the program) and in inline code. */
function commandsOf(file: string, text: string): Shown[] {
  let fenced = false;
  return text.split('\n').flatMap((line, index) => {
    if (/^(```|~~~)/.test(line)) fenced = !fenced;
    const inBlock = fenced || line.startsWith('    ');
    const codes = inBlock ? [line] : [...line.matchAll(/`([^`]+)`/g)].map((m) => m[1]!);
    return codes.flatMap((code) => {
      const found = /^\s*(?:\$ )?(?:\w+=\S+ )*(fleetfix|npm) (\S.*)$/.exec(code);
      if (!found) return [];
      const words = found[2]!.replace(/\s(#|→|\|).*$/, '').match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
      return [{ place: `${file}:${index + 1}`, program: found[1]!, words }];
    });
  });
}

const shown = textsOf(/\.md$/).flatMap(({ file, text }) => commandsOf(file, text));

test('the documents show commands of both kinds', () => {
  const read = shown.filter(({ place }) => place.startsWith('README.md:'));
  expect(read.filter(({ program }) => program === 'fleetfix').length).toBeGreaterThan(5);
  expect(read.filter(({ program }) => program === 'npm').length).toBeGreaterThan(1);
});

const scripts: Record<string, string> = JSON.parse(
  readFileSync(path.join(ROOT, 'package.json'), 'utf8'),
).scripts;

test('every npm script a document shows is one', () => {
  const wrong = shown
    .filter(({ program }) => program === 'npm')
    .filter(({ words: [verb = '', name = ''] }) => {
      if (verb === 'run') return name !== '' && !Object.hasOwn(scripts, name);
      return (verb === 'test' || verb === 'start') && !Object.hasOwn(scripts, verb);
    });
  expect(wrong.map(({ place, words }) => `${place}: npm ${words.join(' ')}`)).toEqual([]);
});

const helps = new Map<string, Promise<string | undefined>>();

/** What the command line says of itself below these verbs; undefined when there is no such verb. */
function helpOf(...verbs: string[]): Promise<string | undefined> {
  const key = verbs.join(' ');
  const asked = helps.get(key) ?? ask(verbs);
  helps.set(key, asked);
  return asked;
}

function ask(verbs: readonly string[]): Promise<string | undefined> {
  const args = [path.join(ROOT, 'bin', 'fleetfix.mjs'), ...verbs, '--help'];
  return new Promise((resolve) =>
    execFile(process.execPath, args, (error, stdout) => resolve(error ? undefined : stdout)),
  );
}

const listed = (help: string, verb: string) => new RegExp(`^ {2,}${verb}(?=[ ,|\\n])`, 'm').test(help);

/** Why a shown command cannot be typed; undefined when it can. */
async function fault({ place, words }: Shown): Promise<string | undefined> {
  const line = `${place}: fleetfix ${words.join(' ')}`;
  const [verb = '', below = ''] = words;
  if (verb.startsWith('-')) return undefined;
  const top = (await helpOf()) ?? '';
  if (!listed(top, verb)) return `${line}\n  there is no ${verb}`;
  let help = await helpOf(verb);
  if (help === undefined) return `${line}\n  ${verb} --help fails`;
  if (/^Commands:/m.test(help) && below !== '' && !below.startsWith('-')) {
    if (!listed(help, below)) return `${line}\n  ${verb} has no ${below}`;
    help = await helpOf(verb, below);
  }
  const flags = words.flatMap((word) => /^(--[a-z][a-z-]*)/.exec(word)?.[1] ?? []);
  const unknown = flags.filter((flag) => !`${help}${top}`.includes(flag));
  return unknown.length > 0 ? `${line}\n  ${verb} does not take ${unknown.join(' ')}` : undefined;
}

test('every fleetfix command a document shows is one, with flags it takes', async (context) => {
  if (!existsSync(path.join(ROOT, 'src', 'cli', 'main.ts')))
    context.skip('src/cli/main.ts is not written yet');
  const faults: string[] = [];
  for (const one of shown.filter(({ program }) => program === 'fleetfix')) {
    const found = await fault(one);
    if (found) faults.push(found);
  }
  expect(faults).toEqual([]);
});

test('a verb and a flag that do not exist are both seen', async (context) => {
  if (!existsSync(path.join(ROOT, 'src', 'cli', 'main.ts')))
    context.skip('src/cli/main.ts is not written yet');
  const [verb, flag] = commandsOf(
    'x.md',
    '    fleetfix frobnicate FIX-1\n    fleetfix status FIX-1 --frobnicate\n',
  );
  expect(await fault(verb!)).toContain('there is no frobnicate');
  expect(await fault(flag!)).toContain('status does not take --frobnicate');
});
