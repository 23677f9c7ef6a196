// An exhibitor's scanner that works in a hall without a network: each scan is on the disk before it is shown, and is sent,
// again and again under the same client_ref, until the server has answered for it.

import { showQuestions } from './questions.js';
import { scans, session, signed } from './store.js';

const part = (id) => document.getElementById(id);
const AT_ONCE = 100;
const NOT_TAKEN = [400, 409, 413, 422]; // what is wrong with the scans; all else is tried again later
const RETRY_MS = 15_000;
const CLOCK_MS = 60_000; // after so long the server is asked for the time again
const WORDS = {
  '': 'waits to be sent', created: 'a new lead', merged: 'known already, added to it', duplicate: 'was sent before',
  not_consented: 'a lead without contact data', unknown_code: 'no badge of this event', other_event: 'a badge of another event',
  bad_time: 'the clock of this device is wrong', invalid: 'not taken',
};
const STEP = 2; // seconds by which the clock must have been set before it counts: the server tells whole ones
let current = null; // who is signed in: {id, api, key, account, jwt, ended, exhibit_id, name, rep_name, questions, ahead}
let readAnswers = () => ({});
let clockKnown = 0; // when the server has last told the time, by the clock of this device
let about = ''; // the code that the details are of

const say = (text) => { part('state').textContent = text; };

class Refused extends Error {
  constructor(status, message) { super(message); this.status = status; }
}

// --- the server

async function call(path, { of, body, headers = {} }) {
  const answer = await fetch(of.api.replace(/\/+$/, '') + path, {
    method: body ? 'POST' : 'GET',
    headers: {
      'x-aether-api-key': of.key, 'x-account-id': of.account,
      ...(body && { 'Content-Type': 'application/json' }), ...(of.jwt && { Authorization: `Bearer ${of.jwt}` }), ...headers,
    },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(20_000),
  });
  const told = await answer.json().catch(() => null);
  await setClock(answer.headers.get('date'));
  if (!answer.ok) throw new Refused(answer.status, told?.meta?.status_message ?? `The server answered ${answer.status}.`);
  return told.data;
}

const claimsOf = (jwt) => JSON.parse(atob(jwt.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')));

/** Clocks are set, and run away: each answer tells the time again. A scan keeps what was known when it was taken. */
async function setClock(date) {
  const seconds = Math.round((Date.now() - Date.parse(date ?? '')) / 1000);
  clockKnown = Date.now();
  if (!current || Number.isNaN(seconds) || Math.abs(seconds - current.ahead) <= STEP) return;
  current.ahead = seconds;
  await session.write(current);
}

const readExhibit = (of) => call(`/v3/crud/event_exhibit/${encodeURIComponent(of.exhibit_id)}`, { of });

async function signIn({ api, key, account, exhibit_id, passcode, rep_name }) {
  const of = { api, key, account };
  const told = await call('/api/authenticate_exhibit', { of, body: { exhibit_id, passcode, ...(rep_name && { rep_name }) } });
  const claims = claimsOf(told.jwt); // it says when it was made, and whether a passcode of the rep's own has opened it
  const by = { rep_name: told.rep_name ?? '', shared: !claims.passcode_id, ahead: Math.round(Date.now() / 1000 - claims.iat) };
  const token = { ...of, ...by, jwt: told.jwt, exhibit_id: told.exhibit_id };
  const exhibit = await readExhibit(token);
  current = { ...token, id: crypto.randomUUID(), name: exhibit.name, questions: exhibit.leads_questions_json ?? [] };
  await signed.add(current);
  await session.write(current);
}

/** A batch that is refused is sent in halves, so that one scan does not hold up the others. */
async function sendBatch(of, seconds, batch) {
  const body = { scans: batch.map(({ exhibit_id, exhibit, signed_id, ahead, outcome, ...scan }) => scan) };
  const path = `/v3/action/event_exhibit/${encodeURIComponent(of.exhibit_id)}/scan`;
  try {
    await scans.answer((await call(path, { of, body, headers: { 'x-ae-clock-offset': String(seconds) } })).results);
  } catch (error) {
    if (!(error instanceof Refused) || !NOT_TAKEN.includes(error.status)) throw error;
    if (batch.length === 1) { await scans.answer([{ client_ref: batch[0].client_ref, outcome: 'invalid', message: error.message }]); return; }
    const half = Math.ceil(batch.length / 2);
    await sendBatch(of, seconds, batch.slice(0, half));
    await sendBatch(of, seconds, batch.slice(half));
  }
}

/** Whose token a scan is sent with: of who took it, else of the same name, else the exhibit's own, which may name others. */
function senderOf(scan, people) {
  const able = people.filter((one) => !one.ended && one.exhibit_id === scan.exhibit_id);
  if (!scan.signed_id) return able[0]; // an earlier version of this page has kept it
  return able.find((one) => one.id === scan.signed_id)
    ?? able.find((one) => one.rep_name === (scan.captured_by ?? ''))
    ?? (scan.captured_by ? able.find((one) => one.shared) : undefined);
}

const everybody = async () => (await signed.all()).map((one) => (one.id === current?.id ? current : one));

/** What waits, in parts that one request can carry: of one sender, by one setting of the clock; the oldest first. */
async function parts() {
  const people = await everybody();
  const found = new Map();
  for (const scan of (await scans.all()).filter((one) => !one.outcome).reverse()) {
    const of = senderOf(scan, people);
    const ahead = scan.ahead ?? of?.ahead, key = `${of?.id} ${ahead}`;
    if (of) found.set(key, { of, ahead, waiting: [...(found.get(key)?.waiting ?? []), scan] });
  }
  return [...found.values()].map((one) => ({ ...one, waiting: one.waiting.slice(0, AT_ONCE) }));
}

/** Notes what the server has against somebody, so that it keeps nobody else's scans back. */
async function asking(of, refused, work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.status !== 401) { refused.set(of.id, error.message); return; }
    of.ended = true; // scanning goes on; what was scanned is sent when the same person signs in again
    await signed.add(of);
    if (of.id === current?.id) await session.write(current);
  }
}

function tellState() {
  if (!current) return;
  if (current.ended) {
    part('sign-in-problem').textContent = 'Sign in again: the passcode was changed, or its time is over. Scans are kept.';
    say('Signed out: scans are kept');
  } else say(`Signed in${current.rep_name ? ` as ${current.rep_name}` : ''}`);
}

/** Sends what waits, of everybody who has signed in here; in one tab at a time. */
async function send() {
  if (!navigator.onLine) return;
  await navigator.locks.request('send', async () => {
    const refused = new Map();
    try {
      if (current && !current.ended && Math.abs(Date.now() - clockKnown) > CLOCK_MS) await asking(current, refused, () => readExhibit(current));
      for (;;) {
        const next = (await parts()).find(({ of }) => !refused.has(of.id));
        if (!next) break;
        await asking(next.of, refused, () => sendBatch(next.of, next.ahead, next.waiting));
      }
      const wanted = new Set((await scans.all()).filter((scan) => !scan.outcome).map((scan) => scan.signed_id));
      await signed.keep(wanted.add(current?.id));
      if (refused.size) say([...refused.values()].join(' '));
      else tellState();
    } catch {
      say('No network: scans are kept and sent later');
    }
  });
  await show();
}

// --- what is scanned

async function take(code, details = {}) {
  const client_ref = crypto.randomUUID();
  const { exhibit_id, ahead, id, rep_name, name } = current;
  const by = { captured_by: rep_name || undefined, exhibit_id, exhibit: name, signed_id: id, ahead };
  await scans.add({ client_ref, code, captured_on: new Date().toISOString(), ...by, ...details });
  await show();
  void send();
}

function openDetails(code) {
  about = code;
  part('details').reset();
  part('details-code').textContent = code.length > 12 ? `…${code.slice(-8)}` : code;
  readAnswers = showQuestions(part('questions'), current.questions);
  part('details').hidden = false;
}

// --- the page

async function show() {
  part('sign-in').hidden = Boolean(current) && !current.ended;
  part('work').hidden = !current;
  part('exhibit').textContent = current?.name ?? 'Lead scanner';
  const all = await scans.all(), people = await everybody(), here = (scan) => scan.exhibit_id === current?.exhibit_id;
  const rows = all.filter(here), waiting = rows.filter((scan) => !scan.outcome).length;
  part('counts').textContent = waiting ? `${waiting} of ${rows.length} wait to be sent` : `${rows.length}, all of them sent`;
  showElsewhere(all.filter((scan) => !scan.outcome && !here(scan)));
  part('scans').replaceChildren(...rows.slice(0, 50).map((scan) => {
    const item = document.createElement('li');
    item.classList.toggle('bad', ['unknown_code', 'other_event', 'bad_time', 'invalid'].includes(scan.outcome));
    const outcome = Object.assign(document.createElement('span'), { className: 'outcome', textContent: saying(scan, people) });
    const time = new Date(scan.captured_on).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
    item.append(`${time} · …${scan.code.slice(-6)}${scan.exhibitor_notes ? ` · ${scan.exhibitor_notes}` : ''} · `, outcome);
    return item;
  }));
}

function saying(scan, people) {
  if (!scan.outcome && !senderOf(scan, people)) return `waits until ${scan.captured_by || 'somebody'} signs in again`;
  return scan.message || WORDS[scan.outcome] || scan.outcome;
}

/** What waits of other exhibits: one device may go from booth to booth. */
function showElsewhere(waiting) {
  const counts = new Map();
  for (const { exhibit, exhibit_id } of waiting) counts.set(exhibit ?? exhibit_id, (counts.get(exhibit ?? exhibit_id) ?? 0) + 1);
  part('elsewhere').textContent = [...counts].map(([name, count]) => `${name}: ${count} wait to be sent`).join('; ');
}

part('sign-in').addEventListener('submit', async (event) => {
  event.preventDefault();
  part('sign-in-problem').textContent = '';
  try {
    await signIn(Object.fromEntries([...new FormData(event.target)].map(([name, value]) => [name, value.trim()])));
    event.target.elements.passcode.value = '';
    await show();
    part('scan').elements.code.focus();
    await send();
  } catch (error) {
    part('sign-in-problem').textContent = error instanceof Refused ? error.message : 'The server can’t be reached. Signing in needs a network; scanning does not.';
  }
});
part('scan').addEventListener('submit', async (event) => {
  event.preventDefault();
  const code = event.target.elements.code.value.trim();
  event.target.reset();
  if (!code) return;
  await take(code);
  openDetails(code);
});
part('details').addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = new FormData(event.target), answers = readAnswers(), details = {};
  if (form.get('rating')) details.rating = Number(form.get('rating'));
  if (form.get('exhibitor_notes').trim()) details.exhibitor_notes = form.get('exhibitor_notes').trim();
  if (Object.keys(answers).length) details.responses_json = answers;
  part('details').hidden = true;
  if (Object.keys(details).length) await take(about, details); // merged with the lead that the scan has made
  part('scan').elements.code.focus();
});
part('details-close').addEventListener('click', () => { part('details').hidden = true; part('scan').elements.code.focus(); });
part('sign-out').addEventListener('click', async () => {
  const waiting = (await scans.all()).filter((scan) => !scan.outcome).length;
  if (waiting && !confirm(`${waiting} scans wait to be sent, and will be when there is a network, in the name of who scanned them. Sign out?`)) return;
  current = null;
  await session.forget();
  say('');
  await show();
});

// --- the camera, where the browser reads QR codes by itself; elsewhere the code is typed, or comes from a hand scanner

async function look(onCode) {
  const dialog = part('camera'), video = dialog.querySelector('video');
  const detector = new BarcodeDetector({ formats: ['qr_code'] });
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  video.srcObject = stream;
  await video.play();
  dialog.showModal();
  const stop = () => { for (const track of stream.getTracks()) track.stop(); };
  dialog.addEventListener('close', stop, { once: true });
  while (dialog.open) {
    const [found] = await detector.detect(video).catch(() => []);
    if (found) { dialog.close(); onCode(found.rawValue); return; }
    await new Promise((resolve) => { setTimeout(resolve, 120); });
  }
}

function readCard(text) {
  try {
    const { exhibit_id, passcode } = JSON.parse(text);
    Object.assign(part('sign-in').elements.exhibit_id, { value: exhibit_id });
    Object.assign(part('sign-in').elements.passcode, { value: passcode });
    part('sign-in').requestSubmit();
  } catch { part('sign-in-problem').textContent = 'That is no card of an exhibit.'; }
}
for (const button of document.querySelectorAll('.with-camera')) {
  button.hidden = !('BarcodeDetector' in window);
  button.addEventListener('click', () => {
    const onCode = button.dataset.for === 'card' ? readCard : async (code) => { await take(code); openDetails(code); };
    look(onCode).catch(() => say('The camera can’t be used; type the code'));
  });
}
part('camera-close').addEventListener('click', () => part('camera').close());

// --- begin

if ('serviceWorker' in navigator) void navigator.serviceWorker.register('worker.js');
void navigator.storage?.persist?.(); // asks the browser not to make room by throwing scans away
// A card may lead here: #api=…&key=…&account=… fill in what every device of an event has in common.
for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
  const input = part('sign-in').elements[name];
  if (input instanceof HTMLInputElement) input.value = value;
}
current = (await session.read()) ?? null;
if (current && !current.id) await signed.add(Object.assign(current, { id: crypto.randomUUID(), rep_name: current.rep_name ?? '' }));
for (const name of ['api', 'key', 'account', 'exhibit_id']) if (current) part('sign-in').elements[name].value = current[name];
await show();
if (current) say(navigator.onLine ? 'Signed in' : 'No network: scans are kept and sent later');
addEventListener('online', send);
addEventListener('offline', () => say('No network: scans are kept and sent later'));
setInterval(send, RETRY_MS);
await send();
