import { Title } from '@patternfly/react-core/dist/dynamic/components/Title';
import type { ReactNode } from 'react';

/** A part of a page, which readers of screens find by its title. */
export function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="ff-part" aria-label={title}>
      <Title headingLevel="h2">{title}</Title>
      {children}
    </section>
  );
}
