/** The colours a person chose; `system` follows their device. */
export type Theme = 'system' | 'light' | 'dark';

/** The theme of this page: what was chosen before on this device, put there by apply-chosen-theme.ts. */
export function currentTheme(): Theme {
  const { theme } = document.documentElement.dataset;
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

/** Shows the page in a theme, from now on. */
export function chooseTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === 'system') localStorage.removeItem('theme');
    else localStorage.setItem('theme', theme);
  } catch {
    // Where nothing may be stored, the choice holds for this page.
  }
}
