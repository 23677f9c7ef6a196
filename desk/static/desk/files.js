// A file that is dropped on a place, or chosen for it, is sent there; then the place is asked for anew.
document.addEventListener('DOMContentLoaded', () => {
  const places = document.getElementById('places');
  if (!places) return;
  const said = document.getElementById('said');
  const token = document.querySelector('[name=csrfmiddlewaretoken]').value;

  function say(text, bad = false) {
    said.textContent = text;
    said.classList.toggle('bad', bad);
  }

  function send(place, file, replaces) {
    if (file.size > Number(places.dataset.most)) { say(`“${file.name}” is larger than uploads may be.`, true); return Promise.resolve(); }
    const bar = place.querySelector('progress');
    const data = new FormData();
    for (const [name, value] of Object.entries({ for_type: place.dataset.type, for_id: place.dataset.id, replaces })) data.append(name, value);
    data.append('file', file, file.name);
    const request = new XMLHttpRequest();
    request.open('POST', places.dataset.address);
    request.setRequestHeader('X-CSRFToken', token);
    request.upload.addEventListener('progress', (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; });
    bar.hidden = false;
    say(`“${file.name}” is being uploaded.`);
    return new Promise((resolve) => {
      request.addEventListener('loadend', async () => {
        bar.hidden = true;
        let body = {};
        try { body = JSON.parse(request.responseText); } catch { /* no answer, or a proxy's page */ }
        if (request.status === 201) {
          await refresh(place.id);
          say(`“${body.filename}” is here.`);
        } else say(`“${file.name}” was not uploaded: ${body.problem ?? 'the server can’t be reached.'}`, true);
        resolve();
      });
      request.send(data);
    });
  }

  async function refresh(id) {
    const answer = await fetch(location.href);
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const now = page.getElementById(id);
    if (now) document.getElementById(id)?.replaceWith(now);
    const count = page.getElementById('missing-count');
    if (count) document.getElementById('missing-count').textContent = count.textContent;
  }

  // Several files on one place go up one after the other.
  async function sendAll(place, files, replaces) {
    for (const file of files) await send(document.getElementById(place.id) ?? place, file, replaces);
  }

  places.addEventListener('click', (event) => {
    const button = event.target.closest('button[data-replaces]');
    if (!button) return;
    const chooser = Object.assign(document.createElement('input'), { type: 'file', multiple: !button.dataset.replaces });
    chooser.addEventListener('change', () => sendAll(button.closest('.desk-drop'), [...chooser.files], button.dataset.replaces));
    chooser.click();
  });

  if (!places.querySelector('button[data-replaces]')) return; // who may not write drops nothing
  const over = (event) => event.target.closest?.('.desk-drop');
  places.addEventListener('dragover', (event) => {
    const place = over(event);
    if (!place || ![...event.dataTransfer.types].includes('Files')) return;
    event.preventDefault();
    place.classList.add('over');
  });
  places.addEventListener('dragleave', (event) => {
    const place = over(event);
    if (place && !place.contains(event.relatedTarget)) place.classList.remove('over');
  });
  places.addEventListener('drop', (event) => {
    const place = over(event);
    if (!place) return;
    event.preventDefault();
    place.classList.remove('over');
    sendAll(place, [...event.dataTransfer.files], '');
  });
  // A file that misses its place would open in the browser, and the page be gone.
  for (const name of ['dragover', 'drop']) window.addEventListener(name, (event) => event.preventDefault());
});
