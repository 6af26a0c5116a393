import type { Finding } from '../../core/proof/proof.ts';

/** `pkg/a.go:12  what was found there`. */
export const findingText = ({ path, line, text }: Finding): string => {
  const place = path === undefined ? '' : `${path}${line === undefined ? '' : `:${line}`}  `;
  return `${place}${text}`;
};

const SHOWN = 6;

/** The first of what a check found. The whole stands in `fleetfix get evidence`. */
export function someFindings(findings: readonly Finding[]): string[] {
  const more = findings.length - SHOWN;
  const shown = findings.slice(0, SHOWN).map(findingText);
  return more > 0 ? [...shown, `and ${more} more: fleetfix get evidence`] : shown;
}
