// Sends one file by tus 1.0 in parts, and goes on after a break, also when the page was closed in between: the address
// of an upload that is under way is kept in this browser until it is done.
const PART = 4 * 1024 * 1024;
const HEADERS = { 'Tus-Resumable': '1.0.0' };
const WAITS = [1, 2, 4, 8, 15, 30];

export class Refused extends Error {
  constructor(status, details) {
    super(details?.message ?? String(status));
    this.status = status;
    this.details = details ?? {};
  }
}

const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
const pause = (seconds, signal) => new Promise((resolve) => {
  const timer = setTimeout(resolve, seconds * 1000);
  const at_once = () => { clearTimeout(timer); resolve(); };
  window.addEventListener('online', at_once, { once: true });
  signal.addEventListener('abort', at_once, { once: true });
});

async function refusal(response) {
  let details = {};
  try { details = (await response.json()).meta.details; } catch { /* a proxy's page */ }
  return new Refused(response.status, details);
}

export class ResumableUpload {
  /** `told(state, values)`: sending {sent}, waiting, busy, full. `metadata` as the API's form has it. */
  constructor(token, file, metadata, told) {
    Object.assign(this, { file, metadata, told });
    this.abortion = new AbortController();
    this.headers = { ...HEADERS, Authorization: `Bearer ${token}` };
    const { for_id, slot } = metadata;
    this.memory = `aether-upload ${for_id} ${slot} ${file.name} ${file.size} ${file.lastModified}`;
  }

  cancel() {
    this.abortion.abort();
    const address = localStorage.getItem(this.memory);
    localStorage.removeItem(this.memory);
    if (address) fetch(address, { method: 'DELETE', headers: this.headers }).catch(() => {});
  }

  /** The event_file's id. Throws Refused for what can't be mended by waiting, AbortError when it was cancelled. */
  async send() {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const before = this.sent;
        const id = await this.once();
        if (id !== undefined) return id;
        if (this.sent !== before) attempt = -1;
      } catch (error) {
        this.abortion.signal.throwIfAborted();
        if (error instanceof Refused && !this.passes(error)) {
          localStorage.removeItem(this.memory);
          throw error;
        }
        if (!(error instanceof Refused)) this.told('waiting');
        await pause(WAITS[Math.min(attempt, WAITS.length - 1)], this.abortion.signal);
        this.abortion.signal.throwIfAborted();
      }
    }
  }

  /** Whether to try again. */
  passes(error) {
    if ([404, 410].includes(error.status)) { localStorage.removeItem(this.memory); return true; }
    if (error.status === 409 || error.status === 460) return true;
    if (error.status === 423) { this.told('busy'); return true; }
    if (error.status === 507) { this.told('full'); return true; }
    return error.status === 429 || error.status === 408 || error.status >= 500;
  }

  async once() {
    const signal = this.abortion.signal;
    let address = localStorage.getItem(this.memory);
    let offset = 0;
    if (address) {
      const asked = await fetch(address, { method: 'HEAD', headers: this.headers, signal, cache: 'no-store' });
      if (!asked.ok) throw await refusal(asked);
      offset = Number(asked.headers.get('Upload-Offset'));
      if (asked.headers.get('Aether-Event-File-Id')) return this.finished(asked);
    } else {
      const said = { filename: this.file.name, filetype: this.file.type, ...this.metadata };
      const list = Object.entries(said).map(([name, value]) => `${name} ${base64(value)}`).join(',');
      const headers = { ...this.headers, 'Upload-Length': String(this.file.size), 'Upload-Metadata': list };
      const made = await fetch('/v3/files/tus/', { method: 'POST', headers, signal });
      if (made.status !== 201) throw await refusal(made);
      address = made.headers.get('Location');
      localStorage.setItem(this.memory, address);
      if (made.headers.get('Aether-Event-File-Id')) return this.finished(made);
    }
    while (offset < this.file.size) {
      this.told('sending', { sent: offset });
      const answer = await this.part(address, offset);
      offset = Number(answer.getResponseHeader('Upload-Offset'));
      this.sent = offset;
      const id = answer.getResponseHeader('Aether-Event-File-Id');
      if (id) { localStorage.removeItem(this.memory); return id; }
    }
    return undefined;
  }

  finished(response) {
    localStorage.removeItem(this.memory);
    return response.headers.get('Aether-Event-File-Id');
  }

  /** XMLHttpRequest, as fetch does not tell how far an upload is. */
  part(address, offset) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open('PATCH', address);
      const headers = { ...this.headers, 'Upload-Offset': String(offset), 'Content-Type': 'application/offset+octet-stream' };
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.upload.onprogress = (event) => this.told('sending', { sent: offset + event.loaded });
      request.onerror = () => reject(new Error('the part did not arrive'));
      request.onabort = request.onerror;
      request.onload = () => {
        if (request.status === 204) { resolve(request); return; }
        let details = {};
        try { details = JSON.parse(request.responseText).meta.details; } catch { /* a proxy's page */ }
        reject(new Refused(request.status, details));
      };
      this.abortion.signal.addEventListener('abort', () => request.abort(), { once: true });
      request.send(this.file.slice(offset, offset + PART));
    });
  }
}
