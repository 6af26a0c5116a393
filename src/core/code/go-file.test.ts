import { expect, test } from 'vitest';
import { readGoFile } from './go-file.ts';

test('imports are read in every form Go has, and comments are not', () => {
  const text = `// Copyright
//go:build linux

/* import "no/1" */
package main // import "no/2"

import "fmt"; import x "example.com/a"
import (
	. "example.com/b" // "no/3"
	_ \`example.com/c\`
	/* "no/4" */ "example.com/d"; "example.com/e"
)
import ()

var s = \`
import "no/5"
\`
import "no/6"
`;
  expect(readGoFile(text)).toEqual({
    package: 'main',
    imports: ['fmt', 'example.com/a', 'example.com/b', 'example.com/c', 'example.com/d', 'example.com/e'],
    embeds: [],
    isNeverBuilt: false,
  });
});

test('cgo is no package, and a path imported twice is one', () => {
  expect(readGoFile('package a\nimport "C"\nimport "b"\nimport c "b"\n').imports).toEqual(['b']);
});

test('embed lines are read where Go reads them', () => {
  const text = `package a
import _ "embed"
//go:embed one.yaml two/* "with space.txt"
var a string
const text = \`
//go:embed no.yaml
\`
var (
	//go:embed all:dir \`back tick\`
	b embed.FS
)
// go:embed no.yaml
var q = '"' //go:embedded no.yaml
`;
  expect(readGoFile(text).embeds).toEqual(['one.yaml', 'two/*', 'with space.txt', 'all:dir', 'back tick']);
});

test('without the embed package an embed line is a comment', () => {
  expect(readGoFile('package a\n//go:embed x\nvar a string\n').embeds).toEqual([]);
});

test('a script beside a package is told by its build line', () => {
  expect(readGoFile('//go:build ignore\n\npackage main\n').isNeverBuilt).toBe(true);
  expect(readGoFile('// +build ignore\n\npackage main\n').isNeverBuilt).toBe(true);
  expect(readGoFile('//go:build !ignore_me\n\npackage main\n').isNeverBuilt).toBe(false);
  expect(readGoFile('package main\n//go:build ignore\n').isNeverBuilt).toBe(false);
});

test.each(['', 'package', 'import (', '"', '/* open', '\u0000', 'package a\nimport ( "x'])(
  'text that is no Go is no error: %j',
  (text) => expect(readGoFile(text).embeds).toEqual([]),
);
