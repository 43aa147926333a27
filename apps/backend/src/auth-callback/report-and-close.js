// Tells whoever opened this window, and every other page of this origin, that the person is back; then closes the window.
const parameters = new URLSearchParams(window.location.search);
const message = {
  type: 'aauth-consent-complete',
  request_id: parameters.get('request_id'),
  error: parameters.get('error'),
};

const channel = new BroadcastChannel('aauth-consent');
channel.postMessage(message);
channel.close();

const openers = document.documentElement.dataset.openers.split(' ');
for (const origin of new Set([window.location.origin, ...openers])) window.opener?.postMessage(message, origin);

window.close();
