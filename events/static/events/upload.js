// The page behind a presenter's link: own talks, their slots, and sending files into them.
import { ResumableUpload } from './resumable_upload.js';
import { WORDS } from './upload_words.js';

const token = location.pathname.split('/').filter(Boolean)[1] ?? '';
const page = Object.fromEntries(['event', 'language', 'language_label', 'title', 'lead', 'talks', 'announcer'].map(
  (id) => [id, document.getElementById(id)],
));
let language = localStorage.getItem('aether-language') ?? navigator.languages.map((one) => one.slice(0, 2)).find((one) => one in WORDS);
if (!(language in WORDS)) language = 'en';
let told = null;
const under_way = new Map(); // place → {upload, state, values, file}

const words = (name, values = {}) => WORDS[language][name].replace(/\{(\w+)\}/g, (_, key) => values[key] ?? '');
const zone = () => told?.event.time_zone ?? 'UTC';
const when = (text) => text && new Intl.DateTimeFormat(language, {
  dateStyle: 'full', timeStyle: 'short', timeZone: zone(),
}).format(new Date(text)) + ` (${zone()})`;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, '');
    else if (value !== false && value != null) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child != null && child !== ''));
  return made;
}

function announce(text) { page.announcer.textContent = text; }

async function load() {
  const answer = await fetch('/v3/action/upload_link/talks', {
    headers: { Authorization: `Bearer ${token}` }, cache: 'no-store',
  });
  if (answer.status === 401) { document.body.dataset.state = 'unknown'; told = null; return; }
  if (!answer.ok) throw new Error(String(answer.status));
  told = (await answer.json()).data;
}

function state_of(file) {
  const parts = [words('uploaded', { when: when(file.uploaded_on) })];
  if (file.slot_state !== 'uploaded') parts.push(words(file.slot_state, { reason: file.rejected_reason ?? '' }));
  return element('li', {}, `${file.filename} — `, element('span', {
    class: file.slot_state === 'rejected' ? 'bad' : 'quiet',
  }, parts.join(', ')), ...findings_of(file));
}

const is_new = (moment) => Date.parse(told.server_time) - Date.parse(moment) < 600_000;

// What a look into the file has come to. The sentences are the server's, in English.
function findings_of({ preflight_level: level, findings, uploaded_on }) {
  if (level === 'unsupported' || (!level && !is_new(uploaded_on))) return [];
  const text = words(level ? `checked_${level}` : 'checking');
  const lines = findings.map((found) => element('li', {}, [found.page && words('page', { number: found.page }), found.message].filter(Boolean).join(': ')));
  return [
    element('p', { class: level === 'error' ? 'bad' : 'quiet' }, text),
    lines.length ? element('ul', { lang: 'en' }, ...lines) : null,
  ];
}

const is_being_checked = () => told?.talks.some((talk) => talk.slots.some((slot) => slot.files.some((file) => file.preflight_level === null)));

// A look takes some seconds: what has come of it is asked for a few times, ever more seldom.
async function watch_checks(seconds = 2) {
  if (!is_being_checked() || seconds > 60) return;
  await new Promise((done) => setTimeout(done, seconds * 1000));
  await load().then(draw).catch(() => {});
  await watch_checks(2 * seconds);
}

function progress_of(place) {
  const { state, values, file } = under_way.get(place);
  const share = Math.floor(100 * (values.sent ?? 0) / Math.max(file.size, 1));
  const text = state === 'sending' ? words('sending', { file: file.name, percent: share }) : words(state, { file: file.name, ...values });
  const bad = ['failed', 'frozen_now', 'closed'].includes(state);
  const running = ['sending', 'waiting', 'busy', 'full'].includes(state);
  return [
    element('p', { class: bad ? 'bad' : state === 'done' ? 'good' : 'quiet', id: `${place}-said` }, text),
    running && element('progress', { max: 100, value: share, 'aria-labelledby': `${place}-said` }),
    running && element('button', { type: 'button', onclick: () => under_way.get(place).upload.cancel() }, words('cancel')),
  ].filter(Boolean);
}

function slot_of(talk, slot) {
  const place = `${talk.event_presentation_id}-${slot.slot}`;
  const box = element('div', { class: 'slot', id: place });
  const name = words(slot.slot);
  box.append(element('h3', {}, name));
  if (slot.expected && !slot.files.length) box.append(element('p', { class: 'quiet' }, `${words('expected')}. ${words('nothing')}`));
  if (slot.files.length) box.append(element('ul', {}, ...slot.files.map(state_of)));
  if (slot.frozen_since) box.append(element('p', { class: 'quiet' }, words('frozen_now', { when: when(slot.frozen_since) })));
  const running = under_way.has(place) && ['sending', 'waiting', 'busy', 'full'].includes(under_way.get(place).state);
  if (talk.is_open && !slot.frozen_since) {
    const one = ['slides', 'video', 'poster'].includes(slot.slot) && slot.files.length;
    box.append(
      element('input', { type: 'file', id: `${place}-file`, disabled: running, onchange: (event) => send(talk, slot, event.target.files[0]) }),
      element('label', { class: 'file', for: `${place}-file` }, words(one ? 'replace' : 'choose', { slot: name })),
    );
  }
  const said = element('div', { class: 'said' });
  if (under_way.has(place)) said.append(...progress_of(place));
  box.append(said);
  return box;
}

function talk_of(talk) {
  const shown = talk.slots.filter((slot) => slot.expected || slot.files.length);
  const others = talk.slots.filter((slot) => !shown.includes(slot));
  const deadline = !talk.deadline ? words('any_time') : words(talk.is_open ? 'until' : 'closed', { when: when(talk.deadline) });
  return element('section', { 'aria-labelledby': `talk-${talk.event_presentation_id}` },
    element('h2', { id: `talk-${talk.event_presentation_id}` }, talk.name),
    element('p', { class: 'quiet' }, words('session', { name: talk.session_name })),
    talk.start_datetime && element('p', { class: 'quiet' }, words('starts', { when: when(talk.start_datetime) })),
    element('p', { class: talk.is_open ? '' : 'bad' }, deadline),
    ...shown.map((slot) => slot_of(talk, slot)),
    talk.is_open && others.length ? element('details', {}, element('summary', {}, words('more')), ...others.map((slot) => slot_of(talk, slot))) : null,
  );
}

function draw() {
  document.documentElement.lang = language;
  document.title = page.title.textContent = words('title');
  page.language_label.textContent = words('language');
  if (!told) {
    page.lead.textContent = document.body.dataset.state === 'unknown' ? words('unknown') : words('waiting');
    page.talks.replaceChildren();
    return;
  }
  page.event.textContent = [told.event.name, told.presenter.full_name].filter(Boolean).join(' · ');
  page.lead.textContent = told.is_open ? '' : words('closed', { when: when(told.deadline) });
  const open = new Set([...document.querySelectorAll('details[open]')].map((one) => one.closest('section').getAttribute('aria-labelledby')));
  const focused = document.activeElement?.id;
  page.talks.replaceChildren(...told.talks.map(talk_of));
  for (const details of document.querySelectorAll('details')) details.open = open.has(details.closest('section').getAttribute('aria-labelledby'));
  if (focused) document.getElementById(focused)?.focus();
}

function say(place, state, values = {}) {
  const entry = under_way.get(place);
  const changed = entry.state !== state;
  Object.assign(entry, { state, values: { ...entry.values, ...values } });
  const box = document.getElementById(place);
  if (changed) {
    draw();
    announce(document.getElementById(`${place}-said`)?.textContent ?? '');
  } else if (box) {
    const percent = Math.floor(100 * (entry.values.sent ?? 0) / Math.max(entry.file.size, 1));
    box.querySelector('progress').value = percent;
    document.getElementById(`${place}-said`).textContent = words('sending', { file: entry.file.name, percent });
  }
}

async function send(talk, slot, file) {
  if (!file) return;
  const place = `${talk.event_presentation_id}-${slot.slot}`;
  const metadata = { for_type: 'event_presenter', for_id: talk.event_presenter_id, slot: slot.slot };
  const upload = new ResumableUpload(token, file, metadata, (state, values) => say(place, state, values));
  under_way.set(place, { upload, file, state: '', values: {} });
  say(place, 'sending', { sent: 0 });
  try {
    await upload.send();
    await load().catch(() => {});
    say(place, 'done');
    watch_checks();
  } catch (error) {
    if (error.name === 'AbortError') say(place, 'cancelled');
    else if (error.details?.deadline) say(place, 'closed', { when: when(error.details.deadline) });
    else if (error.details?.frozen_since) say(place, 'frozen_now', { when: when(error.details.frozen_since) });
    else say(place, 'failed', { reason: error.message });
    await load().then(draw).catch(() => {});
  }
}

for (const [code, { name }] of Object.entries(WORDS)) page.language.append(element('option', { value: code, lang: code, selected: code === language }, name));
page.language.addEventListener('change', () => { language = page.language.value; localStorage.setItem('aether-language', language); draw(); });
window.addEventListener('beforeunload', (event) => {
  if ([...under_way.values()].some(({ state }) => ['sending', 'waiting', 'busy', 'full'].includes(state))) event.preventDefault();
});

async function begin() {
  if (document.body.dataset.state === 'unknown') { draw(); return; }
  for (let seconds = 1; ; seconds = Math.min(2 * seconds, 30)) {
    try { await load(); draw(); watch_checks(); return; } catch { draw(); await new Promise((done) => setTimeout(done, seconds * 1000)); }
  }
}
begin();
