// Goal: a process counts as gone once nothing of it is left that could hold a file, a lock or a port.
import { expect, test } from 'vitest';
import { procStat, readStat } from './proc-stat.ts';

// The first fields as Linux 6.18 wrote them of a program: serving; its first thread ended, others still listening on its port; killed.
const RUNS = '14939 (zt) S 14938 14936 13913 0 -1 4194560 349 0 0 0 0 0 0 0 20 0 5 0 8159610 1561288704 1047';
const THREADS_LEFT = '14939 (zt) Z 14938 14936 13913 0 -1 4227340 349 0 0 0 0 0 0 0 20 0 5 0 8159610 0 0';
const GONE = '14621 (zt) Z 1 14583 13913 0 -1 4227340 342 0 0 0 0 0 0 0 20 0 1 0 8151844 0 0';

test.each([
  ['one that runs', RUNS, false],
  ['one whose first thread is a zombie while others hold its port', THREADS_LEFT, false],
  ['a zombie', GONE, true],
  ['one whose name looks like the fields of a zombie', RUNS.replace('(zt)', '(a) Z 1 (b c)'), false],
])('%s', (_, text, isOver) => {
  expect(readStat(text)).toEqual({ start: expect.stringMatching(/^81[0-9]{5}$/), isOver });
});

test.runIf(process.platform === 'linux')('this process runs, and one that cannot be has no entry', () => {
  expect(procStat(process.pid)).toEqual({ start: expect.stringMatching(/^\d+$/), isOver: false });
  expect(procStat(2 ** 30)).toBeUndefined();
});
