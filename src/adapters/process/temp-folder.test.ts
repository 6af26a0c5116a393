import { existsSync } from 'node:fs';
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inTempFolder } from './temp-folder.ts';

const log = () => {};

it('a temporary folder is ours alone and gone afterwards', async () => {
  const dir = await inTempFolder({ prefix: 'x', log }, async (made) => {
    expect((await stat(made)).mode & 0o777).toBe(0o700);
    await writeFile(join(made, 'file'), 'text');
    return made;
  });
  expect(existsSync(dir)).toBe(false);
});

it('is gone when the work fails too', async () => {
  let dir = '';
  const work = inTempFolder({ prefix: 'x', log }, async (made) => {
    dir = made;
    throw new Error('the work failed');
  });
  await expect(work).rejects.toThrow('the work failed');
  expect(existsSync(dir)).toBe(false);
});

it('is gone when a program made parts of it read-only', async () => {
  const dir = await inTempFolder({ prefix: 'x', log }, async (made) => {
    await mkdir(join(made, 'cache/pkg'), { recursive: true });
    await writeFile(join(made, 'cache/pkg/file'), 'text');
    await chmod(join(made, 'cache/pkg'), 0o500);
    await chmod(join(made, 'cache'), 0o500);
    return made;
  });
  expect(existsSync(dir)).toBe(false);
});
