import { Button } from '@patternfly/react-core/dist/dynamic/components/Button';
import {
  Masthead,
  MastheadBrand,
  MastheadContent,
  MastheadMain,
} from '@patternfly/react-core/dist/dynamic/components/Masthead';
import { Page } from '@patternfly/react-core/dist/dynamic/components/Page';
import { SkipToContent } from '@patternfly/react-core/dist/dynamic/components/SkipToContent';
import AdjustIcon from '@patternfly/react-icons/dist/dynamic/icons/adjust-icon';
import OutlinedQuestionCircleIcon from '@patternfly/react-icons/dist/dynamic/icons/outlined-question-circle-icon';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useMemo, useState } from 'react';
import { api } from '../api.ts';
import { useKeys } from '../keys.ts';
import { endSession } from '../session.ts';
import { chosenTheme, turnTheme } from '../theme.ts';
import { Help } from './help.tsx';

function Account() {
  const person = useQuery({
    queryKey: ['whoami'],
    queryFn: () => api.whoami(),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <>
      {person.data === undefined ? null : (
        <span className="ff-account" title={person.data.roles.join(', ')}>
          {person.data.name}
        </span>
      )}
      <Button variant="link" onClick={() => endSession()}>
        Log out
      </Button>
    </>
  );
}

function Tools({ onHelp, loggedIn }: { onHelp: () => void; loggedIn: boolean }) {
  const [theme, setTheme] = useState(chosenTheme);
  return (
    <div className="ff-tools">
      <Button
        variant="plain"
        icon={<AdjustIcon />}
        aria-label={`Colours: ${theme}. Change`}
        onClick={() => setTheme(turnTheme())}
      />
      <Button
        variant="plain"
        icon={<OutlinedQuestionCircleIcon />}
        aria-label="Keys and acts"
        onClick={onHelp}
      />
      {loggedIn ? <Account /> : null}
    </div>
  );
}

/** What stands around every page. */
export function Shell({ loggedIn, children }: { loggedIn: boolean; children: ReactNode }) {
  const [help, setHelp] = useState(false);
  const navigate = useNavigate();
  useKeys(
    useMemo(
      () => ({
        '?': () => setHelp(true),
        'g n': () => void navigate({ to: '/', search: {} }),
        'g r': () => void navigate({ to: '/roster' }),
      }),
      [navigate],
    ),
  );
  const masthead = (
    <Masthead display={{ default: 'inline' }}>
      <MastheadMain>
        <MastheadBrand>
          <Link to="/" className="ff-brand">
            <img src="/icon.svg" alt="" width="24" height="24" /> Fleetfix
          </Link>
        </MastheadBrand>
      </MastheadMain>
      <MastheadContent>
        <Tools onHelp={() => setHelp(true)} loggedIn={loggedIn} />
      </MastheadContent>
    </Masthead>
  );
  return (
    <Page
      masthead={masthead}
      mainContainerId="main"
      skipToContent={<SkipToContent href="#main">Skip to content</SkipToContent>}
      isContentFilled
    >
      {children}
      {help ? <Help onClose={() => setHelp(false)} /> : null}
    </Page>
  );
}
