import {
  EmptyState,
  EmptyStateActions,
  EmptyStateBody,
  EmptyStateFooter,
} from '@patternfly/react-core/dist/dynamic/components/EmptyState';
import { PageSection } from '@patternfly/react-core/dist/dynamic/components/Page';
import { Skeleton } from '@patternfly/react-core/dist/dynamic/components/Skeleton';
import { Title } from '@patternfly/react-core/dist/dynamic/components/Title';
import CalendarAltIcon from '@patternfly/react-icons/dist/dynamic/icons/calendar-alt-icon';
import { Tr } from '@patternfly/react-table/dist/dynamic/components/Table';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { msBetween } from '../../../src/core/base/instant.ts';
import type { HubRoster, OnDuty, RoleReport } from '../../../src/core/roster/report.ts';
import {
  lastsText,
  nextText,
  rosterRemarks,
  unreadText,
  weekdayText,
} from '../../../src/core/views/roster-words.ts';
import { api, Refused } from '../api.ts';
import { useKeptError } from '../kept-error.ts';
import { Cell } from '../parts/cell.tsx';
import { CopyCommand } from '../parts/copy-command.tsx';
import { ListTable } from '../parts/list-table.tsx';
import { Part } from '../parts/part.tsx';
import { reasonText } from '../parts/sentences.ts';
import { toneClass } from '../parts/state-mark.tsx';
import { useTitle } from '../parts/title.ts';
import { TroubleNote, TroublePage } from '../parts/trouble.tsx';
import { agoText, countText, durationText, sentence, type Tone } from '../words.ts';

const ASK_EVERY_MS = 60_000;

function Mark({ glyph, tone, children }: { glyph: string; tone: Tone; children: ReactNode }) {
  return (
    <span className={toneClass(tone)}>
      <span aria-hidden className="ff-glyph">
        {glyph}
      </span>{' '}
      {children}
    </span>
  );
}

/** Nobody there, and whether that is bad or not known. */
function Vacancy({ isRead, isNeeded }: RoleReport) {
  if (!isRead)
    return (
      <Mark glyph="?" tone="warning">
        UNKNOWN
      </Mark>
    );
  if (!isNeeded) return <span className="ff-subtle">nobody, not needed now</span>;
  return (
    <Mark glyph={'✖\uFE0E'} tone="danger">
      NOBODY
    </Mark>
  );
}

function Has({ one }: { one: OnDuty }) {
  return (
    <div>
      <strong>{one.person}</strong> {one.contact === undefined ? null : one.contact}
    </div>
  );
}

function RoleRow({ role, roster }: { role: RoleReport; roster: HubRoster }) {
  return (
    <Tr>
      <Cell label="Role">{role.role}</Cell>
      <Cell label="Now">
        {role.now.length === 0 ? (
          <Vacancy {...role} />
        ) : (
          role.now.map((one) => <Has key={one.person} one={one} />)
        )}
      </Cell>
      <Cell label="Until">
        {role.now.length === 0
          ? '–'
          : role.now.map((one) => <div key={one.person}>{lastsText(role, one, roster)}</div>)}
      </Cell>
      <Cell label="Next">{nextText(role, roster)}</Cell>
    </Tr>
  );
}

const GAPS_MAX = 30;

function Gaps({ roster }: { roster: HubRoster }) {
  const of = (kind: 'gaps' | 'unknown') =>
    roster.roles.flatMap(({ role, [kind]: spans }) => spans.map((span) => ({ role, kind, ...span })));
  const all = [...of('gaps'), ...of('unknown')].sort((a, b) => (a.from < b.from ? -1 : 1));
  if (all.length === 0)
    return (
      <p>
        <Mark glyph="●" tone="success">
          No gap: somebody is there whenever somebody must be.
        </Mark>
      </p>
    );
  return (
    <>
      <ListTable label="Gaps" columns={['Role', 'From', 'To', 'Length', 'Who']}>
        {all.slice(0, GAPS_MAX).map(({ role, kind, from, to }) => (
          <Tr key={`${role} ${from}`}>
            <Cell label="Role">{role}</Cell>
            <Cell label="From">{weekdayText(from)}</Cell>
            <Cell label="To">{weekdayText(to)}</Cell>
            <Cell label="Length">{durationText(msBetween(from, to))}</Cell>
            <Cell label="Who">
              {kind === 'gaps' ? (
                <Mark glyph={'✖\uFE0E'} tone="danger">
                  nobody
                </Mark>
              ) : (
                <Mark glyph="?" tone="warning">
                  not known
                </Mark>
              )}
            </Cell>
          </Tr>
        ))}
      </ListTable>
      {all.length > GAPS_MAX ? (
        <p>
          and {all.length - GAPS_MAX} more <CopyCommand label="" command="fleetfix roster -o json" />
        </p>
      ) : null}
    </>
  );
}

function CalendarRow({ one, roster }: { one: HubRoster['calendars'][number]; roster: HubRoster }) {
  const unread = unreadText(one, roster.at);
  const notes = [...(unread === undefined ? [] : [unread]), ...one.warnings];
  return (
    <Tr>
      <Cell label="Calendar">{one.calendar}</Cell>
      <Cell label="Role">{one.role}</Cell>
      <Cell label="State">
        {!one.isRead ? (
          <Mark glyph={'✖\uFE0E'} tone="danger">
            not read
          </Mark>
        ) : one.copyFrom === undefined ? (
          <Mark glyph="●" tone="success">
            read {agoText(roster.readAt, roster.at)}
          </Mark>
        ) : (
          <Mark glyph="!" tone="warning">
            copy, {agoText(one.copyFrom, roster.at)}
          </Mark>
        )}
      </Cell>
      <Cell label="Last shift ends">{one.lastsUntil === undefined ? '–' : weekdayText(one.lastsUntil)}</Cell>
      <Cell label="Problems">
        {notes.length === 0 ? 'none' : notes.map((text) => <div key={text}>{text}</div>)}
      </Cell>
    </Tr>
  );
}

function Roster({ roster }: { roster: HubRoster }) {
  const remarks = rosterRemarks(roster);
  return (
    <>
      <ListTable label="On duty" columns={['Role', 'Now', 'Until', 'Next']}>
        {roster.roles.map((role) => (
          <RoleRow key={role.role} role={role} roster={roster} />
        ))}
      </ListTable>
      <Part title={`The next ${countText(roster.days, 'day')}`}>
        <Gaps roster={roster} />
        {remarks.length === 0 ? null : (
          <ul className="ff-plain-list ff-warnings" aria-label="Warnings">
            {remarks.map((text) => (
              <li key={text}>
                <Mark glyph="!" tone="warning">
                  {text}
                </Mark>
              </li>
            ))}
          </ul>
        )}
      </Part>
      <Part title="Calendars">
        <ListTable label="Calendars" columns={['Calendar', 'Role', 'State', 'Last shift ends', 'Problems']}>
          {roster.calendars.map((one) => (
            <CalendarRow key={`${one.role} ${one.calendar}`} one={one} roster={roster} />
          ))}
        </ListTable>
      </Part>
    </>
  );
}

/** A hub without a roster is no fault: what to configure, in the hub's words. */
function NoRoster({ error }: { error: Refused }) {
  const { detail, next } = error.problem;
  return (
    <EmptyState titleText="No roster is configured" headingLevel="h2" icon={CalendarAltIcon}>
      <EmptyStateBody>{sentence(reasonText(detail, []))}</EmptyStateBody>
      <EmptyStateFooter>
        {next.map(({ command }) => (
          <EmptyStateActions key={command}>
            <CopyCommand label="Try one without the hub" command={command} />
          </EmptyStateActions>
        ))}
      </EmptyStateFooter>
    </EmptyState>
  );
}

/** Who has it now, until when, who is next, and where the days to come have nobody. */
export function RosterPage() {
  useTitle('Who is on duty');
  const query = useQuery({
    queryKey: ['roster'],
    queryFn: () => api.roster(),
    refetchInterval: ASK_EVERY_MS,
    retry: (count, error) => !(error instanceof Refused) && count < 2,
  });
  const kept = useKeptError(query.error);
  const { data } = query;
  const error = data === undefined ? kept : (query.error ?? undefined);
  const isNone = error instanceof Refused && error.problem.code === 'not-found';
  if (error !== undefined && data === undefined && !isNone)
    return <TroublePage error={error} onRetry={() => query.refetch()} />;
  return (
    <PageSection className={query.isError && !isNone ? 'ff-page ff-stale' : 'ff-page'} hasBodyWrapper={false}>
      <div className="ff-head">
        <Title headingLevel="h1">Who is on duty</Title>
        {data === undefined ? null : (
          <span className="ff-subtle">
            at {weekdayText(data.at)}, by calendars read {agoText(data.readAt, data.at)}
          </span>
        )}
        <CopyCommand command="fleetfix roster" />
      </div>
      {error === undefined || isNone ? null : (
        <TroubleNote error={error} variant="warning" title="This is what was heard last" />
      )}
      <div className="ff-numbers">
        {isNone ? (
          <NoRoster error={error} />
        ) : data === undefined ? (
          <Skeleton height="12rem" screenreaderText="Loading who is on duty" />
        ) : (
          <Roster roster={data} />
        )}
      </div>
    </PageSection>
  );
}
