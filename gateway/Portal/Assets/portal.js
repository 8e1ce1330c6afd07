// Pages work without scripts; these lines only spare the reader a reload.

// A form is sent once, however often its button is pressed.
document.addEventListener('submit', event => {
  const form = event.target;
  if (form.method !== 'post') return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = '1';
  for (const button of form.querySelectorAll('button')) button.setAttribute('aria-disabled', 'true');
});
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll('[aria-disabled]')) button.removeAttribute('aria-disabled');
  }
});

// A slider and its number say the same.
for (const range of document.querySelectorAll('input[type=range][data-for]')) {
  const number = document.getElementById(range.dataset.for);
  range.addEventListener('input', () => { number.value = range.value; number.dispatchEvent(new Event('change', { bubbles: true })); });
  number.addEventListener('input', () => { range.value = number.value; });
}

// What depends on a form's values is asked for again as they change: the part of the page that [data-refresh] names.
for (const form of document.querySelectorAll('form[data-refresh]')) {
  let waiting, latest = 0;
  const refresh = async () => {
    const turn = ++latest, query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (!name.startsWith('_') && typeof value === 'string') query.set(name.split('.').pop(), value);
    const answer = await fetch(`${location.pathname}?${query}`, { headers: { 'X-Part': '1' } });
    if (!answer.ok || turn !== latest) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const part = page.querySelector(form.dataset.refresh), here = document.querySelector(form.dataset.refresh);
    if (part && here) here.replaceChildren(...part.childNodes);
  };
  const later = () => { clearTimeout(waiting); waiting = setTimeout(refresh, 250); };
  form.addEventListener('change', later);
  form.addEventListener('input', later);
}

// Live parts: when the server says that something changed, the parts marked data-live are taken from a fresh page.
const live = document.querySelector('[data-live-from]');
if (live) {
  let busy = false, again = false;
  const update = async () => {
    if (busy) { again = true; return; }
    busy = true;
    const answer = await fetch(location.href);
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      for (const part of document.querySelectorAll('[data-live]')) {
        const fresh = page.getElementById(part.id);
        if (fresh && fresh.innerHTML !== part.innerHTML) part.replaceChildren(...fresh.childNodes);
      }
    }
    busy = false;
    if (again) { again = false; update(); }
  };
  let first = true;
  new EventSource(live.dataset.liveFrom).addEventListener('pool', () => { if (first) { first = false; return; } update(); });
}
