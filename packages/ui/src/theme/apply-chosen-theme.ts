// Runs in the head, before anything is painted. It imports nothing, so that it can be a plain script.
try {
  const theme = localStorage.getItem('theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Where nothing may be stored, nothing was chosen.
}

export {};
