// The pages work without this file. It keeps times current, tells of changes and switches between light and dark.

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const tickMilliseconds = 1000;
const lookMilliseconds = 5000;

function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole >= 2 * day) return `${Math.floor(whole / day)} days`;
  if (whole >= day) return '1 day';
  if (whole >= hour) return `${Math.floor(whole / hour)} h`;
  if (whole >= minute) return `${Math.floor(whole / minute)} min`;
  return `${whole} s`;
}

function tick() {
  const now = Date.now();
  for (const time of document.querySelectorAll('time[data-relative]')) {
    const until = (Date.parse(time.dateTime) - now) / 1000;
    if (time.dataset.relative === 'since') time.textContent = `${duration(-until)} ago`;
    else time.textContent = until > 0 ? `in ${duration(until)}` : 'expired';
  }
  for (const meter of document.querySelectorAll('meter[data-until]')) {
    meter.value = Math.max(0, (Date.parse(meter.dataset.until) - now) / 1000);
  }
}

// What is on the page, in a form that only changes when an agent comes, goes or changes its state.
function subjects(page) {
  const items = page.querySelectorAll('[data-registration], [data-agent]');
  const names = [...items].map(
    (item) => item.dataset.registration ?? `${item.dataset.agent} ${!item.querySelector('form')}`,
  );
  return names.join('\n');
}

function announce(text, linkText) {
  const link = document.createElement('a');
  link.href = '/ui';
  link.textContent = linkText;
  const paragraph = document.createElement('p');
  paragraph.append(text, ' ', link);
  const notice = document.createElement('div');
  notice.className = 'notice';
  notice.append(paragraph);
  news.replaceChildren(notice);
}

// The page is never changed under the person's pointer: it says that there is something new, and the person asks for it.
async function look() {
  if (document.hidden || news.childElementCount > 0) return;
  const response = await fetch('/ui/changes', { headers: { accept: 'application/json' } });
  if (response.status === 401) return announce('Your session has ended.', 'Sign in again');
  if (!response.ok) return;
  const { changes } = await response.json();
  if (String(changes) === news.dataset.changes) return;
  news.dataset.changes = changes;
  const page = await fetch('/ui');
  if (!page.ok) return;
  const parsed = new DOMParser().parseFromString(await page.text(), 'text/html');
  if (subjects(parsed) !== subjects(document)) announce('Something changed.', 'Show it');
}

function prefersDark() {
  return matchMedia('(prefers-color-scheme: dark)').matches;
}

function applyTheme() {
  const chosen = localStorage.getItem('theme');
  if (chosen) document.documentElement.dataset.theme = chosen;
  const dark = chosen ? chosen === 'dark' : prefersDark();
  theme.textContent = dark ? 'Light' : 'Dark';
  theme.setAttribute('aria-label', dark ? 'Switch to light colours' : 'Switch to dark colours');
  theme.hidden = false;
  theme.dataset.next = dark ? 'light' : 'dark';
}

const theme = document.getElementById('theme');
theme.addEventListener('click', () => {
  localStorage.setItem('theme', theme.dataset.next);
  applyTheme();
});
applyTheme();

const news = document.getElementById('news');
setInterval(tick, tickMilliseconds);
if (news) {
  setInterval(() => {
    // A server that is away for a moment is no news.
    look().catch(() => {});
  }, lookMilliseconds);
}
