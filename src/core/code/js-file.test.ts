import { expect, test } from 'vitest';
import { readJsFile } from './js-file.ts';

test('imports and paths are told apart, each once', () => {
  const text = `
import a from 'a'; import b from "./b"; export * from './b';
const c = require<typeof import('c')>('c');
const price = "$"; const d = read('./d.txt'), e = read("../e/f.json"); read('./d.txt');
const built = import(\`./\${price}.ts\`); const g = await import(\`./g.ts\`);
`;
  expect(readJsFile(text)).toEqual({
    imports: ['a', './b', 'c', './g.ts'],
    paths: ['./d.txt', '../e/f.json'],
  });
});

test.each([
  ['a comment between', "import(/* webpackMode: 'lazy' */ './a')"],
  ['a line comment between', "import // all\n  { x } from './a'"],
  ['a regular expression with a quote before', "const r = /[\"'/]/g; require('./a')"],
  ['a division before', "const r = a / b / c; require('./a')"],
  ['a comment that never ends before', "<p>a /* b</p>; require('./a')"],
  ['an address in a text before', "const u = 'http://x'; require('./a')"],
  ['a text that is never closed before', "<p>it's</p>; require('./a')"],
])('an import is seen with %s', (_, text) => {
  expect(readJsFile(text).imports).toContain('./a');
});

test.each([
  ['a line comment', "// import './a'"],
  ['a comment', "/* import './a' */"],
  ['a comment after a regular expression', "x = /[/]*'/; // import './a'"],
])('none is seen in %s', (_, text) => {
  expect(readJsFile(text).imports).toEqual([]);
});

test('text that is made to be slow is read all the same', () => {
  const spaces = ' '.repeat(200_000);
  for (const part of [
    `import${spaces}`,
    `require${spaces}<${spaces}`,
    '"'.repeat(200_000),
    '/*'.repeat(100_000),
    '`'.repeat(199_999),
  ])
    expect(readJsFile(`${part}\nrequire('./a')`).imports).toContain('./a');
});
