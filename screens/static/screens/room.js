// The clock and the sign of a room: asks for the room's day, and reckons from it, with or without network.
(() => {
  'use strict';
  const ASK_MS = 10_000, OLD_MS = 45_000;
  const screen = document.getElementById('screen');
  const base = location.pathname.replace(/(clock|sign)\/?$/, '');
  const place = `aether room ${base}`;
  const part = (name) => document.getElementById(name);
  let known = null; // {day, ahead}: what was told, and by how much the server's clock is ahead of this one

  const moment = () => Date.now() + known.ahead;
  const at = (text) => Date.parse(text);

  function keep(day) {
    known = { day, ahead: at(day.server_time) - Date.now() };
    try { localStorage.setItem(place, JSON.stringify(known)); } catch { /* full, or forbidden: it lives in the page */ }
  }

  function recall() {
    try { known = JSON.parse(localStorage.getItem(place)); } catch { known = null; }
  }

  async function ask() {
    try {
      const answer = await fetch(`${base}day`, { cache: 'no-store', credentials: 'omit' });
      if (answer.status === 404) {
        known = null;
        try { localStorage.removeItem(place); } catch { /* nothing was kept */ }
        location.reload();
        return;
      }
      if (answer.ok) keep(await answer.json());
    } catch { /* no network: what is known goes on */ }
    show();
    setTimeout(ask, ASK_MS);
  }

  // As events/room_programme.py has it: a turn goes on beyond its end until the next one begins, for a while.
  function turns(now) {
    const begun = known.day.turns.filter((turn) => at(turn.start_datetime) <= now);
    const last = begun[begun.length - 1];
    const until = last && at(last.end_datetime) + known.day.longest_over_run_seconds * 1000;
    const next = known.day.turns.find((turn) => at(turn.start_datetime) > now);
    return { current: last && now < until ? last : null, next: next || null };
  }

  const pad = (number) => String(number).padStart(2, '0');

  function spell(ms) {
    const seconds = Math.floor(ms / 1000);
    const hours = Math.floor(seconds / 3600), minutes = Math.floor(seconds / 60) % 60;
    return hours ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
  }

  function clock(ms, options) {
    return new Intl.DateTimeFormat('en-GB', { timeZone: known.day.time_zone, ...options }).format(ms);
  }

  const hour = (text) => clock(at(text), { hour: '2-digit', minute: '2-digit' });

  function put(node, text) {
    if (node.textContent !== text) node.textContent = text;
  }

  function people(list, turn) {
    const told = turn ? turn.presenters : [];
    const mark = JSON.stringify(told);
    if (list.dataset.mark === mark) return;
    list.dataset.mark = mark;
    list.replaceChildren(...told.map((one) => {
      const item = document.createElement('li');
      item.textContent = [one.full_name, one.affiliations].filter(Boolean).join(', ');
      item.classList.toggle('arrived', Boolean(one.arrived_on));
      return item;
    }));
  }

  function name(turn) {
    if (!turn) return '';
    return screen.dataset.kind === 'sign' ? turn.session_name : turn.name;
  }

  function span(turn) {
    const talk = screen.dataset.kind === 'sign' && turn.name !== turn.session_name ? ` · ${turn.name}` : '';
    return `${hour(turn.start_datetime)} – ${hour(turn.end_datetime)}${talk}`;
  }

  function show() {
    if (!known) {
      put(part('age'), 'No connection yet. Trying again.');
      return;
    }
    const now = moment(), { current, next } = turns(now);
    put(part('room'), known.day.name);
    put(part('clock'), clock(now, { hour: '2-digit', minute: '2-digit', second: '2-digit' }));
    put(part('now-name'), current ? name(current) : 'Nothing now');
    put(part('now-time'), current ? span(current) : '');
    people(part('now-people'), current);
    put(part('next-name'), next ? name(next) : 'Nothing more');
    put(part('next-time'), next ? span(next) : '');
    people(part('next-people'), next);
    const left = current ? at(current.end_datetime) - now : null;
    put(part('count'), left === null ? '' : left >= 0 ? spell(left) : `+${spell(-left)} over`);
    document.body.classList.toggle('soon', left !== null && left >= 0 && left < 300_000);
    document.body.classList.toggle('over', left !== null && left < 0);
    const age = now - at(known.day.server_time), since = clock(at(known.day.server_time), { hour: '2-digit', minute: '2-digit' });
    const minutes = Math.floor(age / 60_000);
    document.body.classList.toggle('old', age > OLD_MS);
    put(part('age'), age > OLD_MS ? `No connection: as of ${since}, ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} ago` : `As of ${since}`);
  }

  recall();
  show();
  setInterval(show, 500);
  ask();
  if ('serviceWorker' in navigator) navigator.serviceWorker.register('/room/worker.js', { scope: '/room/' }).catch(() => {});
})();
