import { Alert } from '@patternfly/react-core/dist/dynamic/components/Alert';
import { Button } from '@patternfly/react-core/dist/dynamic/components/Button';
import { Card, CardBody, CardFooter, CardTitle } from '@patternfly/react-core/dist/dynamic/components/Card';
import { Title } from '@patternfly/react-core/dist/dynamic/components/Title';
import { short } from '../../../src/core/base/ids.ts';
import type { FixView, LineView, ProposalView } from '../../../src/core/views/fix-view.ts';
import type { CommandRequest } from '../../../src/wire/api.ts';
import { useAct } from '../use-act.ts';
import { countText, sentence } from '../words.ts';
import { CopyCommand } from './copy-command.tsx';
import { reasonText } from './sentences.ts';
import { TroubleNote } from './trouble.tsx';

const NAMES: Readonly<Record<ProposalView['kind'], string>> = {
  reuse: 'Take it from another line',
  prerequisites: 'Put earlier commits on first',
  adjacent: 'Put the edits side by side',
  regenerate: 'Leave files to be made again',
};

/** The act that takes a proposal, the same that the command line sends. */
function takeRequest(line: string, { kind, commits, tree }: ProposalView): CommandRequest {
  return kind === 'prerequisites'
    ? { do: 'backport', to: [line], with: commits }
    : { do: 'backport', to: [line], accept: { kind, tree } };
}

type Acting = ReturnType<typeof useAct>;

function ridesAlong({ passengers: { commits, files, lines } }: ProposalView): string {
  if (commits + files + lines === 0) return 'Nothing rides along.';
  return `Rides along: ${countText(commits, 'commit')}, ${countText(files, 'file')}, ${countText(lines, 'line')}.`;
}

function ProposalFacts({ proposal }: { proposal: ProposalView }) {
  return (
    <>
      <p>
        {sentence(proposal.text)}. {ridesAlong(proposal)}
      </p>
      {proposal.commits.length === 0 ? null : (
        <ul className="ff-list">
          {proposal.commits.map((id, i) => (
            <li key={id}>
              <code>{short(id)}</code> {proposal.subjects[i] ?? ''}
            </li>
          ))}
        </ul>
      )}
      {proposal.look.length === 0 ? null : (
        <>
          <strong>Still to be looked at by a person</strong>
          <ul className="ff-list">
            {proposal.look.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </>
      )}
      {proposal.left.length === 0 ? null : (
        <>
          <strong>Left as the line has it</strong>
          <ul className="ff-list">
            {proposal.left.map(({ path, class: kind }) => (
              <li key={path}>
                {path} <span className="ff-subtle">{kind}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

type CardProps = {
  readonly proposal: ProposalView;
  readonly view: FixView;
  readonly taking: Acting;
  /** The line it is for. */
  readonly line: string;
  readonly id: string;
};

function ProposalCard({ proposal, view, taking, line, id }: CardProps) {
  const act = view.actions.find((action) => action.name === 'backport');
  const allowed = act?.allowed === true;
  const why =
    act === undefined ? 'The hub does not offer it now.' : reasonText(act.because, allowed ? [] : act.whoCan);
  const request = takeRequest(line, proposal);
  const isMine = JSON.stringify(taking.variables?.request) === JSON.stringify(request);
  return (
    <Card isCompact component="article" aria-label={NAMES[proposal.kind]}>
      <CardTitle component="h4">
        {NAMES[proposal.kind]}
        {proposal.outcome === 'clean' ? null : <span className="ff-tone-warning"> · incomplete</span>}
      </CardTitle>
      <CardBody>
        <ProposalFacts proposal={proposal} />
      </CardBody>
      <CardFooter>
        <div className="ff-act">
          <Button
            variant="secondary"
            size="sm"
            isAriaDisabled={!allowed || taking.isSuccess}
            isLoading={taking.isPending && isMine}
            isDisabled={taking.isPending}
            aria-describedby={`${id}-why`}
            onClick={() => taking.press(request, view.version)}
          >
            Take it
          </Button>
          <span id={`${id}-why`} className="ff-subtle">
            {sentence(why)}
          </span>
        </div>
        <CopyCommand command={proposal.command} />
      </CardFooter>
    </Card>
  );
}

function Answer({ taking }: { taking: Acting }) {
  if (taking.isError) return <TroubleNote error={taking.error} />;
  if (taking.data === undefined) return null;
  return (
    <Alert isInline variant="info" title="Taken. The line is assembled with it." component="h4" role="status">
      {taking.data.did.map((text) => (
        <div key={text}>{text}</div>
      ))}
      <CopyCommand label="Take it back" command={taking.data.undo} />
    </Alert>
  );
}

/** Remedies that were tried and work, best first. None is taken without a person's word. */
export function Proposals({ view, line }: { view: FixView; line: LineView }) {
  const taking = useAct(view.id);
  return (
    <section className="ff-parts" aria-label={`What could be done on ${line.line}`}>
      <Title headingLevel="h3">What could be done</Title>
      <Answer taking={taking} />
      {line.proposals.length === 0 ? (
        <div>
          <p>Nothing that was tried goes on. If the line has no such defect, say so:</p>
          <CopyCommand label="" command={`fleetfix backport ${view.id} --not ${line.line}=REASON`} />
        </div>
      ) : (
        <div className="ff-cards">
          {line.proposals.map((proposal) => (
            <ProposalCard
              key={`${proposal.kind} ${proposal.tree}`}
              id={`take-${line.line}-${proposal.tree}`}
              proposal={proposal}
              view={view}
              taking={taking}
              line={line.line}
            />
          ))}
        </div>
      )}
    </section>
  );
}
