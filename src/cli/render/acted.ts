import { clockText, type Instant } from '../../core/base/instant.ts';
import type { Acted } from '../../wire/api.ts';
import { clean, ink, type Paper, screen } from './paper.ts';

/** What an act changed, the state now, how to see it and how to undo it. */
export function renderActed(answer: Acted, when: { dryRun: boolean; now: Instant }, paper: Paper): string {
  const acted = clean(answer);
  if (when.dryRun)
    return screen(
      [`${acted.fix}: nothing was done (dry run). It would:`, ...acted.did.map((line) => `  ${line}`)],
      paper,
    );
  const already = acted.alreadyDoneAt
    ? [`  note   already done at ${clockText(acted.alreadyDoneAt, when.now)} by you; nothing was done twice`]
    : [];
  return screen(
    [
      ...acted.did.map((line) => `${ink(paper, 'bold', acted.fix)}  ${line}`),
      ...already,
      `  state  ${acted.state}, version ${acted.version}`,
      ...(acted.see ? [`  see    ${acted.see}`] : []),
      `  undo   ${acted.undo || 'there is none'}`,
    ],
    paper,
  );
}
