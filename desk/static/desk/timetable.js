// Rooms × time. A session is a button: it is dragged, lifted by the keyboard, or opened as a form. Whatever moves it is sent
// with the version that was read, and the page shows what the server answers.

document.addEventListener('DOMContentLoaded', () => {
  const source = document.getElementById('timetable-data');
  if (!source) return;
  const data = JSON.parse(source.textContent);
  const grid = document.getElementById('timetable');
  const tray = document.getElementById('tray');
  const said = document.getElementById('said');
  const dialog = document.getElementById('place');
  const token = document.querySelector('[name=csrfmiddlewaretoken]').value;
  const STEP = 5;
  const LENGTH = 60;
  const sessions = new Map([...data.sessions, ...data.tray].map((one) => [one.id, one]));
  let firstHour = 8;
  let lastHour = 18;
  let lifted = null;

  const pad = (number) => String(number).padStart(2, '0');
  const dayOf = (text) => Date.parse(`${text.slice(0, 10)}T00:00Z`) / 60000;
  const minute = (text) => (text ? (Date.parse(`${text}Z`) / 60000) - dayOf(data.day || text) : null);
  const asText = (minutes) => new Date((dayOf(data.day) + minutes) * 60000).toISOString().slice(0, 16);
  const clock = (minutes) => `${pad(Math.floor((((minutes % 1440) + 1440) % 1440) / 60))}:${pad(((minutes % 60) + 60) % 60)}`;
  const hereToday = (one) => one.start && one.end && one.start.slice(0, 10) === data.day;
  const isPlaced = (one) => Boolean(one.start && one.end);
  const times = (one) => (isPlaced(one) ? `${one.start.slice(11)}–${one.end.slice(11)}` : 'no time');
  const roomName = (id) => data.rooms.find((room) => room.id === id)?.name ?? 'No room';

  function say(text, bad = false) {
    said.textContent = text;
    said.classList.toggle('bad', bad);
  }

  function element(name, attributes = {}, ...inside) {
    const made = Object.assign(document.createElement(name), attributes);
    made.append(...inside);
    return made;
  }

  function block(one) {
    const made = element('button', { type: 'button', className: 'session' });
    made.dataset.id = one.id;
    if (one.type in data.types) made.classList.add(`tint-${data.types[one.type]}`);
    made.classList.toggle('clashing', one.clashes.length > 0);
    made.classList.toggle('off', one.state !== '');
    made.append(element('strong', { textContent: one.name }));
    made.append([times(one), one.code, one.foreign_room, one.state].filter(Boolean).join(' · '));
    const more = [roomName(one.room), one.type, one.clashes.length ? 'clashes' : ''].filter(Boolean).join(', ');
    made.append(element('span', { className: 'desk-unseen', textContent: `, ${more}` }));
    if (data.may_write && isPlaced(one)) made.append(element('span', { className: 'edge' }));
    return made;
  }

  // Sessions at the same time in one room stand beside each other.
  function lanes(those) {
    const places = [];
    let group = [];
    let end = -Infinity;
    const close = () => { const many = Math.max(1, ...group.map((one) => one.lane + 1)); for (const one of group) one.lanes = many; group = []; };
    for (const one of [...those].sort((a, b) => minute(a.start) - minute(b.start))) {
      const from = minute(one.start);
      const to = Math.max(minute(one.end), from + 15);
      if (from >= end) close();
      const taken = new Set(group.filter((other) => other.to > from).map((other) => other.lane));
      let lane = 0;
      while (taken.has(lane)) lane += 1;
      const place = { one, from, to, lane, lanes: 1 };
      group.push(place);
      places.push(place);
      end = Math.max(end, to);
    }
    close();
    return places;
  }

  function draw(focused = document.activeElement?.dataset?.id) {
    const today = [...sessions.values()].filter(hereToday);
    firstHour = Math.min(8, ...today.map((one) => Math.floor(minute(one.start) / 60)));
    lastHour = Math.max(18, ...today.map((one) => Math.ceil(minute(one.end) / 60)));
    grid.style.setProperty('--hours', lastHour - firstHour);
    const scrolled = [grid.scrollLeft, grid.scrollTop];
    grid.replaceChildren();
    if (data.day) {
      const hours = element('div', { className: 'slots' });
      for (let hour = firstHour; hour < lastHour; hour += 1) {
        const mark = element('span', { textContent: clock(hour * 60) });
        mark.style.setProperty('--at', hour - firstHour);
        hours.append(mark);
      }
      grid.append(element('div', { className: 'hours' }, element('div', { className: 'head' }), hours));
      const roomless = today.filter((one) => !one.room);
      const columns = roomless.length ? [...data.rooms, { id: '', name: 'No room here' }] : data.rooms;
      for (const room of columns) grid.append(column(room, today.filter((one) => one.room === room.id)));
    }
    [grid.scrollLeft, grid.scrollTop] = scrolled;
    const waiting = [...sessions.values()].filter((one) => !isPlaced(one));
    tray.replaceChildren(...waiting.map(block));
    if (focused) document.querySelector(`.session[data-id="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  function column(room, those) {
    const slots = element('div', { className: 'slots' });
    slots.dataset.room = room.id;
    for (const place of lanes(those)) {
      const made = block(place.one);
      made.style.setProperty('--from', place.from - firstHour * 60);
      made.style.setProperty('--long', place.to - place.from);
      made.style.setProperty('--lane', place.lane);
      made.style.setProperty('--lanes', place.lanes);
      slots.append(made);
    }
    return element('div', { className: 'room' }, element('div', { className: 'head', textContent: room.name, title: room.name }), slots);
  }

  function showClashes(clashes) {
    document.getElementById('clash-count').textContent = clashes.total;
    const kinds = clashes.counts.map((kind) => element('li', { textContent: `${kind.words}: ${kind.count}` }));
    document.getElementById('clash-kinds').replaceChildren(...kinds);
    const lines = clashes.list.map((clash) => {
      const button = element('button', { type: 'button', textContent: clash.text });
      button.addEventListener('click', () => lookAt(clash));
      return element('li', {}, button);
    });
    if (clashes.total > lines.length) lines.push(element('li', { textContent: `and ${clashes.total - lines.length} more` }));
    document.getElementById('clashes').replaceChildren(...lines);
  }

  function lookAt(clash) {
    if (clash.day && clash.day !== data.day) { location.search = `?day=${clash.day}`; return; }
    const found = clash.sessions.map((id) => document.querySelector(`.session[data-id="${CSS.escape(id)}"]`)).find(Boolean);
    found?.scrollIntoView({ block: 'center', inline: 'center' });
    found?.focus();
  }

  // Sends what differs. Answers whether it was written.
  async function save(one, wanted, withTalks = true) {
    const change = {};
    if (wanted.room !== one.room) change.event_location_id = wanted.room || null;
    if (wanted.start !== one.start) change.start_datetime = wanted.start || null;
    if (wanted.end !== one.end) change.end_datetime = wanted.end || null;
    if (!Object.keys(change).length) { draw(one.id); return ''; }
    let answer;
    let body;
    try {
      answer = await fetch(`${location.pathname}${encodeURIComponent(one.id)}/`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'If-Match': one.version, 'X-CSRFToken': token },
        body: JSON.stringify({ ...change, with_talks: withTalks }),
      });
      body = await answer.json();
    } catch {
      draw(one.id);
      say('It was not saved: the server can’t be reached. Try again.', true);
      return said.textContent;
    }
    if (body.session) sessions.set(one.id, body.session);
    if (body.clashing) for (const other of sessions.values()) other.clashes = body.clashing[other.id] ?? [];
    if (body.clashes) showClashes(body.clashes);
    document.getElementById('tray-count').textContent = [...sessions.values()].filter((other) => !isPlaced(other)).length;
    draw(one.id);
    if (!answer.ok) { say(body.problem ?? 'It was not saved.', true); return said.textContent; }
    const now = sessions.get(one.id);
    const told = (body.warnings ?? []).length ? ` But: ${body.warnings.join(' ')}` : '';
    say(`“${now.name}” is saved: ${roomName(now.room)}, ${isPlaced(now) ? times(now) : 'without a time'}.${told}`);
    return '';
  }

  // --- the form

  function open(one) {
    const room = document.getElementById('place-room');
    room.replaceChildren(element('option', { value: '', textContent: one.foreign_room ? `(${one.foreign_room}, of another event)` : 'No room' }));
    room.append(...data.rooms.map((each) => element('option', { value: each.id, textContent: each.name })));
    room.value = one.room;
    document.getElementById('place-title').textContent = one.name;
    document.getElementById('place-start').value = one.start;
    document.getElementById('place-end').value = one.end;
    document.getElementById('place-problem').textContent = '';
    document.getElementById('place-link').href = one.address;
    for (const id of ['place-save', 'place-unplace']) document.getElementById(id).hidden = !data.may_write;
    dialog.dataset.id = one.id;
    dialog.showModal();
  }

  async function sendForm(wanted) {
    const problem = await save(sessions.get(dialog.dataset.id), wanted, document.getElementById('place-talks').checked);
    document.getElementById('place-problem').textContent = problem;
    if (!problem) dialog.close();
    else document.getElementById('place-start').focus();
  }

  document.getElementById('place-form').addEventListener('submit', (event) => {
    event.preventDefault();
    const [room, start, end] = ['room', 'start', 'end'].map((name) => document.getElementById(`place-${name}`).value);
    sendForm({ room, start, end });
  });
  document.getElementById('place-unplace').addEventListener('click', () => {
    sendForm({ room: sessions.get(dialog.dataset.id).room, start: '', end: '' });
  });
  document.getElementById('place-close').addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => draw(dialog.dataset.id));

  // --- the mouse

  const minutesAt = (slots, y) => {
    const box = slots.getBoundingClientRect();
    return firstHour * 60 + ((y - box.top) / box.height) * (lastHour - firstHour) * 60;
  };
  const snap = (minutes) => Math.round(minutes / STEP) * STEP;

  document.addEventListener('pointerdown', (down) => {
    const held = down.target.closest?.('.session');
    if (!held || down.button !== 0 || down.pointerType === 'touch' || !data.may_write) return;
    const one = sessions.get(held.dataset.id);
    const box = held.getBoundingClientRect();
    const stretching = down.target.classList.contains('edge');
    const long = isPlaced(one) ? minute(one.end) - minute(one.start) : LENGTH;
    let ghost = null;
    const move = (event) => {
      if (!ghost && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < 5) return;
      event.preventDefault();
      if (stretching) {
        ghost = held;
        const end = Math.max(snap(minutesAt(held.parentElement, event.clientY)), minute(one.start) + STEP);
        held.style.setProperty('--long', end - minute(one.start));
        return;
      }
      if (!ghost) {
        ghost = held.cloneNode(true);
        ghost.classList.add('dragged');
        ghost.style.width = `${box.width}px`;
        ghost.style.height = `${box.height}px`;
        document.getElementById('desk').append(ghost);
      }
      ghost.style.left = `${event.clientX - (down.clientX - box.left)}px`;
      ghost.style.top = `${event.clientY - (down.clientY - box.top)}px`;
    };
    const stop = () => {
      document.removeEventListener('pointermove', move);
      document.removeEventListener('pointerup', up);
      document.removeEventListener('pointercancel', cancel);
      if (ghost && !stretching) ghost.remove();
    };
    const cancel = () => { stop(); draw(one.id); };
    const up = (event) => {
      stop();
      if (!ghost) return; // a click: it opens the form
      held.addEventListener('click', (click) => { click.preventDefault(); click.stopImmediatePropagation(); }, { once: true, capture: true });
      if (stretching) {
        const end = Math.max(snap(minutesAt(held.parentElement, event.clientY)), minute(one.start) + STEP);
        save(one, { ...one, end: asText(end) });
        return;
      }
      const under = document.elementFromPoint(event.clientX, event.clientY);
      if (under?.closest('#tray')) { save(one, { ...one, start: '', end: '' }); return; }
      const slots = under?.closest('.slots[data-room]');
      if (!slots) { draw(one.id); return; }
      const start = snap(minutesAt(slots, event.clientY - (down.clientY - box.top)));
      save(one, { room: slots.dataset.room || one.room, start: asText(start), end: asText(start + long) });
    };
    document.addEventListener('pointermove', move);
    document.addEventListener('pointerup', up);
    document.addEventListener('pointercancel', cancel);
  });

  document.addEventListener('click', (event) => {
    const held = event.target.closest?.('.session:not(.dragged)');
    if (held && !lifted) open(sessions.get(held.dataset.id));
  });

  // --- the keyboard

  document.addEventListener('keydown', (event) => {
    const held = event.target.closest?.('.session');
    if (!held || !data.may_write) return;
    const one = sessions.get(held.dataset.id);
    if (event.key === ' ') {
      event.preventDefault();
      if (lifted) putDown(); else lift(one);
    } else if (lifted && event.key === 'Escape') {
      sessions.set(lifted.before.id, lifted.before);
      lifted = null;
      draw(one.id);
      say('It stays where it was.');
    } else if (lifted && event.key.startsWith('Arrow')) {
      event.preventDefault();
      step(event.key, event.shiftKey);
    } else if (lifted && event.key === 'Enter') {
      event.preventDefault();
      putDown();
    }
  });
  document.addEventListener('keyup', (event) => { if (event.key === ' ' && event.target.closest?.('.session')) event.preventDefault(); });

  function lift(one) {
    if (!data.day) return;
    lifted = { before: { ...one } };
    if (!isPlaced(one)) {
      Object.assign(one, { start: asText(9 * 60), end: asText(9 * 60 + LENGTH), room: one.room || data.rooms[0]?.id || '' });
    }
    show(one);
  }

  function step(key, stretching) {
    const one = sessions.get(lifted.before.id);
    if (key === 'ArrowLeft' || key === 'ArrowRight') {
      const at = data.rooms.findIndex((room) => room.id === one.room) + (key === 'ArrowRight' ? 1 : -1);
      if (data.rooms[at]) one.room = data.rooms[at].id;
    } else {
      const by = key === 'ArrowDown' ? STEP : -STEP;
      const end = minute(one.end) + by;
      if (!stretching) one.start = asText(minute(one.start) + by);
      if (end > minute(one.start)) one.end = asText(end);
    }
    show(one);
  }

  function show(one) {
    draw(one.id);
    const made = document.querySelector(`.session[data-id="${CSS.escape(one.id)}"]`);
    made?.classList.add('lifted');
    made?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    say(`Lifted: ${roomName(one.room)}, ${times(one)}.`);
  }

  function putDown() {
    const wanted = sessions.get(lifted.before.id);
    const before = lifted.before;
    lifted = null;
    sessions.set(before.id, before);
    save(before, wanted);
  }

  for (const [name, tint] of Object.entries(data.types)) {
    document.getElementById('legend').append(element('span', { className: `tint-${tint}`, textContent: name }));
  }
  showClashes(data.clashes);
  draw();
});
