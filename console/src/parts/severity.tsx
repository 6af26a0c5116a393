import { Label } from '@patternfly/react-core/dist/dynamic/components/Label';
import type { Severity } from '../../../src/core/life/policy.ts';

const COLORS = { critical: 'red', high: 'orange', moderate: 'blue' } as const;

export function SeverityLabel({ severity }: { severity: Severity }) {
  return (
    <Label isCompact variant="outline" color={COLORS[severity] ?? 'grey'}>
      {severity}
    </Label>
  );
}
