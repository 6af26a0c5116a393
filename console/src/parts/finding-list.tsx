import type { Finding } from '../../../src/core/proof/proof.ts';

/** What a check found, place by place. */
export function FindingList({ findings }: { findings: readonly Finding[] }) {
  return (
    <ul className="ff-plain-list">
      {findings.map(({ path, line, text }) => (
        <li key={`${path} ${line} ${text}`}>
          {path === undefined ? null : (
            <code>
              {path}
              {line === undefined ? '' : `:${line}`}
            </code>
          )}{' '}
          {text}
        </li>
      ))}
    </ul>
  );
}
