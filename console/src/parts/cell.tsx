import { Td } from '@patternfly/react-table/dist/dynamic/components/Table';
import type { ReactNode } from 'react';

/** A cell of a table that becomes a list on narrow screens: `label` stands before it there. */
export function Cell({ label, children }: { label: string; children?: ReactNode }) {
  return (
    <Td dataLabel={label}>
      <div className="ff-td">{children}</div>
    </Td>
  );
}
