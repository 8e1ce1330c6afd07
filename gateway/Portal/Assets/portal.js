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
  range.hidden = false;
  range.addEventListener('input', () => { number.value = range.value; number.dispatchEvent(new Event('change', { bubbles: true })); });
  number.addEventListener('input', () => { range.value = number.value; });
}

// What depends on a form's values is asked for again as they change: the part of the page that [data-refresh] names.
for (const form of document.querySelectorAll('form[data-refresh]')) {
  let waiting, latest = 0;
  const only = form.dataset.refreshOnly?.split(' '), wanted = name => !only || only.includes(name.split('[')[0]);
  const refresh = async () => {
    const turn = ++latest, query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (!name.startsWith('_') && typeof value === 'string' && wanted(name.split('.').pop())) query.set(name.split('.').pop(), value);
    const answer = await fetch(`${location.pathname}?${query}`, { headers: { 'X-Part': '1' } });
    if (!answer.ok || turn !== latest) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const part = page.querySelector(form.dataset.refresh), here = document.querySelector(form.dataset.refresh);
    if (part && here && part.innerHTML !== here.innerHTML) here.replaceChildren(...part.childNodes);
  };
  const later = event => {
    if (event.target.closest(form.dataset.refresh)) return;
    clearTimeout(waiting);
    waiting = setTimeout(refresh, 250);
  };
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

// What was typed is there again after the session has ended and the reader has signed in once more.
for (const form of document.querySelectorAll('form[data-keep]')) {
  const name = () => 'kept ' + new URL(form.action).pathname;
  const fields = () => [...form.elements].filter(f => f.name && !['hidden', 'password', 'submit', 'file'].includes(f.type));
  form.addEventListener('submit', () => sessionStorage.setItem(name(), JSON.stringify(fields().map(f => [f.name, f.type === 'checkbox' || f.type === 'radio' ? f.checked : f.value, f.value]))));
  const kept = sessionStorage.getItem(name());
  if (!kept || !sessionStorage.getItem('kept')) continue;
  for (const [field, value, own] of JSON.parse(kept)) {
    const here = fields().find(f => f.name === field && (f.type !== 'radio' || f.value === own));
    if (!here || here.id === 'consent') continue;
    if (typeof value === 'boolean') here.checked = value; else here.value = value;
    if (here.closest('details')) here.closest('details').open ||= !!value;
  }
  form.dispatchEvent(new Event('change'));
}
if (location.pathname.startsWith('/connexion')) sessionStorage.setItem('kept', '1');
else for (const key of Object.keys(sessionStorage)) if (key.startsWith('kept')) sessionStorage.removeItem(key);

// A SIRET is checked as it is typed, and a headcount says its size class; the server checks anyway.
const luhn = digits => [...digits].reverse().reduce((sum, c, i) => sum + (i % 2 && c > 4 ? c * 2 - 9 : c * (i % 2 + 1)), 0) % 10 === 0;
const isSiret = d => /^\d{14}$/.test(d) && luhn(d.slice(0, 9)) && (luhn(d) || d.startsWith('356000000') && [...d].reduce((sum, c) => sum + +c, 0) % 5 === 0);
const hint = (selector, of, say) => {
  for (const out of document.querySelectorAll(selector)) {
    const input = document.getElementById(out.dataset[of]), tell = () => say(out, input.value.replace(/\s/g, ''));
    input.addEventListener('input', tell);
    tell();
  }
};
hint('[data-siret-of]', 'siretOf', (out, d) => {
  const state = !d ? '' : isSiret(d) ? 'good' : /^\d{1,13}$/.test(d) ? 'short' : 'bad';
  out.textContent = state ? out.dataset[state].replace('{0}', 14 - d.length) : '';
  out.dataset.state = state;
});
hint('[data-size-of]', 'sizeOf', (out, n) => {
  out.textContent = !/^\d+$/.test(n) ? '' : out.dataset[n < 10 ? 'micro' : n < 50 ? 'small' : n < 250 ? 'medium' : 'large'];
});

// Something is under way: the page is looked at again until it is done, for a while, and then shown as it is.
const again = async left => {
  const old = document.querySelector('[data-again]');
  if (!old || !left) return;
  await new Promise(done => setTimeout(done, 1000));
  const answer = await fetch(location.href);
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById(old.id);
  if (fresh?.hasAttribute('data-again')) again(left - 1); else if (fresh) location.replace(location.pathname + location.search);
};
again(20);

// Printing is the browser's.
for (const button of document.querySelectorAll('button[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => print());
}

// A file is dropped or chosen, sent as it is, and its progress shown; without scripts the form sends it.
for (const form of document.querySelectorAll('form[data-upload]')) {
  const input = form.querySelector('input[type=file]'), bar = form.querySelector('progress'), says = form.querySelector('.error');
  const tell = text => { says.textContent = text; says.hidden = !text; };
  const isLarge = () => input.files[0]?.size > form.dataset.max;
  const stop = text => { bar.hidden = true; delete form.dataset.sent; for (const b of form.querySelectorAll('button')) b.removeAttribute('aria-disabled'); tell(text); };
  form.classList.add('drops');
  for (const [type, over] of [['dragenter', true], ['dragover', true], ['dragleave', false], ['drop', false]]) {
    form.addEventListener(type, event => {
      event.preventDefault();
      form.classList.toggle('over', over);
      if (type === 'drop' && event.dataTransfer.files.length) { input.files = event.dataTransfer.files; input.dispatchEvent(new Event('change', { bubbles: true })); }
    });
  }
  input.addEventListener('change', () => tell(isLarge() ? form.dataset.tooLarge : ''));
  form.addEventListener('submit', event => {
    event.preventDefault();
    if (form.dataset.sent) return;
    if (isLarge()) { setTimeout(() => stop(form.dataset.tooLarge)); return; }
    const address = new URL(form.action), file = input.files[0], request = new XMLHttpRequest();
    for (const [name, value] of new FormData(form)) if (typeof value === 'string' && name !== '__token') address.searchParams.set(name, value);
    request.open('PUT', address);
    request.setRequestHeader('Content-Type', file.type || 'application/octet-stream');
    request.setRequestHeader('RequestVerificationToken', form.elements.__token.value);
    request.upload.onprogress = e => { bar.value = e.total ? 100 * e.loaded / e.total : 0; };
    request.onerror = () => stop(form.dataset.interrupted);
    request.onload = () => {
      let answer;
      try { answer = JSON.parse(request.responseText); } catch { location.reload(); return; }
      if (!answer.location) { stop(answer.message || form.dataset.interrupted); return; }
      const to = new URL(answer.location, location.href), here = to.pathname === location.pathname && to.search === location.search;
      if (here) location.reload(); else location.assign(to);
    };
    tell('');
    bar.value = 0;
    bar.hidden = false;
    request.send(file);
  });
}

// Rows that are empty so far stay out of sight until they are asked for.
for (const set of document.querySelectorAll('[data-rows]')) {
  const rows = [...set.querySelectorAll('[role=group]')], add = set.querySelector('[data-add-row]');
  const isEmpty = row => [...row.querySelectorAll('input')].every(i => !i.value);
  rows.forEach((row, i) => { row.hidden = i > 0 && isEmpty(row) && rows.slice(i).every(isEmpty); });
  const next = () => rows.find(row => row.hidden);
  add.hidden = !next();
  add.addEventListener('click', () => { const row = next(); row.hidden = false; row.querySelector('input').focus(); add.hidden = !next(); });
}
