import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { TEMPLATE_MAX } from '../../core/texts/template.ts';
import { TemplateProblem, type Templates } from '../../ports/templates.ts';

/**
 * Templates in files that people change: `own` has the hub's own, `shipped` those that came with the product, which
 * are read where the hub has none. Both are read anew each time, so that a change counts at once.
 */
export function openTemplates(folders: { readonly own: string; readonly shipped: string }): Templates {
  return {
    async read(kind) {
      const own = await readFile(join(folders.own, `${kind}.md`));
      if (own !== undefined) return { text: own, from: 'hub' };
      const path = join(folders.shipped, `${kind}.md`);
      const shipped = await readFile(path);
      if (shipped === undefined) throw new TemplateProblem(`template ${path} is not there: put it back`);
      return { text: shipped, from: 'shipped' };
    },
  };
}

/** The text of a file; undefined when there is none. */
async function readFile(path: string): Promise<string | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((problem) => {
    if (problem.code === 'ENOENT' || problem.code === 'ENOTDIR') return undefined;
    throw new TemplateProblem(`template ${path} cannot be read: ${problem.code}`);
  });
  if (file === undefined) return undefined;
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new TemplateProblem(`template ${path} is no file`);
    if (found.size > TEMPLATE_MAX)
      throw new TemplateProblem(`template ${path} has ${found.size} bytes: expected at most ${TEMPLATE_MAX}`);
    return new TextDecoder('utf-8', { fatal: true }).decode(await file.readFile());
  } catch (problem) {
    if (problem instanceof TypeError) throw new TemplateProblem(`template ${path} is not UTF-8`);
    throw problem;
  } finally {
    await file.close();
  }
}
