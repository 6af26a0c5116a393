import { Button } from '@patternfly/react-core/dist/dynamic/components/Button';
import CopyIcon from '@patternfly/react-icons/dist/dynamic/icons/copy-icon';
import { useEffect, useRef, useState } from 'react';

const SAID_MS = 2_000;

/** Puts text on the clipboard; where there is none (plain http), selects it so that one key copies it. */
async function copy(text: string, shown: HTMLElement | null): Promise<'Copied' | 'Selected'> {
  try {
    await navigator.clipboard.writeText(text);
    return 'Copied';
  } catch {
    if (shown !== null) getSelection()?.selectAllChildren(shown);
    return 'Selected';
  }
}

/** A command line to read and copy. */
export function CopyCommand({ command, label = 'As command' }: { command: string; label?: string }) {
  const [said, setSaid] = useState('');
  const code = useRef<HTMLElement>(null);
  useEffect(() => {
    if (said === '') return;
    const timer = setTimeout(() => setSaid(''), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <span className="ff-command">
      {label === '' ? null : <span className="ff-subtle">{label}</span>}
      <code ref={code}>{command}</code>
      <Button
        variant="plain"
        size="sm"
        icon={<CopyIcon />}
        aria-label={`Copy command: ${command}`}
        onClick={() => copy(command, code.current).then(setSaid)}
      />
      <span role="status" className="ff-subtle">
        {said}
      </span>
    </span>
  );
}
