import { Table, Tbody, Th, Thead, Tr } from '@patternfly/react-table/dist/dynamic/components/Table';
import type { ReactNode } from 'react';

type Props = {
  readonly label: string;
  readonly columns: readonly string[];
  /** Below this width each row becomes a list of its cells. */
  readonly narrow?: 'md' | 'lg';
  readonly children: ReactNode;
};

/** A table to read: not a grid, for nothing in it is walked by arrow keys. */
export function ListTable({ label, columns, narrow = 'md', children }: Props) {
  return (
    <Table variant="compact" role="table" gridBreakPoint={`grid-${narrow}`} aria-label={label}>
      <Thead>
        <Tr>
          {columns.map((column) => (
            <Th key={column} modifier="nowrap">
              {column}
            </Th>
          ))}
        </Tr>
      </Thead>
      <Tbody>{children}</Tbody>
    </Table>
  );
}
