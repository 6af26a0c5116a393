const KEY = 'fleetfix.theme';
export type Theme = 'system' | 'light' | 'dark';
const NEXT: Readonly<Record<Theme, Theme>> = { system: 'dark', dark: 'light', light: 'system' };

const isTheme = (text: string | null): text is Theme =>
  text === 'system' || text === 'light' || text === 'dark';

export function chosenTheme(): Theme {
  const kept = localStorage.getItem(KEY);
  return isTheme(kept) ? kept : 'system';
}

const systemDark = matchMedia('(prefers-color-scheme: dark)');

export function applyTheme(): void {
  const theme = chosenTheme();
  const dark = theme === 'dark' || (theme === 'system' && systemDark.matches);
  document.documentElement.classList.toggle('pf-v6-theme-dark', dark);
  document.documentElement.style.colorScheme = dark ? 'dark' : 'light';
}

/** Goes on to the next of system, dark, light; returns it. */
export function turnTheme(): Theme {
  const theme = NEXT[chosenTheme()];
  localStorage.setItem(KEY, theme);
  applyTheme();
  return theme;
}

systemDark.addEventListener('change', applyTheme);
