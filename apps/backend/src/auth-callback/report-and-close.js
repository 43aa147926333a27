// Tells whoever opened this window, and every other page of this origin, that the person is back; then closes the window. What is
// said by a window that closes at once may never be heard.
const closesAfterMilliseconds = 1500;
const parameters = new URLSearchParams(window.location.search);
const message = {
  type: 'aauth-consent-complete',
  request_id: parameters.get('request_id'),
  error: parameters.get('error'),
};

const channel = new BroadcastChannel('aauth-consent');
channel.postMessage(message);

const openers = document.documentElement.dataset.openers.split(' ');
for (const origin of new Set([window.location.origin, ...openers])) window.opener?.postMessage(message, origin);

setTimeout(() => window.close(), closesAfterMilliseconds);
