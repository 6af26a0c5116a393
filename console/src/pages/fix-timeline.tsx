import { Skeleton } from '@patternfly/react-core/dist/dynamic/components/Skeleton';
import { TextInput } from '@patternfly/react-core/dist/dynamic/components/TextInput';
import { Tr } from '@patternfly/react-table/dist/dynamic/components/Table';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { FixView } from '../../../src/core/views/fix-view.ts';
import type { TimelineEntry } from '../../../src/core/views/target-view.ts';
import { api } from '../api.ts';
import { Cell } from '../parts/cell.tsx';
import { ListTable } from '../parts/list-table.tsx';
import { TroubleNote } from '../parts/trouble.tsx';
import { agoText } from '../words.ts';

const SHOWN = 300;

const says = (entry: TimelineEntry, words: string): boolean =>
  `${entry.author} ${entry.type} ${entry.surface} ${entry.text}`.toLowerCase().includes(words.toLowerCase());

function EntryRow({ entry, view }: { entry: TimelineEntry; view: FixView }) {
  return (
    <Tr>
      <Cell label="When">
        <time dateTime={entry.at} title={entry.at} className="ff-nowrap">
          {agoText(entry.at, view.at)}
        </time>
      </Cell>
      <Cell label="Who">
        {entry.author} <span className="ff-subtle">{entry.surface}</span>
      </Cell>
      <Cell label="What">
        {entry.text}
        <span className="ff-subtle">
          {' '}
          · version {entry.version}
          {entry.seen === undefined ? '' : `, had seen ${entry.seen}`}
        </span>
      </Cell>
    </Tr>
  );
}

/** The ledger as sentences, newest first: who decided what, having seen which version. */
export function FixTimeline({ view }: { view: FixView }) {
  const [words, setWords] = useState('');
  const query = useQuery({
    queryKey: ['fix', view.id, 'timeline'],
    queryFn: () => api.timeline(view.id),
  });
  if (query.isError && query.data === undefined) return <TroubleNote error={query.error} />;
  if (query.data === undefined) return <Skeleton height="12rem" screenreaderText="Loading the timeline" />;
  const found = query.data.filter((entry) => says(entry, words)).toReversed();
  return (
    <section className="ff-part" aria-label="Timeline">
      <TextInput
        type="search"
        aria-label="Only entries with these words"
        placeholder="Only entries with these words: a person, an event, a text"
        value={words}
        onChange={(_, value) => setWords(value)}
      />
      <p className="ff-subtle" role="status">
        {found.length > SHOWN ? `The newest ${SHOWN} of ` : ''}
        {found.length.toLocaleString('en')} {found.length === 1 ? 'entry' : 'entries'}
      </p>
      <ListTable label="Timeline" columns={['When', 'Who', 'What']}>
        {found.slice(0, SHOWN).map((entry) => (
          <EntryRow key={entry.seq} entry={entry} view={view} />
        ))}
      </ListTable>
    </section>
  );
}
