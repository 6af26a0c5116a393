// Goal: a reader who follows a link of our own documents arrives. Links to the web are not followed.
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ROOT, textsOf } from './house-files.ts';

type Link = { readonly file: string; readonly line: number; readonly to: string };

const withoutCode = (text: string) =>
  text
    .replace(/^(```|~~~)[\s\S]*?^\1/gm, (block) => block.replace(/[^\n]/g, ''))
    .replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]]/g, ' '));

function linksOf(file: string, text: string): Link[] {
  return withoutCode(text)
    .split('\n')
    .flatMap((line, index) =>
      [...line.matchAll(/\]\(<?([^)>\s]+)>?(?:\s+"[^"]*")?\)/g)].map((m) => ({
        file,
        line: index + 1,
        to: m[1]!,
      })),
    )
    .filter(({ to }) => !/^[a-z]+:/i.test(to));
}

/** Headings as GitHub names them in links. */
function anchorsOf(text: string): string[] {
  const headings = [...withoutCode(text).matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)].map((m) => m[1]!);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
}

function fault({ file, line, to }: Link): string | undefined {
  const [target = '', anchor] = to.split('#');
  const place = target === '' ? path.join(ROOT, file) : path.join(ROOT, path.dirname(file), target);
  if (!existsSync(place)) return `${file}:${line} leads to ${to}, which does not exist`;
  if (anchor === undefined || statSync(place).isDirectory()) return undefined;
  if (anchorsOf(readFileSync(place, 'utf8')).includes(anchor)) return undefined;
  return `${file}:${line} leads to ${to}, but there is no such heading`;
}

test('every relative link in a document leads somewhere', () => {
  const documents = textsOf(/\.md$/);
  expect(documents.map(({ file }) => file)).toEqual(expect.arrayContaining(['README.md', 'ARCHITECTURE.md']));
  const links = documents.flatMap(({ file, text }) => linksOf(file, text));
  expect(links.length).toBeGreaterThan(20);
  expect(links.map(fault).filter((found) => found !== undefined)).toEqual([]);
});

test('a link to nothing and a link to no heading are both seen', () => {
  const sample = linksOf('README.md', 'see [a](no-such.md)\nand [b](#no-such-heading) and `[c](code.md)`');
  expect(sample.map(fault)).toEqual([
    'README.md:1 leads to no-such.md, which does not exist',
    'README.md:2 leads to #no-such-heading, but there is no such heading',
  ]);
});
