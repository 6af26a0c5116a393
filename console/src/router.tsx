import {
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  redirect,
  useNavigate,
} from '@tanstack/react-router';
import { useEffect, useSyncExternalStore } from 'react';
import { DeclarePage } from './pages/declare.tsx';
import { FixPage, type FixTab, isFixTab } from './pages/fix.tsx';

import { LoginPage } from './pages/login.tsx';
import { NowPage } from './pages/now.tsx';
import { RosterPage } from './pages/roster.tsx';
import { Shell } from './parts/shell.tsx';
import { NotHere } from './parts/trouble.tsx';
import { type RolloutSearch, rolloutSearch } from './rollout-search.ts';
import { token, watchSession } from './session.ts';

const here = (): string => location.pathname + location.search;

function Root() {
  const loggedIn = useSyncExternalStore(watchSession, () => token() !== undefined);
  const navigate = useNavigate();
  useEffect(() => {
    if (!loggedIn && location.pathname !== '/login')
      void navigate({ to: '/login', search: { back: here() }, replace: true });
  }, [loggedIn, navigate]);
  return (
    <Shell loggedIn={loggedIn}>
      <Outlet />
    </Shell>
  );
}

const root = createRootRoute({ component: Root, notFoundComponent: () => <NotHere /> });

const mustBeLoggedIn = (): void => {
  if (token() === undefined) throw redirect({ to: '/login', search: { back: here() } });
};

const now = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: mustBeLoggedIn,
  validateSearch: (search): { scope?: 'all' } => (search.scope === 'all' ? { scope: 'all' } : {}),
  component: function Now() {
    const navigate = now.useNavigate();
    return (
      <NowPage
        scope={now.useSearch().scope ?? 'open'}
        onScope={(scope) => navigate({ search: scope === 'all' ? { scope } : {} })}
      />
    );
  },
});

const declare = createRoute({
  getParentRoute: () => root,
  path: '/declare',
  beforeLoad: mustBeLoggedIn,
  component: function Declare() {
    const navigate = useNavigate();
    return <DeclarePage onDone={(fix) => navigate({ to: '/fixes/$id', params: { id: fix } })} />;
  },
});

const roster = createRoute({
  getParentRoute: () => root,
  path: '/roster',
  beforeLoad: mustBeLoggedIn,
  component: RosterPage,
});

/** Only a path of this site: a login link must not lead away from it. */
const isLocal = (path: unknown): path is string =>
  typeof path === 'string' && /^\/(?![/\\])/.test(path) && !path.startsWith('/login');

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: (search): { back?: string } => (isLocal(search.back) ? { back: search.back } : {}),
  component: function Login() {
    // Asked again here: what a route leaves out of its search, its parent hands down unread.
    const { back } = login.useSearch();
    return <LoginPage onDone={() => router.history.push(isLocal(back) ? back : '/')} />;
  },
});

function Fix({ id, tab, search }: { id: string; tab: FixTab; search: RolloutSearch }) {
  const navigate = useNavigate();
  return (
    <FixPage
      key={id}
      fix={id}
      tab={tab}
      onTab={(to) =>
        to === 'overview'
          ? navigate({ to: '/fixes/$id', params: { id } })
          : navigate({ to: '/fixes/$id/$tab', params: { id, tab: to }, search: {} })
      }
      search={search}
      onSearch={(next) =>
        navigate({ to: '/fixes/$id/$tab', params: { id, tab }, search: next, resetScroll: false })
      }
    />
  );
}

const fix = createRoute({
  getParentRoute: () => root,
  path: '/fixes/$id',
  beforeLoad: mustBeLoggedIn,
  component: () => <Fix id={fix.useParams().id} tab="overview" search={{}} />,
});

const fixTab = createRoute({
  getParentRoute: () => root,
  path: '/fixes/$id/$tab',
  beforeLoad: mustBeLoggedIn,
  validateSearch: rolloutSearch,
  component: () => {
    const { id, tab } = fixTab.useParams();
    const search = rolloutSearch(fixTab.useSearch());
    return isFixTab(tab) ? <Fix id={id} tab={tab} search={search} /> : <NotHere />;
  },
});

export const router = createRouter({
  routeTree: root.addChildren([now, login, declare, roster, fix, fixTab]),
  scrollRestoration: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
