import { Button } from '@patternfly/react-core/dist/dynamic/components/Button';
import { Skeleton } from '@patternfly/react-core/dist/dynamic/components/Skeleton';
import { Title } from '@patternfly/react-core/dist/dynamic/components/Title';
import { useMutation, useQuery } from '@tanstack/react-query';
import type {
  HandOff,
  HandOffGate,
  HandOffLine,
  HandOffTests,
  HowTo,
} from '../../../src/core/hand-off/hand-off.ts';
import type { FixView } from '../../../src/core/views/fix-view.ts';
import { api } from '../api.ts';
import { CopyCommand } from '../parts/copy-command.tsx';
import { FindingList } from '../parts/finding-list.tsx';
import { TroubleNote } from '../parts/trouble.tsx';
import { countText } from '../words.ts';

/** What makes it another hand-off: images and where their gates stand. Time and reports do not. */
const contentOf = (view: FixView): string =>
  JSON.stringify([
    view.state,
    view.lines.map(({ line, commit, digest, gates }) => [
      line,
      commit,
      digest,
      gates.map(({ gate, state }) => [gate, state]),
    ]),
  ]);

const FORMS = [
  { as: 'html', label: 'Save as a page' },
  { as: 'md', label: 'Save as Markdown' },
] as const;

/** Hands a file to the browser. The page has a style of its own, which only a saved one may use. */
function save(name: string, body: Blob): void {
  const url = URL.createObjectURL(body);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

function Saving({ fix }: { fix: string }) {
  const saving = useMutation({
    mutationFn: async (as: 'html' | 'md') => save(`${fix}-hand-off.${as}`, await api.handOffPage(fix, as)),
  });
  return (
    <>
      <div className="ff-head">
        {FORMS.map(({ as, label }) => (
          <Button
            key={as}
            variant="secondary"
            isDisabled={saving.isPending}
            onClick={() => saving.mutate(as)}
          >
            {label}
          </Button>
        ))}
      </div>
      {saving.isError ? <TroubleNote error={saving.error} /> : null}
    </>
  );
}

const TONES: Partial<Readonly<Record<HandOffGate['state'], string>>> = {
  met: 'ff-tone-success',
  failed: 'ff-tone-danger',
};

function Gate({ gate }: { gate: HandOffGate }) {
  return (
    <li>
      {gate.gate} <strong className={TONES[gate.state] ?? 'ff-tone-warning'}>{gate.state}</strong>:{' '}
      {gate.because}
      {gate.findings === undefined ? null : <FindingList findings={gate.findings} />}
      {gate.verdict === undefined ? null : (
        <p>
          <CopyCommand command={gate.verdict.command} label={`Role ${gate.verdict.by}`} />
        </p>
      )}
    </li>
  );
}

function Tests({ tests }: { tests: HandOffTests | undefined }) {
  if (tests === undefined) return null;
  if (!tests.known) return <p className="ff-tone-warning">Tests are not known: {tests.because}.</p>;
  const count = tests.tests.length + tests.testsLeftOut;
  return (
    <>
      <p>
        {count} of {countText(tests.all, 'test')} reach what was changed, nearest first
        {tests.testsLeftOut > 0 ? `; ${tests.testsLeftOut} are not listed` : ''}.
      </p>
      <ol>
        {tests.tests.map(({ id, command }) => (
          <li key={id}>
            <code>{command}</code>
          </li>
        ))}
      </ol>
      {tests.suites.length === 0 ? null : (
        <ul>
          {tests.suites.map(({ name, command, owner }) => (
            <li key={name}>
              Suite {name}
              {owner === undefined ? '' : `, ${owner}`}{' '}
              {command === undefined ? null : <code>{command}</code>}
            </li>
          ))}
        </ul>
      )}
      {tests.notCovered.length === 0 ? (
        <p>Every changed file is covered by a test or a suite.</p>
      ) : (
        <>
          <p className="ff-tone-warning">Nothing tests:</p>
          <ul>
            {tests.notCovered.map(({ path, because }) => (
              <li key={path}>
                <code>{path}</code>: {because}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Steps({ how }: { how: HowTo }) {
  return (
    <>
      <p>{how.text}</p>
      {how.steps.map(({ what, command }) => (
        <p key={command}>
          <CopyCommand command={command} label={what} />
        </p>
      ))}
      <ul>
        {how.know.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
    </>
  );
}

function LinePart({ line }: { line: HandOffLine }) {
  const name = `Line ${line.line}`;
  const { deployed } = line;
  return (
    <section className="ff-part" aria-label={name}>
      <Title headingLevel="h2">{name}</Title>
      {line.digest === undefined ? (
        <p className="ff-subtle">
          Nothing to test: {line.outcome}: {line.because}
        </p>
      ) : (
        <p>
          <code>{line.image}</code>
        </p>
      )}
      {line.earlier.length === 0 ? null : (
        <p className="ff-tone-warning">
          Its image has changed. A verdict on one of these does not count for it:{' '}
          {line.earlier.map(({ digest }) => (
            <code key={digest}>{digest} </code>
          ))}
        </p>
      )}
      {line.notRead === undefined ? null : <p className="ff-tone-warning">Not known: {line.notRead}</p>}
      {deployed === undefined ? null : (
        <p>
          Differs from what is deployed in {countText(deployed.total.files, 'file')}, +{deployed.total.added}{' '}
          −{deployed.total.removed}
          {line.passengers.length === 0 ? '; nothing rides along' : ''}
          {line.passengers.map(({ subject }) => `; rides along: ${subject}`)}
          {line.carries.map(({ fix, title }) => `; carries ${fix} ${title}`)}.
        </p>
      )}
      <ul>
        {line.gates.map((gate) => (
          <Gate key={gate.gate} gate={gate} />
        ))}
      </ul>
      <Tests tests={line.tests} />
      {line.cluster === undefined ? null : (
        <>
          <Title headingLevel="h3">A cluster with it</Title>
          <Steps how={line.cluster} />
        </>
      )}
    </section>
  );
}

function Whole({ it }: { it: HandOff }) {
  return (
    <>
      {it.lines.map((line) => (
        <LinePart key={line.line} line={line} />
      ))}
      <section className="ff-part" aria-label="How to take it back">
        <Title headingLevel="h2">How to take it back</Title>
        <Steps how={it.back} />
      </section>
      <section className="ff-part" aria-label="Who to ask">
        <Title headingLevel="h2">Who to ask</Title>
        <ul>
          {it.contacts.map(({ for: what, who }) => (
            <li key={what}>
              {who}: {what}
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

/** What whoever tests the fix must know, bound to its images. */
export function FixHandOff({ view }: { view: FixView }) {
  const query = useQuery({
    // Tests are selected when it is asked for: not anew with every report.
    queryKey: ['hand-off', view.id, contentOf(view)],
    queryFn: () => api.handOff(view.id),
    staleTime: 60_000,
    retry: false,
  });
  return (
    <div className="ff-hand-off">
      <p className="ff-subtle">It holds for the images named here by digest and for no others.</p>
      <Saving fix={view.id} />
      {query.isError ? (
        <TroubleNote error={query.error} />
      ) : query.data === undefined ? (
        <Skeleton height="12rem" screenreaderText="Making the hand-off" />
      ) : (
        <Whole it={query.data} />
      )}
    </div>
  );
}
