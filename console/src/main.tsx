import '@patternfly/react-core/dist/styles/base.css';
import './console.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Refused } from './api.ts';
import { router } from './router.tsx';
import { watchSession } from './session.ts';
import { applyTheme } from './theme.ts';

applyTheme();

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // The page says when its numbers are old; giving up after one repeat lets it say so soon.
      retry: (count, error) => !(error instanceof Refused && error.problem.status < 500) && count < 1,
      retryDelay: 500,
      networkMode: 'always',
      refetchOnWindowFocus: false,
    },
  },
});
// Another person in the same tab must not see what the last one was shown.
watchSession(() => client.clear());

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
