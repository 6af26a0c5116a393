// Goal: nothing in the repository works only on the machine it was written on. Paths that exist on one
// machine are refused; a test that needs a folder asks os.tmpdir() for one.
import { expect, test } from 'vitest';
import { houseFiles, textOf } from './house-files.ts';

const PLACES = ['work', 'root', 'tmp', 'home', 'Users'];
const placeOfOneMachine = new RegExp(`(?<![\\w.:/@*-])/(${PLACES.join('|')})/[\\w.-]`);

const found = (text: string) =>
  text.split('\n').flatMap((line, index) => (placeOfOneMachine.test(line) ? [index + 1] : []));

test('no file names a folder of one machine; use os.tmpdir(), a relative path or a setting', () => {
  const files = houseFiles().filter((file) => file !== 'package-lock.json');
  expect(files.length).toBeGreaterThan(50);
  const places = files.flatMap((file) => found(textOf(file) ?? '').map((line) => `${file}:${line}`));
  expect(places).toEqual([]);
});

test.each(PLACES)('the check sees a path below %s', (place) => {
  expect(found(`cd /${place}/main`)).toEqual([1]);
  expect(found(`x = '/${place}/main'`)).toEqual([1]);
});

test.each(PLACES)('the check leaves a relative or remote %s alone', (place) => {
  expect(found(`src/${place}/main and https://example.com/${place}/main and ./${place}/x`)).toEqual([]);
});
