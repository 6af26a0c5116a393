import { Button } from '@patternfly/react-core/dist/dynamic/components/Button';
import { PageSection } from '@patternfly/react-core/dist/dynamic/components/Page';
import { Skeleton } from '@patternfly/react-core/dist/dynamic/components/Skeleton';
import { Tab, Tabs, TabTitleText } from '@patternfly/react-core/dist/dynamic/components/Tabs';
import { Title } from '@patternfly/react-core/dist/dynamic/components/Title';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo, useState } from 'react';
import type { FixView } from '../../../src/core/views/fix-view.ts';
import { api, Refused } from '../api.ts';
import { useKeptError } from '../kept-error.ts';
import { useKeys } from '../keys.ts';
import { useLive } from '../live.ts';
import { CopyCommand } from '../parts/copy-command.tsx';
import { HaltNote } from '../parts/halt-note.tsx';
import { LiveNote } from '../parts/live-note.tsx';
import { NeedNote } from '../parts/needs.tsx';
import { PauseAnswer, PauseButton, PauseDialog, usePause } from '../parts/pause.tsx';
import { SeverityLabel } from '../parts/severity.tsx';
import { useTitle } from '../parts/title.ts';
import { TroublePage } from '../parts/trouble.tsx';
import type { RolloutSearch } from '../rollout-search.ts';
import { FixChange } from './fix-change.tsx';
import { FixHandOff } from './fix-hand-off.tsx';
import { FixOverview } from './fix-overview.tsx';
import { FixPlan } from './fix-plan.tsx';
import { FixRollout } from './fix-rollout.tsx';
import { FixTimeline } from './fix-timeline.tsx';

/** Tabs in the order of a fix's life; Proof will stand after Change. */
const TABS = [
  { tab: 'overview', title: 'Overview', command: (fix: string) => `fleetfix status ${fix}` },
  { tab: 'change', title: 'Change', command: (fix: string) => `fleetfix diff ${fix}` },
  { tab: 'hand-off', title: 'Hand-off', command: (fix: string) => `fleetfix hand-off ${fix}` },
  { tab: 'plan', title: 'Plan', command: (fix: string) => `fleetfix plan ${fix}` },
  { tab: 'rollout', title: 'Rollout', command: (fix: string) => `fleetfix get stages --for ${fix}` },
  { tab: 'timeline', title: 'Timeline', command: (fix: string) => `fleetfix timeline ${fix}` },
] as const;
/** Not in the bar, which has no room for one more on a phone: a link above it leads there. */
const APART = 'hand-off';
export type FixTab = (typeof TABS)[number]['tab'];
export const isFixTab = (text: string): text is FixTab => TABS.some((t) => t.tab === text);

const tabPath = (fix: string, tab: FixTab): string =>
  `/fixes/${encodeURIComponent(fix)}${tab === 'overview' ? '' : `/${tab}`}`;

function Headline({ view }: { view: FixView | undefined }) {
  if (view === undefined) return <Skeleton width="60%" screenreaderText="Loading the fix" />;
  return (
    <>
      <div className="ff-row-facts">
        <SeverityLabel severity={view.severity} />
        <span className="ff-subtle">
          {view.incident === undefined ? '' : `${view.incident} · `}
          {view.component} · declared by {view.author}
        </span>
      </div>
      <p className="ff-headline">
        {view.headline}
        <span className="ff-subtle">{view.needs.length === 0 ? ' · nobody is needed' : ''}</span>
      </p>
    </>
  );
}

function Needs({ view }: { view: FixView }) {
  if (view.needs.length === 0) return null;
  return (
    <section aria-label="Needs someone">
      {view.needs.map((need) => (
        <NeedNote key={`${need.who} ${need.what}`} need={need} at={view.at} />
      ))}
    </section>
  );
}

/** The element the tabs change. */
const PART = 'part-of-fix';

function TabBar({ fix, tab, onTab }: { fix: string; tab: FixTab; onTab: (tab: FixTab) => void }) {
  return (
    <Tabs
      activeKey={tab}
      component="nav"
      aria-label={`Parts of ${fix}`}
      onSelect={(event, key) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        onTab(key as FixTab);
      }}
    >
      {TABS.filter(({ tab: key }) => key !== APART).map(({ tab: key, title }) => (
        <Tab
          key={key}
          eventKey={key}
          tabContentId={PART}
          href={tabPath(fix, key)}
          title={<TabTitleText>{title}</TabTitleText>}
        />
      ))}
    </Tabs>
  );
}

function HandOffLink({ fix, onTab }: { fix: string; onTab: (tab: FixTab) => void }) {
  return (
    <Button
      variant="link"
      isInline
      component="a"
      href={tabPath(fix, APART)}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        onTab(APART);
      }}
    >
      Hand-off for those who test it
    </Button>
  );
}

type Props = {
  readonly fix: string;
  readonly tab: FixTab;
  readonly onTab: (tab: FixTab) => void;
  readonly search: RolloutSearch;
  readonly onSearch: (search: RolloutSearch) => void;
};

function body(view: FixView, { tab, search, onSearch }: Props): ReactNode {
  if (tab === 'change') return <FixChange view={view} />;
  if (tab === 'hand-off') return <FixHandOff view={view} />;
  if (tab === 'plan') return <FixPlan view={view} asked={search.id} onShow={(id) => onSearch({ id })} />;
  if (tab === 'rollout') return <FixRollout view={view} search={search} onSearch={onSearch} />;
  if (tab === 'timeline') return <FixTimeline view={view} />;
  return <FixOverview view={view} />;
}

/** One fix: what is broken, where the fix is, whether it is safe, what comes next, and what is needed. */
export function FixPage(props: Props) {
  const { fix, tab, onTab } = props;
  useTitle(fix);
  const live = useLive(fix);
  const query = useQuery({
    queryKey: ['fix', fix, 'view'],
    queryFn: () => api.fix(fix),
    refetchInterval: 15_000,
  });
  const pausing = usePause(fix, query.data);
  const [asking, setAsking] = useState(false);
  useKeys(useMemo(() => ({ h: () => setAsking(true) }), []));
  const view = query.data;
  const error = useKeptError(query.error);
  const gone = error instanceof Refused && [403, 404].includes(error.problem.status);
  if (gone && view === undefined) return <TroublePage error={error} onRetry={() => query.refetch()} />;
  const stale = live.phase === 'reconnecting' || query.isError;
  const command = TABS.find((t) => t.tab === tab)!.command(fix);
  return (
    <PageSection className={stale ? 'ff-page ff-stale' : 'ff-page'} hasBodyWrapper={false}>
      <div className="ff-fix-bar">
        <Title headingLevel="h1" className="ff-fix-title">
          {fix} {view === undefined ? null : <span className="ff-fix-name">{view.title}</span>}
        </Title>
        <PauseButton view={view} pausing={pausing} />
      </div>
      <PauseAnswer fix={fix} view={view} pausing={pausing} />
      <Headline view={view} />
      <div className="ff-head">
        <LiveNote live={live} loadedMs={query.dataUpdatedAt} />
        <CopyCommand command={command} />
        {tab === APART ? null : <HandOffLink fix={fix} onTab={onTab} />}
      </div>
      {view === undefined ? null : <HaltNote view={view} />}
      {view === undefined ? null : <Needs view={view} />}
      <TabBar fix={fix} tab={tab} onTab={onTab} />
      <div id={PART} className="ff-numbers">
        {view !== undefined ? (
          body(view, props)
        ) : error !== undefined ? (
          <TroublePage error={error} onRetry={() => query.refetch()} />
        ) : (
          <Skeleton height="12rem" screenreaderText="Loading" />
        )}
      </div>
      {asking ? <PauseDialog fix={fix} onPause={pausing.press} onClose={() => setAsking(false)} /> : null}
    </PageSection>
  );
}
