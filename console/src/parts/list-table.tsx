import { Caption, Table, Tbody, Th, Thead, Tr } from '@patternfly/react-table/dist/dynamic/components/Table';
import type { ReactNode } from 'react';

/** The name of the table: for those who hear it, or as a caption for everybody. */
type Named =
  | { readonly label: string; readonly caption?: undefined }
  | { readonly caption: string; readonly label?: undefined };

type Props = Named & {
  readonly columns: readonly string[];
  /** Below this width each row becomes a list of its cells. */
  readonly narrow?: 'md' | 'lg';
  readonly children: ReactNode;
};

/** A table to read: not a grid, for nothing in it is walked by arrow keys. */
export function ListTable({ label, caption, columns, narrow = 'md', children }: Props) {
  return (
    <Table
      variant="compact"
      role="table"
      gridBreakPoint={`grid-${narrow}`}
      {...(label === undefined ? {} : { 'aria-label': label })}
    >
      {caption === undefined ? null : <Caption>{caption}</Caption>}
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
