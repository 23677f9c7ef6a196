// The board of rooms: asks twice a second, is told nothing where nothing is different, and touches what changed.
(() => {
  'use strict';
  const ASK_MS = 500, OLD_MS = 15_000;
  const board = document.getElementById('board'), list = document.getElementById('rooms');
  const base = `/board/${board.dataset.event}/`, isStaff = board.dataset.staff === 'yes';
  const WORDS = { unknown: '? Not heard of', missing: '✕ File missing', late: '‼ Late', stale: '△ Not all files', opened: '▶ Open', ready: '✓ Ready' };
  const CHECKED = { clean: '✓ Looked into: nothing to say', info: '✓ Looked into', warning: '△ Looked into: to be checked', error: '✕ Looked into: it will not show as it should' };
  const part = (name) => document.getElementById(name);
  const rooms = new Map(); // id → what stands on the page
  let tag = '', heard = 0, ahead = 0;

  function put(node, text) {
    if (node.textContent !== text) node.textContent = text;
  }

  function made(kind, name) {
    const node = document.createElement(kind);
    if (name) node.className = name;
    return node;
  }

  function card(id) {
    const item = made('li', 'room'), name = made('h2'), state = made('p', 'state'), session = made(isStaff ? 'button' : 'p');
    const start = made('p'), files = made('p'), alert = made('p', 'alert'), report = made('p', 'quiet');
    item.append(name, state, alert, session, start, files, report);
    const found = { item, name, state, session, start, files, alert, report, about: null };
    if (isStaff) {
      session.type = 'button';
      session.addEventListener('click', () => found.about && open(found.about));
    }
    rooms.set(id, found);
    return found;
  }

  function when(minutes) {
    if (minutes === null) return 'no time yet';
    if (minutes < 0) return `began ${-minutes} min ago`;
    return minutes < 120 ? `in ${minutes} min` : `in ${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  }

  function ago(moment) {
    if (!moment) return 'no machine has reported';
    const seconds = Math.max(0, Math.round((Date.now() + ahead - Date.parse(moment)) / 1000));
    return seconds < 60 ? `reported ${Math.floor(seconds / 10) * 10} s ago` : `reported ${Math.floor(seconds / 60)} min ago`;
  }

  function show(room) {
    const on = rooms.get(room.id) || card(room.id), session = room.session;
    on.about = session;
    on.told = room;
    const kind = `room ${room.state}`;
    if (on.item.className !== kind) on.item.className = kind;
    put(on.name, room.name);
    put(on.state, WORDS[room.state]);
    put(on.session, session ? session.name : 'No session ahead');
    if (isStaff) on.session.disabled = !session;
    put(on.start, session ? when(session.minutes_to_start) : '');
    put(on.files, session ? `${session.have} of ${session.total} files` : '');
    put(on.alert, room.alert ? `Not ready, less than ${room.alert} minutes to go` : '');
    on.alert.hidden = !room.alert;
    put(on.report, ago(room.last_report));
    return on.item;
  }

  function draw(told) {
    ahead = Date.parse(told.server_time) - Date.now();
    const wanted = told.rooms.map(show);
    wanted.forEach((item, index) => {
      if (list.children[index] !== item) {
        const focused = item.contains(document.activeElement) ? document.activeElement : null;
        list.insertBefore(item, list.children[index] || null);
        if (focused) focused.focus();
      }
    });
    const ids = new Set(told.rooms.map((room) => room.id));
    for (const [id, on] of rooms) if (!ids.has(id)) { on.item.remove(); rooms.delete(id); }
    const well = told.rooms.filter((room) => room.state === 'ready' || room.state === 'opened').length;
    put(part('sum'), `${well} of ${told.rooms.length} rooms are ready`);
    part('empty').hidden = told.rooms.length > 0;
  }

  async function ask() {
    try {
      const answer = await fetch(`${base}state`, { cache: 'no-store', headers: tag ? { 'If-None-Match': tag } : {} });
      if (answer.status === 401 || answer.status === 404 || answer.status === 403) { location.reload(); return; }
      if (answer.status === 200) {
        draw(await answer.json());
        tag = answer.headers.get('ETag') || '';
      }
      if (answer.ok || answer.status === 304) heard = Date.now();
    } catch { /* no network: the page says so */ }
    setTimeout(ask, document.hidden ? 5_000 : ASK_MS);
  }

  function tick() {
    const now = Date.now();
    put(part('clock'), new Date(now + ahead).toLocaleTimeString('en-GB'));
    const isOld = now - heard > OLD_MS;
    document.body.classList.toggle('old', isOld);
    const seconds = Math.round((now - heard) / 1000);
    put(part('age'), !heard ? 'Asking …' : isOld ? `No connection: what you see is ${seconds} seconds old` : 'Up to date');
    for (const on of rooms.values()) put(on.report, ago(on.told.last_report));
  }

  async function open(session) {
    const dialog = part('files');
    put(part('files-title'), session.name);
    put(part('files-problem'), '');
    part('files-list').replaceChildren();
    dialog.showModal();
    try {
      const answer = await fetch(`${base}sessions/${session.event_session_id}`, { cache: 'no-store' });
      const told = await answer.json();
      if (!answer.ok) throw new Error(told.problem);
      part('files-list').replaceChildren(...told.files.map(file));
      if (!told.files.length) put(part('files-problem'), 'There is no file yet.');
    } catch (error) {
      put(part('files-problem'), error.message || 'The files could not be read; try again.');
    }
  }

  function file(one) {
    const item = made('li'), link = made('a'), about = made('p', 'quiet');
    link.href = one.form;
    link.textContent = one.filename || 'A file';
    const version = `version ${one.version}`;
    const state = one.is_current ? one.state : 'replaced';
    const size = one.size === null ? '' : `${Math.max(1, Math.round(one.size / 1024)).toLocaleString('en')} KiB`;
    const uploaded = `uploaded ${new Date(one.uploaded_on).toLocaleString('en-GB')}`;
    about.textContent = [one.talk, one.presenter, one.slot, version, state, one.reason, size, uploaded].filter(Boolean).join(' · ');
    const seen = CHECKED[one.preflight_level];
    item.append(link, about, ...(seen ? [checked(seen, one.findings)] : []));
    return item;
  }

  function checked(seen, findings) {
    const list = made('ul', 'findings');
    for (const found of findings) {
      const line = made('li', found.level);
      line.textContent = [found.page && `Page ${found.page}`, found.message].filter(Boolean).join(': ');
      list.append(line);
    }
    const box = made('div', 'checked'), title = made('p', 'quiet');
    title.textContent = seen;
    box.append(title, ...(findings.length ? [list] : []));
    return box;
  }

  if (isStaff) part('files-close').addEventListener('click', () => part('files').close());
  setInterval(tick, 1_000);
  tick();
  ask();
})();
