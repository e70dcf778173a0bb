import { effect, signal } from '@preact/signals';

const kept = localStorage.getItem('theme');

/** Light or dark; what the system prefers until somebody chooses. */
export const theme = signal<'light' | 'dark'>(kept === 'light' || kept === 'dark' ? kept : matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark');

effect(() => {
  document.documentElement.dataset.theme = theme.value;
  localStorage.setItem('theme', theme.value);
});
