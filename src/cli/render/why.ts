import type { WhyView } from '../../core/views/why-view.ts';
import { clean, type Paper, screen, wrap } from './paper.ts';

const LABEL = 15;

/** What a fix or one control plane waits for: since when, until when, and who can end it. */
export function renderWhy(asked: WhyView, paper: Paper): string {
  const view = clean(asked);
  const facts = view.facts.map(({ label, text }) =>
    wrap(`  ${label.padEnd(LABEL)}${text}`, paper.width, LABEL + 2),
  );
  return screen([wrap(view.headline, paper.width), ...facts], paper);
}
